import { formatFixed, mulDiv, ONE, type Fixed } from '../../../core/money.js';
import type { EpochMs } from '../../../core/units.js';
import { maintenanceMargin } from '../../../exchange/margin-tiers.js';
import type { BinanceAccount } from '../../../sim/binance-account.js';
import { usdtOf } from '../../../sim/binance-margin.js';
import { BINANCE_SYMBOL, binanceState, withDecimals, type BinanceOrder, type BinanceTrade } from '../../../sim/binance-order.js';
import type { BinancePosition } from '../../../sim/binance-position.js';
import type { ForcedTrade } from '../../../sim/venue-host.js';
import type { BinanceMessage } from './market-messages.js';

const price = (value: bigint): string => withDecimals(value, 2);
const amount = (value: bigint): string => withDecimals(value, 3);
const money = (value: bigint): string => withDecimals(value, 8);

/** What happened to an order: it came, it traded, it ended. */
export type OrderStep = { readonly kind: 'opened' | 'ended' } | { readonly kind: 'traded'; readonly trade: BinanceTrade };

function execution(order: BinanceOrder, step: OrderStep): { readonly x: string; readonly X: string } {
  if (step.kind === 'opened') return { x: 'NEW', X: 'NEW' };
  const { status } = binanceState(order);
  if (step.kind === 'traded') return { x: 'TRADE', X: order.executed === order.quantity ? 'FILLED' : status };
  return { x: status === 'EXPIRED_IN_MATCH' ? 'EXPIRED' : status, X: status };
}

/** A commission is not told of where there is none. */
const lastFill = (trade: BinanceTrade | undefined): BinanceMessage =>
  trade === undefined
    ? { l: amount(0n), L: '0', t: 0, m: false, rp: '0' }
    : {
        l: amount(trade.quantity),
        L: price(trade.price),
        n: formatFixed(trade.fee),
        N: 'USDT',
        t: trade.id,
        m: trade.maker,
        rp: formatFixed(trade.realized),
      };

/** `ORDER_TRADE_UPDATE`, of an order as it is at this step. */
export function orderTradeUpdate(now: EpochMs, order: BinanceOrder, step: OrderStep): BinanceMessage {
  const traded = step.kind === 'traded' ? step.trade : undefined;
  const average = order.executed === 0n ? 0n : mulDiv(order.quote, ONE, order.executed, 'half-up');
  const at = traded?.at ?? (step.kind === 'opened' ? order.createdAt : order.updatedAt);
  return {
    e: 'ORDER_TRADE_UPDATE',
    E: now,
    T: at,
    o: {
      s: BINANCE_SYMBOL,
      c: order.clientOrderId ?? '',
      S: order.side === 'buy' ? 'BUY' : 'SELL',
      o: order.wireType,
      f: order.wireTimeInForce,
      q: amount(order.quantity ?? 0n),
      p: price(order.limit ?? 0n),
      ap: withDecimals(average, 5),
      sp: '0',
      ...execution(order, step),
      i: order.orderId,
      z: amount(order.executed),
      ...lastFill(traded),
      T: at,
      b: '0',
      a: '0',
      R: order.reduceOnly,
      wt: 'CONTRACT_PRICE',
      ot: order.wireType,
      ps: order.positionSide,
      cp: false,
      pP: false,
      si: 0,
      ss: 0,
      V: 'EXPIRE_MAKER',
      pm: 'NONE',
      gtd: 0,
      er: '0',
    },
  };
}

/** `TRADE_LITE`: the same trade, sooner and with less of the order. */
export const tradeLite = (now: EpochMs, order: BinanceOrder, trade: BinanceTrade): BinanceMessage => ({
  e: 'TRADE_LITE',
  E: now,
  T: trade.at,
  s: BINANCE_SYMBOL,
  q: amount(order.quantity ?? 0n),
  p: price(order.limit ?? 0n),
  m: trade.maker,
  c: order.clientOrderId ?? '',
  S: order.side === 'buy' ? 'BUY' : 'SELL',
  L: price(trade.price),
  l: amount(trade.quantity),
  t: trade.id,
  i: order.orderId,
});

/** The order that the venue, or somebody else on the account, traded with. */
export interface ForeignOrder {
  readonly orderId: number;
  readonly tradeId: number;
}

const FOREIGN = {
  liquidation: { client: (at: EpochMs) => `autoclose-${at}`, type: 'LIQUIDATION', execution: 'CALCULATED', tif: 'IOC' },
  adl: { client: () => 'adl_autoclose', type: 'LIQUIDATION', execution: 'CALCULATED', tif: 'IOC' },
  external: { client: (at: EpochMs) => `web_${at}`, type: 'MARKET', execution: 'TRADE', tif: 'GTC' },
} as const;

