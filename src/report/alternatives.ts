import { toNumber } from '../core/money.js';
import type { RunFacts } from './facts/fact-types.js';
import type { EquityMark } from './facts/equity.js';
import { DAY_MS } from './instants.js';
import { type Maybe, notAvailable } from './not-available.js';

/**
 * Gain of not trading at all, KRW: KRW stays KRW, and the USDT that waits at Binance is worth another rate at
 * the end. Same valuation as the run's own profit.
 */
export function noTradeGain(facts: RunFacts): Maybe<number> {
  const { usdKrw } = facts.prices;
  const usdt = facts.ledger.capital.filter((item) => item.asset === 'USDT');
  if (usdt.length > 0 && usdKrw.last === undefined) return notAvailable('the tape names no USD/KRW rate');
  return usdt.reduce((sum, item) => sum + toNumber(item.amount) * ((usdKrw.last ?? 0) - (usdKrw.nearest(item.t) ?? 0)), 0);
}

/**
 * Gain of holding the same KRW as USDT on Upbit over the same times, KRW, before fees: each purchase of BTC
 * counts as one of USDT at KRW-USDT then, each sale closes the oldest ones, the rest is valued at the last rate.
 * The hedge is nearly this position, so what it earns beyond it is its own.
 */
export function holdUsdtGain(facts: RunFacts): Maybe<number> {
  const rates = facts.prices.usdtKrw;
  const last = rates.last;
  if (last === undefined) return notAvailable('the data has no KRW-USDT price on Upbit');
  const lots: { quantity: number; krw: number; rate: number }[] = [];
  let gain = 0;
  for (const fill of facts.fills) {
    if (fill.leg !== 'spot') continue;
    const rate = rates.nearest(fill.t) ?? last;
    if (fill.side === 'buy') lots.push({ quantity: fill.quantity, krw: fill.quantity * fill.price, rate });
    for (let left = fill.side === 'sell' ? fill.quantity : 0; left > 1e-12;) {
      const lot = lots[0];
      if (lot === undefined) break;
      const taken = Math.min(left, lot.quantity);
      const krw = (lot.krw * taken) / lot.quantity;
      gain += krw * (rate / lot.rate - 1);
      left -= taken;
      lot.krw -= krw;
      lot.quantity -= taken;
      if (lot.quantity <= 1e-12) lots.shift();
    }
  }
  return gain + lots.reduce((sum, lot) => sum + lot.krw * (last / lot.rate - 1), 0);
}

/** How the money moved between the venues; a hedge that wins on one side loses on the other. */
export interface Imbalance {
  readonly upbitStartKrw: number;
  readonly upbitEndKrw: number;
  readonly binanceStartKrw: number;
  readonly binanceEndKrw: number;
  /** (Upbit - Binance) / both at the end, in [-1, 1]. */
  readonly skewEnd: number;
  /** At the run's own pace, days until the shrinking side is empty. */
  readonly daysUntilDry: Maybe<number>;
  readonly drySide: 'upbit' | 'binance' | undefined;
}

export function imbalance(first: EquityMark, last: EquityMark): Imbalance {
  const days = (last.t - first.t) / DAY_MS;
  const sides = (
    [
      ['upbit', first.upbitKrw, last.upbitKrw],
      ['binance', first.binanceKrw, last.binanceKrw],
    ] as const
  ).map(([side, start, end]) => ({ side, days: start > end && days > 0 ? (Math.max(0, end) * days) / (start - end) : Number.POSITIVE_INFINITY }));
  const dry = sides.reduce((soonest, side) => (side.days < soonest.days ? side : soonest));
  const both = last.upbitKrw + last.binanceKrw;
  const known = days >= 1 && Number.isFinite(dry.days);
  return {
    upbitStartKrw: first.upbitKrw,
    upbitEndKrw: last.upbitKrw,
    binanceStartKrw: first.binanceKrw,
    binanceEndKrw: last.binanceKrw,
    skewEnd: both === 0 ? 0 : (last.upbitKrw - last.binanceKrw) / both,
    daysUntilDry: known ? dry.days : notAvailable(days < 1 ? 'the run is shorter than a day' : 'neither side shrank'),
    drySide: known ? dry.side : undefined,
  };
}
