import type { AttemptBelief } from './belief.js';
import type { Invariant, Probe, Scene, TapeOf } from './invariant.js';
import { btc, magnitude, orderText } from './words.js';

const MARK = 'order.duplicate-intent';

/**
 * I2. From the tape: no client order id leaves twice, and no leg of an entry executes more than the entry was asked for
 * (one lot of slack, 1 % for a buy by cost). From the journal: the attempts of one intent together execute at most what
 * it asks for, and the next attempt is written only after the one before is known to be final. An order that reaches the
 * venue after its lifetime bound is not held against anybody: decision 17 replaces it and repairs it when it shows up.
 */
export const noDuplicate: Invariant = {
  id: 'I2',
  name: 'no-duplicate',
  promise: 'No intent executes more than it asks for, and none is sent again while an attempt of it is in doubt.',
  against: 'order that leaves with a client order id, fill of an entry, or intent in the journal',
  watch(scene, probe) {
    const seen = new Map<string, TapeOf<'request'>>();
    return {
      on: {
        request: (event) => {
          if (event.method !== 'createOrder' || event.clientOrderId === undefined) return;
          const before = seen.get(event.clientOrderId);
          probe.check(before === undefined, () => ({
            at: event.t,
            tapeSeq: event.seq,
            expected: 'a client order id is sent once',
            found: `${orderText(event)} was sent before, in request ${before?.request ?? 0}`,
            mark: MARK,
          }));
          seen.set(event.clientOrderId, event);
        },
        fill: (event) => checkEntry(scene, probe, event),
      },
      end: () => {
        if (scene.context.capabilities.includes('journal')) checkIntents(scene, probe);
      },
    };
  },
};

function checkEntry({ truth, context }: Scene, probe: Probe, fill: TapeOf<'fill'>): void {
  const flow = truth.flows.get(fill.flow);
  if (flow === undefined || flow.begin.kind !== 'enter') return;
  const forward = fill.leg === 'spot' ? flow.net.spot : -flow.net.perp;
  const { quantity } = flow.begin;
  const byCost = truth.orderOf(fill.venue, fill.orderId)?.request.cost !== undefined;
  const allowed = quantity + magnitude(flow.residualBefore) + context.lot + (byCost ? quantity / 100n : 0n);
  probe.check(forward <= allowed, () => ({
    at: fill.t,
    tapeSeq: fill.seq,
    expected: `entry ${fill.flow} executes at most ${btc(allowed)} on its ${fill.leg} leg (asked ${btc(quantity)})`,
    found: `${btc(forward)} executed with trade ${fill.tradeId}`,
    mark: MARK,
  }));
}

function checkIntents({ truth, belief }: Scene, probe: Probe): void {
  const executed = new Map<string, bigint>();
  for (const track of truth.orders.values()) {
    const id = track.request.clientOrderId;
    if (id !== undefined) executed.set(id, (executed.get(id) ?? 0n) + track.executed);
  }
  const byIntent = new Map<string, AttemptBelief[]>();
  for (const attempt of belief.attempts.values()) {
    const siblings = byIntent.get(attempt.intent.intentId);
    if (siblings === undefined) byIntent.set(attempt.intent.intentId, [attempt]);
    else siblings.push(attempt);
  }
  for (const [intentId, attempts] of byIntent) {
    let asked = 0n;
    let filled = 0n;
    let last: AttemptBelief | undefined;
    for (const attempt of attempts) {
      const { intent } = attempt;
      const byCost = intent.orderType === 'market' && intent.side === 'buy' && intent.leg === 'spot';
      const quantity = byCost ? intent.quantity + intent.quantity / 100n : intent.quantity;
      if (quantity > asked) asked = quantity;
      filled += executed.get(intent.clientOrderId) ?? 0n;
      const before = last;
      if (before !== undefined)
        probe.check(before.finalSeq !== undefined && before.finalSeq < intent.seq, () => ({
          at: intent.t,
          journalSeq: intent.seq,
          expected: `attempt ${intent.attempt} of ${intentId} is written once ${before.intent.clientOrderId} is known to be final`,
          found: 'that one was still in doubt',
          mark: MARK,
        }));
      last = attempt;
    }
    probe.check(filled <= asked, () => ({
      at: last?.intent.t ?? (0 as never),
      journalSeq: last?.intent.seq,
      expected: `the ${attempts.length} attempt(s) of ${intentId} execute at most ${btc(asked)}`,
      found: btc(filled),
      mark: MARK,
    }));
  }
}
