import type { Btc } from '../core/money.js';
import { amountIn, queryOf, type Params, textOf } from './ccxt-local.js';
import type { ClientCall, Endpoint } from './client-call.js';
import { UpbitHistoryCalls, type UpbitData } from './upbit-history-calls.js';
import { UPBIT_MARKET } from './upbit-order.js';
import { marketsBody, USDT_MARKET } from './upbit-quotation-bodies.js';
import type { UpbitOrderRequest } from './upbit-rules.js';
import type { UpbitOrderName, UpbitVenue } from './upbit-venue.js';
import { accepted } from './venue-reply.js';

const MARKET: Endpoint = { cost: 2, scope: 'market', weight: 1 };
const PRIVATE: Endpoint = { cost: 0.67, scope: 'queries', weight: 1 };
const ORDER: Endpoint = { cost: 2.5, scope: 'orders', weight: 1 };

/** Every request that Upbit's REST interface is emulated for, made of its wire parameters: object-level client and wire protocol share them. */
export class UpbitCalls {
  readonly #venue: UpbitVenue;
  readonly #data: UpbitData;
  readonly history: UpbitHistoryCalls;

  constructor(venue: UpbitVenue, data: UpbitData) {
    this.#venue = venue;
    this.#data = data;
    this.history = new UpbitHistoryCalls(data);
  }

  /** `GET /v1/market/all` */
  marketAll(withDetails = false): ClientCall {
    return {
      method: 'loadMarkets',
      endpoint: MARKET,
      facts: {},
      perform: (_context, respond) => respond(accepted(marketsBody(this.#data.history(USDT_MARKET) !== undefined, withDetails))),
    };
  }

  /** `GET /v1/orderbook` */
  orderBook(count: number | undefined): ClientCall {
    return {
      method: 'fetchOrderBook',
      endpoint: MARKET,
      facts: {},
      query: queryOf({ markets: UPBIT_MARKET, count }),
      perform: (context, respond) => this.#venue.orderBook(count, context, respond),
    };
  }

  /** `GET /v1/ticker` */
  ticker(): ClientCall {
    return {
      method: 'fetchTicker',
      endpoint: MARKET,
      facts: {},
      query: queryOf({ markets: UPBIT_MARKET }),
      perform: (context, respond) => this.#venue.ticker(context, respond),
    };
  }

  /** `GET /v1/accounts` */
  accounts(): ClientCall {
    return {
      method: 'fetchBalance',
      endpoint: PRIVATE,
      facts: {},
      perform: ({ asOf }, respond) => respond(accepted(this.#venue.account.body(asOf))),
    };
  }

  /** `POST /v1/orders` */
  newOrder(request: UpbitOrderRequest): ClientCall {
    const byCost = request['volume'] === undefined;
    const isLimit = request['ord_type'] === 'limit';
    return {
      method: 'createOrder',
      endpoint: ORDER,
      facts: {
        clientOrderId: request['identifier'],
        side: request['side'] === 'bid' ? 'buy' : 'sell',
        orderType: isLimit ? 'limit' : byCost ? 'market-by-cost' : 'market',
        quantity: byCost ? undefined : amountIn<Btc>(request['volume']),
        cost: byCost ? amountIn(request['price']) : undefined,
        price: isLimit ? amountIn(request['price']) : undefined,
      },
      perform: (context, respond) => this.#venue.newOrder(request, context, respond),
    };
  }

  /** `GET /v1/order` */
  order(params: Params): ClientCall {
    return ofOrder('fetchOrder', params, (name, context, respond) => this.#venue.getOrder(name, context, respond));
  }

  /** `DELETE /v1/order` */
  cancelOrder(params: Params): ClientCall {
    return ofOrder('cancelOrder', params, (name, context, respond) => this.#venue.cancelOrder(name, context, respond));
  }

  /** `GET /v1/orders/open` */
  openOrders(market: string | undefined, limit: number | undefined): ClientCall {
    return {
      method: 'fetchOpenOrders',
      endpoint: PRIVATE,
      facts: {},
      query: queryOf({ market, limit }),
      perform: (context, respond) => this.#venue.openOrdersList(context, respond),
    };
  }
}

/** A call about an order as the request names it; `clientOrderId` is what ccxt's own way sends, and Upbit knows no such name. */
function ofOrder(
  method: 'fetchOrder' | 'cancelOrder',
  params: Params,
  perform: (name: UpbitOrderName, ...rest: Parameters<ClientCall['perform']>) => void,
): ClientCall {
  const [uuid, identifier, wrong] = ['uuid', 'identifier', 'clientOrderId'].map((name) => textOf(params[name]));
  return {
    method,
    endpoint: PRIVATE,
    facts: { orderId: uuid === '' ? undefined : uuid, clientOrderId: identifier ?? wrong },
    query: queryOf({ uuid, identifier, clientOrderId: wrong }),
    perform: (context, respond) => perform({ uuid, identifier }, context, respond),
  };
}
