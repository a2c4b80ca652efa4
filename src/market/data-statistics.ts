import { returnCorrelation } from './align.js';
import type { Ohlc, PremiumBars } from './bars.js';
import { gapsOf, type Gap } from './gaps.js';
import { premiumColumn, tetherPremium } from './premium.js';
import { halfLifeMs, lagRegression, momentsOf, quantileOf, regressionOf } from './series-statistics.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** An irregular series is looked at on this grid: the first row that rounds to a slot stands for it. */
const GRID_MS = 30 * MINUTE_MS;

/** In longer candles the price moves far more than the spread, and the estimators of the spread see only that. */
const SPREAD_STEP_MS_MAX = 5 * MINUTE_MS;

/** A distribution in fractions. */
export interface Distribution {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly p5: number;
  readonly p95: number;
  readonly max: number;
}

export interface LagStatistics {
  readonly lagMs: number;
  readonly pairs: number;
  readonly autocorrelation: number;
  /** From the regression coefficient of premium(t + lag) on premium(t); NaN when nothing reverts. */
  readonly halfLifeMs: number;
}

/** Changes from one row to the next, outside FX steps and gaps, in basis points. */
export interface ChangeStatistics {
  readonly n: number;
  readonly sdBp: number;
  readonly excessKurtosis: number;
  readonly autocorrelation: number;
  readonly shareAbove10Bp: number;
}

export interface FxStatistics {
  readonly steps: number;
  readonly meanPercent: number;
  readonly maxPercent: number;
}

export interface TetherStatistics {
  readonly rows: number;
  /** Of the premium with what a tether costs over the bank's rate. */
  readonly correlation: number;
  readonly versusUsdtMean: number;
  readonly versusUsdtSd: number;
  readonly p1: number;
  readonly p99: number;
}

export interface VolumeStatistics {
  readonly p5: number;
  readonly median: number;
  readonly p95: number;
}

export interface FundingStatistics {
  readonly settlements: number;
  readonly mean: number;
  readonly negativeShare: number;
  readonly min: number;
  readonly max: number;
}

export interface YearStatistics {
  readonly year: number;
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly max: number;
}

/** Statistics of a series, defined as in `../shared/data/README.md`. Absent: the data cannot support the figure. */
export interface DataStatistics {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly stepMs: number;
  readonly gaps: readonly Gap[];
  readonly premium: Distribution;
  readonly lags: readonly LagStatistics[];
  readonly changes?: ChangeStatistics | undefined;
  /** Mean over the days of the highest minus the lowest premium. */
  readonly dayRange?: number | undefined;
  readonly fx: FxStatistics;
  /** Correlation of Upbit's one-row return with the foreign one `lag` rows earlier. */
  readonly leadLag: readonly { readonly lag: number; readonly correlation: number }[];
  readonly tether?: TetherStatistics | undefined;
  readonly upbitVolume?: VolumeStatistics | undefined;
  readonly binanceVolume?: VolumeStatistics | undefined;
  /** Effective spread of Upbit read from its candles: upper bounds. */
  readonly upbitSpread?: { readonly rollBp: number; readonly abdiRanaldoBp: number } | undefined;
  readonly funding?: FundingStatistics | undefined;
  /** Given when the series spans more than one calendar year (UTC). */
  readonly years: readonly YearStatistics[];
}

export function statisticsOf(bars: PremiumBars): DataStatistics {
  const grid = bars.stepMs === 0 ? gridOf(bars) : bars;
  const minuteLike = bars.stepMs > 0 && bars.stepMs < DAY_MS;
  return {
    from: bars.time[0] ?? Number.NaN,
    to: bars.time.at(-1) ?? Number.NaN,
    rows: bars.length,
    stepMs: bars.stepMs,
    gaps: gapsOf(bars.time, bars.afterGap),
    premium: distributionOf(grid.premium),
    lags: lagsOf(bars.stepMs).map((lagMs) => {
      const { n, slope, correlation } = lagRegression(grid.time, grid.premium, lagMs);
      return { lagMs, pairs: n, autocorrelation: correlation, halfLifeMs: halfLifeMs(slope, lagMs) };
    }),
    changes: bars.stepMs === 0 ? undefined : changesOf(bars),
    dayRange: minuteLike ? dayRangeOf(bars) : undefined,
    fx: fxOf(bars),
    leadLag:
      bars.stepMs === 0
        ? []
        : [-1, 0, 1, 2].map((lag) => ({ lag, correlation: returnCorrelation(bars.upbitKrw, bars.binanceUsdt, lag, bars.afterGap) })),
    tether: tetherOf(bars),
    upbitVolume: volumeOf(bars.upbitOhlc),
    binanceVolume: volumeOf(bars.binanceOhlc),
    upbitSpread: bars.upbitOhlc === undefined || bars.stepMs > SPREAD_STEP_MS_MAX ? undefined : spreadOf(bars.upbitOhlc, bars.afterGap),
    funding: fundingOf(bars),
    years: yearsOf(bars),
  };
}

