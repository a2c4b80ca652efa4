import type { Invariant, TapeOf } from './invariant.js';

/** Faults of one call that pass: what comes after them is a healthy venue. */
const PASSING: ReadonlySet<string> = new Set(['lose', 'delay', 'notFound', 'duplicate', 'stale']);
const GIVEN_UP: ReadonlySet<string> = new Set(['aborted', 'rolled-back', 'locked', 'naked']);

/**
 * L6. In a run whose only fault is one that passes (a lost, late or denied message; a 429 or 5xx), no flow is given up. Not
 * held against an entry whose first order was on its way, or lost, when it ended and nothing had traded: it cannot be told from one that
 * may still arrive, and to send nothing more is the safe half of decision 17.
 */
export const transientFault: Invariant = {
  id: 'L6',
  name: 'transient-fault',
  promise: 'A single fault that passes does not cost a flow that could finish.',
  watch({ context, truth, belief }, probe) {
    if (context.isFaultFree) return { why: 'no fault struck' };
    const faults: TapeOf<'fault'>[] = [];
    const answers = new Map<number, TapeOf<'answer'>>();
    return {
      on: {
        fault: (event) => faults.push(event),
        answer: (event) => answers.set(event.request, event),
      },
      end: () => {
        const [only] = faults;
        if (only === undefined || faults.length > 1 || belief.switches.length > 0) return;
        if (!passes(only, answers.get(only.request ?? -1))) return;
        const struck = truth.orders.get(only.request ?? -1);
        for (const { begin, end } of truth.flows.values()) {
          if (end === undefined || end.t < only.t || begin.t > only.t) continue;
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

/** Whether what struck is over by itself, so that the venue is well afterwards. */
function passes({ action }: TapeOf<'fault'>, answer: TapeOf<'answer'> | undefined): boolean {
  const http = answer?.http ?? 0;
  return PASSING.has(action) || (action === 'reject' && (http === 429 || http >= 500));
}
