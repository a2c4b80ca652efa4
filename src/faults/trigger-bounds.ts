import type { EpochMs } from '../core/units.js';
import type { Anchor, Trigger } from './fault-rule.js';
import type { TruthEvent } from './fault-session.js';

export function matchesAnchor(anchor: Anchor, event: TruthEvent): boolean {
  return (
    anchor.event === event.event &&
    (anchor.leg === undefined || anchor.leg === event.leg) &&
    (anchor.fault === undefined || anchor.fault === event.fault) &&
    (anchor.flow === undefined || anchor.flow === event.flow)
  );
}

/** When a trigger without an anchor is due, in a run that started at `start`. */
export function dueAt(trigger: Exclude<Trigger, { kind: 'anchor' }>, start: EpochMs): number {
  return trigger.kind === 'offset' ? start + trigger.ms : trigger.at;
}

/**
 * The time a fault listens: from `from` (inclusive) until `until` (exclusive). Each occurrence of an anchored
 * `from` opens it, each later occurrence of an anchored `until` closes it again.
 */
export class TriggerBounds {
  readonly #from: Edge | undefined;
  readonly #until: Edge | undefined;

  constructor(from: Trigger | undefined, until: Trigger | undefined) {
    this.#from = from && new Edge(from);
    this.#until = until && new Edge(until);
  }

  start(at: EpochMs): void {
    this.#from?.start(at);
    this.#until?.start(at);
  }

  observe(event: TruthEvent): void {
    this.#from?.observe(event);
    this.#until?.observe(event);
  }

  /** Instants are asked for in the order of time. */
  open(at: EpochMs): boolean {
    const opened = this.#from === undefined ? -Infinity : this.#from.last(at);
    if (opened === undefined) return false;
    const closed = this.#until?.last(at);
    if (closed === undefined) return true;
    return this.#until?.anchored === true && closed < opened;
  }
}

/** The occurrences of one trigger. */
class Edge {
  readonly #trigger: Trigger;
  readonly #due: number[] = [];
  #last: number | undefined;

  constructor(trigger: Trigger) {
    this.#trigger = trigger;
  }

  get anchored(): boolean {
    return this.#trigger.kind === 'anchor';
  }

  start(at: EpochMs): void {
    if (this.#trigger.kind !== 'anchor') this.#due.push(dueAt(this.#trigger, at));
  }

  observe(event: TruthEvent): void {
    if (this.#trigger.kind === 'anchor' && matchesAnchor(this.#trigger.anchor, event)) this.#due.push(event.at + this.#trigger.anchor.plusMs);
  }

  /** The latest occurrence that has come by `at`. */
  last(at: EpochMs): number | undefined {
    while (this.#due[0] !== undefined && this.#due[0] <= at) this.#last = this.#due.shift();
    return this.#last;
  }
}