/** Both messages of a trade that no order of ours made: it came, and it was executed. */
export function foreignOrderUpdates(now: EpochMs, trade: ForcedTrade, { orderId, tradeId }: ForeignOrder): readonly BinanceMessage[] {
  const { client, type, execution: executed, tif } = FOREIGN[trade.kind];
  const message = (isDone: boolean): BinanceMessage => ({
    e: 'ORDER_TRADE_UPDATE',
    E: now,
    T: now,
    o: {
      s: BINANCE_SYMBOL,
      c: client(now),
      S: trade.side === 'buy' ? 'BUY' : 'SELL',
      o: type,
      f: tif,
      q: amount(trade.quantity),
      p: price(type === 'MARKET' ? 0n : trade.price),
      ap: isDone ? withDecimals(trade.price, 5) : '0',
      sp: '0',
      x: isDone ? executed : 'NEW',
      X: isDone ? 'FILLED' : 'NEW',
      i: orderId,
      l: amount(isDone ? trade.quantity : 0n),
      z: amount(isDone ? trade.quantity : 0n),
      L: price(isDone ? trade.price : 0n),
      ...(isDone ? { n: formatFixed(trade.fee), N: 'USDT' } : {}),
      T: now,
      t: isDone ? tradeId : 0,
      b: '0',
      a: '0',
      m: false,
      R: true,
      wt: 'CONTRACT_PRICE',
      ot: type,
      ps: trade.positionSide,
      cp: false,
      rp: formatFixed(isDone ? trade.realized : 0n),
      pP: false,
      si: 0,
      ss: 0,
      V: 'NONE',
      pm: 'NONE',
      gtd: 0,
      er: '0',
    },
  });
  return [message(false), message(true)];
}

/** What an `ACCOUNT_UPDATE` is about. */
export interface AccountChange {
  readonly reason: 'ORDER' | 'FUNDING_FEE' | 'DEPOSIT' | 'WITHDRAW' | 'MARGIN_TYPE_CHANGE';
  /** Of the wallet, other than by results and commissions. */
  readonly moved: bigint;
  readonly positions: readonly BinancePosition[];
  /** What positions of this side have realised so far, before commissions. */
  realized(position: BinancePosition): bigint;
  readonly mark: Fixed<string> | undefined;
}

export function accountUpdate(now: EpochMs, account: BinanceAccount, change: AccountChange): BinanceMessage {
  const isolated = account.open.reduce((sum, position) => sum + position.isolated, 0n);
  return {
    e: 'ACCOUNT_UPDATE',
    E: now,
    T: now,
    a: {
      m: change.reason,
      B: [{ a: 'USDT', wb: money(account.wallet), cw: money(account.wallet - isolated), bc: formatFixed(change.moved) }],
      P: change.positions.map((position) => ({
        s: BINANCE_SYMBOL,
        pa: amount(position.quantity),
        ep: formatFixed(position.entryPrice),
        bep: formatFixed(position.entryPrice),
        cr: formatFixed(change.realized(position)),
        up: money(change.mark === undefined ? 0n : position.unrealized(change.mark)),
        mt: account.marginMode,
        iw: money(position.isolated),
        ps: position.side,
      })),
    },
  };
}

export const accountConfigUpdate = (now: EpochMs, leverage: number): BinanceMessage => ({
  e: 'ACCOUNT_CONFIG_UPDATE',
  E: now,
  T: now,
  ac: { s: BINANCE_SYMBOL, l: leverage },
});

export const listenKeyExpired = (now: EpochMs, listenKey: string): BinanceMessage => ({ e: 'listenKeyExpired', E: now, listenKey });

/** How much of a position's margin its maintenance takes up; above 1 it is liquidated. */
export function marginRatio(account: BinanceAccount, position: BinancePosition, mark: Fixed<string>): number {
  const margin = (account.marginMode === 'isolated' ? position.isolated : account.wallet) + position.unrealized(mark);
  return margin <= 0n ? Number.POSITIVE_INFINITY : Number(maintenanceOf(account, position, mark)) / Number(margin);
}

const maintenanceOf = (account: BinanceAccount, position: BinancePosition, mark: Fixed<string>): bigint =>
  maintenanceMargin(account.tiers, usdtOf(mark, position.size));

export function marginCall(now: EpochMs, account: BinanceAccount, positions: readonly BinancePosition[], mark: Fixed<string>): BinanceMessage {
  return {
    e: 'MARGIN_CALL',
    E: now,
    ...(account.marginMode === 'cross' ? { cw: money(account.wallet) } : {}),
    p: positions.map((position) => ({
      s: BINANCE_SYMBOL,
      ps: position.side,
      pa: amount(position.quantity),
      mt: account.marginMode === 'cross' ? 'CROSSED' : 'ISOLATED',
      iw: money(position.isolated),
      mp: money(mark),
      up: money(position.unrealized(mark)),
      mm: money(maintenanceOf(account, position, mark)),
    })),
  };
}
