import { assertNever } from '../../../core/assert.js';
import { epochMs, type EpochMs } from '../../../core/units.js';
import { UPBIT_FRAMES, type CandleFrame } from '../../../sim/candle-frames.js';
import type { UpbitStreamSource } from '../../../sim/stream-sources.js';
import type { Beats } from '../beat.js';
import type { Belonging } from '../stream-link.js';
import { Topic, type Emit } from '../topic.js';
import { candleMessage, orderbookMessage, tickerMessage, tradeMessage, type StreamType, type UpbitDay, type UpbitMessage } from './upbit-messages.js';
import type { UpbitType } from './upbit-request.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 364 * DAY_MS;
/** How often the venue looks for what is new. */
const LIVE_MS = 100;
const CANDLE_MS = 1_000;
/** The highest and lowest price of a year are worked out anew this seldom. */
const YEAR_LOOK_MS = 60_000;

/** A public stream of one market: what it says now, and what it says as things happen. */
export interface UpbitTopic {
  readonly topic: Topic<UpbitMessage>;
  snapshot(): UpbitMessage | undefined;
}

/** What of an order book is listened to. */
interface BookView {
  readonly units: number;
  readonly level: number;
}

const BOOK: Belonging = { channels: ['book'], isPublic: true };
const TRADES: Belonging = { channels: ['trades'], isPublic: true };
/** Nothing of the kind is there: a market without one, a grouping that does not exist. */
type Look = (at: EpochMs, stream: StreamType) => UpbitMessage | undefined;

/** Every public stream of Upbit's KRW-BTC, made of the simulated book and its past. */
export class UpbitMarketTopics {
  readonly #source: UpbitStreamSource;
  readonly #beats: Beats;
  readonly #topics = new Map<string, UpbitTopic>();
  #year: { readonly candle: UpbitDay['year']; readonly at: number } | undefined;

  constructor(source: UpbitStreamSource, beats: Beats) {
    this.#source = source;
    this.#beats = beats;
  }

  topic(type: Exclude<UpbitType, 'myOrder' | 'myAsset'>, view: BookView): UpbitTopic {
    const key = typeof type === 'object' ? `candle/${type.candle}` : type === 'orderbook' ? `${type}/${view.units}/${view.level}` : type;
    let found = this.#topics.get(key);
    if (found === undefined) {
      found = this.#make(type, view);
      this.#topics.set(key, found);
    }
    return found;
  }

  #make(type: Exclude<UpbitType, 'myOrder' | 'myAsset'>, view: BookView): UpbitTopic {
    if (typeof type === 'object') {
      const frame = UPBIT_FRAMES[type.candle === '1s' ? 'seconds' : `minutes/${Number.parseInt(type.candle, 10)}`];
      return this.#changing(BOOK, CANDLE_MS, (at, stream) => (frame === undefined ? undefined : this.#candle(type.candle, frame, at, stream)));
    }
    switch (type) {
      case 'orderbook':
        return this.#changing(BOOK, LIVE_MS, (at, stream) => orderbookMessage(at, this.#source.liquidity.book(at), view, stream));
      case 'ticker':
        return { topic: new Topic(BOOK, (emit) => this.#tickers(emit)), snapshot: () => this.#ticker(this.#source.now(), 'SNAPSHOT') };
      case 'trade':
        return { topic: new Topic(TRADES, (emit) => this.#trades(emit)), snapshot: () => this.#lastTrade() };
      default:
        return assertNever(type);
    }
  }

  /** Said again whenever it says something else. */
  #changing(belonging: Belonging, everyMs: number, look: Look): UpbitTopic {
    const start = (emit: Emit<UpbitMessage>): (() => void) => {
      let told = textOf(look(this.#source.now(), 'REALTIME'));
      return this.#beats.every(everyMs, (at) => {
        const message = look(at, 'REALTIME');
        const text = textOf(message);
        if (message !== undefined && text !== told) emit(message);
        told = text;
      });
    };
    return { topic: new Topic(belonging, start), snapshot: () => look(this.#source.now(), 'SNAPSHOT') };
  }

  #candle(unit: string, frame: CandleFrame, at: EpochMs, stream: StreamType): UpbitMessage | undefined {
    // Of a stretch in which nothing has happened yet the one before is shown.
    const [candle] = this.#source.history.candlesBefore(frame, at, 1);
    return candle === undefined ? undefined : candleMessage(unit, candle, stream);
  }

  #tickers(emit: Emit<UpbitMessage>): () => void {
    return this.#afterTrades((at) => {
      const message = this.#ticker(at, 'REALTIME');
      if (message !== undefined) emit(message);
    });
  }

  #trades(emit: Emit<UpbitMessage>): () => void {
    return this.#afterTrades((at, prints) => {
      for (const print of prints) emit(tradeMessage(at, print, this.#previousClose(print), this.#source.liquidity.book(print.at), 'REALTIME'));
    });
  }

  #afterTrades(act: (at: EpochMs, prints: readonly UpbitDay['last'][]) => void): () => void {
    let from: number = this.#source.now();
    return this.#beats.every(LIVE_MS, (at) => {
      // This millisecond is not over yet.
      const prints = this.#source.history.prints(from, at - 1);
      from = at;
      if (prints.length > 0) act(at, prints);
    });
  }

  #lastTrade(): UpbitMessage | undefined {
    const { history, liquidity, now } = this.#source;
    const last = this.#last(now());
    return last === undefined
      ? undefined
      : tradeMessage(now(), last, this.#previousClose(last), liquidity.book(epochMs(Math.max(last.at, history.from))), 'SNAPSHOT');
  }

  #last(at: EpochMs): UpbitDay['last'] | undefined {
    return this.#source.history.printsBefore(at, 1, at - DAY_MS)[0];
  }

  #previousClose(print: UpbitDay['last']): UpbitDay['previousClose'] {
    const days = UPBIT_FRAMES['days'];
    return (days === undefined ? undefined : this.#source.history.candlesBefore(days, days.startOf(print.at), 1)[0]?.close) ?? print.price;
  }

  #ticker(at: EpochMs, stream: StreamType): UpbitMessage | undefined {
    const { history } = this.#source;
    const days = UPBIT_FRAMES['days'];
    const last = this.#last(at);
    const lastDay = history.between(epochMs(at - DAY_MS), epochMs(at + 1));
    if (last === undefined || lastDay === undefined || days === undefined) return undefined;
    const today = history.candle(days, days.startOf(at)) ?? lastDay;
    return tickerMessage(at, { today, lastDay, previousClose: this.#previousClose(last), last, year: this.#yearAt(at) ?? lastDay }, stream);
  }

  #yearAt(at: EpochMs): UpbitDay['year'] | undefined {
    if (this.#year === undefined || at - this.#year.at >= YEAR_LOOK_MS) {
      const candle = this.#source.history.between(epochMs(at - YEAR_MS), at);
      this.#year = candle === undefined ? undefined : { candle, at };
    }
    return this.#year?.candle;
  }
}

/** Without the times of saying it. */
const textOf = (message: UpbitMessage | undefined): string => JSON.stringify({ ...message, timestamp: 0, stream_type: '' });
