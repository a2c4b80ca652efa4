import type { Invariant } from './invariant.js';

/**
 * L1. Judged where every fault has an end; one that never ends is L2's. Nothing ends while the process is down. A flow ends in
 * the journal, too: one that stands open there is nobody's, and the next life would take it up again.
 */
export const flowsEnd: Invariant = {
  id: 'L1',
  name: 'flows-end',
  promise: 'Every flow ends once the faults have stopped.',
  against: 'flow',
  watch({ context, truth, belief, endAt }, probe) {
    if (context.permanent.length > 0) return { why: 'a fault of this run never ends' };
    return {
      end: () => {
        const { flowEndMs } = context.budgets;
        for (const { begin, end } of truth.flows.values()) {
          const healthyFrom = Math.max(begin.t, ...[context.lastFaultAt, truth.restartedAt].map((t) => Math.min(t ?? begin.t, end?.t ?? endAt)));
          const took = (end?.t ?? endAt) - healthyFrom;
          if (end === undefined && took <= flowEndMs) continue;
          probe.check(took <= flowEndMs, () => ({
            at: begin.t,
            tapeSeq: begin.seq,
            expected: `flow ${begin.flow} ends within ${flowEndMs} ms of its begin and of the last fault`,
            found: end === undefined ? `it still runs after ${took} ms` : `it took ${took} ms`,
          }));
        }
        if (!truth.isProcessUp) return;
        for (const { flow, t } of belief.openFlows) {
          const since = Math.max(t, context.lastFaultAt ?? t, truth.restartedAt ?? t);
          probe.check(endAt - since <= flowEndMs, () => ({
            at: t,
            expected: `${flow} has ended in the journal within ${flowEndMs} ms`,
            found: `it stands open ${endAt - since} ms later`,
          }));
        }
      },
    };
  },
};
