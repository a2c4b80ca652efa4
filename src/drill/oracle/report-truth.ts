import type { Invariant } from './invariant.js';

/** I16 needs a report, which a drill does not write: `recomputed-figures.ts` is its recomputation, held against reports in the tests. */
export const reportTruth: Invariant = {
  id: 'I16',
  name: 'report-truth',
  promise: 'Fill quality and rollback cost in a report equal their recomputation from the fills.',
  against: 'report',
  watch: () => ({ why: 'a drill writes no report; the tests hold the recomputation against the report of every shipped scenario' }),
};
