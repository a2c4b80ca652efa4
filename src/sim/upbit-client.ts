import type { ClientOrder, ClientOrderBook, ClientPosition, ClientTicker, ClientTrade } from '../exchange/exchange-client.js';
import { ordersIn, textOf, type Params } from './ccxt-local.js';
import { SimulatedClient, type ClientParts } from './simulated-client.js';
import type { UpbitCalls } from './upbit-calls.js';
import { UPBIT_MARKET } from './upbit-order.js';
import type { UpbitQuery } from './upbit-order-calls.js';
import { upbitOrderRequest } from './upbit-order-request.js';
import { UPBIT_SYMBOL, upbitBalance, upbitOrder, upbitOrderBook, upbitTicker } from './upbit-shapes.js';

type Body = Readonly<Record<string, unknown>>;

/** `ccxt.upbit` over the simulated venue: arguments, results and errors of 4.5.84. */
export class UpbitClient extends SimulatedClient {
  readonly id = 'upbit';
  protected readonly names = [UPBIT_SYMBOL, UPBIT_MARKET];
  readonly #calls: UpbitCalls;

  constructor(parts: ClientParts, calls: UpbitCalls) {
    super(parts);
    this.#calls = calls;
  }

  async fetchOrderBook(symbol: string, limit?: number, _params: Params = {}): Promise<ClientOrderBook> {
    await this.ready();
    this.checkSymbol(symbol);
    return upbitOrderBook(await this.request(this.#calls.orderBook(limit)));
  }

  async fetchTicker(symbol: string, _params: Params = {}): Promise<ClientTicker> {
    await this.ready();
    this.checkSymbol(symbol);
    const body = await this.request(this.#calls.ticker());
    return upbitTicker(Array.isArray(body) ? (body[0] as Body | undefined) : undefined);
  }

  async fetchBalance(_params: Params = {}): Promise<object> {
    await this.ready();
    return upbitBalance((await this.request(this.#calls.accounts())) as Body[]);
  }

  async createOrder(symbol: string, type: string, side: string, amount: number, price?: number, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    this.checkSymbol(symbol);
    const request = upbitOrderRequest({ type, side, amount, price, params });
    return upbitOrder((await this.request(this.#calls.newOrder(request))) as Body);
  }

  async createMarketBuyOrderWithCost(symbol: string, cost: number, params: Params = {}): Promise<ClientOrder> {
    return this.createOrder(symbol, 'market', 'buy', cost, 1, params);
  }

  /** Looks up by `id`, or by our own id as `params.identifier`; other parameter names are unknown to Upbit, which then finds nothing. */
  async fetchOrder(id: string | undefined, _symbol?: string, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    return upbitOrder((await this.request(this.#calls.order(named(id, params)))) as Body);
  }

  /** `ccxt`'s own way, which Upbit does not understand: it always answers that there is no such order. */
  async fetchOrderWithClientOrderId(clientOrderId: string, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    return this.fetchOrder('', symbol, { ...params, clientOrderId });
  }

  async cancelOrder(id: string | undefined, _symbol?: string, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    return upbitOrder((await this.request(this.#calls.cancelOrder(named(id, params)))) as Body);
  }

  async fetchOpenOrders(symbol?: string, since?: number, limit?: number, _params: Params = {}): Promise<ClientOrder[]> {
    await this.ready();
    if (symbol !== undefined) this.checkSymbol(symbol);
    const body = await this.request(
      this.#calls.orders.open(plainQuery({ market: symbol === undefined ? undefined : UPBIT_MARKET, limit: textOf(limit) })),
    );
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
    await this.request(this.#calls.marketAll());
    const limits = { amount: { min: undefined, max: undefined }, cost: { min: undefined, max: undefined } };
    return { [UPBIT_SYMBOL]: { id: UPBIT_MARKET, symbol: UPBIT_SYMBOL, precision: { amount: 1e-8, price: 1e-8 }, limits } };
  }
}

/** Parameters that are no lists. */
function plainQuery(given: Readonly<Record<string, string | undefined>>): UpbitQuery {
  const record = Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined));
  return { record, get: (name) => record[name], all: () => [] };
}

/** `uuid` is the first argument; anything in `params` is passed on as it is. */
const named = (id: string | undefined, params: Params): Params => ({ ...params, uuid: textOf(params['uuid']) ?? id });
