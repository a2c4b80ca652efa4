import { ArgumentsRequired, BadRequest, ExchangeError, NotSupported } from '../exchange/ccxt-errors.js';
import type { ClientOrder, ClientOrderBook, ClientPosition, ClientTicker, ClientTrade, RawLeverageClient } from '../exchange/exchange-client.js';
import { fixed, parseFixed, toNumber, type Btc, type Fixed, type PriceUsdt } from '../core/money.js';
import { epochMs, type EpochMs } from '../core/units.js';
import { requestWeight } from '../exchange/request-weights.js';
import type { MarketView } from '../market/market-view.js';
import {
  accountBody,
  depthBody,
  exchangeInfoBody,
  leverageBracketBody,
  positionRiskBody,
  premiumIndexBody,
  symbolConfigBody,
  tickerBody,
} from './binance-bodies.js';
import { BINANCE_SYMBOL } from './binance-order.js';
import { binanceOrderRequest } from './binance-order-request.js';
import { ordersIn, queryOf, textOf, type Params } from './ccxt-local.js';
import { changeLeverage, changeMarginMode, changePositionMode } from './binance-settings.js';
import {
  BINANCE_MARKET,
  binanceBalance,
  binanceFundingRate,
  binanceLeverage,
  binanceOrder,
  binanceOrderBook,
  binancePosition,
  binanceTicker,
  binanceTrade,
  bracketsOf,
  type Brackets,
} from './binance-shapes.js';
import type { BinanceVenue } from './binance-venue.js';
import type { CallFacts, ClientCall, Endpoint } from './request-pipeline.js';
import { SimulatedClient, type ClientParts } from './simulated-client.js';
import { numberOf } from './ccxt-numbers.js';
import { accepted, refused, type RequestContext, type Respond } from './venue-reply.js';
import { futuresOf } from './venue-rules.js';
import type { VenueLiquidity } from './liquidity.js';

type Body = Readonly<Record<string, unknown>>;
type Answer = (respond: Respond, context: RequestContext) => void;
/** `toArray` of ccxt: a text becomes its characters. */
const rowsOf = (body: unknown): Body[] => (typeof body === 'string' ? ([...body] as unknown as Body[]) : (Object.values(body as object) as Body[]));

/** What reads of the market need besides the venue. */
export interface BinanceData {
  readonly market: MarketView;
  readonly liquidity: VenueLiquidity;
}

/** ccxt's `options.recvWindow`. */
const RECV_WINDOW_MS = 10_000;
/** What each call costs ccxt's own limiter (4.5.84, `binance.js`); a book costs what it weighs. */
const COSTS: Readonly<Partial<Record<ClientCall['method'], number>>> = { createOrder: 4, fetchMyTrades: 5, fetchPositionMode: 30, fetchLeverage: 5 };
const PUBLIC = new Set<ClientCall['method']>(['loadMarkets', 'fetchTime', 'fetchOrderBook', 'fetchTicker', 'fetchFundingRate']);

/** How many levels of the book may be asked for. */
const DEPTH_LIMITS: ReadonlySet<number> = new Set([5, 10, 20, 50, 100, 500, 1_000]);

function endpointOf(method: ClientCall['method'], levels?: number): Endpoint {
  const weight = requestWeight('binance', method, levels);
  const scope = method === 'createOrder' ? 'orders' : PUBLIC.has(method) ? 'market' : 'queries';
  return { cost: method === 'fetchOrderBook' ? weight : (COSTS[method] ?? 1), scope, weight };
}

/** `ccxt.binanceusdm` over the simulated venue: arguments, results and errors of 4.5.84. */
export class BinanceClient extends SimulatedClient implements RawLeverageClient {
  readonly id = 'binanceusdm';
  protected readonly names = [BINANCE_MARKET, BINANCE_SYMBOL, 'BTC/USDT'];
  readonly #venue: BinanceVenue;
  readonly #data: BinanceData;
  #brackets: Brackets | undefined;

  constructor(parts: ClientParts, venue: BinanceVenue, data: BinanceData) {
    super(parts);
    this.#venue = venue;
    this.#data = data;
  }

  async fetchTime(_params: Params = {}): Promise<number | undefined> {
    const body = await this.#public('fetchTime', undefined, (respond) => respond(accepted({ serverTime: this.#now() })));
    return numberOf((body as Body)['serverTime']);
  }

