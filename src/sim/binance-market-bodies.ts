import { mulDiv, ONE, type Fixed } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import { BINANCE_SYMBOL, withDecimals } from './binance-order.js';
import type { Candle, Print } from './market-history.js';

type Body = Record<string, unknown>;

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
