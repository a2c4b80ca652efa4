import { fixed, fixedFromNumber, mulDiv, ONE, type Btc, type Fixed } from '../core/money.js';
import { uniformAt, type StreamKey } from '../core/random.js';
import { epochMs, type EpochMs, type Side } from '../core/units.js';
import type { MarketBar } from '../market/market-view.js';
import type { CandleFrame } from './candle-frames.js';

/** The market trades once in each of these (docs/wire.md, assumed). */
const PRINT_MS = 1_000;
const MINUTE_MS = 60_000;
/** How often a stretch without bars is looked at for its highest and lowest price. */
const SAMPLES = 30;

/** A trade that took from the book: of the market itself, or ours. */
export interface Print {
  readonly id: number;
  readonly at: EpochMs;
  readonly price: Fixed<string>;
  readonly quantity: Btc;
  /** Of whoever took. */
  readonly side: Side;
}

/** What happened at one venue in [start, end), as far as it has happened. */
export interface Candle {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly open: Fixed<string>;
  readonly high: Fixed<string>;
  readonly low: Fixed<string>;
  readonly close: Fixed<string>;
  readonly volume: Btc;
  /** Volume at the mean of its four prices: no data says more. */
  readonly quote: bigint;
  readonly trades: number;
  /** Of the last trade. */
  readonly lastAt: EpochMs;
}

export interface HistorySource {
  readonly key: StreamKey;
  /** First instant that the market knows. */
  readonly from: EpochMs;
  /** BTC that the market trades in a second where the data has no volumes: an assumption. */
  readonly volumePerSecond: number;
  now(): EpochMs;
  mid(at: EpochMs): number | undefined;
  /** Bars of the data that closed in (from, to]. */
  bars(from: EpochMs, to: EpochMs): readonly MarketBar[];
  /** A fault moves the price at `at`, so that a bar of the data does not tell it. */
  isMoved(at: EpochMs): boolean;
  /** The nearest price that an order could have. */
  onTick(price: Fixed<string>, towards: 'near' | 'up' | 'down'): Fixed<string>;
}

/** A stretch of time while it is put together. */
interface Stretch {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  seconds: number;
}

/**
 * What a venue tells of the past: candles and trades of the market as the run has it, and our own. It never looks beyond the
 * present, and in a gap of the data it has nothing to tell.
 */
export class MarketHistory {
  readonly #source: HistorySource;
  readonly #ours: Print[] = [];

  constructor(source: HistorySource) {
    this.#source = source;
  }

  get from(): EpochMs {
    return this.#source.from;
  }

  /** The price of an instant that has been; undefined in a gap. */
  priceAt(at: EpochMs): Fixed<string> | undefined {
    const mid = at > this.#source.now() ? undefined : this.#source.mid(at);
    return mid === undefined ? undefined : fixedFromNumber(mid);
  }

  /** A trade of ours: the market sees it like any other. @param side - of whoever took. */
  traded(price: Fixed<string>, quantity: Btc, side: Side): void {
    const at = this.#source.now();
    const before = this.#ours.at(-1);
    const place = before?.at === at ? (before.id % 10) + 1 : 1;
    this.#ours.push({ id: at * 10 + Math.min(place, 9), at, price, quantity, side });
  }

