import { mulDiv, ONE, toNumber, type Fixed } from '../../../core/money.js';
import type { EpochMs } from '../../../core/units.js';
import type { BookLevel, BookSnapshot } from '../../../market/market-view.js';
import type { Candle, Print } from '../../../sim/market-history.js';
import { UPBIT_MARKET, upbitState, type UpbitOrder, type UpbitTrade } from '../../../sim/upbit-order.js';
import { candleBody, changeRate } from '../../../sim/upbit-quotation-bodies.js';

export type UpbitMessage = Readonly<Record<string, unknown>>;
export type StreamType = 'SNAPSHOT' | 'REALTIME';

const KST_OFFSET_MS = 9 * 3_600_000;
/** Prices that levels may be put together by; any other gives nothing. */
const GROUPINGS: ReadonlySet<number> = new Set([0, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]);

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** Change against the day before, as tickers and trades show it. */
function changeOf(price: Fixed<string>, previous: Fixed<string>): UpbitMessage {
  const difference = toNumber(price - previous);
  return {
    prev_closing_price: toNumber(previous),
    change: difference > 0 ? 'RISE' : difference < 0 ? 'FALL' : 'EVEN',
    change_price: Math.abs(difference),
  };
}

/** The market's day, of UTC, and the 24 hours that end now. */
export interface UpbitDay {
  readonly today: Candle;
  readonly lastDay: Candle;
  readonly previousClose: Fixed<string>;
  readonly last: Print;
  /** Of all days that are known, up to a year. */
  readonly year: Candle;
}

export function tickerMessage(now: EpochMs, day: UpbitDay, stream: StreamType): UpbitMessage {
  const { today, lastDay, previousClose, last, year } = day;
  const price = last.price;
  const difference = toNumber(price - previousClose);
  return {
    type: 'ticker',
    code: UPBIT_MARKET,
    opening_price: toNumber(today.open),
    high_price: Math.max(toNumber(today.high), toNumber(price)),
    low_price: Math.min(toNumber(today.low), toNumber(price)),
    trade_price: toNumber(price),
    ...changeOf(price, previousClose),
    signed_change_price: difference,
    change_rate: Math.abs(changeRate(price, previousClose)),
    signed_change_rate: changeRate(price, previousClose),
    ask_bid: last.side === 'buy' ? 'BID' : 'ASK',
    trade_volume: toNumber(last.quantity),
    acc_trade_volume: toNumber(today.volume),
    acc_trade_volume_24h: toNumber(lastDay.volume),
    acc_trade_price: toNumber(today.quote),
    acc_trade_price_24h: toNumber(lastDay.quote),
    trade_date: dayOf(last.at).replaceAll('-', ''),
    trade_time: timeOf(last.at).replaceAll(':', ''),
    trade_timestamp: last.at,
    acc_ask_volume: toNumber(today.volume / 2n),
    acc_bid_volume: toNumber(today.volume - today.volume / 2n),
    highest_52_week_price: toNumber(year.high),
    highest_52_week_date: dayOf(year.lastAt + KST_OFFSET_MS),
    lowest_52_week_price: toNumber(year.low),
    lowest_52_week_date: dayOf(year.start + KST_OFFSET_MS),
    market_state: 'ACTIVE',
    is_trading_suspended: false,
    delisting_date: null,
    market_warning: 'NONE',
    timestamp: now,
    stream_type: stream,
  };
}

export function tradeMessage(
  now: EpochMs,
  print: Print,
  previousClose: Fixed<string>,
  book: BookSnapshot | undefined,
  stream: StreamType,
): UpbitMessage {
  const best = (level: BookLevel | undefined): readonly [number, number] => [toNumber(level?.price ?? print.price), toNumber(level?.quantity ?? 0n)];
  const [askPrice, askSize] = best(book?.asks[0]);
  const [bidPrice, bidSize] = best(book?.bids[0]);
  return {
    type: 'trade',
    code: UPBIT_MARKET,
    timestamp: now,
    trade_date: dayOf(print.at),
    trade_time: timeOf(print.at),
    trade_timestamp: print.at,
    trade_price: toNumber(print.price),
    trade_volume: toNumber(print.quantity),
    ask_bid: print.side === 'buy' ? 'BID' : 'ASK',
    ...changeOf(print.price, previousClose),
    sequential_id: print.id,
    best_ask_price: askPrice,
    best_ask_size: askSize,
    best_bid_price: bidPrice,
    best_bid_size: bidSize,
    stream_type: stream,
  };
}

