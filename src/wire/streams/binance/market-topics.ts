import { assertNever } from '../../../core/assert.js';
import { epochMs } from '../../../core/units.js';
import { BINANCE_FRAMES } from '../../../sim/candle-frames.js';
import type { BinanceStreamSource } from '../../../sim/stream-sources.js';
import type { Beats } from '../beat.js';
import { BookChanges } from '../book-changes.js';
import type { Belonging } from '../stream-link.js';
import { Topic, type Emit } from '../topic.js';
import {
  aggTrade,
  bookTicker,
  depthUpdate,
  forceOrder,
  kline,
  markPriceUpdate,
  miniTicker,
  partialDepth,
  ticker,
  trade,
  type BinanceMessage,
} from './market-messages.js';
import { parseStreamName, type MarketStream, type StreamName } from './stream-name.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** How often what the venue sends as it happens is looked for. */
const LIVE_MS = 100;
const TICKER_MS = 2_000;
const KLINE_MS = 250;
/** Candles longer than an hour are put together of many bars: once a second will do. */
const LONG_KLINE_MS = 1_000;
const LONG_FROM_MS = 3_600_000;

/** A market stream and what it carries. */
export interface MarketTopic {
  readonly name: StreamName;
  readonly topic: Topic<BinanceMessage | readonly BinanceMessage[]>;
}

const BOOK: Belonging = { channels: ['book'], isPublic: true };
const TRADES: Belonging = { channels: ['trades'], isPublic: true };

/** Every market stream of Binance, made of the simulated book, its past and what happens to positions. */
export class BinanceMarketTopics {
  readonly #source: BinanceStreamSource;
  readonly #beats: Beats;
  readonly #topics = new Map<string, MarketTopic>();

  constructor(source: BinanceStreamSource, beats: Beats) {
    this.#source = source;
    this.#beats = beats;
  }

  /** @returns undefined for a name that no stream can have. */
  topic(text: string): MarketTopic | undefined {
    const known = this.#topics.get(text);
    if (known !== undefined) return known;
    const name = parseStreamName(text);
    if (name === undefined) return undefined;
    const { stream, isList, isSilent } = name;
    const belonging = stream.kind === 'trade' || stream.kind === 'aggTrade' ? TRADES : BOOK;
    const start = (emit: Emit<BinanceMessage | readonly BinanceMessage[]>): (() => void) =>
      isSilent ? () => undefined : this.#start(stream, (message) => emit(isList ? [message] : message));
    const made: MarketTopic = { name, topic: new Topic(belonging, start) };
    this.#topics.set(text, made);
    return made;
  }

  #start(stream: MarketStream, emit: Emit<BinanceMessage>): () => void {
    switch (stream.kind) {
      case 'depth':
        return this.#depth(stream, emit);
      case 'bookTicker':
        return this.#bookTicker(emit);
      case 'aggTrade':
        return this.#trades(aggTrade, emit);
      case 'trade':
        return this.#trades(trade, emit);
      case 'markPrice':
        return this.#beats.every(stream.everyMs, (at) =>
          present(markPriceUpdate(at, this.#source.venue.mark(), this.#source.market.nextFunding(at)), emit),
        );
      case 'kline':
        return this.#kline(stream.interval, emit);
      case 'ticker':
      case 'miniTicker':
        return this.#ticker(stream.kind, emit);
      case 'forceOrder':
        return this.#source.feed.listen((event) => {
          if (event.kind === 'forced' && event.trade.kind !== 'external') emit(forceOrder(this.#source.now(), event.trade));
        });
      default:
        return assertNever(stream);
    }
  }

  #depth({ rateMs, levels }: Extract<MarketStream, { kind: 'depth' }>, emit: Emit<BinanceMessage>): () => void {
    const { liquidity, now } = this.#source;
    const changes = new BookChanges(liquidity, now());
    const stop = this.#beats.every(rateMs, (at) => {
      const diff = changes.take(at);
      if (diff === undefined) return;
      emit(levels === undefined ? depthUpdate(at, diff) : partialDepth(at, diff, liquidity.book(epochMs(diff.last)), levels));
    });
    return () => {
      stop();
      changes.stop();
    };
  }

  #bookTicker(emit: Emit<BinanceMessage>): () => void {
    let told: string | undefined;
    return this.#beats.every(LIVE_MS, (at) => {
      const message = bookTicker(at, at, this.#source.liquidity.book(at));
      if (message === undefined) return;
      const best = [message['b'], message['B'], message['a'], message['A']].join();
      if (best !== told) emit(message);
      told = best;
    });
  }

  #trades(body: typeof trade, emit: Emit<BinanceMessage>): () => void {
    let from: number = this.#source.now();
    return this.#beats.every(LIVE_MS, (at) => {
      // This millisecond is not over yet.
      for (const print of this.#source.history.prints(from, at - 1)) emit(body(at, print));
      from = at;
    });
  }

  #kline(interval: string, emit: Emit<BinanceMessage>): () => void {
    const frame = BINANCE_FRAMES[interval];
    if (frame === undefined) return () => undefined;
    const isLong = frame.next(0) - frame.startOf(0) > LONG_FROM_MS;
    let told = '';
    return this.#beats.every(isLong ? LONG_KLINE_MS : KLINE_MS, (at) => {
      const candle = this.#source.history.candle(frame, frame.startOf(at - 1));
      if (candle === undefined) return;
      const message = kline(at, interval, candle);
      const text = JSON.stringify(message['k']);
      if (text !== told) emit(message);
      told = text;
    });
  }

  #ticker(kind: 'ticker' | 'miniTicker', emit: Emit<BinanceMessage>): () => void {
    return this.#beats.every(TICKER_MS, (at) => {
      const { history } = this.#source;
      const day = history.between(epochMs(at - DAY_MS), at);
      if (day === undefined) return;
      emit(kind === 'miniTicker' ? miniTicker(at, day) : ticker(at, day, history.printsBefore(at, 1, at - MINUTE_MS)[0]));
    });
  }
}

function present(message: BinanceMessage | undefined, emit: Emit<BinanceMessage>): void {
  if (message !== undefined) emit(message);
}