  /** Up to `limit` candles that begin at or after `from` and not after `last`, oldest first. */
  candlesFrom(frame: CandleFrame, from: number, last: number, limit: number): readonly Candle[] {
    const end = Math.min(last, this.#source.now());
    const found: Candle[] = [];
    const earliest = Math.max(from, this.#firstStart(frame));
    let start = frame.startOf(earliest);
    if (start < earliest) start = frame.next(start);
    for (; start <= end && found.length < limit; start = frame.next(start)) {
      const candle = this.candle(frame, start);
      if (candle !== undefined) found.push(candle);
    }
    return found;
  }

  /** The last `limit` candles that begin before `before`, newest first. */
  candlesBefore(frame: CandleFrame, before: number, limit: number): readonly Candle[] {
    const now = this.#source.now();
    const earliest = this.#firstStart(frame);
    const found: Candle[] = [];
    let start = frame.startOf(Math.min(before - 1, now));
    for (; start >= earliest && found.length < limit; start = frame.previous(start)) {
      const candle = this.candle(frame, start);
      if (candle !== undefined) found.push(candle);
    }
    return found;
  }

  /** Undefined where nothing traded: before the first instant, after the present, in a gap. */
  candle(frame: CandleFrame, start: number): Candle | undefined {
    return this.between(epochMs(start), epochMs(frame.next(start)));
  }

  /** What happened in [from, to), as a candle. */
  between(from: EpochMs, to: EpochMs): Candle | undefined {
    const end = epochMs(Math.min(to, this.#source.now()));
    const stretch = this.#stretch(from, end);
    const ours = this.#oursIn(from, to);
    if (stretch === undefined && ours.length === 0) return undefined;
    const price = (value: number): bigint => this.#source.onTick(fixedFromNumber(value), 'near');
    const prices =
      stretch === undefined ? ours.map((print) => print.price as bigint) : [stretch.open, stretch.high, stretch.low, stretch.close].map(price);
    const [open = 0n] = prices;
    const close = prices.at(-1) ?? 0n;
    const all = [...prices, ...ours.map((print) => print.price as bigint)];
    const high = all.reduce((a, b) => (a > b ? a : b));
    const low = all.reduce((a, b) => (a < b ? a : b));
    const volume = fixed<Btc>(fixedFromNumber(stretch?.volume ?? 0) + ours.reduce((sum, print) => sum + print.quantity, 0n));
    return {
      start: from,
      end: to,
      open: fixed(open),
      high: fixed(high),
      low: fixed(low),
      close: fixed(close),
      volume,
      quote: mulDiv((open + high + low + close) / 4n, volume, ONE, 'half-up'),
      trades: Math.round(stretch?.seconds ?? 0) + ours.length,
      lastAt: epochMs(Math.min(end, to - 1)),
    };
  }

  /** Trades of [from, to], oldest first; `to` is at most the present. */
  prints(from: number, to: number): readonly Print[] {
    const end = Math.min(to, this.#source.now());
    const found: Print[] = [];
    let size: { readonly minute: number; readonly quantity: Btc } | undefined;
    for (let second = Math.floor(Math.max(from, this.#source.from) / PRINT_MS); second * PRINT_MS <= end; second += 1) {
      const at = this.#printAt(second);
      if (at < from || at > end) continue;
      const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
      if (size?.minute !== minute) size = { minute, quantity: this.#printSize(minute) };
      const print = this.#print(at, size.quantity);
      if (print !== undefined) found.push(print);
    }
    const ours = this.#ours.filter(({ at }) => at >= from && at <= end);
    return ours.length === 0 ? found : [...found, ...ours].sort((a, b) => a.id - b.id);
  }

  /** The last `limit` trades up to `to`, newest first, not older than `earliest`. */
  printsBefore(to: number, limit: number, earliest: number): readonly Print[] {
    const found: Print[] = [];
    const oldest = Math.max(earliest, this.#source.from);
    let end = Math.min(to, this.#source.now());
    while (end >= oldest && found.length < limit) {
      const start = Math.max(oldest, end - limit * PRINT_MS);
      found.push(...[...this.prints(start, end)].reverse());
      end = start - 1;
    }
    return found.slice(0, limit);
  }

  /** The first instant that is known ends a bar. */
  #firstStart(frame: CandleFrame): number {
    return frame.startOf(this.#source.from - 1);
  }

  #oursIn(from: number, to: number): readonly Print[] {
    return this.#ours.length === 0 ? [] : this.#ours.filter(({ at }) => at >= from && at < to);
  }

  /** (from, to] of the market, put together of whole bars where they tell it and of single looks at the price elsewhere. */
  #stretch(from: EpochMs, to: EpochMs): Stretch | undefined {
    if (to <= from) return undefined;
    const source = this.#source;
    let stretch: Stretch | undefined;
    let cursor = from;
    const add = (part: Stretch | undefined): void => {
      if (part !== undefined) stretch = stretch === undefined ? part : joined(stretch, part);
    };
    for (const bar of source.bars(from, to)) {
      const isWhole = bar.from >= cursor && !source.isMoved(bar.to) && !source.isMoved(bar.from);
      if (isWhole) {
        if (bar.from > cursor) add(this.#looked(cursor, bar.from));
        if (bar.volume !== 0) add(this.#ofBar(bar));
      } else add(this.#looked(cursor, bar.to));
      cursor = bar.to;
    }
    if (cursor < to) add(this.#looked(cursor, to));
    return stretch;
  }

  #ofBar({ from, to, open, high, low, close, volume }: MarketBar): Stretch {
    const seconds = (to - from) / PRINT_MS;
    return { open, high, low, close, volume: volume ?? seconds * this.#source.volumePerSecond, seconds };
  }

  /** (from, to] by looking at it a few times; undefined in a gap. */
  #looked(from: EpochMs, to: EpochMs): Stretch | undefined {
    const looks = Math.min(SAMPLES, to - from);
    let stretch: Stretch | undefined;
    for (let look = 1; look <= looks; look += 1) {
      const price = this.#source.mid(epochMs(from + Math.round(((to - from) * look) / looks)));
      if (price === undefined) continue;
      const seconds = (to - from) / looks / PRINT_MS;
      const part = { open: price, high: price, low: price, close: price, volume: seconds * this.#source.volumePerSecond, seconds };
      stretch = stretch === undefined ? part : joined(stretch, part);
    }
    return stretch;
  }

  #printAt(second: number): number {
    return second * PRINT_MS + Math.floor(uniformAt(this.#source.key, second) * PRINT_MS);
  }

  /** One trade a second of the even share of the bar before: the bar under way does not know its volume yet. */
  #printSize(at: number): Btc {
    const bars = this.#source.bars(epochMs(at - 3_600_000), epochMs(at));
    const last = bars.at(-1);
    const rate = last?.volume === undefined ? this.#source.volumePerSecond : (last.volume * PRINT_MS) / (last.to - last.from);
    return fixedFromNumber<Btc>(Math.max(rate, 1e-8));
  }

  #print(at: number, quantity: Btc): Print | undefined {
    const mid = this.#source.mid(epochMs(at));
    if (mid === undefined) return undefined;
    const side: Side = uniformAt(this.#source.key, at) < 0.5 ? 'buy' : 'sell';
    const price = this.#source.onTick(fixedFromNumber(mid), side === 'buy' ? 'up' : 'down');
    return { id: at * 10, at: epochMs(at), price, quantity, side };
  }
}

const joined = (a: Stretch, b: Stretch): Stretch => ({
  open: a.open,
  high: Math.max(a.high, b.high),
  low: Math.min(a.low, b.low),
  close: b.close,
  volume: a.volume + b.volume,
  seconds: a.seconds + b.seconds,
});
