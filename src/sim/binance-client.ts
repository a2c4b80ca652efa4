import { ArgumentsRequired, BadRequest, ExchangeError, NotSupported } from '../exchange/ccxt-errors.js';
import type { ClientOrder, ClientOrderBook, ClientPosition, ClientTicker, ClientTrade, RawLeverageClient } from '../exchange/exchange-client.js';
import { fixed, toNumber } from '../core/money.js';
import type { BinanceCalls, Signed } from './binance-calls.js';
import { BINANCE_SYMBOL } from './binance-order.js';
import { binanceOrderRequest } from './binance-order-request.js';
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
import type { BinanceOrderName } from './binance-orders.js';
import { ordersIn, textOf, type Params } from './ccxt-local.js';
import { numberOf } from './ccxt-numbers.js';
import { SimulatedClient, type ClientParts } from './simulated-client.js';
import { futuresOf } from './venue-rules.js';

type Body = Readonly<Record<string, unknown>>;
/** `toArray` of ccxt: a text becomes its characters. */
const rowsOf = (body: unknown): Body[] => (typeof body === 'string' ? ([...body] as unknown as Body[]) : (Object.values(body as object) as Body[]));

/** ccxt's `options.recvWindow`. */
const RECV_WINDOW_MS = 10_000;

/** `ccxt.binanceusdm` over the simulated venue: arguments, results and errors of 4.5.84. */
export class BinanceClient extends SimulatedClient implements RawLeverageClient {
  readonly id = 'binanceusdm';
  protected readonly names = [BINANCE_MARKET, BINANCE_SYMBOL, 'BTC/USDT'];
  readonly #calls: BinanceCalls;
  #brackets: Brackets | undefined;

  constructor(parts: ClientParts, calls: BinanceCalls) {
    super(parts);
    this.#calls = calls;
  }

