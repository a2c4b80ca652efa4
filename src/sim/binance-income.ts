import { formatFixed } from '../core/money.js';
import type { EpochMs, Side } from '../core/units.js';
import { BINANCE_SYMBOL, withDecimals } from './binance-order.js';
import type { PositionSide } from './binance-position.js';
import type { PostingReason } from './tape-event.js';

/** What Binance calls a movement of money. */
const TYPES: Readonly<Partial<Record<PostingReason, string>>> = {
  'realized-pnl': 'REALIZED_PNL',
  fee: 'COMMISSION',
  funding: 'FUNDING_FEE',
  liquidation: 'INSURANCE_CLEAR',
  external: 'TRANSFER',
  deposit: 'TRANSFER',
};

/** Every type that may be asked for. */
export const INCOME_TYPES: ReadonlySet<string> = new Set([
  ...['TRANSFER', 'WELCOME_BONUS', 'REALIZED_PNL', 'FUNDING_FEE', 'COMMISSION', 'INSURANCE_CLEAR', 'REFERRAL_KICKBACK', 'COMMISSION_REBATE'],
  ...['API_REBATE', 'CONTEST_REWARD', 'CROSS_COLLATERAL_TRANSFER', 'OPTIONS_PREMIUM_FEE', 'OPTIONS_SETTLE_PROFIT', 'INTERNAL_TRANSFER'],
  ...['AUTO_EXCHANGE', 'DELIVERED_SETTELMENT', 'COIN_SWAP_DEPOSIT', 'COIN_SWAP_WITHDRAW', 'POSITION_LIMIT_INCREASE_FEE'],
  ...['STRATEGY_UMFUTURES_TRANSFER', 'FEE_RETURN', 'BFUSD_REWARD', 'SPECIAL_FUNDING_FEE'],
]);

/** One movement of the wallet. */
export interface Income {
  readonly at: EpochMs;
  readonly reason: PostingReason;
  readonly amount: bigint;
  /** Of the trade it comes from. */
  readonly tradeId: string | undefined;
}

export const incomeTypeOf = ({ reason }: Income): string => TYPES[reason] ?? 'TRANSFER';

/** A row of `GET /fapi/v1/income`; `number` counts the movements of the account. */
export function incomeRow(income: Income, number: number): Record<string, unknown> {
  const incomeType = incomeTypeOf(income);
  return {
    symbol: incomeType === 'TRANSFER' ? '' : BINANCE_SYMBOL,
    incomeType,
    income: formatFixed(income.amount),
    asset: 'USDT',
    time: income.at,
    info: income.tradeId ?? incomeType,
    tranId: 9_000_000_001 + number,
    tradeId: income.tradeId ?? '',
  };
}

/** A position that the venue closed. */
export interface ForcedClose {
  readonly at: EpochMs;
  readonly kind: 'liquidation' | 'adl';
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly quantity: bigint;
  readonly price: bigint;
  readonly quote: bigint;
}

/** A row of `GET /fapi/v1/forceOrders`; `number` counts them. */
export function forceOrderRow(close: ForcedClose, number: number): Record<string, unknown> {
  const quantity = withDecimals(close.quantity, 3);
  return {
    orderId: 800_000_000_001 + number,
    symbol: BINANCE_SYMBOL,
    status: 'FILLED',
    clientOrderId: close.kind === 'adl' ? 'adl_autoclose' : `autoclose-${close.at}`,
    price: withDecimals(close.price, 2),
    avgPrice: withDecimals(close.price, 5),
    origQty: quantity,
    executedQty: quantity,
    cumQuote: withDecimals(close.quote, 5),
    timeInForce: 'IOC',
    type: 'LIMIT',
    reduceOnly: false,
    closePosition: false,
    side: close.side === 'buy' ? 'BUY' : 'SELL',
    positionSide: close.positionSide,
    stopPrice: '0.00',
    workingType: 'CONTRACT_PRICE',
    origType: 'LIMIT',
    time: close.at,
    updateTime: close.at,
  };
}
