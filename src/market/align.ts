import type { Ohlc } from './bars.js';

/** Candles labelled by their open, as they stand in their file. */
export interface Candles extends Ohlc {
  readonly time: Float64Array;
  readonly stepMs: number;
}

const at = (column: Float64Array, index: number): number => column[index] ?? Number.NaN;

/**
 * Puts candles beside rows: a row observed at `t` gets the candles that opened in [t - step, t), joined into one
 * where they are finer than the rows. Rows without a candle stay NaN; nothing is filled in.
 *
 * @param stepMs - the rows' usual distance; not below the candles' own.
 */
export function alignCandles(time: Float64Array, stepMs: number, candles: Candles): Ohlc {
  const rows = time.length;
  const empty = (): Float64Array => new Float64Array(rows).fill(Number.NaN);
  const out: Ohlc = { open: empty(), high: empty(), low: empty(), close: empty(), volume: empty() };
  let next = 0;
  for (let row = 0; row < rows; row += 1) {
    const end = at(time, row);
    while (next < candles.time.length && at(candles.time, next) < end - stepMs) next += 1;
    const first = next;
    while (next < candles.time.length && at(candles.time, next) < end) next += 1;
    if (next > first) joinCandles(candles, first, next, out, row);
  }
  return out;
}

function joinCandles(candles: Candles, first: number, end: number, out: Ohlc, row: number): void {
  let [high, low, volume] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (let index = first; index < end; index += 1) {
    high = Math.max(high, at(candles.high, index));
    low = Math.min(low, at(candles.low, index));
    volume += at(candles.volume, index);
  }
  out.open[row] = at(candles.open, first);
  out.high[row] = high;
  out.low[row] = low;
  out.close[row] = at(candles.close, end - 1);
  out.volume[row] = volume;
}

/** Values that are known from an instant on, in the order of time. */
export interface KnownValues {
  readonly knownAt: Float64Array;
  readonly value: Float64Array;
}

/**
 * The last value known at each row.
 * @param ageMsMax - an older value counts as absent.
 * @returns the values and the instants they were known at, NaN where there is none.
 */
export function asOf(time: Float64Array, known: KnownValues, ageMsMax: number): KnownValues {
  const out: KnownValues = { knownAt: new Float64Array(time.length).fill(Number.NaN), value: new Float64Array(time.length).fill(Number.NaN) };
  let last = -1;
  for (let row = 0; row < time.length; row += 1) {
    const now = at(time, row);
    while (last + 1 < known.knownAt.length && at(known.knownAt, last + 1) <= now) last += 1;
    if (last < 0 || now - at(known.knownAt, last) > ageMsMax) continue;
    out.knownAt[row] = at(known.knownAt, last);
    out.value[row] = at(known.value, last);
  }
  return out;
}

/** Correlation of the one-row returns of two price columns, `lag` rows apart, over rows where both have them. */
export function returnCorrelation(a: Float64Array, b: Float64Array, lag: number, usable: Uint8Array): number {
  let [n, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  const first = Math.max(1, 1 + lag);
  const end = Math.min(a.length, a.length + lag);
  for (let row = first; row < end; row += 1) {
    if (!clear(usable, Math.min(row, row - lag), Math.max(row, row - lag))) continue;
    const x = Math.log(at(a, row) / at(a, row - 1));
    const y = Math.log(at(b, row - lag) / at(b, row - lag - 1));
    if (Number.isNaN(x + y)) continue;
    n += 1;
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const covariance = sumAB - (sumA * sumB) / n;
  return covariance / Math.sqrt((sumAA - (sumA * sumA) / n) * (sumBB - (sumB * sumB) / n));
}

/** Whether none of the rows from..to begins behind a gap. */
function clear(afterGap: Uint8Array, from: number, to: number): boolean {
  for (let row = from; row <= to; row += 1) if (afterGap[row] === 1) return false;
  return true;
}
