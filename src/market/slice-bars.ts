import type { Ohlc, PremiumBars } from './bars.js';

/** The first row that is not before `instant`; the number of rows when all are. */
export function firstRowFrom(time: Float64Array, instant: number): number {
  let [low, high] = [0, time.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((time[middle] ?? Number.NaN) < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

const sliceOhlc = (ohlc: Ohlc | undefined, from: number, to: number): Ohlc | undefined =>
  ohlc === undefined
    ? undefined
    : {
        open: ohlc.open.subarray(from, to),
        high: ohlc.high.subarray(from, to),
        low: ohlc.low.subarray(from, to),
        close: ohlc.close.subarray(from, to),
        volume: ohlc.volume.subarray(from, to),
      };

/** Rows [from, to) as views of the same memory; funding and source stay whole. */
export function sliceBars(bars: PremiumBars, from: number, to: number): PremiumBars {
  return {
    ...bars,
    time: bars.time.subarray(from, to),
    upbitKrw: bars.upbitKrw.subarray(from, to),
    binanceUsdt: bars.binanceUsdt.subarray(from, to),
    usdKrw: bars.usdKrw.subarray(from, to),
    usdtKrw: bars.usdtKrw.subarray(from, to),
    premium: bars.premium.subarray(from, to),
    upbitOhlc: sliceOhlc(bars.upbitOhlc, from, to),
    binanceOhlc: sliceOhlc(bars.binanceOhlc, from, to),
    afterGap: bars.afterGap.subarray(from, to),
    fxStep: bars.fxStep.subarray(from, to),
    fxSince: bars.fxSince?.subarray(from, to),
    fxJump: bars.fxJump?.subarray(from, to),
    fxLive: bars.fxLive?.subarray(from, to),
    length: to - from,
  };
}
