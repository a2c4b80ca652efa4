import type { Clock } from '../../clock/clock.js';
import { InputError } from '../../core/input-error.js';
import { durationMs, type DurationMs, type VenueId } from '../../core/units.js';
import { requireCapabilities } from '../capabilities.js';
import { ArgumentsRequired } from '../ccxt-errors.js';
import type { ClientOrder, ClientOrderBook, ClientPosition, ClientTicker, ClientTrade, ExchangeClient } from '../exchange-client.js';
import { knownEndpoint, type WireMethod } from '../wire-endpoints.js';
import { instanceOf } from './ccxt-instance.js';
import { guardedCall, unreadable, type CallGuard } from './guarded-call.js';
import { namedOrder, orderIn, ordersIn, requireOwnId, type AnsweredCall, type Params } from './order-answers.js';
import { refuseSettings } from './refuse-settings.js';
import { Redactor } from './secrets.js';
import { keepStatus } from './status-errors.js';

export interface LiveClientParts {
  readonly venue: VenueId;
  /** The ccxt instance for orders and the account; from now on the guard's alone. */
  readonly orders: ExchangeClient;
  /** Another one for market data, which needs no keys. */
  readonly data: ExchangeClient;
  readonly clock: Clock;
  /** Longest time for a call and its whole answer. Default: ccxt's own `timeout` and a second for the body. */
  readonly timeoutMs?: DurationMs | undefined;
}

const BODY_MS = 1_000;
const CCXT_TIMEOUT_MS = 10_000;

/**
 * A live ccxt client behind guards: every call ends in bounded time, with a result that can be used or an error of
 * ccxt's classes that does not promise more than is known, and without a secret in it.
 *
 * The instances stay ccxt's own classes; one hook is set on each (`keepStatus`). Wrapping rather than a proxy: ccxt's
 * internal calls never pass through a proxy.
 */
export class LiveClient implements ExchangeClient {
  readonly id: string;
  /** ccxt's own word on what it supports. */
  readonly has: Readonly<Record<string, unknown>> | undefined;
  readonly #venue: VenueId;
  readonly #orders: ExchangeClient;
  readonly #data: ExchangeClient;
  readonly #guard: CallGuard;
  #loading: Promise<unknown> | undefined;
  #loaded = false;
  #loadFailed = false;

  /** @throws InputError for instances that cannot trade the leg or whose settings are dangerous. */
  constructor({ venue, orders, data, clock, timeoutMs }: LiveClientParts) {
    if (orders === data)
      throw new InputError(
        `one client "${orders.id}" is given for orders and for market data`,
        {},
        'make two: a slow book must not hold an order up, and market data needs no keys',
      );
    refuseSettings(venue, 'orders', orders);
    refuseSettings(venue, 'market data', data);
    requireCapabilities(venue, orders);
    this.id = orders.id;
    this.has = instanceOf(orders).has;
    this.#venue = venue;
    this.#orders = orders;
    this.#data = data;
    const ownTimeoutMs = Math.max(...[orders, data].map((client) => instanceOf(client).timeout ?? CCXT_TIMEOUT_MS));
    this.#guard = { id: orders.id, clock, timeoutMs: timeoutMs ?? durationMs(ownTimeoutMs + BODY_MS), redactor: new Redactor(orders, data) };
    keepStatus(venue, orders);
    keepStatus(venue, data);
  }

  /**
   * Loads them once, through the instance for data, and shares them. ccxt remembers a failed first load for ever and
   * throws it again without a request; here the next call loads anew.
   */
  loadMarkets(reload = false, params: Params = {}): Promise<unknown> {
    this.#loading ??= this.#load(reload || this.#loadFailed, params).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async fetchTime(params: Params = {}): Promise<number | undefined> {
    return this.#read('fetchTime', () => this.#data.fetchTime(params));
  }

  async fetchOrderBook(symbol: string, limit?: number, params: Params = {}): Promise<ClientOrderBook> {
    return this.#read('fetchOrderBook', () => this.#data.fetchOrderBook(symbol, limit, params));
  }

  async fetchTicker(symbol: string, params: Params = {}): Promise<ClientTicker> {
    return this.#read('fetchTicker', () => this.#data.fetchTicker(symbol, params));
  }

  async fetchFundingRate(symbol: string, params: Params = {}): Promise<unknown> {
    return this.#read('fetchFundingRate', () => this.#data.fetchFundingRate(symbol, params));
  }

  async fetchBalance(params: Params = {}): Promise<object> {
    return this.#read('fetchBalance', () => this.#orders.fetchBalance(params));
  }

