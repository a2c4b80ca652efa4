import { premiumAgainst, type PremiumDefinition } from '../hedge/premium.js';
import type { PremiumBars } from './bars.js';

/** What a tether costs on Upbit over the bank's rate of a dollar, as a fraction: 0.01 is 1 %. */
export function tetherPremium(usdtKrw: number, usdKrw: number): number {
  return usdtKrw / usdKrw - 1;
}

/** One value a bar in the asked definition, as a fraction; NaN where the data have no USDT/KRW. */
export function premiumColumn(bars: PremiumBars, definition: PremiumDefinition): Float64Array {
  if (definition === 'usd') return bars.premium;
  return bars.usdtKrw.map((usdtKrw, row) => premiumAgainst(bars.upbitKrw[row] ?? Number.NaN, bars.binanceUsdt[row] ?? Number.NaN, usdtKrw));
}
