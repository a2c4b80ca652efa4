import { epochMs } from '../core/units.js';
import type { BinanceData } from './binance-calls.js';
import { aggTradeRow, fundingRateRow, klineRow, priceKlineRow, tradeRow, type FundingSettlement } from './binance-market-bodies.js';
import { isReply, listPart, type ListPart, type ListRule, type WireQuery } from './binance-query.js';
import type { BinanceVenue } from './binance-venue.js';
import { BINANCE_FRAMES } from './candle-frames.js';
import { queryOf } from './ccxt-local.js';
import type { ClientCall } from './client-call.js';
import type { Candle, MarketHistory } from './market-history.js';
import { accepted, refused, type VenueReply } from './venue-reply.js';

const HOUR_MS = 3_600_000;
const KLINES: ListRule = { limitDefault: 500, limitMax: 1_500 };
const AGG_TRADES: ListRule = { limitDefault: 500, limitMax: 1_000, integers: ['fromId'] };
const TRADES: ListRule = { limitDefault: 500, limitMax: 1_000 };
const FUNDING: ListRule = { limitDefault: 100, limitMax: 1_000 };
/** Aggregate trades are kept so long. */
const AGG_TRADES_KEPT_MS = 48 * HOUR_MS;

/** What each of the three kinds of klines is of, and how its rows look. */
const KLINE_KINDS = {
  klines: { path: 'GET /fapi/v1/klines', row: klineRow },
  markPriceKlines: { path: 'GET /fapi/v1/markPriceKlines', row: priceKlineRow },
  indexPriceKlines: { path: 'GET /fapi/v1/indexPriceKlines', row: priceKlineRow },
} as const;

/** The past of the market as Binance tells it: nothing of it needs a key. */
export class BinanceHistoryCalls {
  readonly #venue: BinanceVenue;
  readonly #data: BinanceData;

  constructor(venue: BinanceVenue, data: BinanceData) {
    this.#venue = venue;
    this.#data = data;
  }

  /** `GET /fapi/v1/klines`, or of the mark or the index, which are taken to be one. */
  klines(kind: keyof typeof KLINE_KINDS, query: WireQuery): ClientCall {
    const { path, row } = KLINE_KINDS[kind];
    const history = kind === 'klines' ? this.#data.history : this.#data.marks;
    return this.#call('fetchOHLCV', path, klineWeight(Number(query['limit'] ?? KLINES.limitDefault)), query, () => {
      const frame = BINANCE_FRAMES[query['interval'] ?? ''];
      if (frame === undefined) return refused(400, '-1120', 'Invalid interval.');
      const part = listPart(query, KLINES);
      if (isReply(part)) return part;
      const { startTime, endTime = Infinity, limit } = part;
      const candles: readonly Candle[] =
        startTime === undefined
          ? [...history.candlesBefore(frame, endTime + 1, limit)].reverse()
          : history.candlesFrom(frame, startTime, endTime, limit);
      return accepted(candles.map(row));
    });
  }

  /** `GET /fapi/v1/aggTrades` */
  aggTrades(query: WireQuery): ClientCall {
    return this.#call('fetchTrades', 'GET /fapi/v1/aggTrades', 20, query, () => {
      const part = listPart(query, AGG_TRADES);
      if (isReply(part)) return part;
      const { startTime, endTime } = part;
      if (startTime !== undefined && endTime !== undefined && endTime - startTime >= HOUR_MS)
        return refused(400, '-1127', 'More than 1 hours between startTime and endTime.');
      return accepted(this.#printsIn(part).map(aggTradeRow));
    });
  }

  /** `GET /fapi/v1/trades` */
  trades(query: WireQuery): ClientCall {
    return this.#call('fetchTrades', 'GET /fapi/v1/trades', 5, query, () => {
      const part = listPart(query, TRADES);
      if (isReply(part)) return part;
      return accepted([...this.#data.history.printsBefore(this.#data.now(), part.limit, -Infinity)].reverse().map(tradeRow));
    });
  }

  /** `GET /fapi/v1/fundingRate` */
  fundingRate(query: WireQuery): ClientCall {
    return this.#call('fetchFundingRateHistory', 'GET /fapi/v1/fundingRate', 0, query, () => {
      const part = listPart(query, FUNDING);
      if (isReply(part)) return part;
      return accepted(this.#settlementsIn(part).map(fundingRateRow));
    });
  }

  #printsIn({ limit, startTime, endTime, numbers }: ListPart): ReturnType<MarketHistory['prints']> {
    const { history } = this.#data;
    const now = this.#data.now();
    const oldest = now - AGG_TRADES_KEPT_MS;
    // An id is ten times its millisecond.
    const from = numbers['fromId'] === undefined ? startTime : Math.ceil(numbers['fromId'] / 10);
    if (from === undefined) return [...history.printsBefore(endTime ?? now, limit, oldest)].reverse();
    const found: ReturnType<MarketHistory['prints']>[number][] = [];
    const last = Math.min(endTime ?? now, now);
    // A page at a time: what is asked for may begin long before what is shown of it ends.
    for (let start = Math.max(from, oldest); start <= last && found.length < limit; start += limit * 1_000)
      found.push(...history.prints(start, Math.min(last, start + limit * 1_000 - 1)));
    return found.slice(0, limit);
  }

  /** Settlements of the data up to now, and those that a fault brought about. */
  #settlementsIn({ limit, startTime, endTime }: ListPart): readonly FundingSettlement[] {
    const { market, marks } = this.#data;
    const now = this.#data.now();
    const last = Math.min(endTime ?? now, now);
    const forced = this.#venue.account.forcedFunding.filter(({ at }) => at >= (startTime ?? 0) && at <= last);
    const found: FundingSettlement[] = [];
    let next = market.nextFunding(epochMs(Math.max((startTime ?? marks.from) - 1, 0)));
    while (next !== undefined && next.at <= last && (startTime === undefined || found.length < limit)) {
      found.push({ at: next.at, rate: next.rate, mark: marks.priceAt(next.at) });
      next = market.nextFunding(next.at);
    }
    const all = forced.length === 0 ? found : [...found, ...forced].sort((a, b) => a.at - b.at);
    return startTime === undefined ? all.slice(-limit) : all.slice(0, limit);
  }

  #call(
    method: ClientCall['method'],
    path: NonNullable<ClientCall['request']>,
    weight: number,
    query: WireQuery,
    answer: () => VenueReply,
  ): ClientCall {
    return {
      method,
      request: path,
      endpoint: { cost: 1, scope: 'market', weight },
      facts: {},
      query: queryOf(query),
      perform: (_context, respond) => respond(answer()),
    };
  }
}

/** By how many are asked for. */
function klineWeight(limit: number): number {
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
}
