import type { Invariant } from './invariant.js';
import { orderText } from './words.js';

/**
 * I12, its second half: an order that opens an entry leaves within `decisionAgeMs` of the decision. How old the data of
 * the decision were is not on the tape and not judged.
 */
export const freshDecisions: Invariant = {
  id: 'I12',
  name: 'fresh-decisions',
  promise: 'No entry is opened on a decision that has grown old.',
  against: 'opening order of a flow',
  watch({ truth, context }, probe) {
    return {
      on: {
        request: (event) => {
          if (event.method !== 'createOrder' || event.purpose !== 'open') return;
          const begin = truth.flows.get(event.flow)?.begin;
          if (begin === undefined) return;
          const age = event.t - begin.decidedAt;
          probe.check(age <= context.budgets.decisionAgeMs, () => ({
            at: event.t,
            tapeSeq: event.seq,
            expected: `an opening order leaves within ${context.budgets.decisionAgeMs} ms of its decision`,
            found: `${orderText(event)} left ${age} ms after it`,
          }));
        },
      },
    };
  },
};
