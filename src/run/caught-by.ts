import type { Finding } from '../faults/expectation.js';
import type { DrillVerdict } from './drill.js';

/** Marks of the oracle that speak of money; the others (a ban, a lock) are manners. */
const MONEY_MARKS = /order\.duplicate-intent|rollback\.qty-exceeds-delta|fill\.counted-twice/;

function isMoney({ key, expected }: Pick<Finding, 'key' | 'expected'>): boolean {
  return /^(outcome$|final\.|budget\.|run\.)/.test(key) || (key === 'never' && MONEY_MARKS.test(expected));
}

/**
 * The first broken promise by which an executor is caught (design decision 15): money or the final state is wrong, and
 * the same run without the faults is right. Undefined when it passes, or when its failure does not count.
 */
export function caughtBy<Broken extends Pick<Finding, 'key' | 'expected'>>({
  isPassed,
  control,
  broken,
}: Pick<DrillVerdict, 'isPassed' | 'control'> & { readonly broken: readonly Broken[] }): Broken | undefined {
  return isPassed || control === 'failed' ? undefined : broken.find(isMoney);
}
