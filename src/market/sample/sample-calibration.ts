import type { PremiumBars } from '../bars.js';
import { statisticsOf, type DataStatistics } from '../data-statistics.js';
import { premiumColumn, tetherPremium } from '../premium.js';
import { halfLifeMs, lagRegression, momentsOf, quantileOf, regressionOf } from '../series-statistics.js';
import { TARGET } from './sample-parameters.js';
import type { SampleWorld } from './sample-world.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** One figure of the sample beside the published one. */
export interface CalibrationRow {
  readonly figure: string;
  readonly unit: string;
  readonly target: number;
  readonly achieved: number;
  /** Largest difference that still counts as calibrated. */
  readonly tolerance: number;
  readonly decimals: number;
}

type Row = readonly [figure: string, unit: string, target: number, achieved: number, tolerance: number, decimals: number];

/**
 * Compares the sample with what it was calibrated on. Read from the finished files, as a backtest reads them; the
 * basis alone comes from the world behind them, since the sample has no spot file.
 */
export function calibrationOf(bars: PremiumBars, world: SampleWorld): readonly CalibrationRow[] {
  const statistics = statisticsOf(bars);
  const rows: readonly Row[] = [
    ...premiumRows(bars, statistics),
    ...changeRows(bars, statistics),
    ...legRows(bars, statistics),
    ...hedgeRows(bars, statistics, world),
  ];
  return rows.map(([figure, unit, target, achieved, tolerance, decimals]) => ({ figure, unit, target, achieved, tolerance, decimals }));
}

function premiumRows(bars: PremiumBars, statistics: DataStatistics): readonly Row[] {
  const { premium, dayRange } = statistics;
  return [
    ['premium, mean (set)', '%', TARGET.premiumMean, premium.mean * 100, 0.01, 3],
    ['premium, standard deviation (set)', '%', TARGET.premiumSd, premium.sd * 100, 0.01, 3],
    ['premium, 5 %', '%', -0.364, premium.p5 * 100, 0.15, 3],
    ['premium, 95 %', '%', 1.0, premium.p95 * 100, 0.25, 3],
    ['premium, autocorrelation at 1 min', '', 0.9973, lagRegression(bars.time, bars.premium, MINUTE_MS).correlation, 0.0005, 4],
    ['half-life at lag 1 min', 'h', 4.9, halfLifeHours(bars, MINUTE_MS), 1.5, 1],
    ['half-life at lag 1 day', 'h', 23, halfLifeHours(bars, DAY_MS), 8, 1],
    ['highest minus lowest premium of a day, mean', '%', 0.9, (dayRange ?? Number.NaN) * 100, 0.2, 2],
  ];
}

function changeRows(bars: PremiumBars, statistics: DataStatistics): readonly Row[] {
  const { changes, fx } = statistics;
  return [
    ['minute change of the premium, standard deviation', 'bp', TARGET.minuteChangeSdBp, changes?.sdBp ?? Number.NaN, 0.2, 2],
    ['minute change, excess kurtosis', '', TARGET.minuteChangeKurtosis, changes?.excessKurtosis ?? Number.NaN, 3, 1],
    ['minute change, autocorrelation', '', TARGET.minuteChangeAutocorrelation, changes?.autocorrelation ?? Number.NaN, 0.03, 2],
    ['minutes that move more than 10 bp', '%', 1.2, (changes?.shareAbove10Bp ?? Number.NaN) * 100, 0.4, 2],
    ['change over 1 h, standard deviation', 'bp', 13.8, changeSdBp(bars, HOUR_MS), 2.5, 1],
    ['change over 4 h, standard deviation', 'bp', 23.9, changeSdBp(bars, 4 * HOUR_MS), 5, 1],
    ['FX step, mean size (set)', '%', TARGET.fxStepMeanPercent, fx.meanPercent, 0.01, 3],
    ['premium jump at an FX step, per step', '', -1, fxJumpSlope(bars), 0.15, 2],
  ];
}

function legRows(bars: PremiumBars, statistics: DataStatistics): readonly Row[] {
  const { leadLag, upbitVolume, upbitSpread } = statistics;
  const correlation = (lag: number): number => leadLag.find((row) => row.lag === lag)?.correlation ?? Number.NaN;
  const [same, one, two, ahead] = TARGET.leadLag;
  const [low, median, high] = TARGET.upbitVolume;
  return [
    ['return of Upbit with Binance, same minute', '', same, correlation(0), 0.05, 2],
    ['... with Binance 1 min before', '', one, correlation(1), 0.05, 2],
    ['... with Binance 2 min before', '', two, correlation(2), 0.05, 2],
    ['... with Binance 1 min after', '', ahead, correlation(-1), 0.05, 2],
    ['Upbit volume a minute, 5 %', 'BTC', low, upbitVolume?.p5 ?? Number.NaN, 0.03, 2],
    ['Upbit volume a minute, median', 'BTC', median, upbitVolume?.median ?? Number.NaN, 0.05, 2],
    ['Upbit volume a minute, 95 %', 'BTC', high, upbitVolume?.p95 ?? Number.NaN, 0.8, 2],
    ['perpetual volume in 5 minutes, median', 'BTC', TARGET.perpVolume5mMedian, medianVolume5m(bars), 15, 0],
    ['Upbit effective spread from candles (Roll)', 'bp', 1.9, upbitSpread?.rollBp ?? Number.NaN, 0.5, 1],
    ['Upbit effective spread from candles (Abdi-Ranaldo)', 'bp', 2.5, upbitSpread?.abdiRanaldoBp ?? Number.NaN, 0.8, 1],
  ];
}

