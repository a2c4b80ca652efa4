import { toNumber } from '../../core/money.js';
import type { RunFacts } from './fact-types.js';

/** Worth of both venues at one instant, KRW: cash, coins at the Upbit mid, USDT with the short's gain at USD/KRW. */
export interface EquityMark {
  readonly t: number;
  readonly upbitKrw: number;
  readonly binanceKrw: number;
  readonly binanceUsdt: number;
  /** Upbit's free cash, which entries spend. */
  readonly upbitCashKrw: number;
  /** Paid in up to here at the rates of then; gains are equity minus this. */
  readonly capitalKrw: number;
}

interface Change {
  readonly t: number;
  readonly krw?: number;
  readonly usdt?: number;
  readonly coins?: number;
  readonly perp?: number;
  readonly capital?: number;
}

/**
 * Equity at each of the given instants (ascending). The short counts as if it had been sold for cash and were
 * owed at the mid, which is its wallet plus its unrealised gain.
 */
export function equityAt(facts: RunFacts, instants: readonly number[]): readonly EquityMark[] {
  const changes = changesOf(facts).sort((a, b) => a.t - b.t);
  const sum = { krw: 0, usdt: 0, coins: 0, perp: 0, capital: 0 };
  let next = 0;
  return instants.map((t) => {
    for (let change = changes[next]; change !== undefined && change.t <= t; change = changes[(next += 1)]) {
      sum.krw += change.krw ?? 0;
      sum.usdt += change.usdt ?? 0;
      sum.coins += change.coins ?? 0;
      sum.perp += change.perp ?? 0;
      sum.capital += change.capital ?? 0;
    }
    const { upbit, binance, usdKrw } = facts.prices;
    const binanceUsdt = sum.usdt + sum.perp * (binance.nearest(t) ?? 0);
    return {
      t,
      upbitKrw: sum.krw + sum.coins * (upbit.nearest(t) ?? 0),
      binanceKrw: binanceUsdt * (usdKrw.nearest(t) ?? 0),
      binanceUsdt,
      upbitCashKrw: sum.krw,
      capitalKrw: sum.capital,
    };
  });
}

function changesOf(facts: RunFacts): Change[] {
  const { upbit, usdKrw } = facts.prices;
  const changes: Change[] = facts.ledger.capital.map((item) => {
    const amount = toNumber(item.amount);
    if (item.asset === 'KRW') return { t: item.t, krw: amount, capital: amount };
    if (item.asset === 'USDT') return { t: item.t, usdt: amount, capital: amount * (usdKrw.nearest(item.t) ?? 0) };
    return { t: item.t, coins: amount, capital: amount * (upbit.nearest(item.t) ?? 0) };
  });
  for (const fill of facts.fills) {
    const size = fill.sign * fill.quantity;
    const fee = { krw: 0, usdt: 0, coins: 0, [fill.feeAsset === 'BTC' ? 'coins' : fill.feeAsset === 'KRW' ? 'krw' : 'usdt']: -fill.fee };
    if (fill.venue === 'upbit') changes.push({ t: fill.t, krw: fee.krw - size * fill.price, usdt: fee.usdt, coins: fee.coins + size });
    else changes.push({ t: fill.t, krw: fee.krw, usdt: fee.usdt - size * fill.price, coins: fee.coins, perp: size });
  }
  for (const event of facts.funding) changes.push({ t: event.t, usdt: toNumber(event.amount) });
  for (const { event, change, insuranceUsdt } of facts.forced)
    changes.push({ t: event.t, usdt: insuranceUsdt - change * toNumber(event.price) - toNumber(event.fee), perp: change });
  return changes;
}
