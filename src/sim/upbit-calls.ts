import { fixed, type Btc } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import { amountIn, queryOf, type Params, textOf } from './ccxt-local.js';
import type { ClientCall, Endpoint } from './client-call.js';
import { UpbitHistoryCalls, type UpbitData } from './upbit-history-calls.js';
import { UPBIT_MARKET } from './upbit-order.js';
import { bookBody, instrumentsBody, supportedLevelsBody } from './upbit-book-bodies.js';
import { chanceBody } from './upbit-chance.js';
import { tickerBody } from './upbit-ticker-body.js';
import { marketsBody, USDT_MARKET } from './upbit-quotation-bodies.js';
import { UpbitOrderCalls } from './upbit-order-calls.js';
import type { UpbitOrderRequest } from './upbit-rules.js';
import type { UpbitOrderName, UpbitVenue } from './upbit-venue.js';
import { accepted, refused, type RequestContext, type VenueReply } from './venue-reply.js';

const MARKET: Endpoint = { cost: 2, scope: 'market', weight: 1 };
const PRIVATE: Endpoint = { cost: 0.67, scope: 'queries', weight: 1 };
const ORDER: Endpoint = { cost: 2.5, scope: 'orders', weight: 1 };

/** Every request that Upbit's REST interface is emulated for, made of its wire parameters: object-level client and wire protocol share them. */
export class UpbitCalls {
  readonly #venue: UpbitVenue;
  readonly #data: UpbitData;
  readonly history: UpbitHistoryCalls;
  readonly orders: UpbitOrderCalls;

  constructor(venue: UpbitVenue, data: UpbitData) {
    this.#venue = venue;
    this.#data = data;
    this.history = new UpbitHistoryCalls(data);
    this.orders = new UpbitOrderCalls(venue, () => data.now());
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
  orderBook(count: number | undefined, level?: string): ClientCall {
    return open('fetchOrderBook', undefined, queryOf({ markets: UPBIT_MARKET, count, level }), ({ asOf }) =>
      accepted(bookBody(this.#data.liquidity.book(asOf), count, level, asOf)),
    );
  }

  /** `GET /v1/orderbook/instruments` */
  instruments(): ClientCall {
    return open('fetchOrderBook', 'GET /v1/orderbook/instruments', queryOf({ markets: UPBIT_MARKET }), ({ asOf }) =>
      accepted(instrumentsBody(this.#data.rules(), this.#data.liquidity.midPrice(asOf) ?? fixed(0n))),
    );
  }

  /** `GET /v1/orderbook/supported_levels` */
  supportedLevels(): ClientCall {
    return open('fetchOrderBook', 'GET /v1/orderbook/supported_levels', queryOf({ markets: UPBIT_MARKET }), () => accepted(supportedLevelsBody()));
  }

  /** `GET /v1/ticker` of these markets, or of every market of KRW. */
  ticker(markets: readonly string[] | 'all' = [UPBIT_MARKET]): ClientCall {
    const request = markets === 'all' ? 'GET /v1/ticker/all' : undefined;
    const query = queryOf(markets === 'all' ? { quote_currencies: 'KRW' } : { markets: markets.join(',') });
    return open('fetchTicker', request, query, ({ asOf }) => {
      const rows = (markets === 'all' ? [UPBIT_MARKET, USDT_MARKET] : markets).map((market) => this.#tickerOf(market, asOf));
      const known = rows.filter((row) => row !== undefined);
      return markets !== 'all' && known.length < rows.length ? refused(404, '404', 'Code not found') : accepted(known);
    });
  }

  #tickerOf(market: string, asOf: EpochMs): object | undefined {
    const history = this.#data.history(market);
    if (history === undefined) return undefined;
    if (market !== UPBIT_MARKET) return tickerBody(USDT_MARKET, history, history.priceAt(asOf), asOf);
    const mid = this.#data.liquidity.midPrice(asOf);
    return tickerBody(UPBIT_MARKET, history, mid === undefined ? undefined : fixed(mid - (mid % this.#data.rules().tick(mid))), asOf);
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

  /** `GET /v1/orders/chance` */
  chance(): ClientCall {
    return {
      method: 'fetchTradingFee',
      request: 'GET /v1/orders/chance',
      endpoint: PRIVATE,
      facts: {},
      query: queryOf({ market: UPBIT_MARKET }),
      perform: ({ asOf }, respond) => respond(accepted(chanceBody(this.#data.rules(), this.#venue.account.body(asOf)))),
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
}

/** A quotation: no key. */
function open(
  method: 'fetchOrderBook' | 'fetchTicker',
  request: ClientCall['request'],
  query: string | undefined,
  answer: (context: RequestContext) => VenueReply,
): ClientCall {
  const named = request === undefined ? {} : { request };
  return { method, ...named, endpoint: MARKET, facts: {}, query, perform: (context, respond) => respond(answer(context)) };
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