  async createOrder(symbol: string, type: string, side: string, amount: number, price?: number, params: Params = {}): Promise<ClientOrder> {
    requireOwnId(this.#venue, this.id, 'createOrder', params);
    const order = await this.#call('createOrder', () => this.#orders.createOrder(symbol, type, side, amount, price, params));
    return orderIn(this.#named('createOrder'), order);
  }

  async createMarketBuyOrderWithCost(symbol: string, cost: number, params: Params = {}): Promise<ClientOrder> {
    requireOwnId(this.#venue, this.id, 'createMarketBuyOrderWithCost', params);
    const order = await this.#call('createOrder', () => this.#orders.createMarketBuyOrderWithCost(symbol, cost, params));
    return orderIn(this.#named('createOrder'), order);
  }

  async fetchOrder(id: string | undefined, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    const named = namedOrder(this.#venue, this.id, 'fetchOrder', id, params);
    const order = await this.#call('fetchOrder', () => this.#orders.fetchOrder(named.id, symbol, named.params));
    return orderIn(this.#named('fetchOrder'), order);
  }

  async cancelOrder(id: string | undefined, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    const named = namedOrder(this.#venue, this.id, 'cancelOrder', id, params);
    const order = await this.#call('cancelOrder', () => this.#orders.cancelOrder(named.id, symbol, named.params));
    return orderIn(this.#named('cancelOrder'), order as ClientOrder | undefined);
  }

  /** @throws ArgumentsRequired without a symbol: Binance counts it forty times, and ccxt refuses it by default. */
  async fetchOpenOrders(symbol?: string, since?: number, limit?: number, params: Params = {}): Promise<ClientOrder[]> {
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} fetchOpenOrders() requires a symbol`);
    const orders = await this.#call('fetchOpenOrders', () => this.#orders.fetchOpenOrders(symbol, since, limit, params));
    return ordersIn(this.#named('fetchOpenOrders'), orders);
  }

  async fetchMyTrades(symbol?: string, since?: number, limit?: number, params: Params = {}): Promise<ClientTrade[]> {
    return this.#read('fetchMyTrades', () => this.#orders.fetchMyTrades(symbol, since, limit, params));
  }

  async setLeverage(leverage: number, symbol?: string, params: Params = {}): Promise<unknown> {
    return this.#call('setLeverage', () => this.#orders.setLeverage(leverage, symbol, params));
  }

  async setMarginMode(marginMode: string, symbol?: string, params: Params = {}): Promise<unknown> {
    return this.#call('setMarginMode', () => this.#orders.setMarginMode(marginMode, symbol, params));
  }

  async setPositionMode(hedged: boolean, symbol?: string, params: Params = {}): Promise<unknown> {
    return this.#call('setPositionMode', () => this.#orders.setPositionMode(hedged, symbol, params));
  }

  async fetchPositionMode(symbol?: string, params: Params = {}): Promise<unknown> {
    return this.#read('fetchPositionMode', () => this.#orders.fetchPositionMode(symbol, params));
  }

  async fetchLeverage(symbol: string, params: Params = {}): Promise<unknown> {
    return this.#read('fetchLeverage', () => this.#orders.fetchLeverage(symbol, params));
  }

  async fetchPositions(symbols?: string[], params: Params = {}): Promise<ClientPosition[]> {
    return this.#read('fetchPositions', () => this.#orders.fetchPositions(symbols, params));
  }

  async #load(reload: boolean, params: Params): Promise<unknown> {
    try {
      const markets = await guardedCall(this.#guard, this.#request('loadMarkets'), () => this.#data.loadMarkets(reload, params));
      const orders = instanceOf(this.#orders);
      if (orders.setMarketsFromExchange === undefined)
        await guardedCall(this.#guard, this.#request('loadMarkets'), () => this.#orders.loadMarkets(reload, params));
      else orders.setMarketsFromExchange(this.#data);
      this.#loaded = true;
      this.#loadFailed = false;
      return markets;
    } catch (error) {
      this.#loadFailed = true;
      throw error;
    }
  }

  async #call<T>(method: WireMethod, send: () => Promise<T>): Promise<T> {
    if (!this.#loaded) await this.loadMarkets();
    return guardedCall(this.#guard, this.#request(method), send);
  }

  /** As `#call`, for calls that never answer with nothing: ccxt makes nothing at all of a book or a ticker that it cannot read. */
  async #read<T>(method: WireMethod, send: () => Promise<T>): Promise<NonNullable<T>> {
    const answer = await this.#call(method, send);
    if (answer === undefined || answer === null) throw unreadable(this.id, this.#request(method), 'ccxt makes nothing of it');
    return answer;
  }

  #named(method: WireMethod): AnsweredCall {
    return { id: this.id, request: this.#request(method) };
  }

  /** `METHOD URL`; for a call that its venue lacks, and that ccxt refuses, its name. */
  #request(method: WireMethod): string {
    return knownEndpoint(this.#venue, method) ?? `CALL ${method}`;
  }
}
