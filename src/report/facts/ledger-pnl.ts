import { toNumber } from '../../core/money.js';
import { type Maybe, notAvailable } from '../not-available.js';
import type { RunFacts } from './fact-types.js';

/**
 * What the run earned, by the ledger alone: for each venue and asset the closing total at the closing mid and
 * rate, plus the open short's unrealised gain, minus every payment in (or plus out) at the rate of its day.
 * Fills, costs and decisions play no part in it.
 *
 * @returns KRW; not available when the tape lacks a rate or price that a balance needs.
 */
export function ledgerPnl(facts: RunFacts): Maybe<number> {
  const { upbit, binance, usdKrw } = facts.prices;
  const totals = new Map<string, number>();
  for (const [key, amount] of facts.ledger.totals) {
    const asset = key.split('/')[1] ?? '';
    totals.set(asset, (totals.get(asset) ?? 0) + toNumber(amount));
  }
  const usdt = totals.get('USDT') ?? 0;
  const coins = totals.get('BTC') ?? 0;
  const short = facts.openPositions.reduce((sum, position) => sum + Math.abs(toNumber(position.quantity)), 0);
  const usesDollars = usdt !== 0 || short !== 0 || facts.ledger.capital.some((item) => item.asset === 'USDT');
  if (usesDollars && usdKrw.last === undefined) return notAvailable('the tape names no USD/KRW rate, so USDT has no value in KRW');
  if (coins !== 0 && upbit.last === undefined) return notAvailable('the tape names no Upbit price, so BTC has no value in KRW');
  if (short !== 0 && binance.last === undefined) return notAvailable('the tape names no Binance price for the open short');
  const rateEnd = usdKrw.last ?? 0;
  const unrealized = facts.openPositions.reduce(
    (sum, position) => sum + toNumber(position.quantity) * ((binance.last ?? 0) - toNumber(position.entryPrice)),
    0,
  );
  const closing = (totals.get('KRW') ?? 0) + coins * (upbit.last ?? 0) + (usdt + unrealized) * rateEnd;
  const opening = facts.ledger.capital.reduce((sum, item) => {
    const rate = item.asset === 'KRW' ? 1 : item.asset === 'USDT' ? (usdKrw.nearest(item.t) ?? 0) : (upbit.nearest(item.t) ?? 0);
    return sum + toNumber(item.amount) * rate;
  }, 0);
  return closing - opening;
}
