import type { ClientOrder, ClientOrderBook, ClientPosition, ClientTicker, ClientTrade } from '../exchange/exchange-client.js';
import { isDecimal, parseFixed, type Btc, type Fixed } from '../core/money.js';
import { ordersIn, queryOf, textOf, type Params } from './ccxt-local.js';
import type { Endpoint } from './request-pipeline.js';
import { SimulatedClient, type ClientParts } from './simulated-client.js';
import { UPBIT_MARKET } from './upbit-order.js';
import { upbitOrderRequest } from './upbit-order-request.js';
import { UPBIT_SYMBOL, upbitBalance, upbitOrder, upbitOrderBook, upbitTicker } from './upbit-shapes.js';
import { accepted } from './venue-reply.js';
import type { UpbitVenue } from './upbit-venue.js';

type Body = Readonly<Record<string, unknown>>;

const MARKET: Endpoint = { cost: 2, scope: 'market', weight: 1 };
const PRIVATE: Endpoint = { cost: 0.67, scope: 'queries', weight: 1 };
const ORDER: Endpoint = { cost: 2.5, scope: 'orders', weight: 1 };

/** `ccxt.upbit` over the simulated venue: arguments, results and errors of 4.5.84. */
export class UpbitClient extends SimulatedClient {
  readonly id = 'upbit';
  protected readonly names = [UPBIT_SYMBOL, UPBIT_MARKET];
  readonly #venue: UpbitVenue;

  constructor(parts: ClientParts, venue: UpbitVenue) {
    super(parts);
    this.#venue = venue;
  }

  async fetchOrderBook(symbol: string, limit?: number, _params: Params = {}): Promise<ClientOrderBook> {
    await this.ready();
    this.checkSymbol(symbol);
    const query = queryOf({ markets: UPBIT_MARKET, count: limit });
    const body = await this.request({
      method: 'fetchOrderBook',
      endpoint: MARKET,
      facts: {},
      query,
      perform: (context, respond) => this.#venue.orderBook(limit, context, respond),
    });
    return upbitOrderBook(body);
  }

  async fetchTicker(symbol: string, _params: Params = {}): Promise<ClientTicker> {
    await this.ready();
    this.checkSymbol(symbol);
    const query = queryOf({ markets: UPBIT_MARKET });
    const body = await this.request({
      method: 'fetchTicker',
      endpoint: MARKET,
      facts: {},
      query,
      perform: (context, respond) => this.#venue.ticker(context, respond),
    });
    return upbitTicker(Array.isArray(body) ? (body[0] as Body | undefined) : undefined);
  }

