/** Mean and sample standard deviation (n - 1). */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
  /** Fourth central moment over the squared variance, minus 3: 0 for a normal distribution. */
  readonly excessKurtosis: number;
}

const sumOf = (values: Float64Array, term: (value: number) => number): number => values.reduce((sum, value) => sum + term(value), 0);

/** Moments in two passes, so that a level far from zero costs no digits. */
export function momentsOf(values: Float64Array): Moments {
  const n = values.length;
  const mean = sumOf(values, (value) => value) / n;
  const second = sumOf(values, (value) => (value - mean) * (value - mean));
  const fourth = sumOf(values, (value) => (value - mean) * (value - mean) * (value - mean) * (value - mean));
  return { n, mean, sd: Math.sqrt(second / (n - 1)), excessKurtosis: (n * fourth) / (second * second) - 3 };
}

/** The value below which this share of `sorted` lies, linear between ranks; NaN when there is none. */
export function quantileOf(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}

export interface Regression {
  readonly n: number;
  /** Of the second column on the first. */
  readonly slope: number;
  readonly correlation: number;
}

export function regressionOf(x: Float64Array, y: Float64Array): Regression {
  const n = x.length;
  const [meanX, meanY] = [sumOf(x, (value) => value) / n, sumOf(y, (value) => value) / n];
  let [xx, yy, xy] = [0, 0, 0];
  for (let index = 0; index < n; index += 1) {
    const [dx, dy] = [(x[index] ?? Number.NaN) - meanX, (y[index] ?? Number.NaN) - meanY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return { n, slope: xy / xx, correlation: xy / Math.sqrt(xx * yy) };
}

/**
 * Regression of a series on itself `lagMs` earlier, over all pairs of rows that are exactly that far apart: a pair
 * may reach over a gap, nothing is filled in.
 */
export function lagRegression(time: Float64Array, values: Float64Array, lagMs: number): Regression {
  const [x, y]: [number[], number[]] = [[], []];
  let later = 0;
  for (let row = 0; row < time.length; row += 1) {
    const wanted = (time[row] ?? Number.NaN) + lagMs;
    while (later < time.length && (time[later] ?? Number.NaN) < wanted) later += 1;
    if (time[later] !== wanted) continue;
    x.push(values[row] ?? Number.NaN);
    y.push(values[later] ?? Number.NaN);
  }
  return regressionOf(Float64Array.from(x), Float64Array.from(y));
}

/** How long a deviation takes to halve when it shrinks by `slope` every `lagMs`; NaN when it does not shrink. */
export function halfLifeMs(slope: number, lagMs: number): number {
  return slope > 0 && slope < 1 ? (Math.log(0.5) / Math.log(slope)) * lagMs : Number.NaN;
}