function hedgeRows(bars: PremiumBars, statistics: DataStatistics, world: SampleWorld): readonly Row[] {
  const { funding } = statistics;
  const basis = momentsOf(world.basis);
  const tether = tetherAtHours(bars);
  return [
    ['funding, mean per 8 h (set)', '%', TARGET.fundingMeanPercent, (funding?.mean ?? Number.NaN) * 100, 0.0005, 4],
    ['funding, share of settlements the short pays', '%', TARGET.fundingNegativeShare * 100, (funding?.negativeShare ?? Number.NaN) * 100, 8, 0],
    ['perpetual over spot, mean (in no file)', 'bp', TARGET.basisMeanBp, basis.mean * 1e4, 0.5, 1],
    ['perpetual over spot, standard deviation (in no file)', 'bp', TARGET.basisSdBp, basis.sd * 1e4, 0.3, 1],
    ['premium with the premium of USDT/KRW, hourly correlation', '', TARGET.usdtPremiumCorrelation, tether.correlation, 0.02, 3],
    ['premium against USDT/KRW, hourly standard deviation', '%', TARGET.premiumVsUsdtSdPercent, tether.sd * 100, 0.02, 3],
  ];
}

/** From the regression of the premium on itself `lagMs` earlier. */
export function halfLifeHours(bars: PremiumBars, lagMs: number): number {
  return halfLifeMs(lagRegression(bars.time, bars.premium, lagMs).slope, lagMs) / HOUR_MS;
}

/** Spread of premium changes over `lagMs` between rows with the same FX value. */
function changeSdBp(bars: PremiumBars, lagMs: number): number {
  const changes: number[] = [];
  let later = 0;
  bars.time.forEach((time, row) => {
    while (later < bars.length && (bars.time[later] ?? Number.NaN) < time + lagMs) later += 1;
    if (bars.time[later] !== time + lagMs || bars.usdKrw[later] !== bars.usdKrw[row]) return;
    changes.push(((bars.premium[later] ?? Number.NaN) - (bars.premium[row] ?? Number.NaN)) * 1e4);
  });
  return momentsOf(Float64Array.from(changes)).sd;
}

function fxJumpSlope(bars: PremiumBars): number {
  const rows = Uint32Array.from(bars.fxStep.keys()).filter((row) => bars.fxStep[row] === 1 && bars.afterGap[row] !== 1);
  const step = Float64Array.from(rows, (row) => (bars.usdKrw[row] ?? Number.NaN) / (bars.usdKrw[row - 1] ?? Number.NaN) - 1);
  const jump = Float64Array.from(rows, (row) => (bars.premium[row] ?? Number.NaN) - (bars.premium[row - 1] ?? Number.NaN));
  return regressionOf(step, jump).slope;
}

function medianVolume5m(bars: PremiumBars): number {
  const volume = bars.binanceOhlc?.volume ?? new Float64Array(0);
  const sums = new Map<number, number>();
  bars.time.forEach((time, row) => {
    const slot = Math.ceil(time / (5 * MINUTE_MS));
    sums.set(slot, (sums.get(slot) ?? 0) + (volume[row] ?? Number.NaN));
  });
  return quantileOf(Float64Array.from(sums.values()).sort(), 0.5);
}

/** On the full hours, where the close of the hourly USDT/KRW candle is of the same moment. */
function tetherAtHours(bars: PremiumBars): { readonly correlation: number; readonly sd: number } {
  const versus = premiumColumn(bars, 'usdt');
  const rows = Uint32Array.from(bars.time.keys()).filter((row) => (bars.time[row] ?? 0) % HOUR_MS === 0 && !Number.isNaN(versus[row] ?? Number.NaN));
  const of = (value: (row: number) => number): Float64Array => Float64Array.from(rows, value);
  return {
    correlation: regressionOf(
      of((row) => bars.premium[row] ?? Number.NaN),
      of((row) => tetherPremium(bars.usdtKrw[row] ?? Number.NaN, bars.usdKrw[row] ?? Number.NaN)),
    ).correlation,
    sd: momentsOf(of((row) => versus[row] ?? Number.NaN)).sd,
  };
}