  async fetchBalance(_params: Params = {}): Promise<object> {
    await this.ready();
    const body = await this.request({
      method: 'fetchBalance',
      endpoint: PRIVATE,
      facts: {},
      perform: ({ asOf }, respond) => respond(accepted(this.#venue.account.body(asOf))),
    });
    return upbitBalance(body as Body[]);
  }

  async createOrder(symbol: string, type: string, side: string, amount: number, price?: number, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    this.checkSymbol(symbol);
    const request = upbitOrderRequest({ type, side, amount, price, params });
    const byCost = request['volume'] === undefined;
    const body = await this.request({
      method: 'createOrder',
      endpoint: ORDER,
      facts: {
        clientOrderId: request['identifier'],
        side: side === 'buy' ? 'buy' : 'sell',
        orderType: request['ord_type'] === 'limit' ? 'limit' : byCost ? 'market-by-cost' : 'market',
        quantity: byCost ? undefined : amountIn<Btc>(request['volume']),
        cost: byCost ? amountIn(request['price']) : undefined,
        price: request['ord_type'] === 'limit' ? amountIn(request['price']) : undefined,
      },
      perform: (context, respond) => this.#venue.newOrder(request, context, respond),
    });
    return upbitOrder(body as Body);
  }

  async createMarketBuyOrderWithCost(symbol: string, cost: number, params: Params = {}): Promise<ClientOrder> {
    return this.createOrder(symbol, 'market', 'buy', cost, 1, params);
  }

  /** Looks up by `id`, or by our own id as `params.identifier`; other parameter names are unknown to Upbit, which then finds nothing. */
  async fetchOrder(id: string | undefined, _symbol?: string, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    const { name, query, facts } = orderName(id, params);
    const body = await this.request({
      method: 'fetchOrder',
      endpoint: PRIVATE,
      facts,
      query,
      perform: (context, respond) => this.#venue.getOrder(name, context, respond),
    });
    return upbitOrder(body as Body);
  }

  /** `ccxt`'s own way, which Upbit does not understand: it always answers that there is no such order. */
  async fetchOrderWithClientOrderId(clientOrderId: string, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    return this.fetchOrder('', symbol, { ...params, clientOrderId });
  }

  async cancelOrder(id: string | undefined, _symbol?: string, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    const { name, query, facts } = orderName(id, params);
    const body = await this.request({
      method: 'cancelOrder',
      endpoint: PRIVATE,
      facts,
      query,
      perform: (context, respond) => this.#venue.cancelOrder(name, context, respond),
    });
    return upbitOrder(body as Body);
  }

  async fetchOpenOrders(symbol?: string, since?: number, limit?: number, _params: Params = {}): Promise<ClientOrder[]> {
    await this.ready();
    if (symbol !== undefined) this.checkSymbol(symbol);
    const query = queryOf({ market: symbol === undefined ? undefined : UPBIT_MARKET, limit });
    const body = await this.request({
      method: 'fetchOpenOrders',
      endpoint: PRIVATE,
      facts: {},
      query,
      perform: (context, respond) => this.#venue.openOrdersList(context, respond),
    });
    const market = symbol === undefined ? undefined : UPBIT_SYMBOL;
    const orders = ordersIn(body, (row) => upbitOrder(row, market)).sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
    const recent = since === undefined ? orders : orders.filter((order) => (order.timestamp ?? 0) >= since);
    return limit === undefined ? recent : recent.slice(since === undefined ? -limit : 0, since === undefined ? undefined : limit);
  }

  async fetchTime(_params?: Params): Promise<number | undefined> {
    return this.notSupported('fetchTime');
  }

  async fetchMyTrades(): Promise<ClientTrade[]> {
    return this.notSupported('fetchMyTrades');
  }

  async setLeverage(): Promise<unknown> {
    return this.notSupported('setLeverage');
  }

  async setMarginMode(): Promise<unknown> {
    return this.notSupported('setMarginMode');
  }

  async setPositionMode(): Promise<unknown> {
    return this.notSupported('setPositionMode');
  }

  async fetchPositionMode(): Promise<unknown> {
    return this.notSupported('fetchPositionMode');
  }

  async fetchLeverage(): Promise<unknown> {
    return this.notSupported('fetchLeverage');
  }

  async fetchPositions(): Promise<ClientPosition[]> {
    return this.notSupported('fetchPositions');
  }

  async fetchFundingRate(): Promise<unknown> {
    // ccxt's text has a blank before the brackets here.
    return this.notSupported('fetchFundingRate ');
  }

  protected async fetchMarketTable(): Promise<unknown> {
    await this.request({
      method: 'loadMarkets',
      endpoint: MARKET,
      facts: {},
      perform: (_context, respond) => respond({ ok: true, body: [{ market: UPBIT_MARKET, korean_name: '비트코인', english_name: 'Bitcoin' }] }),
    });
    const limits = { amount: { min: undefined, max: undefined }, cost: { min: undefined, max: undefined } };
    return { [UPBIT_SYMBOL]: { id: UPBIT_MARKET, symbol: UPBIT_SYMBOL, precision: { amount: 1e-8, price: 1e-8 }, limits } };
  }
}

/** An amount of a request as far as it is one: parameters go to the venue as they are. */
function amountIn<T extends Fixed<string>>(text: string | undefined): T | undefined {
  return text !== undefined && isDecimal(text) ? parseFixed<T>(text) : undefined;
}

/** How ccxt names an order on the wire: `uuid` is the first argument, anything in `params` is passed on as it is. */
function orderName(
  id: string | undefined,
  params: Params,
): {
  readonly name: { readonly uuid?: string | undefined; readonly identifier?: string | undefined };
  readonly query: string | undefined;
  readonly facts: { readonly orderId?: string | undefined; readonly clientOrderId?: string | undefined };
} {
  const uuid = textOf(params['uuid']) ?? id;
  const identifier = textOf(params['identifier']);
  const wrong = textOf(params['clientOrderId']);
  return {
    name: { uuid, identifier },
    query: queryOf({ uuid, identifier, clientOrderId: wrong }),
    facts: { orderId: uuid === '' ? undefined : uuid, clientOrderId: identifier ?? wrong },
  };
}
