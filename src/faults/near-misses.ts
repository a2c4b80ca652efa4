import type { InstantAction } from './fault-action.js';
import type { FaultRule, Nth, Trigger } from './fault-rule.js';

/**
 * Where a call (or step of the process) that a matcher means can still fail to set its fault off, in the order in which a
 * session looks: the time it listens, what its action can do to the call, `state`, `nth`, `probability`, `limit`.
 */
const GATES = ['time', 'action', 'state', 'nth', 'probability', 'limit'] as const;
export type Gate = (typeof GATES)[number];

/** What almost set a fault off, kept so that one that never fired can say why. */
export class NearMisses {
  readonly #stopped = new Map<Gate, number>();
  readonly #masks = new Set<string>();
  #masked = 0;
  /** The furthest that `nth` counted in one flow, leg or run. */
  #counted = 0;
  #begun = 0;

  stop(gate: Gate): void {
    this.#stopped.set(gate, (this.#stopped.get(gate) ?? 0) + 1);
  }

  count(position: number): void {
    this.#counted = Math.max(this.#counted, position);
  }

  /** Another fault held the stage, or kept the call from getting there. */
  mask(by: string): void {
    this.#masked += 1;
    this.#masks.add(by);
  }

  /** A window opened, or an instant came: what happens later can still fail to meet it. */
  begin(): void {
    this.#begun += 1;
  }

  /** The likely reason why `rule` never fired. @param strikes - how often it was planned to begin. */
  why(rule: FaultRule, strikes: number): string {
    const { when } = rule;
    if (this.#begun > 0) return `it began ${times(this.#begun)}, and ${met(rule)} met it`;
    if (when.kind === 'calendar') return strikes === 0 ? 'none of its windows lies in the run' : 'its first window came after the run';
    if (when.kind === 'timer')
      return strikes > 0 || when.at.kind !== 'anchor' ? `the run was over before ${dueText(when.at)}` : `${dueText(when.at)} never came`;
    return this.#atCalls(when.match.nth, when.kind === 'step' ? 'step' : 'call');
  }

  #atCalls(nth: Nth | undefined, noun: 'call' | 'step'): string {
    const matched = [...this.#stopped.values()].reduce((sum, count) => sum + count, this.#masked);
    if (matched === 0) return `no ${noun} matched`;
    const words: Readonly<Record<Gate, string>> = {
      time: 'outside `from` and `until`',
      action: 'of a method that its action does nothing to',
      state: 'while `state` did not hold',
      nth: `but nth ${nthText(nth)} was never reached (counted up to ${this.#counted})`,
      probability: 'not chosen by `probability`',
      limit: 'held back by `limit`',
    };
    const parts = GATES.flatMap((gate) => {
      const count = this.#stopped.get(gate);
      return count === undefined ? [] : [count === matched ? words[gate] : `${count} ${words[gate]}`];
    });
    if (this.#masked > 0) parts.push(`${this.#masked === matched ? '' : `${this.#masked} `}masked by ${[...this.#masks].join(' and ')}`);
    return `${matched} ${noun}${matched === 1 ? '' : 's'} matched, ${parts.join(', ')}`;
  }
}

/** What the kinds of `MET_LATER` wait for. */
const WAITING: Partial<Readonly<Record<InstantAction['kind'], string>>> = {
  disk: 'no write of the journal',
  stream: 'no message of a stream',
  alarm: 'no alert',
};

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** What a fault that has begun waits for. */
function met({ inject }: FaultRule): string {
  if (inject.kind === 'window') return 'no request';
  if (inject.kind === 'call') return 'no call';
  return WAITING[inject.action.kind] ?? 'nothing';
}

function nthText(nth: Nth | undefined): string {
  if (nth === undefined) return '1';
  if (nth.kind === 'list') return nth.values.join(' or ');
  return nth.to === undefined ? `from ${nth.from}` : `${nth.from} to ${nth.to}`;
}

function dueText(at: Trigger): string {
  if (at.kind === 'offset') return `its \`at\` of ${at.ms} ms`;
  if (at.kind === 'instant') return `its \`at\` of ${new Date(at.at).toISOString()}`;
  const { event, leg, flow, fault, plusMs } = at.anchor;
  const of = [leg, flow === undefined ? undefined : `flow ${flow}`, fault].filter((part) => part !== undefined);
  return `its \`at\`, ${event}${of.length === 0 ? '' : ` of ${of.join(', ')}`}${plusMs === 0 ? '' : ` plus ${plusMs} ms`},`;
}
