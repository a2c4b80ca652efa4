import type { Invariant, TapeOf } from './invariant.js';

/** L5. The first entry that begins after an operator's release while nothing is naked; later faults of the run excuse it. */
export const unlockWorks: Invariant = {
  id: 'L5',
  name: 'unlock-works',
  promise: 'With nothing naked and the lock released by a human, the next entry succeeds.',
  against: 'entry after a release',
  watch({ context, belief, truth }, probe) {
    if (!context.capabilities.includes('lock') || !context.capabilities.includes('journal'))
      return { why: 'this executor declares no journaled lock' };
    if (!belief.switches.some(({ type }) => type === 'resume')) return { why: 'nobody released a lock in this run' };
    /** By the release: the first entry after it; of those in its very millisecond the last, since the release stands in another book. */
    const entries = new Map<number, TapeOf<'flow.begin'>>();
    return {
      on: {
        'flow.begin': (event) => {
          const release = belief.switches.findLast(({ t }) => t <= event.t);
          if (release?.type !== 'resume' || event.kind !== 'enter' || truth.delta !== 0n || (context.lastFaultAt ?? 0) > event.t) return;
          if (!entries.has(release.seq) || event.t === release.t) entries.set(release.seq, event);
        },
      },
      end: () => {
        for (const begin of entries.values()) {
          const end = truth.flows.get(begin.flow)?.end;
          if (end === undefined) continue;
          const took = end.t - begin.t;
          probe.check(end.outcome === 'hedged' && took <= context.budgets.unlockedEntryMs, () => ({
            at: end.t,
            tapeSeq: end.seq,
            expected: `the first entry after a release is hedged within ${context.budgets.unlockedEntryMs} ms`,
            found: `${end.outcome} after ${took} ms`,
          }));
        }
      },
    };
  },
};
