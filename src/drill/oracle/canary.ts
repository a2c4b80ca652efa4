import type { Invariant } from './invariant.js';

/** The finding by which a run reports it. */
export const CANARY_KEY = 'oracle.canary';

/** Breaks at the first event of every tape: a job that plants it and does not report it has no working oracle. */
export const canary: Invariant = {
  id: 'canary',
  name: 'canary',
  promise: 'Nothing at all happens (planted to be broken).',
  against: 'run',
  watch(_scene, probe) {
    return {
      on: {
        run: (event) => probe.check(false, () => ({ at: event.t, tapeSeq: event.seq, expected: 'an empty tape', found: 'a run' })),
      },
    };
  },
};
