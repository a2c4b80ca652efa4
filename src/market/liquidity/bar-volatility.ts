import type { Ohlc, PremiumBars } from '../bars.js';
import { PREMIUM_MODEL, premiumChangeVariance } from './premium-model.js';

/** Weights of the bars before and after, by distance. */
type Window = readonly number[];
/** A path is drawn under the wildness of the bars on both sides of it: the path is the world's, nobody trades on it ahead. */
const AROUND: Window = [3, 2, 1];
const FLOOR = 0.1;
const CEILING = 60;
/** Range squared over 4 ln 2 estimates the variance of a random walk (Parkinson 1980, J. Business 53). */
const PARKINSON = 4 * Math.log(2);

/** How the bars moved around one of them. */
export interface LocalVolatility {
  /** Sd factors against premium-model: the world's part and Upbit's own part. */
  readonly world: number;
  readonly own: number;
}

/** Volatilities in bp a square-root minute, from this bar and the two before it. */
export interface RecentVolatility {
  readonly upbit: number;
  readonly binance: number;
  readonly premium: number;
}

export function localVolatility(bars: PremiumBars, index: number, live: Uint8Array): LocalVolatility {
  let minutes = 0;
  let world = 0;
  let own = 0;
  let expected = 0;
  for (let other = index - AROUND.length + 1; other < index + AROUND.length; other += 1) {
    if (live[other] !== 1 || !connected(live, other, index)) continue;
    const weight = AROUND[Math.abs(other - index)] ?? 0;
    const length = barMinutes(bars, other);
    minutes += weight * length;
    world += weight * legVariance(bars.binanceUsdt, bars.binanceOhlc, other);
    own += weight * premiumMove(bars, other) ** 2;
    expected += weight * premiumChangeVariance(length);
  }
  return { world: clamp(Math.sqrt(world / (PREMIUM_MODEL.worldVariance * minutes))), own: clamp(Math.sqrt(own / expected)) };
}

export function recentVolatility(bars: PremiumBars, index: number, live: Uint8Array): RecentVolatility {
  let minutes = 0;
  let upbit = 0;
  let binance = 0;
  let premium = 0;
  let expected = 0;
  for (let other = Math.max(index - AROUND.length + 1, 1); other <= index; other += 1) {
    if (live[other] !== 1 || !connected(live, other, index)) continue;
    const weight = AROUND[index - other] ?? 0;
    const length = barMinutes(bars, other);
    minutes += weight * length;
    upbit += weight * legVariance(bars.upbitKrw, bars.upbitOhlc, other);
    binance += weight * legVariance(bars.binanceUsdt, bars.binanceOhlc, other);
    premium += weight * premiumMove(bars, other) ** 2;
    expected += weight * premiumChangeVariance(length);
  }
  if (minutes === 0) return { upbit: 0, binance: 0, premium: 0 };
  const premiumPerMinute = Math.sqrt((premium / expected) * premiumChangeVariance(1));
  return { upbit: Math.sqrt(upbit / minutes), binance: Math.sqrt(binance / minutes), premium: premiumPerMinute };
}

/** Whether no gap lies between two bars. */
function connected(live: Uint8Array, from: number, to: number): boolean {
  for (let index = Math.min(from, to) + 1; index <= Math.max(from, to); index += 1) if (live[index] !== 1) return false;
  return true;
}

function barMinutes(bars: PremiumBars, index: number): number {
  return ((bars.time[index] ?? 0) - (bars.time[index - 1] ?? 0)) / 60_000;
}

/** Variance of a leg over one bar, bp2: from its range where there is a candle, else from its closes. */
function legVariance(close: Float64Array, candles: Ohlc | undefined, index: number): number {
  const high = candles?.high[index] ?? Number.NaN;
  const low = candles?.low[index] ?? Number.NaN;
  if (low > 0 && high > low) return (Math.log(high / low) * 10_000) ** 2 / PARKINSON;
  return logChangeBp(close, index) ** 2;
}

/** Change of the premium over one bar, bp, the FX rate left out: its steps are no move of either market. */
function premiumMove(bars: PremiumBars, index: number): number {
  return logChangeBp(bars.upbitKrw, index) - logChangeBp(bars.binanceUsdt, index);
}

function logChangeBp(values: Float64Array, index: number): number {
  return Math.log((values[index] ?? Number.NaN) / (values[index - 1] ?? Number.NaN)) * 10_000;
}

function clamp(factor: number): number {
  return Math.min(Math.max(factor, FLOOR), CEILING);
}
