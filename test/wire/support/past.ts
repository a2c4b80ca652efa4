import { RandomStreams } from '../../../src/core/random.js';
import type { Ohlc, PremiumBars } from '../../../src/market/bars.js';
import { createBarMarket } from '../../../src/market/liquidity/bar-market.js';
import type { MarketView } from '../../../src/market/market-view.js';
import { barsOf, type BarRow } from '../../market/liquidity/real-bars.js';
import { START } from '../../sim/support/world.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Hours of minutes before the world's start and one after it; the bars between these two are missing. */
export const GAP = { from: START - 60 * MINUTE, to: START - 54 * MINUTE };
/** At midnight, an hour before the start, and eight hours later, which nobody may know yet. */
export const FUNDING = [
  { at: START - HOUR, rate: 0.0001 },
  { at: START + 7 * HOUR, rate: 0.0009 },
];

const rows: readonly BarRow[] = Array.from({ length: 460 }, (_, index): BarRow => {
  const time = START + (index - 400) * MINUTE;
  return {
    time,
    upbit: 150_000_000 + 1_000 * ((index * 7) % 31) + 2_000 * index,
    binance: 108_000 + 0.1 * ((index * 37) % 101) + index,
    usdKrw: 1_390,
    usdtKrw: 1_400 + (index % 5),
  };
})
  .filter(({ time }) => time <= GAP.from || time >= GAP.to)
  .map((row) => ({ ...row, afterGap: row.time === GAP.to }));

/** The bars behind `pastMarket`: candles that open at the close before, and a volume of their own. */
export const pastBars = (): PremiumBars => {
  const bars = barsOf(rows, { funding: { time: Float64Array.from(FUNDING, ({ at }) => at), rate: Float64Array.from(FUNDING, ({ rate }) => rate) } });
  const candles = (close: Float64Array, tick: number, volume: number): Ohlc => {
    const open = close.map((value, row) => (rows[row]?.afterGap === true ? value : (close[row - 1] ?? value)));
    return {
      open,
      high: close.map((value, row) => Math.round((Math.max(value, open[row] ?? value) + 3 * tick) / tick) * tick),
      low: close.map((value, row) => Math.round((Math.min(value, open[row] ?? value) - 2 * tick) / tick) * tick),
      close,
      volume: close.map((_, row) => volume + row / 8),
    };
  };
  return { ...bars, upbitOhlc: candles(bars.upbitKrw, 1_000, 2), binanceOhlc: candles(bars.binanceUsdt, 0.1, 90) };
};

export const pastMarket = (bars = pastBars()): MarketView => createBarMarket(bars, new RandomStreams('7'));

/** The bar of the data that closes at `time`, as a venue's candle in numbers. */
export function barAt(
  bars: PremiumBars,
  leg: 'upbit' | 'binance',
  time: number,
): { o: number; h: number; l: number; c: number; v: number } | undefined {
  const row = bars.time.indexOf(time);
  const candles = leg === 'upbit' ? bars.upbitOhlc : bars.binanceOhlc;
  if (row < 0 || candles === undefined) return undefined;
  const cell = (column: Float64Array): number => Number((column[row] ?? Number.NaN).toFixed(8));
  return { o: cell(candles.open), h: cell(candles.high), l: cell(candles.low), c: cell(candles.close), v: cell(candles.volume) };
}