  async fetchTime(_params: Params = {}): Promise<number | undefined> {
    const body = await this.request(this.#calls.time());
    return numberOf((body as Body)['serverTime']);
  }

  async fetchOrderBook(symbol: string, limit?: number, _params: Params = {}): Promise<ClientOrderBook> {
    await this.ready();
    this.checkSymbol(symbol);
    return binanceOrderBook((await this.request(this.#calls.depth(limit))) as Body);
  }

  async fetchTicker(symbol: string, _params: Params = {}): Promise<ClientTicker> {
    await this.ready();
    this.checkSymbol(symbol);
    return binanceTicker((await this.request(this.#calls.ticker())) as Body);
  }

  async fetchFundingRate(symbol: string, _params: Params = {}): Promise<unknown> {
    await this.ready();
    this.checkSymbol(symbol);
    return binanceFundingRate((await this.request(this.#calls.premiumIndex())) as Body);
  }

  async fetchBalance(params: Params = {}): Promise<object> {
    await this.ready();
    return binanceBalance((await this.request(this.#calls.account(this.#signed(params)))) as Body);
  }

  async createOrder(symbol: string, type: string, side: string, amount: number, price?: number, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    this.checkSymbol(symbol);
    const freshId = (): string => `x-cvBPrNm9${this.parts.uuids.next().replaceAll('-', '').slice(0, 22)}`;
    const request = binanceOrderRequest({ type, side, amount, price, params }, this.parts.rules(), freshId);
    return binanceOrder((await this.request(this.#calls.newOrder(request, this.#signed(params)))) as Body);
  }

  async createMarketBuyOrderWithCost(symbol: string, _cost: number, _params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    this.checkSymbol(symbol);
    throw new NotSupported(`${this.id} createMarketBuyOrderWithCost() supports spot orders only`);
  }

  async fetchOrder(id: string | undefined, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    const name = this.#orderName('fetchOrder', id, symbol, params);
    return binanceOrder((await this.request(this.#calls.order(name, this.#signed(params)))) as Body);
  }

  async fetchOrderWithClientOrderId(clientOrderId: string, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    return this.fetchOrder('', symbol, { ...params, clientOrderId });
  }

  async cancelOrder(id: string | undefined, symbol?: string, params: Params = {}): Promise<ClientOrder> {
    await this.ready();
    const name = this.#orderName('cancelOrder', id, symbol, params);
    return binanceOrder((await this.request(this.#calls.cancelOrder(name, this.#signed(params)))) as Body);
  }

  async fetchOpenOrders(symbol?: string, since?: number, limit?: number, params: Params = {}): Promise<ClientOrder[]> {
    await this.ready();
    if (symbol === undefined)
      throw new ExchangeError(
        `${this.id} fetchOpenOrders() WARNING: fetching open orders without specifying a symbol has stricter rate limits (10 times more for spot, 40 times more for other markets) compared to requesting with symbol argument. To acknowledge this warning, set ${this.id}.options["fetchOpenOrders"]["warnWithoutSymbol"] = false to suppress this warning message.`,
      );
    this.checkSymbol(symbol);
    const body = await this.request(this.#calls.orders.open(this.#signed(params)));
    return sinceAndLimit(ordersIn(body, binanceOrder), since, limit);
  }

  async fetchMyTrades(symbol?: string, since?: number, limit?: number, params: Params = {}): Promise<ClientTrade[]> {
    await this.ready();
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} fetchMyTrades() requires a symbol argument`);
    this.checkSymbol(symbol);
    const orderId = textOf(params['orderId']);
    const body = await this.request(
      this.#calls.orders.trades({ symbol: BINANCE_SYMBOL, startTime: textOf(since), limit: textOf(limit), orderId }, this.#signed(params)),
    );
    return sinceAndLimit(rowsOf(body).map(binanceTrade), since, limit);
  }

  async setLeverage(leverage: number, symbol?: string, params: Params = {}): Promise<unknown> {
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} setLeverage() requires a symbol argument`);
    if (leverage < 1 || leverage > 125) throw new BadRequest(`${this.id} leverage should be between 1 and 125`);
    await this.ready();
    this.checkSymbol(symbol);
    return this.request(this.#calls.leverage(BINANCE_SYMBOL, leverage, this.#signed(params)));
  }

  /** The raw call that the order-execution specification makes; faults see it as `setLeverage`. */
  async fapiPrivatePostLeverage(params: { symbol?: string; leverage?: number | string } & Params = {}): Promise<unknown> {
    return this.request(this.#calls.leverage(params.symbol, Number(params.leverage), this.#signed(params)));
  }

  async setMarginMode(marginMode: string, symbol?: string, params: Params = {}): Promise<unknown> {
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} setMarginMode() requires a symbol argument`);
    const mode = { ISOLATED: 'isolated', CROSS: 'cross', CROSSED: 'cross' }[marginMode.toUpperCase()];
    if (mode === undefined) throw new BadRequest(`${this.id} marginMode must be either isolated or cross`);
    await this.ready();
    this.checkSymbol(symbol);
    return this.request(this.#calls.marginType(mode === 'cross' ? 'cross' : 'isolated', this.#signed(params)));
  }

  async setPositionMode(hedged: boolean, _symbol?: string, params: Params = {}): Promise<unknown> {
    return this.request(this.#calls.setPositionMode(hedged ? 'hedge' : 'oneway', this.#signed(params)));
  }

  async fetchPositionMode(_symbol?: string, params: Params = {}): Promise<unknown> {
    const body = await this.request(this.#calls.positionMode(this.#signed(params)));
    const hedged = (body as Body)['dualSidePosition'];
    return { info: body, hedged: typeof hedged === 'boolean' ? hedged : undefined };
  }

  async fetchLeverage(symbol: string, params: Params = {}): Promise<unknown> {
    await this.ready();
    this.checkSymbol(symbol);
    await this.#loadBrackets('fetchLeverage', params);
    const body = await this.request(this.#calls.symbolConfig(this.#signed(params)));
    const row = rowsOf(body).find((config) => config['symbol'] === BINANCE_SYMBOL);
    return row === undefined ? undefined : binanceLeverage(row);
  }

  async fetchPositions(symbols?: string[], params: Params = {}): Promise<ClientPosition[]> {
    if (symbols !== undefined && !Array.isArray(symbols))
      throw new ArgumentsRequired(`${this.id} fetchPositionsRisk() requires an array argument for symbols`);
    await this.ready();
    const brackets = await this.#loadBrackets('fetchPositions', params);
    const body = await this.request(this.#calls.positionRisk(params['useV2'] === true ? 2 : 3, this.#signed(params)));
    const positions = rowsOf(body)
      .filter((row) => Number(row['entryPrice']) > 0)
      .map((row) => binancePosition(row, brackets));
    return symbols === undefined ? positions : positions.filter(({ symbol }) => symbol !== undefined && symbols.includes(symbol));
  }

  protected async fetchMarketTable(): Promise<unknown> {
    const rules = this.parts.rules();
    const body = await this.request(this.#calls.exchangeInfo(() => this.parts.rules()));
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

  #orderName(method: string, id: string | undefined, symbol: string | undefined, params: Params): BinanceOrderName {
    if (symbol === undefined) throw new ArgumentsRequired(`${this.id} ${method}() requires a symbol argument`);
    this.checkSymbol(symbol);
    const origClientOrderId = textOf(params['origClientOrderId'] ?? params['clientOrderId']);
    return { orderId: origClientOrderId === undefined ? id : undefined, origClientOrderId };
  }

  async #loadBrackets(method: 'fetchPositions' | 'fetchLeverage', params: Params): Promise<Brackets> {
    if (this.#brackets === undefined) {
      const body = await this.request(this.#calls.leverageBracket(method, this.#signed(params)));
      this.#brackets = bracketsOf(body as Body[]);
    }
    return this.#brackets;
  }

  #signed(params: Params): Signed {
    return { recvWindowMs: Number(params['recvWindow'] ?? this.parts.world.recvWindowMs ?? RECV_WINDOW_MS) };
  }
}

function sinceAndLimit<T extends { timestamp?: number | undefined }>(rows: T[], since: number | undefined, limit: number | undefined): T[] {
  const sorted = [...rows].sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
  const recent = since === undefined ? sorted : sorted.filter(({ timestamp }) => (timestamp ?? 0) >= since);
  if (limit === undefined) return recent;
  return since === undefined ? recent.slice(-limit) : recent.slice(0, limit);
}
