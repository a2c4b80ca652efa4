import { max, min, toNumber, type Fixed } from '../core/money.js';
import { epochMs, type EpochMs } from '../core/units.js';
import { UPBIT_FRAMES } from './candle-frames.js';
import { either, type Candle, type MarketHistory } from './market-history.js';
import { changeRate, type QuotedMarket } from './upbit-quotation-bodies.js';

type Body = Record<string, unknown>;
const DAY_MS = 86_400_000;
const YEAR_DAYS = 364;
const KST_OFFSET_MS = 9 * 3_600_000;

/** A row of `GET /v1/ticker`. @param price - of the last trade; undefined in a gap of the data. */
export function tickerBody(market: QuotedMarket, history: MarketHistory, price: Fixed<string> | undefined, at: EpochMs): Body {
  const dayStart = epochMs(Math.floor(at / DAY_MS) * DAY_MS);
  const today = history.between(dayStart, at);
  const day = history.between(epochMs(at - DAY_MS), at);
  const previous = UPBIT_FRAMES['days'] === undefined ? undefined : history.candlesBefore(UPBIT_FRAMES['days'], dayStart, 1)[0];
  const last = price ?? today?.close;
  const body = {
    market,
    ...datesOf(at),
    trade_timestamp: at,
    opening_price: shown(today?.open ?? last),
    high_price: shown(either(max, today?.high, last)),
    low_price: shown(either(min, today?.low, last)),
    trade_price: shown(price),
    ...changeFields(last, previous?.close ?? today?.open ?? last),
    trade_volume: toNumber(history.printsBefore(at, 1, at - DAY_MS)[0]?.quantity ?? 0n),
    ...volumeFields(today, day),
    timestamp: at,
  };
  // Spread, they would be read at once.
  return Object.defineProperties(body, Object.getOwnPropertyDescriptors(yearOf(history, today, dayStart)));
}

const shown = (value: Fixed<string> | undefined): number | null => (value === undefined ? null : toNumber(value));

function changeFields(last: Fixed<string> | undefined, before: Fixed<string> | undefined): Body {
  const isKnown = last !== undefined && before !== undefined;
  const change = isKnown ? toNumber(last - before) : 0;
  const rate = isKnown ? changeRate(last, before) : 0;
  return {
    prev_closing_price: shown(before),
    change: change > 0 ? 'RISE' : change < 0 ? 'FALL' : 'EVEN',
    change_price: Math.abs(change),
    change_rate: Math.abs(rate),
    signed_change_price: change,
    signed_change_rate: rate,
  };
}

const volumeFields = (today: Candle | undefined, day: Candle | undefined): Body => ({
  acc_trade_price: toNumber(today?.quote ?? 0n),
  acc_trade_price_24h: toNumber(day?.quote ?? 0n),
  acc_trade_volume: toNumber(today?.volume ?? 0n),
  acc_trade_volume_24h: toNumber(day?.volume ?? 0n),
});

function datesOf(at: number): Body {
  const compact = (time: number): readonly [string, string] => {
    const [date = '', clock = ''] = new Date(time).toISOString().split('T');
    return [date.replaceAll('-', ''), clock.slice(0, 8).replaceAll(':', '')];
  };
  const [date, time] = compact(at);
  const [dateKst, timeKst] = compact(at + KST_OFFSET_MS);
  return { trade_date: date, trade_time: time, trade_date_kst: dateKst, trade_time_kst: timeKst };
}

/** The extremes of 52 weeks, of as many of them as the data has; a year is only looked through when somebody reads them. */
function yearOf(history: MarketHistory, today: Candle | undefined, dayStart: EpochMs): Body {
  let found: { readonly high: Candle; readonly low: Candle } | undefined;
  const year = (): typeof found => {
    const frame = UPBIT_FRAMES['days'];
    const days = [...(today === undefined ? [] : [today]), ...(frame === undefined ? [] : history.candlesBefore(frame, dayStart, YEAR_DAYS))];
    const [first, ...rest] = days;
    if (found === undefined && first !== undefined)
      found = {
        high: rest.reduce((best, next) => (next.high > best.high ? next : best), first),
        low: rest.reduce((best, next) => (next.low < best.low ? next : best), first),
      };
    return found;
  };
  const dateOf = (candle: Candle | undefined): string | null => (candle === undefined ? null : new Date(candle.start).toISOString().slice(0, 10));
  return {
    get highest_52_week_price() {
      return toNumber(year()?.high.high ?? 0n);
    },
    get highest_52_week_date() {
      return dateOf(year()?.high);
    },
    get lowest_52_week_price() {
      return toNumber(year()?.low.low ?? 0n);
    },
    get lowest_52_week_date() {
      return dateOf(year()?.low);
    },
  };
}
