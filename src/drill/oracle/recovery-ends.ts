import type { EpochMs } from '../../core/units.js';
import type { Invariant } from './invariant.js';
import { orderText } from './words.js';

/** L3, from each restart of the process (or from the last fault after it) to `recovery.ended` in the journal. */
export const recoveryEnds: Invariant = {
  id: 'L3',
  name: 'recovery-ends',
  promise: 'After a restart recovery ends, and nothing is opened before it has.',
  against: 'restart, or opening order after one',
  watch({ context, belief, truth, endAt }, probe) {
    if (!context.capabilities.includes('journal')) return { why: 'this executor declares no journal' };
    if (context.permanent.length > 0) return { why: 'a fault of this run never ends' };
    if (truth.faultKinds.has('clock')) return { why: "the process's clock was moved: journal and wire cannot be put in order" };
    const restarts: { readonly t: EpochMs; readonly seq: number }[] = [];
    const crashes: EpochMs[] = [];
    /** When the recovery of the life that began at `t` ended. */
    const endOf = (t: EpochMs): EpochMs | undefined => belief.recoveries.find((event) => event.type === 'recovery.ended' && event.t >= t)?.t;
    return {
      on: {
        process: (event) => (event.event === 'restart' ? restarts.push(event) : crashes.push(event.t)),
        request: (event) => {
          const last = restarts.at(-1);
          if (last === undefined || event.method !== 'createOrder' || event.purpose !== 'open') return;
          const ended = endOf(last.t);
          probe.check(ended !== undefined && ended <= event.t, () => ({
            at: event.t,
            tapeSeq: event.seq,
            expected: 'nothing is opened before recovery has ended',
            found: orderText(event),
          }));
        },
      },
      end: () => {
        const { recoveryMs } = context.budgets;
        for (const { t, seq } of restarts) {
          const healthyFrom = Math.max(t, context.lastFaultAt ?? t);
          const ended = endOf(t);
          const died = crashes.find((crash) => crash > t);
          if (died !== undefined && (ended === undefined || ended > died)) continue;
          if (ended === undefined && endAt - healthyFrom <= recoveryMs) continue;
          probe.check((ended ?? Number.POSITIVE_INFINITY) - healthyFrom <= recoveryMs, () => ({
            at: t,
            tapeSeq: seq,
            expected: `recovery ends within ${recoveryMs} ms of the restart and of the last fault`,
            found: ended === undefined ? 'it never ended' : `it took ${ended - healthyFrom} ms`,
          }));
        }
      },
    };
  },
};
