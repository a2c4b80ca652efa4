import { fixed, max, min, mulDiv, ONE, type Fixed } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { BookSnapshot } from '../market/market-view.js';
import { BINANCE_SYMBOL, withDecimals } from './binance-order.js';
import { either, firstPrintId, type Candle, type Print } from './market-history.js';

type Body = Record<string, unknown>;
const DAY_MS = 86_400_000;

/** A row of `GET /fapi/v1/klines`; half of what was traded is said to have been taken by buyers. */
export function klineRow({ start, end, open, high, low, close, volume, quote, trades }: Candle): unknown[] {
  const price = (value: Fixed<string>): string => withDecimals(value, 2);
  return [
    start,
    price(open),
    price(high),
    price(low),
    price(close),
    withDecimals(volume, 3),
    end - 1,
    withDecimals(quote, 5),
    trades,
    withDecimals(volume / 2n, 3),
    withDecimals(quote / 2n, 5),
    '0',
  ];
}

/** A row of `markPriceKlines` or `indexPriceKlines`: a price alone, and how often it was looked at. */
export function priceKlineRow({ start, end, open, high, low, close, trades }: Candle): unknown[] {
  const price = (value: Fixed<string>): string => withDecimals(value, 8);
  return [start, price(open), price(high), price(low), price(close), '0', end - 1, '0', trades, '0', '0', '0'];
}

/** One settlement of funding. */
export interface FundingSettlement {
  readonly at: EpochMs;
  readonly rate: number;
  readonly mark: Fixed<string> | undefined;
}

/** A row of `GET /fapi/v1/fundingRate`. */
export const fundingRateRow = ({ at, rate, mark }: FundingSettlement): Body => ({
  symbol: BINANCE_SYMBOL,
  fundingTime: at,
  fundingRate: rate.toFixed(8),
  markPrice: mark === undefined ? '' : withDecimals(mark, 8),
});

/** A row of `GET /fapi/v1/trades`. */
export const tradeRow = ({ id, at, price, quantity, side }: Print): Body => ({
  id,
  price: withDecimals(price, 2),
  qty: withDecimals(quantity, 3),
  quoteQty: withDecimals(mulDiv(price, quantity, ONE, 'half-up'), 2),
  time: at,
  isBuyerMaker: side === 'sell',
  isRPITrade: false,
});

/** A row of `GET /fapi/v1/aggTrades`: no two trades of one 100 ms, price and side are told apart here, so none are put together. */
export const aggTradeRow = ({ id, at, price, quantity, side }: Print): Body => ({
  a: id,
  p: withDecimals(price, 2),
  q: withDecimals(quantity, 3),
  nq: withDecimals(quantity, 3),
  f: id,
  l: id,
  T: at,
  m: side === 'sell',
});

/**
 * `GET /fapi/v1/ticker/24hr`.
 *
 * @param last - the market's price; undefined in a gap of the data.
 * @param day - what has been traded since a day ago.
 * @param latest - the last trade.
 */
export function tickerBody(last: Fixed<string> | undefined, day: Candle | undefined, latest: Print | undefined, at: number): Body {
  const open = day?.open ?? last;
  const change = last === undefined || open === undefined ? 0n : last - open;
  return {
    symbol: BINANCE_SYMBOL,
    priceChange: withDecimals(change, 2),
    priceChangePercent: (open === undefined ? 0 : (Number(change) / Number(open)) * 100).toFixed(3),
    weightedAvgPrice: shownPrice(meanOf(day) ?? last),
    lastPrice: shownPrice(last),
    lastQty: withDecimals(latest?.quantity ?? 0n, 3),
    openPrice: shownPrice(open),
    highPrice: shownPrice(either(max, day?.high, last)),
    lowPrice: shownPrice(either(min, day?.low, last)),
    ...volumesOf(day),
    openTime: at - DAY_MS,
    closeTime: at,
    firstId: firstPrintId(at - DAY_MS),
    lastId: latest?.id ?? firstPrintId(at),
    count: day?.trades ?? 0,
  };
}

const shownPrice = (value: Fixed<string> | undefined): string | null => (value === undefined ? null : withDecimals(value, 2));

const meanOf = (day: Candle | undefined): Fixed<string> | undefined =>
  day === undefined || day.volume === 0n ? undefined : fixed(mulDiv(day.quote, ONE, day.volume, 'half-up'));

const volumesOf = (day: Candle | undefined): Body => ({ volume: withDecimals(day?.volume ?? 0n, 3), quoteVolume: withDecimals(day?.quote ?? 0n, 2) });

/** `GET /fapi/v1/ticker/price`; the second version says the same. */
export const priceBody = (last: Fixed<string> | undefined, at: number): Body => ({
  symbol: BINANCE_SYMBOL,
  price: last === undefined ? null : withDecimals(last, 2),
  time: at,
});

/** `GET /fapi/v1/ticker/bookTicker`. */
export function bookTickerBody(book: BookSnapshot | undefined, at: number): Body {
  const [bid, ask] = [book?.bids[0], book?.asks[0]];
  return {
    symbol: BINANCE_SYMBOL,
    bidPrice: withDecimals(bid?.price ?? 0n, 2),
    bidQty: withDecimals(bid?.quantity ?? 0n, 3),
    askPrice: withDecimals(ask?.price ?? 0n, 2),
    askQty: withDecimals(ask?.quantity ?? 0n, 3),
    time: at,
    lastUpdateId: at,
  };
}
