/**
 * The slice of the ccxt unified API that a hedge executor needs, with ccxt's positional arguments and
 * field names, so that a real `ccxt.upbit` or `ccxt.binanceusdm` is assignable as it is (a compile-time
 * test proves it). Assignable does not mean supported: `ccxt.upbit.setLeverage` exists and throws
 * `NotSupported`. Nearly every result field may be undefined; read `executedOf` and `certaintyOf`
 * before believing one.
 */
type Params = Record<string, unknown>;
type Num = number | undefined;
type Str = string | undefined;

export interface ClientFee {
  currency?: Str;
  /** A string on Upbit's `order.fee` (ccxt 4.5.84), a number in `order.fees`. */
  cost?: number | string | undefined;
}

export interface ClientTrade {
  id?: Str;
  order?: Str;
  timestamp?: Num;
  side?: string | undefined;
  price?: Num;
  amount?: Num;
  cost?: Num;
  fee?: ClientFee | undefined;
}

export interface ClientOrder {
  id: string | undefined;
  clientOrderId?: Str;
  symbol?: Str;
  type?: Str;
  side?: Str;
  /** `open`, `closed`, `canceled`, `expired`, `rejected`, or a raw venue word: never proof of a fill. */
  status?: Str;
  timestamp?: Num;
  timeInForce?: Str;
  price?: Num;
  average?: Num;
  amount?: Num;
  filled?: Num;
  remaining?: Num;
  cost?: Num;
  reduceOnly?: boolean | undefined;
  trades?: ClientTrade[] | undefined;
  fee?: ClientFee | undefined;
  fees?: ClientFee[] | undefined;
  /** The venue's own answer, for what ccxt drops (`executed_funds`, `cumQuote`). */
  info?: unknown;
}

export interface ClientBalance {
  free?: number | string | undefined;
  used?: number | string | undefined;
  total?: number | string | undefined;
}

export interface ClientPosition {
  symbol?: string | undefined;
  side?: Str;
  /** Always positive; the sign is in `side`. */
  contracts?: Num;
  entryPrice?: Num;
  markPrice?: Num;
  leverage?: Num;
  liquidationPrice?: Num;
  initialMargin?: Num;
  maintenanceMargin?: Num;
  unrealizedPnl?: Num;
  marginMode?: Str;
  hedged?: boolean | undefined;
  info?: unknown;
}

export interface ClientOrderBook {
  bids: [Num, Num][];
  asks: [Num, Num][];
  timestamp?: Num;
  nonce?: Num;
}

export interface ClientTicker {
  last?: Num;
  bid?: Num;
  ask?: Num;
  timestamp?: Num;
}

export interface ExchangeClient {
  readonly id: string;
  loadMarkets(reload?: boolean, params?: Params): Promise<unknown>;
  fetchTime(params?: Params): Promise<number | undefined>;
  fetchOrderBook(symbol: string, limit?: number, params?: Params): Promise<ClientOrderBook>;
  fetchTicker(symbol: string, params?: Params): Promise<ClientTicker>;
  /** Keyed by currency code: `balance['KRW']`. */
  fetchBalance(params?: Params): Promise<object>;
  createOrder(symbol: string, type: string, side: string, amount: number, price?: number, params?: Params): Promise<ClientOrder>;
  createMarketBuyOrderWithCost(symbol: string, cost: number, params?: Params): Promise<ClientOrder>;
  fetchOrder(id: string | undefined, symbol?: string, params?: Params): Promise<ClientOrder>;
  cancelOrder(id: string | undefined, symbol?: string, params?: Params): Promise<ClientOrder | object>;
  fetchOpenOrders(symbol?: string, since?: number, limit?: number, params?: Params): Promise<ClientOrder[]>;
  fetchMyTrades(symbol?: string, since?: number, limit?: number, params?: Params): Promise<ClientTrade[]>;
  setLeverage(leverage: number, symbol?: string, params?: Params): Promise<unknown>;
  setMarginMode(marginMode: string, symbol?: string, params?: Params): Promise<unknown>;
  setPositionMode(hedged: boolean, symbol?: string, params?: Params): Promise<unknown>;
  fetchPositionMode(symbol?: string, params?: Params): Promise<unknown>;
  fetchLeverage(symbol: string, params?: Params): Promise<unknown>;
  fetchPositions(symbols?: string[], params?: Params): Promise<ClientPosition[]>;
  fetchFundingRate(symbol: string, params?: Params): Promise<unknown>;
}

/** Names of the calls above, and what faults match on; raw variants of creating an order count as `createOrder`. */
export type ClientMethod = Exclude<keyof ExchangeClient, 'id' | 'createMarketBuyOrderWithCost'>;

/** Calls that may change something at the venue. */
export const MUTATING_METHODS: ReadonlySet<string> = new Set<ClientMethod>([
  'createOrder',
  'cancelOrder',
  'setLeverage',
  'setMarginMode',
  'setPositionMode',
]);

/**
 * The raw call with which the specification sets leverage (section 2.4): `POST /fapi/v1/leverage`. The
 * ccxt clients of Binance have it; the simulated one must.
 */
export interface RawLeverageClient {
  fapiPrivatePostLeverage(params?: { symbol?: string; leverage?: number | string } & Params): Promise<unknown>;
}
