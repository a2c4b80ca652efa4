import type { Invariant, TapeOf } from './invariant.js';

/** L5. The first entry that begins after an operator's release while nothing is naked; later faults of the run excuse it. */
export const unlockWorks: Invariant = {
  id: 'L5',
  name: 'unlock-works',
  promise: 'With nothing naked and the lock released by a human, the next entry succeeds.',
  watch({ context, belief, truth }, probe) {
    if (!context.capabilities.includes('lock') || !context.capabilities.includes('journal'))
      return { why: 'this executor declares no journaled lock' };
    const resumes = belief.switches.filter(({ type }) => type === 'resume');
    if (resumes.length === 0) return { why: 'nobody released a lock in this run' };
    const candidates = new Map<number, TapeOf<'flow.begin'>>();
    return {
      on: {
        'flow.begin': (event) => {
          const since = resumes.findLast(({ t }) => t <= event.t);
          if (since === undefined || event.kind !== 'enter' || truth.delta !== 0n || belief.haltedBy(event.t) !== undefined) return;
          const isFirst = ![...truth.flows.values()].some(({ begin }) => begin.flow !== event.flow && begin.kind === 'enter' && begin.t >= since.t);
          if (isFirst && (context.lastFaultAt ?? 0) <= event.t) candidates.set(event.flow, event);
        },
        'flow.end': (event) => {
          const begin = candidates.get(event.flow);
          if (begin === undefined) return;
          const took = event.t - begin.t;
          probe.check(event.outcome === 'hedged' && took <= context.budgets.unlockedEntryMs, () => ({
            at: event.t,
            tapeSeq: event.seq,
            expected: `the first entry after a release is hedged within ${context.budgets.unlockedEntryMs} ms`,
            found: `${event.outcome} after ${took} ms`,
          }));
        },
      },
    };
  },
};