function distributionOf(values: Float64Array): Distribution {
  const { n, mean, sd } = momentsOf(values);
  const sorted = values.slice().sort();
  return { n, mean, sd, min: sorted[0] ?? Number.NaN, p5: quantileOf(sorted, 0.05), p95: quantileOf(sorted, 0.95), max: sorted.at(-1) ?? Number.NaN };
}

function lagsOf(stepMs: number): readonly number[] {
  if (stepMs === 0) return [GRID_MS, 6 * HOUR_MS, DAY_MS];
  if (stepMs < HOUR_MS) return [stepMs, HOUR_MS, DAY_MS];
  return stepMs < DAY_MS ? [stepMs, DAY_MS, 7 * DAY_MS] : [stepMs, 7 * DAY_MS];
}

function gridOf(bars: PremiumBars): { readonly time: Float64Array; readonly premium: Float64Array } {
  const [time, premium]: [number[], number[]] = [[], []];
  bars.time.forEach((at, row) => {
    const slot = Math.round(at / GRID_MS) * GRID_MS;
    if (time.at(-1) === slot) return;
    time.push(slot);
    premium.push(bars.premium[row] ?? Number.NaN);
  });
  return { time: Float64Array.from(time), premium: Float64Array.from(premium) };
}

function changesOf(bars: PremiumBars): ChangeStatistics {
  const [changes, before, after]: [number[], number[], number[]] = [[], [], []];
  let previous: number | undefined;
  for (let row = 1; row < bars.length; row += 1) {
    const usable = bars.afterGap[row] !== 1 && bars.fxStep[row] !== 1;
    const change = usable ? ((bars.premium[row] ?? Number.NaN) - (bars.premium[row - 1] ?? Number.NaN)) * 1e4 : undefined;
    if (change !== undefined) changes.push(change);
    if (change !== undefined && previous !== undefined) {
      before.push(previous);
      after.push(change);
    }
    previous = change;
  }
  const { n, sd, excessKurtosis } = momentsOf(Float64Array.from(changes));
  const autocorrelation = regressionOf(Float64Array.from(before), Float64Array.from(after)).correlation;
  return { n, sdBp: sd, excessKurtosis, autocorrelation, shareAbove10Bp: changes.filter((change) => Math.abs(change) > 10).length / n };
}

/** Extremes of the premium by UTC day, or by another slice of time. */
function slicesOf(bars: PremiumBars, keyOf: (time: number) => number): Map<number, { from: number; to: number }> {
  const slices = new Map<number, { from: number; to: number }>();
  bars.time.forEach((time, row) => {
    const slice = slices.get(keyOf(time));
    if (slice === undefined) slices.set(keyOf(time), { from: row, to: row + 1 });
    else slice.to = row + 1;
  });
  return slices;
}

function dayRangeOf(bars: PremiumBars): number {
  const days = [...slicesOf(bars, (time) => Math.floor(time / DAY_MS)).values()];
  const ranges = days.map(({ from, to }) => {
    const premiums = bars.premium.subarray(from, to);
    return premiums.reduce((a, b) => Math.max(a, b)) - premiums.reduce((a, b) => Math.min(a, b));
  });
  return ranges.reduce((sum, range) => sum + range, 0) / ranges.length;
}

function yearsOf(bars: PremiumBars): readonly YearStatistics[] {
  const years = [...slicesOf(bars, (time) => new Date(time).getUTCFullYear())];
  if (years.length < 2) return [];
  return years.map(([year, { from, to }]) => {
    const { mean, sd, min, max } = distributionOf(bars.premium.subarray(from, to));
    return { year, mean, sd, min, max };
  });
}

