import { fixed, type Btc, type Fixed, type PriceUsdt } from '../core/money.js';
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
import { BinanceHistoryCalls } from './binance-history-calls.js';
import { BINANCE_SYMBOL } from './binance-order.js';
import type { BinanceOrderRequest } from './binance-rules.js';
import { changeLeverage, changeMarginMode, changePositionMode } from './binance-settings.js';
import type { BinanceOrderName, BinanceVenue } from './binance-venue.js';
import { amountIn, queryOf } from './ccxt-local.js';
import type { CallFacts, ClientCall, Endpoint } from './client-call.js';
import type { VenueLiquidity } from './liquidity.js';
import type { MarketHistory } from './market-history.js';
import { accepted, refused, type RequestContext, type Respond, type VenueReply } from './venue-reply.js';
import { futuresOf, type VenueRules } from './venue-rules.js';

type Answer = (context: RequestContext) => VenueReply;
type Method = ClientCall['method'];

/** What reads of the market need besides the venue. */
export interface BinanceData {
  readonly market: MarketView;
  readonly liquidity: VenueLiquidity;
  /** What was traded, and the mark, which goes on where trading stops. */
  readonly history: MarketHistory;
  readonly marks: MarketHistory;
  /** The venue's clock and its rules of now. */
  now(): EpochMs;
  rules(): VenueRules;
}

/** What a signed request bears: how long it may be under way, and since when where it says so itself. */
export interface Signed {
  readonly recvWindowMs: number;
  readonly timestamp?: number | undefined;
}

/** What each call costs ccxt's own limiter (4.5.84, `binance.js`); a book costs what it weighs. */
const COSTS: Readonly<Partial<Record<Method, number>>> = { createOrder: 4, fetchMyTrades: 5, fetchPositionMode: 30, fetchLeverage: 5 };
/** The table of margin tiers, whatever it is fetched for. */
const BRACKETS: Endpoint = { cost: 1, scope: 'queries', weight: 1 };
const PUBLIC = new Set<Method>(['ping', 'loadMarkets', 'fetchTime', 'fetchOrderBook', 'fetchTicker', 'fetchFundingRate']);
/** How many levels of the book may be asked for, and how many there are without asking. */
const DEPTH_LIMITS: ReadonlySet<number> = new Set([5, 10, 20, 50, 100, 500, 1_000]);
const DEPTH_DEFAULT = 500;
const ORDER = `symbol=${BINANCE_SYMBOL}`;

function endpointOf(method: Method, levels?: number): Endpoint {
  const weight = requestWeight('binance', method, levels);
  const scope = method === 'createOrder' ? 'orders' : PUBLIC.has(method) ? 'market' : 'queries';
  return { cost: method === 'fetchOrderBook' ? weight : (COSTS[method] ?? 1), scope, weight };
}

/**
 * Every request that Binance's USD-M interface is emulated for, made of its wire parameters: object-level client and
 * wire protocol share them.
 */
export class BinanceCalls {
  readonly #venue: BinanceVenue;
  readonly #data: BinanceData;
  readonly history: BinanceHistoryCalls;

  constructor(venue: BinanceVenue, data: BinanceData) {
    this.#venue = venue;
    this.#data = data;
    this.history = new BinanceHistoryCalls(venue, data);
  }

  /** `GET /fapi/v1/ping` */
  ping(): ClientCall {
    return open('ping', undefined, () => accepted({}));
  }

