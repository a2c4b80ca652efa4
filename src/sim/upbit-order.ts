import { formatFixed, type Btc, type Fixed, type Krw } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import { MARKET_IDS } from '../exchange/client-params.js';
import type { BookOrder } from './book-order.js';
import type { LaggedViews } from './visibility.js';

export type UpbitSide = 'bid' | 'ask';
export type UpbitOrderType = 'limit' | 'price' | 'market' | 'best';
export type UpbitTimeInForce = 'ioc' | 'fok' | 'post_only';

export interface UpbitTrade {
  readonly uuid: string;
  readonly price: Fixed<string>;
  readonly volume: Btc;
  readonly funds: bigint;
  readonly fee: bigint;
  readonly maker: boolean;
  readonly at: EpochMs;
}

/** A state of an order as readers may see it. */
export interface UpbitOrderState {
  readonly state: 'wait' | 'done' | 'cancel' | 'prevented';
  readonly executed: Btc;
  readonly funds: bigint;
  readonly paidFee: bigint;
  readonly locked: bigint;
  readonly tradeCount: number;
}

export interface UpbitOrder extends BookOrder {
  readonly wireSide: UpbitSide;
  readonly ordType: UpbitOrderType;
  readonly wireTimeInForce: UpbitTimeInForce | undefined;
  /** As it was sent: the limit, or the KRW of a buy by cost. */
  readonly wirePrice: string | null;
  readonly reservedFee: Krw;
  readonly trades: UpbitTrade[];
  readonly seen: LaggedViews<UpbitOrderState>;
  locked: bigint;
}

export const UPBIT_MARKET = MARKET_IDS.upbit;
const KST_OFFSET_MS = 9 * 3_600_000;

/** `2025-03-03T10:00:00+09:00`: orders carry whole seconds, so up to 999 ms before the request was sent. */
function kstSecond(at: EpochMs): string {
  return `${new Date(at + KST_OFFSET_MS).toISOString().slice(0, 19)}+09:00`;
}

function kstMillisecond(at: EpochMs): string {
  return `${new Date(at + KST_OFFSET_MS).toISOString().slice(0, 23)}+09:00`;
}

export function upbitState(order: UpbitOrder): UpbitOrderState {
  return {
    state: stateOf(order),
    executed: order.executed,
    funds: order.quote,
    paidFee: order.fee,
    locked: order.locked,
    tradeCount: order.trades.length,
  };
}

function stateOf({ ended }: UpbitOrder): UpbitOrderState['state'] {
  if (ended === undefined) return 'wait';
  return ended === 'filled' ? 'done' : ended === 'prevented' ? 'prevented' : 'cancel';
}

/** An answer to a create that holds the ids alone. */
export function upbitAckBody(order: UpbitOrder): Record<string, unknown> {
  const identifier = order.clientOrderId === undefined ? {} : { identifier: order.clientOrderId };
  return { uuid: order.id, market: UPBIT_MARKET, ...identifier };
}

/** The order as `GET /v1/order` (`single`) or a list shows it. */
export function upbitOrderBody(order: UpbitOrder, state: UpbitOrderState, form: 'single' | 'list' | 'bare'): Record<string, unknown> {
  const { quantity } = order;
  const body: Record<string, unknown> = {
    uuid: order.id,
    side: order.wireSide,
    ord_type: order.ordType,
    price: order.wirePrice,
    state: state.state,
    market: UPBIT_MARKET,
    created_at: kstSecond(order.createdAt),
    volume: quantity === undefined ? null : formatFixed(quantity),
    remaining_volume: quantity === undefined ? null : formatFixed(quantity - state.executed),
    executed_volume: formatFixed(state.executed),
    reserved_fee: formatFixed(order.reservedFee),
    remaining_fee: formatFixed(state.state === 'wait' ? order.reservedFee - state.paidFee : 0n),
    paid_fee: formatFixed(state.paidFee),
    locked: formatFixed(state.locked),
    prevented_volume: '0',
    prevented_locked: '0',
    trades_count: state.tradeCount,
  };
  if (order.wireSide === 'ask') {
    body['reserved_fee'] = '0';
    body['remaining_fee'] = '0';
  }
  if (order.wireTimeInForce !== undefined) body['time_in_force'] = order.wireTimeInForce;
  if (order.clientOrderId !== undefined) body['identifier'] = order.clientOrderId;
  if (form === 'list') body['executed_funds'] = formatFixed(state.funds);
  if (form === 'single') body['trades'] = order.trades.slice(0, state.tradeCount).map((trade) => tradeBody(order, trade));
  return body;
}

function tradeBody(order: UpbitOrder, trade: UpbitTrade): Record<string, unknown> {
  return {
    market: UPBIT_MARKET,
    uuid: trade.uuid,
    price: formatFixed(trade.price),
    volume: formatFixed(trade.volume),
    funds: formatFixed(trade.funds),
    trend: order.side === 'buy' ? 'up' : 'down',
    created_at: kstMillisecond(trade.at),
    side: order.wireSide,
  };
}
