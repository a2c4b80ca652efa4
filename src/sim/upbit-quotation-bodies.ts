import { toNumber, type Fixed } from '../core/money.js';
import { UPBIT_MARKET } from './upbit-order.js';
import type { Candle, Print } from './market-history.js';

type Body = Record<string, unknown>;
const KST_OFFSET_MS = 9 * 3_600_000;

/** Quoted where the data has it; it cannot be traded here and has no book. */
export const USDT_MARKET = 'KRW-USDT';
/** A market whose past Upbit tells. */
export type QuotedMarket = 'KRW-BTC' | typeof USDT_MARKET;

const CAUTIONS = [
  'PRICE_FLUCTUATIONS',
  'TRADING_VOLUME_SOARING',
  'DEPOSIT_AMOUNT_SOARING',
  'GLOBAL_PRICE_DIFFERENCES',
  'CONCENTRATION_OF_SMALL_ACCOUNTS',
];

/** `GET /v1/market/all`; nothing is ever warned of. */
export function marketsBody(withUsdt: boolean, withDetails: boolean): Body[] {
  const details = withDetails ? { market_event: { warning: false, caution: Object.fromEntries(CAUTIONS.map((name) => [name, false])) } } : {};
  return [
    { market: UPBIT_MARKET, korean_name: '비트코인', english_name: 'Bitcoin', ...details },
    ...(withUsdt ? [{ market: USDT_MARKET, korean_name: '테더', english_name: 'Tether', ...details }] : []),
  ];
}

const utcSecond = (at: number): string => new Date(at).toISOString().slice(0, 19);

/** What every candle has, whatever its length. */
export const candleBody = (market: QuotedMarket, candle: Candle): Body => ({
  market,
  candle_date_time_utc: utcSecond(candle.start),
  candle_date_time_kst: utcSecond(candle.start + KST_OFFSET_MS),
  opening_price: toNumber(candle.open),
  high_price: toNumber(candle.high),
  low_price: toNumber(candle.low),
  trade_price: toNumber(candle.close),
  timestamp: candle.lastAt,
  candle_acc_trade_price: toNumber(candle.quote),
  candle_acc_trade_volume: toNumber(candle.volume),
});

/** What a candle of a day adds; the first day of the data has no day before it and is compared with its own opening. */
export function dayFields(candle: Candle, before: Candle | undefined, convertedTo: string | undefined): Body {
  const previous = before?.close ?? candle.open;
  return {
    prev_closing_price: toNumber(previous),
    change_price: toNumber(candle.close - previous),
    change_rate: changeRate(candle.close, previous),
    ...(convertedTo === undefined ? {} : { converted_trade_price: toNumber(candle.close) }),
  };
}

/** As a fraction, signed. */
export const changeRate = (price: Fixed<string>, previous: Fixed<string>): number =>
  previous === 0n ? 0 : Number((Number(price - previous) / Number(previous)).toFixed(10));

/** A row of `GET /v1/trades/ticks`. */
export function tickBody(market: QuotedMarket, print: Print, previousClose: Fixed<string> | undefined): Body {
  const previous = previousClose ?? print.price;
  const [date = '', time = ''] = utcSecond(print.at).split('T');
  return {
    market,
    trade_date_utc: date,
    trade_time_utc: time,
    timestamp: print.at,
    trade_price: toNumber(print.price),
    trade_volume: toNumber(print.quantity),
    prev_closing_price: toNumber(previous),
    change_price: toNumber(print.price - previous),
    ask_bid: print.side === 'buy' ? 'BID' : 'ASK',
    sequential_id: print.id,
  };
}