  /** `GET /fapi/v1/time` */
  time(): ClientCall {
    return open('fetchTime', undefined, () => accepted({ serverTime: this.#data.now() }));
  }

  /** `GET /fapi/v1/exchangeInfo`; @param rules - those that the answer shows. */
  exchangeInfo(rules: () => VenueRules = () => this.#data.rules()): ClientCall {
    return open('loadMarkets', undefined, () => accepted(exchangeInfoBody(rules(), this.#data.now())));
  }

  /** `GET /fapi/v1/depth` */
  depth(limit: number | undefined): ClientCall {
    const levels = limit ?? DEPTH_DEFAULT;
    return {
      ...open('fetchOrderBook', queryOf({ symbol: BINANCE_SYMBOL, limit }), ({ asOf }) =>
        DEPTH_LIMITS.has(levels)
          ? accepted(depthBody(this.#data.liquidity.book(asOf), levels, asOf))
          : refused(400, '-4021', `${levels} is not valid depth limit.`),
      ),
      endpoint: endpointOf('fetchOrderBook', levels),
    };
  }

  /** `GET /fapi/v1/ticker/24hr` */
  ticker(): ClientCall {
    return open('fetchTicker', ORDER, ({ asOf }) => accepted(tickerBody(this.#data.liquidity.midPrice(asOf) as PriceUsdt | undefined, asOf)));
  }

  /** `GET /fapi/v1/premiumIndex` */
  premiumIndex(): ClientCall {
    return open('fetchFundingRate', ORDER, () => accepted(premiumIndexBody(this.#venue.mark(), this.#funding(), this.#data.now())));
  }

  /** `GET /fapi/v3/account` */
  account(signed: Signed): ClientCall {
    const { account } = this.#venue;
    return closed('fetchBalance', signed, {}, undefined, ({ asOf }) =>
      accepted(accountBody(account.visible('balance', asOf), account, this.#mark())),
    );
  }

  /** `POST /fapi/v1/order` */
  newOrder(request: BinanceOrderRequest, signed: Signed): ClientCall {
    const price = amountIn(request['price']);
    return {
      method: 'createOrder',
      endpoint: endpointOf('createOrder'),
      facts: {
        clientOrderId: request['newClientOrderId'],
        side: request['side'] === 'BUY' ? 'buy' : 'sell',
        orderType: request['type'] === 'LIMIT' ? 'limit' : 'market',
        quantity: amountIn<Btc>(request['quantity']) ?? fixed<Btc>(0n),
        price,
        reduceOnly: request['reduceOnly'] === 'true',
      },
      ...signed,
      perform: (context, respond) => this.#venue.newOrder(request, context, respond),
    };
  }

  /** `GET /fapi/v1/order` */
  order(name: BinanceOrderName, signed: Signed): ClientCall {
    return this.#ofOrder('fetchOrder', name, signed, (context, respond) => this.#venue.getOrder(name, context, respond));
  }

  /** `DELETE /fapi/v1/order` */
  cancelOrder(name: BinanceOrderName, signed: Signed): ClientCall {
    return this.#ofOrder('cancelOrder', name, signed, (context, respond) => this.#venue.cancelOrder(name, context, respond));
  }

  /** `GET /fapi/v1/openOrders` */
  openOrders(signed: Signed): ClientCall {
    return {
      method: 'fetchOpenOrders',
      endpoint: endpointOf('fetchOpenOrders'),
      facts: {},
      query: ORDER,
      ...signed,
      perform: (context, respond) => this.#venue.openOrdersList(context, respond),
    };
  }

  /** `GET /fapi/v1/userTrades` */
  userTrades(filter: Parameters<BinanceVenue['userTrades']>[0], signed: Signed): ClientCall {
    const { orderId, startTime, limit } = filter;
    return {
      method: 'fetchMyTrades',
      endpoint: endpointOf('fetchMyTrades'),
      facts: { orderId },
      query: queryOf({ symbol: BINANCE_SYMBOL, startTime, limit, orderId }),
      ...signed,
      perform: (context, respond) => this.#venue.userTrades(filter, context, respond),
    };
  }

  /** `POST /fapi/v1/leverage`; faults see the raw call of the specification as `setLeverage`, too. */
  leverage(symbol: string | undefined, leverage: number, signed: Signed): ClientCall {
    return closed('setLeverage', signed, {}, undefined, () =>
      symbol === BINANCE_SYMBOL ? changeLeverage(leverage, this.#settings()) : refused(400, '-1121', 'Invalid symbol.'),
    );
  }

  /** `POST /fapi/v1/marginType` */
  marginType(mode: 'isolated' | 'cross', signed: Signed): ClientCall {
    return closed('setMarginMode', signed, {}, undefined, () => changeMarginMode(mode, this.#settings()));
  }

  /** `POST /fapi/v1/positionSide/dual` */
  setPositionMode(mode: 'oneway' | 'hedge', signed: Signed): ClientCall {
    return closed('setPositionMode', signed, {}, undefined, () => changePositionMode(mode, this.#settings()));
  }

  /** `GET /fapi/v1/positionSide/dual` */
  positionMode(signed: Signed): ClientCall {
    return closed('fetchPositionMode', signed, {}, undefined, () => accepted({ dualSidePosition: this.#venue.account.positionMode === 'hedge' }));
  }

  /** `GET /fapi/v1/leverageBracket`, which ccxt fetches once to read what `method` is answered. */
  leverageBracket(method: 'fetchPositions' | 'fetchLeverage', signed: Signed): ClientCall {
    const { account } = this.#venue;
    const call = closed(method, signed, {}, undefined, () => accepted(leverageBracketBody(account.tiers)));
    return { ...call, request: 'leverageBracket', endpoint: BRACKETS, prepares: true };
  }

  /** `GET /fapi/v1/symbolConfig` */
  symbolConfig(signed: Signed): ClientCall {
    return closed('fetchLeverage', signed, {}, undefined, () => accepted(symbolConfigBody(this.#venue.account)));
  }

  /** `GET /fapi/v3/positionRisk`, or version 2. */
  positionRisk(version: 2 | 3, signed: Signed): ClientCall {
    const { account } = this.#venue;
    const call = closed('fetchPositions', signed, {}, undefined, ({ asOf }) =>
      accepted(positionRiskBody(account.visible('positions', asOf), account, this.#mark(), version)),
    );
    return version === 2 ? { ...call, request: 'positionRiskV2' } : call;
  }

  #ofOrder(method: 'fetchOrder' | 'cancelOrder', name: BinanceOrderName, signed: Signed, perform: ClientCall['perform']): ClientCall {
    const { orderId, origClientOrderId } = name;
    return {
      method,
      endpoint: endpointOf(method),
      facts: { orderId, clientOrderId: origClientOrderId },
      query: queryOf({ symbol: BINANCE_SYMBOL, orderId, origClientOrderId }),
      ...signed,
      perform,
    };
  }

  #settings(): Parameters<typeof changeLeverage>[1] {
    return { account: this.#venue.account, openOrders: this.#venue.openOrders, mark: this.#venue.mark() };
  }

  /**
   * When funding is settled next, with the rate of the last settlement: the venue's estimate of the coming rate is not
   * in the data, and the rate itself would be a look into the future.
   */
  #funding(): { readonly at: EpochMs; readonly rate: number } | undefined {
    const { market } = this.#data;
    const now = this.#data.now();
    const next = market.nextFunding(now);
    if (next === undefined) return undefined;
    const last = market.nextFunding(epochMs(now - futuresOf(this.#data.rules()).fundingIntervalMs));
    return { at: next.at, rate: last !== undefined && last.at <= now ? last.rate : 0 };
  }

  #mark(): Fixed<string> {
    return this.#venue.mark() ?? fixed<Fixed<string>>(0n);
  }
}

const answering =
  (answer: Answer): ClientCall['perform'] =>
  (context: RequestContext, respond: Respond): void =>
    respond(answer(context));

/** A call without a key. */
function open(method: Method, query: string | undefined, answer: Answer): ClientCall {
  return { method, endpoint: endpointOf(method), facts: {}, query, perform: answering(answer) };
}

/** A signed call. */
function closed(method: Method, signed: Signed, facts: CallFacts, query: string | undefined, answer: Answer): ClientCall {
  return { method, endpoint: endpointOf(method), facts, query, ...signed, perform: answering(answer) };
}
