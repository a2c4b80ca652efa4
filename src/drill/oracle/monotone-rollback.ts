import type { Invariant } from './invariant.js';
import { btc, magnitude } from './words.js';

const REDUCING: ReadonlySet<string> = new Set(['rollback', 'repair', 'recover']);

/**
 * I15, fill by fill of the orders that repair: |delta| does not grow, and does not cross zero by more than a lot. Not held
 * against an order while which something happened that nobody can have expected (a forced trade, an order that came too
 * late), nor against the first leg of a close outside a flow, whose pair I4 looks for.
 */
export const monotoneRollback: Invariant = {
  id: 'I15',
  name: 'monotone-rollback',
  promise: 'Repairing never makes delta larger, nor crosses zero by more than a lot.',
  against: 'fill of a rollback, repair or recovery order',
  watch({ truth, context }, probe) {
    const closings = new Set<number>();
    return {
      on: {
        request: (event) => {
          if (event.method !== 'createOrder' || !REDUCING.has(event.purpose)) return;
          if (event.flow !== 0 && event.purpose !== 'recover' && !truth.isFlattening) return;
          const closes = event.leg === 'spot' ? event.side === 'sell' : event.side === 'buy';
          const other = event.leg === 'spot' ? truth.pending('perp', 'buy') : truth.pending('spot', 'sell');
          if (closes && (magnitude(truth.delta) < context.lot || other > 0n)) closings.add(event.request);
        },
        fill: (event) => {
          if (!REDUCING.has(event.purpose)) return;
          const track = truth.orderOf(event.venue, event.orderId);
          if (track === undefined || track.isLate || closings.has(track.request.request)) return;
          if (truth.hasSurprise(track.request.t - context.budgets.unseenMs)) return;
          const [before, after] = [truth.deltaBefore, truth.delta];
          const isCrossed = after !== 0n && before > 0n !== after > 0n;
          const holds = magnitude(after) <= magnitude(before) ? !isCrossed || magnitude(after) <= context.lot : magnitude(after) < context.lot;
          probe.check(holds, () => ({
            at: event.t,
            tapeSeq: event.seq,
            expected: `a ${event.purpose} brings the delta of ${btc(before)} nearer to zero`,
            found: `${event.side} of ${btc(event.quantity)} on the ${event.leg} leg made it ${btc(after)}`,
            mark: 'rollback.qty-exceeds-delta',
          }));
        },
      },
    };
  },
};
