import { UPBIT_FRAMES } from './candle-frames.js';
import { queryOf } from './ccxt-local.js';
import type { ClientCall } from './client-call.js';
import type { MarketHistory } from './market-history.js';
import { candleBody, dayFields, tickBody, type QuotedMarket } from './upbit-quotation-bodies.js';
import { accepted, refused, type VenueReply } from './venue-reply.js';

const COUNT_MAX = 200;
const TICKS_MAX = 500;
const DAY_MS = 86_400_000;
/** Candles of a second are kept so long. */
const SECONDS_KEPT_MS = 92 * DAY_MS;
const INVALID = refused(400, '400', 'Invalid parameter. Check the given value!');
/** `2025-06-24T04:56:53Z`, `2025-06-24 04:56:53` or with an offset; without one it is UTC. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(Z|[+-]\d{2}:?\d{2})?$/;

/** What of the world Upbit's quotation of the past is made of. */
export interface UpbitData {
  now(): number;
  /** Undefined for a market that is not quoted now. */
  history(market: string): MarketHistory | undefined;
}

type Query = Readonly<Record<string, string | undefined>>;

/** The past of the market as Upbit tells it: nothing of it needs a key. */
export class UpbitHistoryCalls {
  readonly #data: UpbitData;

  constructor(data: UpbitData) {
    this.#data = data;
  }

  /** `GET /v1/candles/seconds`, `minutes/<unit>`, `days`, `weeks`, `months`, `years`. @param period - what stands behind `candles/`. */
  candles(period: string, query: Query): ClientCall {
    return this.#call('fetchOHLCV', `GET /v1/candles/${period}`, query, (market, history) => this.#candlesIn(period, query, market, history));
  }

  /** `GET /v1/trades/ticks` */
  ticks(query: Query): ClientCall {
    return this.#call('fetchTrades', 'GET /v1/trades/ticks', query, (market, history) => this.#ticksIn(query, market, history));
  }

  #candlesIn(period: string, query: Query, market: QuotedMarket, history: MarketHistory): VenueReply {
    const frame = UPBIT_FRAMES[period];
    const count = countIn(query['count'], COUNT_MAX);
    const before = query['to'] === undefined || query['to'] === '' ? Infinity : instantIn(query['to']);
    if (frame === undefined || count === undefined || before === undefined) return INVALID;
    const found = history.candlesBefore(frame, before, count);
    const now = this.#data.now();
    if (period === 'seconds')
      return accepted(found.filter(({ start }) => start >= now - SECONDS_KEPT_MS).map((candle) => candleBody(market, candle)));
    const [unit] = period.startsWith('minutes/') ? [Number(period.slice('minutes/'.length))] : [];
    if (unit !== undefined) return accepted(found.map((candle) => ({ ...candleBody(market, candle), unit })));
    if (period !== 'days')
      return accepted(
        found.map((candle) => ({ ...candleBody(market, candle), first_day_of_period: new Date(candle.start).toISOString().slice(0, 10) })),
      );
    const convertedTo = query['converting_price_unit'] ?? query['convertingPriceUnit'];
    const dayBefore = (start: number): ReturnType<MarketHistory['candle']> => history.candlesBefore(frame, start, 1)[0];
    return accepted(
      found.map((candle, index) => ({
        ...candleBody(market, candle),
        ...dayFields(candle, found[index + 1] ?? dayBefore(candle.start), convertedTo),
      })),
    );
  }

  #ticksIn(query: Query, market: QuotedMarket, history: MarketHistory): VenueReply {
    const count = countIn(query['count'], TICKS_MAX);
    const cursor = query['cursor'];
    const daysAgo = query['days_ago'] ?? query['daysAgo'];
    if (count === undefined || (cursor !== undefined && !/^\d+$/.test(cursor)) || (daysAgo !== undefined && !/^[1-7]$/.test(daysAgo))) return INVALID;
    const now = this.#data.now();
    const day = Math.floor(now / DAY_MS) * DAY_MS - Number(daysAgo ?? 0) * DAY_MS;
    const time = timeOfDay(query['to']);
    if (time === 'bad') return INVALID;
    let end = daysAgo === undefined ? now : day + DAY_MS - 1;
    if (time !== undefined) end = day + time - 1;
    // A cursor is an id, and an id ten times its millisecond.
    if (cursor !== undefined) end = Math.min(end, Math.floor((Number(cursor) - 1) / 10));
    const days = UPBIT_FRAMES['days'];
    const previous = days === undefined ? undefined : history.candlesBefore(days, days.startOf(Math.min(end, now)), 1)[0]?.close;
    return accepted(history.printsBefore(end, count, day).map((print) => tickBody(market, print, previous)));
  }

  #call(
    method: 'fetchOHLCV' | 'fetchTrades',
    request: NonNullable<ClientCall['request']>,
    query: Query,
    answer: (market: QuotedMarket, history: MarketHistory) => VenueReply,
  ): ClientCall {
    return {
      method,
      request,
      endpoint: { cost: 2, scope: 'market', weight: 1 },
      facts: {},
      query: queryOf(query),
      perform: (_context, respond) => {
        const market = query['market'] ?? '';
        const history = this.#data.history(market);
        respond(history === undefined ? refused(404, '404', 'Code not found') : answer(market as QuotedMarket, history));
      },
    };
  }
}

/** One unless given; more than there may be is cut without a word. */
function countIn(text: string | undefined, most: number): number | undefined {
  if (text === undefined || text === '') return 1;
  return /^\d+$/.test(text) && Number(text) > 0 ? Math.min(Number(text), most) : undefined;
}

function instantIn(text: string): number | undefined {
  const [, date, time, zone = 'Z'] = INSTANT.exec(text) ?? [];
  const at = date === undefined || time === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}

/** `HHmmss` or `HH:mm:ss` in milliseconds of the day. */
function timeOfDay(text: string | undefined): number | 'bad' | undefined {
  if (text === undefined || text === '') return undefined;
  const [, hours, minutes, seconds] = /^([01]\d|2[0-3]):?([0-5]\d):?([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined ? 'bad' : ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}
