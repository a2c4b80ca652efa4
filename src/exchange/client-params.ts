import { assert } from '../core/assert.js';
import type { VenueId } from '../core/units.js';

/** Extra parameters of a client's call; they go on the wire unless ccxt knows them. */
export type ClientParams = Record<string, unknown>;

/** The market of each leg in ccxt's words. */
export const SYMBOLS: Readonly<Record<VenueId, string>> = { upbit: 'BTC/KRW', binance: 'BTC/USDT:USDT' };

/** What both venues take as a client order id: Binance `^[.A-Z:/a-z0-9_-]{1,36}$`; Upbit says nothing narrower. */
const CLIENT_ORDER_ID = /^[A-Za-z0-9_-]{1,36}$/;

export interface OrderParams {
  readonly clientOrderId: string;
  /** Only ever makes the position smaller. Binance one-way mode only; ccxt would send it to Upbit as an unknown field. */
  readonly reduceOnly?: boolean | undefined;
  /** Binance refuses the order when it arrives later than this after its timestamp; Upbit has no such bound. */
  readonly recvWindowMs?: number | undefined;
}

/**
 * Parameters of `createOrder(symbol, 'market', side, amount, undefined, params)`, and for a market buy on
 * Upbit of `createMarketBuyOrderWithCost(symbol, krw, params)`: Upbit sizes market buys by KRW.
 */
export function marketParams(venue: VenueId, order: OrderParams): ClientParams {
  return common(venue, order);
}

/**
 * Parameters of `createOrder(symbol, 'limit', side, amount, price, params)` for immediate-or-cancel. ccxt
 * sends `time_in_force: "ioc"` to Upbit and `timeInForce=IOC` to Binance; without it both would rest.
 */
export function limitIocParams(venue: VenueId, order: OrderParams): ClientParams {
  return { ...common(venue, order), timeInForce: 'IOC' };
}

function common(venue: VenueId, { clientOrderId, reduceOnly, recvWindowMs }: OrderParams): ClientParams {
  assert(CLIENT_ORDER_ID.test(clientOrderId), `a client order id is 1 to 36 of [A-Za-z0-9_-], was "${clientOrderId}"`);
  if (venue === 'upbit') return { clientOrderId };
  return { clientOrderId, ...(reduceOnly === true ? { reduceOnly: true } : {}), ...(recvWindowMs === undefined ? {} : { recvWindow: recvWindowMs }) };
}

/**
 * Parameters of `fetchOrder(undefined, symbol, params)` and `cancelOrder(undefined, symbol, params)` that name
 * an order by its client id. The id argument must be `undefined`: with `''` Upbit is sent `uuid=` too, and
 * with `{ clientOrderId }` a field it does not know, which reads as a false "not found".
 */
export function byClientOrderId(venue: VenueId, clientOrderId: string, recvWindowMs?: number): ClientParams {
  if (venue === 'upbit') return { identifier: clientOrderId };
  return { clientOrderId, ...(recvWindowMs === undefined ? {} : { recvWindow: recvWindowMs }) };
}