function fxOf(bars: PremiumBars): FxStatistics {
  const steps: number[] = [];
  bars.fxStep.forEach((flag, row) => {
    // What a rate did during a hole in the data is no step of one day.
    if (flag === 1 && bars.afterGap[row] !== 1)
      steps.push(Math.abs((bars.usdKrw[row] ?? Number.NaN) / (bars.usdKrw[row - 1] ?? Number.NaN) - 1) * 100);
  });
  return {
    steps: steps.length,
    meanPercent: steps.reduce((sum, step) => sum + step, 0) / steps.length,
    maxPercent: steps.reduce((a, b) => Math.max(a, b), 0),
  };
}

function tetherOf(bars: PremiumBars): TetherStatistics | undefined {
  const versus = premiumColumn(bars, 'usdt');
  const rows = Uint32Array.from(versus.keys()).filter((row) => !Number.isNaN(versus[row] ?? Number.NaN));
  if (rows.length < 2) return undefined;
  const known = Float64Array.from(rows, (row) => versus[row] ?? Number.NaN);
  const premium = Float64Array.from(rows, (row) => bars.premium[row] ?? Number.NaN);
  const tether = Float64Array.from(rows, (row) => tetherPremium(bars.usdtKrw[row] ?? Number.NaN, bars.usdKrw[row] ?? Number.NaN));
  const { mean, sd } = momentsOf(known);
  const sorted = known.sort();
  return {
    rows: rows.length,
    correlation: regressionOf(premium, tether).correlation,
    versusUsdtMean: mean,
    versusUsdtSd: sd,
    p1: quantileOf(sorted, 0.01),
    p99: quantileOf(sorted, 0.99),
  };
}

function volumeOf(ohlc: Ohlc | undefined): VolumeStatistics | undefined {
  const sorted = ohlc?.volume.filter((volume) => !Number.isNaN(volume)).sort();
  if (sorted === undefined || sorted.length === 0) return undefined;
  return { p5: quantileOf(sorted, 0.05), median: quantileOf(sorted, 0.5), p95: quantileOf(sorted, 0.95) };
}

/**
 * Roll (1984): twice the root of minus the covariance of successive returns. Abdi and Ranaldo (2017): from the
 * distance of a close to the middles of its own and the next candle's range.
 */
function spreadOf(ohlc: Ohlc, afterGap: Uint8Array): { readonly rollBp: number; readonly abdiRanaldoBp: number } {
  const close = ohlc.close.map((price) => Math.log(price));
  const middle = ohlc.high.map((high, row) => (Math.log(high) + Math.log(ohlc.low[row] ?? Number.NaN)) / 2);
  const [first, second, squares]: [number[], number[], number[]] = [[], [], []];
  for (let row = 1; row + 1 < close.length; row += 1) {
    if (afterGap[row] === 1 || afterGap[row + 1] === 1) continue;
    const [c0, c1, c2] = [close[row - 1] ?? Number.NaN, close[row] ?? Number.NaN, close[row + 1] ?? Number.NaN];
    const square = 4 * (c1 - (middle[row] ?? Number.NaN)) * (c1 - (middle[row + 1] ?? Number.NaN));
    if (Number.isNaN(c0 + c1 + c2 + square)) continue;
    first.push(c1 - c0);
    second.push(c2 - c1);
    squares.push(square);
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [m1, m2] = [mean(first), mean(second)];
  const covariance = mean(first.map((value, index) => (value - m1) * ((second[index] ?? Number.NaN) - m2)));
  return { rollBp: 2 * Math.sqrt(Math.max(0, -covariance)) * 1e4, abdiRanaldoBp: Math.sqrt(Math.max(0, mean(squares))) * 1e4 };
}

function fundingOf(bars: PremiumBars): FundingStatistics | undefined {
  const [first, last] = [bars.time[0] ?? Number.NaN, bars.time.at(-1) ?? Number.NaN];
  const rates = bars.funding.rate.filter((_rate, index) => {
    const at = bars.funding.time[index] ?? Number.NaN;
    return at >= first && at <= last;
  });
  if (rates.length === 0) return undefined;
  const sorted = rates.slice().sort();
  return {
    settlements: rates.length,
    mean: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
    negativeShare: rates.filter((rate) => rate < 0).length / rates.length,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}
