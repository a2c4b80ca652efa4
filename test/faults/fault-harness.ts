import { RandomStreams } from '../../src/core/random.js';
import { epochMs } from '../../src/core/units.js';
import type { EpochMs } from '../../src/core/units.js';
import type { CallAction } from '../../src/faults/fault-action.js';
import { stageOf } from '../../src/faults/fault-rule.js';
import type { CallMatcher, FaultInject, FaultRule, FaultWhen } from '../../src/faults/fault-rule.js';
import type { FaultHost, VenueCall } from '../../src/faults/fault-session.js';
import { createFaultSession } from '../../src/faults/scenario-faults.js';
import type { ScenarioFaultSession } from '../../src/faults/scenario-faults.js';

export const START = epochMs(Date.parse('2025-03-03T01:00:00Z'));

/** A host whose clock the test moves by hand. */
export class HandHost implements FaultHost {
  #now: EpochMs = START;
  #timers: { readonly at: EpochMs; readonly act: () => void }[] = [];
  readonly applied: string[] = [];
  readonly log: string[] = [];

  now(): EpochMs {
    return this.#now;
  }

  schedule(at: EpochMs, act: () => void): void {
    this.#timers.push({ at, act });
  }

  /** Moves to `ms` after the start and runs what has become due, in the order of time. */
  advance(ms: number): void {
    const target = epochMs(START + ms);
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= target).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      if (due.at > this.#now) this.#now = due.at;
      due.act();
    }
    this.#now = target;
  }

  apply(fault: string, action: { readonly kind: string }, venue: string | undefined): void {
    this.applied.push(`${fault} ${action.kind}${venue === undefined ? '' : ` ${venue}`} at ${this.#now - START}`);
  }

  fired(fault: string, action: string, stage: string, request: number | undefined): void {
    this.log.push(`${fault} ${action} ${stage}${request === undefined ? '' : ` #${request}`}`);
  }
}

export const LOSE_RESPONSE: CallAction = { kind: 'lose', part: 'response', as: 'timeout' };
export const LOSE_REQUEST: CallAction = { kind: 'lose', part: 'request', as: 'timeout' };
export const REFUSE: CallAction = { kind: 'reject', http: 400, code: '-2019', processed: false };
export const HALF_FILL: CallAction = { kind: 'fill', fraction: 0.5, pieces: 1, then: 'cancel', slipBp: 0 };

export const onCall = (action: CallAction): FaultInject => ({ kind: 'call', stage: stageOf(action), action });
export const calls = (match: Partial<CallMatcher> = {}): FaultWhen => ({ kind: 'call', match: { countPer: 'flow', ...match } });

/** A fault that may strike as often as it matches, unless `limit` says otherwise. */
export function rule(id: string, when: FaultWhen, inject: FaultInject, rest: Partial<FaultRule> = {}): FaultRule {
  return { id, when, inject, limit: {}, required: true, ...rest };
}

export interface Bench {
  readonly host: HandHost;
  readonly session: ScenarioFaultSession;
  /** Judges a call `ms` after the start; `createOrder` on the perpetual in flow 1 unless said otherwise. */
  readonly call: (ms: number, call?: Partial<VenueCall>) => string[];
}

export function bench(rules: readonly FaultRule[], seed = 1): Bench {
  const host = new HandHost();
  const session = createFaultSession(rules, new RandomStreams(seed));
  session.start(host);
  let request = 0;
  return {
    host,
    session,
    call: (ms, given = {}) => {
      host.advance(ms);
      request += 1;
      const made = aCall({ request, at: host.now(), point: `e0/f1/open/x#${request}`, ...given });
      return session.judge(made).map(({ fault, action }) => `${fault}:${action.kind}`);
    },
  };
}

export function aCall(given: Partial<VenueCall> = {}): VenueCall {
  const leg = given.leg ?? (given.venue === 'upbit' ? 'spot' : 'perp');
  return {
    request: 1,
    venue: leg === 'spot' ? 'upbit' : 'binance',
    method: 'createOrder',
    mutating: (given.method ?? 'createOrder') === 'createOrder' || given.method === 'cancelOrder',
    leg,
    purpose: 'open',
    flow: 1,
    at: START,
    point: 'p',
    incarnation: 0,
    ...given,
  };
}
