import type { Maybe } from '../not-available.js';
import { notAvailable } from '../not-available.js';

/** A share of successes with its uncertainty; all in [0, 1]. */
export interface SuccessRate {
  readonly successes: number;
  readonly n: number;
  readonly rate: number;
  /** Wilson score interval at 95 %. */
  readonly low: number;
  readonly high: number;
  /** With no failure in more than 3 tries, the failure rate is below 3/n with 95 % confidence; null otherwise. */
  readonly failureBoundRuleOfThree: number | null;
}

const Z_95 = 1.959963984540054;

/**
 * A success rate with its Wilson 95 % interval, which stays inside [0, 1] and is honest for few cases
 * (8 of 8 is [0.68, 1], not certainty).
 *
 * @returns not available when nothing was tried.
 * @see Wilson (1927), J. Am. Stat. Assoc. 22; Hanley and Lippman-Hand (1983) for 3/n.
 */
export function successRate(successes: number, n: number): Maybe<SuccessRate> {
  if (n === 0) return notAvailable('nothing was tried');
  const rate = successes / n;
  const square = Z_95 * Z_95;
  const centre = (rate + square / (2 * n)) / (1 + square / n);
  const half = (Z_95 * Math.sqrt((rate * (1 - rate)) / n + square / (4 * n * n))) / (1 + square / n);
  return {
    successes,
    n,
    rate,
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
    failureBoundRuleOfThree: successes === n && n > 3 ? 3 / n : null,
  };
}
