import { formatFixed, mulDiv, ONE, type Btc, type Fixed } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import { MARKET_IDS } from '../exchange/client-params.js';
import type { PositionSide } from './binance-position.js';
import type { BookOrder } from './book-order.js';
import type { LaggedViews } from './visibility.js';

export type BinanceStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH' | 'REJECTED' | 'PENDING_CANCEL';

export interface BinanceTrade {
  readonly id: number;
  readonly price: Fixed<string>;
  readonly quantity: Btc;
  readonly quote: bigint;
  readonly fee: bigint;
  readonly realized: bigint;
  readonly maker: boolean;
  readonly at: EpochMs;
}

/** A state of an order as readers may see it. */
export interface BinanceOrderState {
  readonly status: BinanceStatus;
  readonly executed: Btc;
  readonly quote: bigint;
  readonly tradeCount: number;
  readonly updatedAt: EpochMs;
}

export interface BinanceOrder extends BookOrder {
  readonly orderId: number;
  readonly wireType: 'LIMIT' | 'MARKET';
  readonly wireTimeInForce: 'GTC' | 'IOC' | 'FOK' | 'GTX';
  readonly positionSide: PositionSide;
  readonly trades: BinanceTrade[];
  readonly seen: LaggedViews<BinanceOrderState>;
  /** Margin and fee held for the part that would open. */
  reserved: bigint;
  cancelPending: boolean;
}

export const BINANCE_SYMBOL = MARKET_IDS.binance;

export function binanceState(order: BinanceOrder): BinanceOrderState {
  return { status: statusOf(order), executed: order.executed, quote: order.quote, tradeCount: order.trades.length, updatedAt: order.updatedAt };
}

function statusOf(order: BinanceOrder): BinanceStatus {
  switch (order.ended) {
    case undefined:
      if (order.cancelPending) return 'PENDING_CANCEL';
      return order.executed > 0n ? 'PARTIALLY_FILLED' : 'NEW';
    case 'filled':
      return 'FILLED';
    case 'canceled':
      return 'CANCELED';
    case 'expired':
      return 'EXPIRED';
    case 'rejected':
      return 'REJECTED';
    case 'prevented':
      return 'EXPIRED_IN_MATCH';
  }
}

/** `value` with exactly `places` decimals, rounded half up. */
export function withDecimals(value: bigint, places: number): string {
  const unit = UNITS[places] ?? 1n;
  const text = formatFixed(value % unit === 0n ? value : mulDiv(value, 1n, unit, 'half-up') * unit);
  if (places === 0) return text;
  const point = text.indexOf('.');
  return point === -1 ? `${text}.${'0'.repeat(places)}` : text.padEnd(point + 1 + places, '0');
}

/** One unit of the last of so many decimals. */
const UNITS: readonly bigint[] = Array.from({ length: 9 }, (_, places) => 10n ** BigInt(8 - places));

/** What `newOrderRespType: ACK` leaves of the answer to a create when nothing else is known: the ids. */
export function binanceAckBody(order: BinanceOrder): Record<string, unknown> {
  return { orderId: order.orderId, symbol: BINANCE_SYMBOL, clientOrderId: order.clientOrderId, updateTime: order.updatedAt };
}

/** The order as the answer to a create or cancel (`result`) or a query shows it. */
export function binanceOrderBody(order: BinanceOrder, state: BinanceOrderState, form: 'result' | 'query'): Record<string, unknown> {
  const average = state.executed === 0n ? 0n : mulDiv(state.quote, ONE, state.executed, 'half-up');
  const body: Record<string, unknown> = {
    orderId: order.orderId,
    symbol: BINANCE_SYMBOL,
    status: state.status,
    clientOrderId: order.clientOrderId,
    price: withDecimals(order.limit ?? 0n, 2),
    avgPrice: withDecimals(average, 5),
    origQty: withDecimals(order.quantity ?? 0n, 3),
    executedQty: withDecimals(state.executed, 3),
    cumQuote: withDecimals(state.quote, 5),
    timeInForce: order.wireTimeInForce,
    type: order.wireType,
    reduceOnly: order.reduceOnly,
    closePosition: false,
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    positionSide: order.positionSide,
    stopPrice: '0.00',
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    origType: order.wireType,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'EXPIRE_MAKER',
    goodTillDate: 0,
    updateTime: state.updatedAt,
  };
  if (form === 'query') body['time'] = order.createdAt;
  else body['cumQty'] = withDecimals(state.executed, 3);
  return body;
}

export function binanceTradeBody(order: BinanceOrder, trade: BinanceTrade): Record<string, unknown> {
  return {
    symbol: BINANCE_SYMBOL,
    id: trade.id,
    orderId: order.orderId,
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    price: withDecimals(trade.price, 2),
    qty: withDecimals(trade.quantity, 3),
    realizedPnl: formatFixed(trade.realized),
    quoteQty: withDecimals(trade.quote, 5),
    commission: formatFixed(trade.fee),
    commissionAsset: 'USDT',
    time: trade.at,
    positionSide: order.positionSide,
    buyer: order.side === 'buy',
    maker: trade.maker,
  };
}