  async fetchOrderBook(symbol: string, limit?: number, _params: Params = {}): Promise<ClientOrderBook> {
    await this.ready();
    this.checkSymbol(symbol);
    const levels = limit ?? 500;
    const query = queryOf({ symbol: BINANCE_SYMBOL, limit });
    const body = await this.request({
      method: 'fetchOrderBook',
      endpoint: endpointOf('fetchOrderBook', levels),
      facts: {},
      query,
      perform: ({ asOf }, respond) =>
        respond(
          DEPTH_LIMITS.has(levels)
            ? accepted(depthBody(this.#data.liquidity.book(asOf), levels, asOf))
            : refused(400, '-4021', `${levels} is not valid depth limit.`),
        ),
    });
    return binanceOrderBook(body as Body);
  }

  async fetchTicker(symbol: string, _params: Params = {}): Promise<ClientTicker> {
    await this.ready();
    this.checkSymbol(symbol);
    const query = queryOf({ symbol: BINANCE_SYMBOL });
    const body = await this.#public('fetchTicker', query, (respond, { asOf }) =>
      respond(accepted(tickerBody(this.#data.liquidity.midPrice(asOf) as PriceUsdt | undefined, asOf))),
    );
    return binanceTicker(body as Body);
  }

  async fetchFundingRate(symbol: string, _params: Params = {}): Promise<unknown> {
    await this.ready();
    this.checkSymbol(symbol);
    const query = queryOf({ symbol: BINANCE_SYMBOL });
    const body = await this.#public('fetchFundingRate', query, (respond) =>
      respond(accepted(premiumIndexBody(this.#mark(), this.#funding(), this.#now()))),
    );
    return binanceFundingRate(body as Body);
  }

  async fetchBalance(params: Params = {}): Promise<object> {
    await this.ready();
    const { account } = this.#venue;
    const body = await this.#signed('fetchBalance', params, {}, undefined, (respond, { asOf }) =>
      respond(accepted(accountBody(account.visible('balance', asOf), account, this.#mark() ?? fixed<Fixed<string>>(0n)))),
    );
    return binanceBalance(body as Body);
  }

  async createOrder(symbol: string, type: string, side: string, amount: number, price?: number, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    this.checkSymbol(symbol);
    const freshId = (): string => `x-cvBPrNm9${this.parts.uuids.next().replaceAll('-', '').slice(0, 22)}`;
    const request = binanceOrderRequest({ type, side, amount, price, params }, this.parts.rules(), freshId);
    const facts: CallFacts = {
      clientOrderId: request['newClientOrderId'],
      side: request['side'] === 'BUY' ? 'buy' : 'sell',
      orderType: request['type'] === 'LIMIT' ? 'limit' : 'market',
      quantity: parseFixed<Btc>(request['quantity'] ?? '0'),
      price: request['price'] === undefined ? undefined : parseFixed<Fixed<string>>(request['price']),
      reduceOnly: request['reduceOnly'] === 'true',
    };
    const body = await this.request({
      method: 'createOrder',
      endpoint: endpointOf('createOrder'),
      facts,
      recvWindowMs: this.#recvWindow(params),
      perform: (context, respond) => this.#venue.newOrder(request, context, respond),
    });
    return binanceOrder(body as Body);
  }

  async createMarketBuyOrderWithCost(symbol: string, _cost: number, _params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    this.checkSymbol(symbol);
    throw new NotSupported(`${this.id} createMarketBuyOrderWithCost() supports spot orders only`);
  }

  async fetchOrder(id: string | undefined, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    const { name, facts, query } = this.#orderName('fetchOrder', id, symbol, params);
    const body = await this.request({
      method: 'fetchOrder',
      endpoint: endpointOf('fetchOrder'),
      facts,
      query,
      recvWindowMs: this.#recvWindow(params),
      perform: (context, respond) => this.#venue.getOrder(name, context, respond),
    });
    return binanceOrder(body as Body);
  }

  async fetchOrderWithClientOrderId(clientOrderId: string, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    return this.fetchOrder('', symbol, { ...params, clientOrderId });
  }

  async cancelOrder(id: string | undefined, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    const { name, facts, query } = this.#orderName('cancelOrder', id, symbol, params);
    const body = await this.request({
      method: 'cancelOrder',
      endpoint: endpointOf('cancelOrder'),
      facts,
      query,
      recvWindowMs: this.#recvWindow(params),
      perform: (context, respond) => this.#venue.cancelOrder(name, context, respond),
    });
    return binanceOrder(body as Body);
  }

  async fetchOpenOrders(symbol?: string, since?: number, limit?: number, params: Params = {}): Promise<ClientOrder[]> {
    await this.ready();
    if (symbol === undefined)
      throw new ExchangeError(
        `${this.id} fetchOpenOrders() WARNING: fetching open orders without specifying a symbol has stricter rate limits (10 times more for spot, 40 times more for other markets) compared to requesting with symbol argument. To acknowledge this warning, set ${this.id}.options["fetchOpenOrders"]["warnWithoutSymbol"] = false to suppress this warning message.`,
      );
    this.checkSymbol(symbol);
    const query = queryOf({ symbol: BINANCE_SYMBOL });
    const body = await this.#signed('fetchOpenOrders', params, {}, query, (respond, context) => this.#venue.openOrdersList(context, respond));
    return sinceAndLimit(ordersIn(body, binanceOrder), since, limit);
  }

  async fetchMyTrades(symbol?: string, since?: number, limit?: number, params: Params = {}): Promise<ClientTrade[]> {
    await this.ready();
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} fetchMyTrades() requires a symbol argument`);
    this.checkSymbol(symbol);
    const orderId = textOf(params['orderId']);
    const query = queryOf({ symbol: BINANCE_SYMBOL, startTime: since, limit, orderId });
    const body = await this.#signed('fetchMyTrades', params, { orderId }, query, (respond, context) =>
      this.#venue.userTrades({ orderId, startTime: since, limit }, context, respond),
    );
    return sinceAndLimit(rowsOf(body).map(binanceTrade), since, limit);
  }

  async setLeverage(leverage: number, symbol?: string, params: Params = {}): Promise<unknown> {
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} setLeverage() requires a symbol argument`);
    if (leverage < 1 || leverage > 125) throw new BadRequest(`${this.id} leverage should be between 1 and 125`);
    await this.ready();
    this.checkSymbol(symbol);
    return this.#signed('setLeverage', params, {}, undefined, (respond) => respond(changeLeverage(leverage, this.#settings())));
  }

  /** The raw call that the order-execution specification makes; faults see it as `setLeverage`. */
  async fapiPrivatePostLeverage(params: { symbol?: string; leverage?: number | string } & Params = {}): Promise<unknown> {
    return this.#signed('setLeverage', params, {}, undefined, (respond) => {
      if (params.symbol !== BINANCE_SYMBOL) respond({ ok: false, http: 400, code: '-1121', message: 'Invalid symbol.' });
      else respond(changeLeverage(Number(params.leverage), this.#settings()));
    });
  }

  async setMarginMode(marginMode: string, symbol?: string, params: Params = {}): Promise<unknown> {
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} setMarginMode() requires a symbol argument`);
    const mode = { ISOLATED: 'isolated', CROSS: 'cross', CROSSED: 'cross' }[marginMode.toUpperCase()];
    if (mode === undefined) throw new BadRequest(`${this.id} marginMode must be either isolated or cross`);
    await this.ready();
    this.checkSymbol(symbol);
    return this.#signed('setMarginMode', params, {}, undefined, (respond) =>
      respond(changeMarginMode(mode === 'cross' ? 'cross' : 'isolated', this.#settings())),
    );
  }

  async setPositionMode(hedged: boolean, _symbol?: string, params: Params = {}): Promise<unknown> {
    return this.#signed('setPositionMode', params, {}, undefined, (respond) =>
      respond(changePositionMode(hedged ? 'hedge' : 'oneway', this.#settings())),
    );
  }

  async fetchPositionMode(_symbol?: string, params: Params = {}): Promise<unknown> {
    const body = await this.#signed('fetchPositionMode', params, {}, undefined, (respond) =>
      respond(accepted({ dualSidePosition: this.#venue.account.positionMode === 'hedge' })),
    );
    const hedged = (body as Body)['dualSidePosition'];
    return { info: body, hedged: typeof hedged === 'boolean' ? hedged : undefined };
  }

  async fetchLeverage(symbol: string, params: Params = {}): Promise<unknown> {
    await this.ready();
    this.checkSymbol(symbol);
    await this.#loadBrackets('fetchLeverage', params);
    const body = await this.#signed('fetchLeverage', params, {}, undefined, (respond) => respond(accepted(symbolConfigBody(this.#venue.account))));
    const row = rowsOf(body).find((config) => config['symbol'] === BINANCE_SYMBOL);
    return row === undefined ? undefined : binanceLeverage(row);
  }

  async fetchPositions(symbols?: string[], params: Params = {}): Promise<ClientPosition[]> {
    if (symbols !== undefined && !Array.isArray(symbols))
      throw new ArgumentsRequired(`${this.id} fetchPositionsRisk() requires an array argument for symbols`);
    await this.ready();
    const brackets = await this.#loadBrackets('fetchPositions', params);
    const { account } = this.#venue;
    const version = params['useV2'] === true ? 2 : 3;
    const body = await this.#signed('fetchPositions', params, {}, undefined, (respond, { asOf }) =>
      respond(accepted(positionRiskBody(account.visible('positions', asOf), account, this.#mark() ?? fixed<Fixed<string>>(0n), version))),
    );
    const positions = rowsOf(body)
      .filter((row) => Number(row['entryPrice']) > 0)
      .map((row) => binancePosition(row, brackets));
    return symbols === undefined ? positions : positions.filter(({ symbol }) => symbol !== undefined && symbols.includes(symbol));
  }

  protected async fetchMarketTable(): Promise<unknown> {
    const rules = this.parts.rules();
    const body = await this.#public('loadMarkets', undefined, (respond) => respond(accepted(exchangeInfoBody(rules, this.#now()))));
    return {
      [BINANCE_MARKET]: {
        id: BINANCE_SYMBOL,
        symbol: BINANCE_MARKET,
        precision: { amount: toNumber(rules.quantityStep), price: toNumber(rules.tick(fixed(0n))), base: 1e-8, quote: 1e-8 },
        limits: {
          amount: { min: toNumber(rules.minQuantity), max: toNumber(futuresOf(rules).maxQuantity) },
          cost: { min: toNumber(rules.minNotional), max: undefined },
        },
        info: ((body as Body)['symbols'] as Body[])[0],
      },
    };
  }

  #orderName(
    method: string,
    id: string | undefined,
    symbol: string | undefined,
    params: Params,
  ): {
    readonly name: { readonly orderId?: string | undefined; readonly origClientOrderId?: string | undefined };
    readonly facts: CallFacts;
    readonly query: string | undefined;
  } {
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} ${method}() requires a symbol argument`);
    this.checkSymbol(symbol);
    const origClientOrderId = textOf(params['origClientOrderId'] ?? params['clientOrderId']);
    const orderId = origClientOrderId === undefined ? id : undefined;
    return {
      name: { orderId, origClientOrderId },
      facts: { orderId, clientOrderId: origClientOrderId },
      query: queryOf({ symbol: BINANCE_SYMBOL, orderId, origClientOrderId }),
    };
  }

  async #loadBrackets(method: 'fetchPositions' | 'fetchLeverage', params: Params): Promise<Brackets> {
    if (this.#brackets === undefined) {
      const answer: Answer = (respond) => respond(accepted(leverageBracketBody(this.#venue.account.tiers)));
      const body = await this.#signed(method, params, {}, undefined, answer, true);
      this.#brackets = bracketsOf(body as Body[]);
    }
    return this.#brackets;
  }

  #public(method: ClientCall['method'], query: string | undefined, answer: Answer): Promise<unknown> {
    return this.request({ method, endpoint: endpointOf(method), facts: {}, query, perform: (context, respond) => answer(respond, context) });
  }

  #signed(
    method: ClientCall['method'],
    params: Params,
    facts: CallFacts,
    query: string | undefined,
    answer: Answer,
    prepares = false,
  ): Promise<unknown> {
    return this.request({
      method,
      endpoint: endpointOf(method),
      facts,
      query,
      prepares,
      recvWindowMs: this.#recvWindow(params),
      perform: (context, respond) => answer(respond, context),
    });
  }

  #recvWindow(params: Params): number {
    return Number(params['recvWindow'] ?? this.parts.world.recvWindowMs ?? RECV_WINDOW_MS);
  }

  #settings(): Parameters<typeof changeLeverage>[1] {
    return { account: this.#venue.account, openOrders: this.#venue.openOrders, mark: this.#mark() };
  }

  /**
   * When funding is settled next, with the rate of the last settlement: the venue's estimate of the coming rate is not
   * in the data, and the rate itself would be a look into the future.
   */
  #funding(): { readonly at: EpochMs; readonly rate: number } | undefined {
    const now = this.#now();
    const next = this.#data.market.nextFunding(now);
    if (next === undefined) return undefined;
    const last = this.#data.market.nextFunding(epochMs(now - futuresOf(this.parts.rules()).fundingIntervalMs));
    return { at: next.at, rate: last !== undefined && last.at <= now ? last.rate : 0 };
  }

  #mark(): ReturnType<BinanceVenue['mark']> {
    return this.#venue.mark();
  }

  #now(): EpochMs {
    return this.parts.clock.now();
  }
}

function sinceAndLimit<T extends { timestamp?: number | undefined }>(rows: T[], since: number | undefined, limit: number | undefined): T[] {
  const sorted = [...rows].sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
  const recent = since === undefined ? sorted : sorted.filter(({ timestamp }) => (timestamp ?? 0) >= since);
  if (limit === undefined) return recent;
  return since === undefined ? recent.slice(-limit) : recent.slice(0, limit);
}
