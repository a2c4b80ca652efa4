import type { Invariant } from './invariant.js';
import { btc, orderText } from './words.js';

/**
 * I5, for every coin that leaves: a sale together with the sales still open is no larger than the coins at Upbit when it
 * is sent, whatever the venue would say to it. Coins that somebody else took, or that an order sold after its end,
 * within `unseenMs` count as still there.
 */
export const heldSales: Invariant = {
  id: 'I5',
  name: 'held-sales',
  promise: 'Never more is sold than is held.',
  against: 'spot sale that leaves',
  watch({ truth, context }, probe) {
    return {
      on: {
        request: (event) => {
          if (event.method !== 'createOrder' || event.leg !== 'spot' || event.side !== 'sell') return;
          const wanted = truth.wantedOf(event);
          const open = truth.pending('spot', 'sell');
          const held = truth.coins + truth.leftUnforeseenSince(event.t - context.budgets.unseenMs);
          probe.check(wanted + open <= held, () => ({
            at: event.t,
            tapeSeq: event.seq,
            expected: `at most the ${btc(held)} that are held are for sale`,
            found: `${orderText(event)} of ${btc(wanted)} beside ${btc(open)} already for sale`,
          }));
        },
      },
    };
  },
};
