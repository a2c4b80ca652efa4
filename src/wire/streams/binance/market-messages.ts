import { mulDiv, ONE, type Fixed, type PriceUsdt } from '../../../core/money.js';
import type { EpochMs } from '../../../core/units.js';
import type { BookLevel, BookSnapshot } from '../../../market/market-view.js';
import { BINANCE_SYMBOL, withDecimals } from '../../../sim/binance-order.js';
import type { Candle, Print } from '../../../sim/market-history.js';
import type { ForcedTrade } from '../../../sim/venue-host.js';
import type { BookDiff } from '../book-changes.js';

export type BinanceMessage = Readonly<Record<string, unknown>>;

const price = (value: bigint): string => withDecimals(value, 2);
const amount = (value: bigint): string => withDecimals(value, 3);
const row = ({ price: at, quantity }: BookLevel): [string, string] => [price(at), amount(quantity)];

/** `<symbol>@depth`; quantities are what there is now, zero is gone. */
export const depthUpdate = (now: EpochMs, { first, last, previous, bids, asks }: BookDiff): BinanceMessage => ({
  e: 'depthUpdate',
  E: now,
  T: last,
  s: BINANCE_SYMBOL,
  U: first,
  u: last,
  pu: previous,
  b: bids.map(row),
  a: asks.map(row),
});

/** `<symbol>@depth<levels>`: the best levels, whole. */
export const partialDepth = (now: EpochMs, diff: BookDiff, book: BookSnapshot | undefined, levels: number): BinanceMessage =>
  depthUpdate(now, { ...diff, bids: book?.bids.slice(0, levels) ?? [], asks: book?.asks.slice(0, levels) ?? [] });

/** `<symbol>@bookTicker`; undefined while a side is empty. */
export function bookTicker(now: EpochMs, updateId: number, book: BookSnapshot | undefined): BinanceMessage | undefined {
  const [bid, ask] = [book?.bids[0], book?.asks[0]];
  if (bid === undefined || ask === undefined) return undefined;
  return {
    e: 'bookTicker',
    u: updateId,
    s: BINANCE_SYMBOL,
    b: price(bid.price),
    B: amount(bid.quantity),
    a: price(ask.price),
    A: amount(ask.quantity),
    T: updateId,
    E: now,
  };
}

/** `<symbol>@aggTrade` */
export const aggTrade = (now: EpochMs, { id, at, price: paid, quantity, side }: Print): BinanceMessage => ({
  e: 'aggTrade',
  E: now,
  a: id,
  s: BINANCE_SYMBOL,
  p: price(paid),
  q: amount(quantity),
  nq: amount(quantity),
  f: id,
  l: id,
  T: at,
  m: side === 'sell',
});

/** `<symbol>@trade` */
export const trade = (now: EpochMs, { id, at, price: paid, quantity, side }: Print): BinanceMessage => ({
  e: 'trade',
  E: now,
  T: at,
  s: BINANCE_SYMBOL,
  t: id,
  p: price(paid),
  q: amount(quantity),
  X: 'MARKET',
  m: side === 'sell',
});

/** `<symbol>@markPrice`; the index is taken to be the mark. */
export function markPriceUpdate(
  now: EpochMs,
  mark: PriceUsdt | undefined,
  funding: { readonly at: EpochMs; readonly rate: number } | undefined,
): BinanceMessage | undefined {
  if (mark === undefined) return undefined;
  const text = withDecimals(mark, 8);
  return {
    e: 'markPriceUpdate',
    E: now,
    s: BINANCE_SYMBOL,
    p: text,
    ap: text,
    P: text,
    i: text,
    r: funding === undefined ? '' : funding.rate.toFixed(8),
    T: funding?.at ?? 0,
  };
}

/** `<symbol>@kline_<interval>`; half of what was traded is said to have been taken by buyers. */
export const kline = (now: EpochMs, interval: string, candle: Candle): BinanceMessage => ({
  e: 'kline',
  E: now,
  s: BINANCE_SYMBOL,
  k: {
    t: candle.start,
    T: candle.end - 1,
    s: BINANCE_SYMBOL,
    i: interval,
    f: candle.start * 10,
    L: candle.lastAt * 10,
    o: price(candle.open),
    c: price(candle.close),
    h: price(candle.high),
    l: price(candle.low),
    v: amount(candle.volume),
    n: candle.trades,
    x: now >= candle.end,
    q: withDecimals(candle.quote, 5),
    V: amount(candle.volume / 2n),
    Q: withDecimals(candle.quote / 2n, 5),
    B: '0',
  },
});

/** `<symbol>@miniTicker`, of the day that ends now. */
export const miniTicker = (now: EpochMs, day: Candle): BinanceMessage => ({
  e: '24hrMiniTicker',
  E: now,
  s: BINANCE_SYMBOL,
  c: price(day.close),
  o: price(day.open),
  h: price(day.high),
  l: price(day.low),
  v: amount(day.volume),
  q: withDecimals(day.quote, 2),
});

/** `<symbol>@ticker`, of the day that ends now. */
export function ticker(now: EpochMs, day: Candle, last: Print | undefined): BinanceMessage {
  const change = day.close - day.open;
  const percent = day.open === 0n ? 0n : mulDiv(change * 100n, ONE, day.open, 'half-up');
  const average = day.volume === 0n ? day.close : mulDiv(day.quote, ONE, day.volume, 'half-up');
  return {
    e: '24hrTicker',
    E: now,
    s: BINANCE_SYMBOL,
    p: price(change),
    P: withDecimals(percent, 3),
    w: price(average),
    c: price(day.close),
    Q: amount(last?.quantity ?? 0n),
    o: price(day.open),
    h: price(day.high),
    l: price(day.low),
    v: amount(day.volume),
    q: withDecimals(day.quote, 2),
    O: day.start,
    C: now,
    F: day.start * 10,
    L: last?.id ?? day.lastAt * 10,
    n: day.trades,
  };
}

/** `<symbol>@forceOrder` */
export const forceOrder = (now: EpochMs, { side, quantity, price: at }: ForcedTrade): BinanceMessage => ({
  e: 'forceOrder',
  E: now,
  o: {
    s: BINANCE_SYMBOL,
    S: side === 'buy' ? 'BUY' : 'SELL',
    o: 'LIMIT',
    f: 'IOC',
    q: amount(quantity),
    p: price(at),
    ap: price(at satisfies Fixed<string>),
    X: 'FILLED',
    l: amount(quantity),
    z: amount(quantity),
    T: now,
  },
});
