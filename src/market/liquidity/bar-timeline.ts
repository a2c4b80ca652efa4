import { assert } from '../../core/assert.js';
import { epochMs } from '../../core/units.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import type { Ohlc, PremiumBars } from '../bars.js';
import type { MarketBar } from '../market-view.js';
import type { Candle } from './candle-fit.js';
import { firstAbove } from './sorted.js';

/** Where an instant lies: on a bar's close, or strictly inside a bar. Bar `index` ends at row `index`. */
export interface Place {
  readonly index: number;
  readonly onClose: boolean;
}

/** Bars as stretches of time: which one holds an instant, and between which prices it runs. */
export class BarTimeline {
  readonly bars: PremiumBars;
  /** 1 where the stretch that ends at this row is a market: no gap, and both legs have a price at both ends. */
  readonly live: Uint8Array;
  /** Rows whose candle does not hold their own close or open; they are filled in from closes alone. */
  readonly oddCandles: number;
  readonly #perpFactor: number;
  #last = 0;

  constructor(bars: PremiumBars) {
    assert(bars.length > 0, 'a market needs at least one bar');
    this.bars = bars;
    this.#perpFactor = 1 + bars.source.perpBasis;
    this.live = new Uint8Array(bars.length);
    for (let index = 1; index < bars.length; index += 1) {
      const whole = this.hasPrices(index) && this.hasPrices(index - 1);
      this.live[index] = bars.afterGap[index] !== 1 && whole ? 1 : 0;
    }
    this.oddCandles = this.#countOddCandles();
  }

  hasPrices(index: number): boolean {
    return this.close('upbit', index) > 0 && this.close('binance', index) > 0;
  }

  /** The venue's mid at a row's time; the perpetual's is the foreign price with its basis. */
  close(venue: VenueId, index: number): number {
    if (venue === 'upbit') return this.bars.upbitKrw[index] ?? Number.NaN;
    return (this.bars.binanceUsdt[index] ?? Number.NaN) * this.#perpFactor;
  }

  /** A leg's candle over the bar, in the venue's own price; undefined where there is none or it does not fit. */
  candle(venue: VenueId, index: number): Candle | undefined {
    const candles = venue === 'upbit' ? this.bars.upbitOhlc : this.bars.binanceOhlc;
    if (candles === undefined) return undefined;
    const factor = venue === 'upbit' ? 1 : this.#perpFactor;
    const cell = (column: Float64Array): number => (column[index] ?? Number.NaN) * factor;
    const candle = { open: cell(candles.open), high: cell(candles.high), low: cell(candles.low), close: this.close(venue, index) };
    const fits = candle.low > 0 && candle.low <= Math.min(candle.open, candle.close) && candle.high >= Math.max(candle.open, candle.close);
    return fits ? candle : undefined;
  }

  /**
   * A row as its venue's candle: the data's own where it has one that fits, else from close to close. After a gap a bar of a regular
   * series is as long as the others; undefined where nothing says how long it is, or what it closed at.
   */
  barOf(venue: VenueId, index: number): MarketBar | undefined {
    const { time, stepMs } = this.bars;
    const close = this.close(venue, index);
    const isLive = this.live[index] === 1;
    if (!(close > 0) || (!isLive && stepMs === 0)) return undefined;
    const to = time[index] ?? 0;
    const open = isLive ? this.close(venue, index - 1) : close;
    const { high, low, open: first } = this.candle(venue, index) ?? { open, high: Math.max(open, close), low: Math.min(open, close), close };
    const volume = (venue === 'upbit' ? this.bars.upbitOhlc : this.bars.binanceOhlc)?.volume[index];
    return {
      from: epochMs(isLive ? this.startOf(index) : to - stepMs),
      to: epochMs(to),
      open: first,
      high,
      low,
      close,
      volume: volume !== undefined && volume >= 0 ? volume : undefined,
    };
  }

  /** Undefined before the first row, after the last one and inside a gap. */
  locate(at: EpochMs): Place | undefined {
    const { time, length } = this.bars;
    if (!(at >= (time[0] ?? 0) && at <= (time[length - 1] ?? 0))) return undefined;
    const index = this.#rowAtOrAfter(at);
    if (time[index] === at) return { index, onClose: true };
    return this.live[index] === 1 ? { index, onClose: false } : undefined;
  }

  /** The newest value of a column that was known at `at`; undefined where there is no market. */
  known(column: Float64Array, at: EpochMs): number | undefined {
    const place = this.locate(at);
    if (place === undefined) return undefined;
    const value = column[place.onClose ? place.index : place.index - 1];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  startOf(index: number): number {
    return this.bars.time[index - 1] ?? 0;
  }

  lengthOf(index: number): number {
    return (this.bars.time[index] ?? 0) - this.startOf(index);
  }

  #rowAtOrAfter(at: number): number {
    const { time } = this.bars;
    // Most questions are about the bar of the question before, or the one after it.
    for (let index = this.#last; index <= this.#last + 1; index += 1) {
      if (at > (time[index - 1] ?? Number.NEGATIVE_INFINITY) && at <= (time[index] ?? Number.NEGATIVE_INFINITY)) return (this.#last = index);
    }
    const after = firstAbove(time, at);
    this.#last = time[after - 1] === at ? after - 1 : after;
    return this.#last;
  }

  #countOddCandles(): number {
    const count = (venue: VenueId, candles: Ohlc | undefined): number => {
      if (candles === undefined) return 0;
      let odd = 0;
      for (let index = 1; index < this.bars.length; index += 1) {
        const given = candles.high[index] !== undefined && !Number.isNaN(candles.high[index]);
        if (given && this.live[index] === 1 && this.candle(venue, index) === undefined) odd += 1;
      }
      return odd;
    };
    return count('upbit', this.bars.upbitOhlc) + count('binance', this.bars.binanceOhlc);
  }
}