/** @returns undefined for a grouping that the venue does not have. */
export function orderbookMessage(
  now: EpochMs,
  book: BookSnapshot | undefined,
  { units, level }: { readonly units: number; readonly level: number },
  stream: StreamType,
): UpbitMessage | undefined {
  if (!GROUPINGS.has(level)) return undefined;
  const step = BigInt(level) * ONE;
  const asks = grouped(book?.asks ?? [], step, true);
  const bids = grouped(book?.bids ?? [], step, false);
  const depth = Math.min(units, asks.length, bids.length);
  const total = (levels: readonly BookLevel[]): number => toNumber(levels.slice(0, depth).reduce((sum, each) => sum + each.quantity, 0n));
  return {
    type: 'orderbook',
    code: UPBIT_MARKET,
    timestamp: now,
    total_ask_size: total(asks),
    total_bid_size: total(bids),
    orderbook_units: Array.from({ length: depth }, (_, index) => ({
      ask_price: toNumber(asks[index]?.price ?? 0n),
      bid_price: toNumber(bids[index]?.price ?? 0n),
      ask_size: toNumber(asks[index]?.quantity ?? 0n),
      bid_size: toNumber(bids[index]?.quantity ?? 0n),
    })),
    stream_type: stream,
    level,
  };
}

/** Asks stand at the upper end of their group, bids at the lower one. */
function grouped(levels: readonly BookLevel[], step: bigint, up: boolean): readonly BookLevel[] {
  if (step === 0n) return levels;
  const groups = new Map<bigint, bigint>();
  for (const { price, quantity } of levels) {
    const rest = price % step;
    const at = rest === 0n ? price : up ? price - rest + step : price - rest;
    groups.set(at, (groups.get(at) ?? 0n) + quantity);
  }
  return [...groups].map(([price, quantity]) => ({ price, quantity }) as BookLevel);
}

export function candleMessage(unit: string, candle: Candle, stream: StreamType): UpbitMessage {
  const { market, ...body } = candleBody(UPBIT_MARKET, candle);
  return { type: `candle.${unit}`, code: market, ...body, stream_type: stream };
}

/** What happened to an order of ours. */
export type UpbitOrderStep = { readonly kind: 'opened' | 'ended' } | { readonly kind: 'traded'; readonly trade: UpbitTrade };

/** `myOrder`: at a trade, price and volume are the trade's. */
export function myOrderMessage(now: EpochMs, order: UpbitOrder, step: UpbitOrderStep): UpbitMessage {
  const { state } = upbitState(order);
  const { quantity } = order;
  const trade = step.kind === 'traded' ? step.trade : undefined;
  const isOpen = order.ended === undefined;
  const isBid = order.wireSide === 'bid';
  return {
    type: 'myOrder',
    code: UPBIT_MARKET,
    uuid: order.id,
    ask_bid: isBid ? 'BID' : 'ASK',
    order_type: order.ordType,
    state: trade === undefined ? state : 'trade',
    trade_uuid: trade?.uuid ?? null,
    price: trade === undefined ? (order.wirePrice === null ? null : Number(order.wirePrice)) : toNumber(trade.price),
    avg_price: order.executed === 0n ? 0 : toNumber(mulDiv(order.quote, ONE, order.executed, 'half-up')),
    volume: trade === undefined ? (quantity === undefined ? null : toNumber(quantity)) : toNumber(trade.volume),
    remaining_volume: quantity === undefined ? null : toNumber(quantity - order.executed),
    executed_volume: toNumber(order.executed),
    trades_count: order.trades.length,
    reserved_fee: isBid ? toNumber(order.reservedFee) : 0,
    remaining_fee: isBid && isOpen ? toNumber(order.reservedFee - order.fee) : 0,
    paid_fee: toNumber(order.fee),
    locked: toNumber(order.locked),
    executed_funds: toNumber(order.quote),
    time_in_force: order.wireTimeInForce ?? null,
    ...tradeFields(trade),
    identifier: order.clientOrderId ?? null,
    smp_type: null,
    prevented_volume: order.ended === 'prevented' && quantity !== undefined ? toNumber(quantity - order.executed) : 0,
    prevented_locked: 0,
    order_timestamp: order.createdAt,
    timestamp: now,
    stream_type: 'REALTIME',
  };
}

function tradeFields(trade: UpbitTrade | undefined): UpbitMessage {
  if (trade === undefined) return { trade_fee: null, is_maker: null, trade_timestamp: null };
  return { trade_fee: toNumber(trade.fee), is_maker: trade.maker, trade_timestamp: trade.at };
}

/** An asset of the account, as far as it is free and as far as orders hold it. */
export interface UpbitAsset {
  readonly currency: 'KRW' | 'BTC';
  readonly free: bigint;
  readonly locked: bigint;
}

export const myAssetMessage = (now: EpochMs, assetUuid: string, assets: readonly UpbitAsset[]): UpbitMessage => ({
  type: 'myAsset',
  asset_uuid: assetUuid,
  assets: assets.map(({ currency, free, locked }) => ({ currency, balance: toNumber(free), locked: toNumber(locked) })),
  asset_timestamp: now,
  timestamp: now,
  stream_type: 'REALTIME',
});
