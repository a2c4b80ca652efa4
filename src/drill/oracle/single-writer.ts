import type { Invariant } from './invariant.js';
import { orderText } from './words.js';

/**
 * I11. Orders and cancels leave from the latest life of the process only, told by the incarnation in each request's
 * fault point (`e<incarnation>/...`). A life that has been succeeded, and any life while none is up, is a zombie.
 */
export const singleWriter: Invariant = {
  id: 'I11',
  name: 'single-writer',
  promise: 'Only the holder of the lease sends orders.',
  against: 'order or cancel that leaves',
  watch({ truth }, probe) {
    return {
      on: {
        request: (event) => {
          if (event.method !== 'createOrder' && event.method !== 'cancelOrder') return;
          const life = /^e(\d+)\//.exec(event.point)?.[1];
          if (life === undefined) return;
          probe.check(truth.isProcessUp && Number(life) === truth.incarnation, () => ({
            at: event.t,
            tapeSeq: event.seq,
            expected: truth.isProcessUp
              ? `life ${truth.incarnation} of the process holds the lease and alone trades`
              : 'nobody trades while the process is down',
            found: `${event.method === 'createOrder' ? orderText(event) : event.method} came from life ${life}`,
          }));
        },
      },
    };
  },
};
