import type { Invariant, TapeOf } from './invariant.js';

/** Faults of one call that pass: what comes after them is a healthy venue. */
const PASSING: ReadonlySet<string> = new Set(['lose', 'delay', 'notFound', 'duplicate', 'stale']);
const GIVEN_UP: ReadonlySet<string> = new Set(['aborted', 'rolled-back', 'locked', 'naked']);

/**
 * L6. In a run whose only fault is one that passes (a lost, late or denied message; a 429 or 5xx), no flow is given up. Not
 * held against an entry whose first order was on its way, or lost, when it ended and nothing had traded: it cannot be told from one that
 * may still arrive, and to send nothing more is the safe half of decision 17. Nor is a flow that ran while the scenario's own
 * kill switch was on: the operator ended it. A lock of the executor's own is no excuse.
 */
export const transientFault: Invariant = {
  id: 'L6',
  name: 'transient-fault',
  promise: 'A single fault that passes does not cost a flow that could finish.',
  against: 'flow that a single passing fault struck',
  watch({ context, truth }, probe) {
    if (context.isFaultFree) return { why: 'no fault struck' };
    const faults: TapeOf<'fault'>[] = [];
    const operator: TapeOf<'operator'>[] = [];
    const answers = new Map<number, TapeOf<'answer'>>();
    return {
      on: {
        fault: (event) => faults.push(event),
        operator: (event) => operator.push(event),
        answer: (event) => answers.set(event.request, event),
      },
      end: () => {
        const [only] = faults;
        if (only === undefined || faults.length > 1) return;
        if (!passes(only, answers.get(only.request ?? -1))) return;
        const struck = truth.orders.get(only.request ?? -1);
        for (const { begin, end } of truth.flows.values()) {
          if (end === undefined || end.t < only.t || begin.t > only.t || wasHalted(operator, begin, end)) continue;
          const isOnItsWay = struck?.request.purpose === 'open' && (struck.accepted === undefined || struck.accepted.t > end.t);
          if (end.outcome === 'aborted' && isOnItsWay) continue;
          probe.check(!GIVEN_UP.has(end.outcome), () => ({
            at: end.t,
            tapeSeq: end.seq,
            expected: `flow ${begin.flow} (${begin.kind}) finishes although ${only.fault} (${only.action}) struck once`,
            found: end.outcome,
          }));
        }
      },
    };
  },
};

/** Whether the kill switch was on at some moment of a flow: still from before its begin, or thrown until its end. */
function wasHalted(operator: readonly TapeOf<'operator'>[], begin: TapeOf<'flow.begin'>, end: TapeOf<'flow.end'>): boolean {
  const before = operator.findLast(({ seq }) => seq < begin.seq);
  return before?.action === 'kill-switch' || operator.some(({ action, seq }) => action === 'kill-switch' && seq > begin.seq && seq < end.seq);
}

/** Whether what struck is over by itself, so that the venue is well afterwards. */
function passes({ action }: TapeOf<'fault'>, answer: TapeOf<'answer'> | undefined): boolean {
  const http = answer?.http ?? 0;
  return PASSING.has(action) || (action === 'reject' && (http === 429 || http >= 500));
}
