/** Small estimators for tests that hold the model to the data. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function sd(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  return mean(a.map((value, index) => (value - meanA) * ((b[index] ?? meanB) - meanB))) / (sd(a) * sd(b));
}

/** Correlation of a(t) with b(t - lag); both hold one value a step, NaN where there is none. */
export function laggedCorrelation(a: readonly number[], b: readonly number[], lag: number): number {
  const pairs = a.flatMap((value, index) => {
    const other = b[index - lag];
    return other === undefined || Number.isNaN(value + other) ? [] : [[value, other] as const];
  });
  return correlation(
    pairs.map(([x]) => x),
    pairs.map(([, y]) => y),
  );
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
