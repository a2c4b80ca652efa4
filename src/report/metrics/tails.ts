/**
 * A sample's shape. Averages hide the tails that ruin a hedge, so the mean never stands alone. Quantiles are
 * nearest-rank: each is a value that was really seen, never one between two. Nulls when `n` is 0.
 */
export interface Tails {
  readonly n: number;
  /** Cases that belong to the sample but never came to an end (an order never filled). */
  readonly censored: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** @param values - in any order, finite; the unit is the caller's and so is the result's. */
export function tailsOf(values: readonly number[], censored = 0): Tails {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  if (n === 0) return { n, censored, mean: null, p50: null, p95: null, p99: null, max: null };
  return {
    n,
    censored,
    mean: sorted.reduce((sum, value) => sum + value, 0) / n,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: sorted[n - 1] ?? null,
  };
}

/** The smallest value such that at least `share` of the sample is not above it. `sorted` is ascending and not empty. */
export function quantile(sorted: readonly number[], share: number): number {
  // The guard against 0.95 * 20 = 19.000000000000004 picking the rank above.
  const rank = Math.max(1, Math.ceil(share * sorted.length - 1e-9));
  return sorted[rank - 1] ?? Number.NaN;
}

/**
 * Expected shortfall: the mean of the worst `alpha` of the outcomes, at least one of them.
 *
 * @param costs - positive is bad; not empty.
 * @see risk.net glossary, "expected shortfall".
 */
export function expectedShortfall(costs: readonly number[], alpha: number): number {
  const worst = [...costs].sort((a, b) => b - a).slice(0, Math.max(1, Math.ceil(alpha * costs.length - 1e-9)));
  return worst.reduce((sum, cost) => sum + cost, 0) / worst.length;
}
