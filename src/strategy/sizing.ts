import { fixed, floorTo, mulDiv, notional, ONE, parseFixed } from '../core/money.js';
import type { Btc, Krw, PriceKrw, PriceUsdt, Usdt } from '../core/money.js';

export interface SizingInput {
  /** What one position may spend on Upbit, before fees. */
  readonly amount: Krw;
  readonly upbitPrice: PriceKrw;
  readonly binancePrice: PriceUsdt;
  /** The perpetual's step; both legs take a whole number of these. */
  readonly lot: Btc;
  readonly binanceNotionalMin: Usdt;
  readonly upbitNotionalMin: Krw;
}

export type Sizing =
  | { readonly kind: 'sized'; readonly quantity: Btc; readonly lots: bigint }
  /** `reason` says which minimum was missed, and by what amount it would be met. */
  | { readonly kind: 'refused'; readonly reason: string };

/** BTCUSDT perpetual and BTC/KRW as of 2025 (venues 1.1, 2.1); dated profiles hold the rules of a day. */
export const SIZING_RULES = {
  lot: parseFixed<Btc>('0.001'),
  binanceNotionalMin: parseFixed<Usdt>('100'),
  upbitNotionalMin: parseFixed<Krw>('5000'),
} as const;

/**
 * The quantity of both legs for an amount of KRW: the futures lot count is chosen first, and Upbit then buys
 * exactly that, so that the hedge has no residue by design (specification 9, row 2.2).
 */
export function sizeByKrw(input: SizingInput): Sizing {
  const { amount, upbitPrice, binancePrice, lot, binanceNotionalMin, upbitNotionalMin } = input;
  const affordable = fixed<Btc>(mulDiv(amount, ONE, upbitPrice, 'down'));
  const quantity = floorTo(affordable, lot);
  const lots = (quantity as bigint) / lot;
  const perLotUsdt = notional(binancePrice, lot);
  const lotsMin = mulDiv(binanceNotionalMin, 1n, perLotUsdt, 'up');
  const lotsMinUpbit = mulDiv(upbitNotionalMin, 1n, notional(upbitPrice, lot), 'up');
  const least = lotsMin > lotsMinUpbit ? lotsMin : lotsMinUpbit;
  const needed = least > 1n ? least : 1n;
  if (lots >= needed) return { kind: 'sized', quantity, lots };
  const wanted = mulDiv(upbitPrice, needed * lot, ONE, 'up') / ONE + 1n;
  return {
    kind: 'refused',
    reason: `${(amount / ONE).toString()} KRW buy ${lots.toString()} lots, and the venues take at least ${needed.toString()}: ${wanted.toString()} KRW would do`,
  };
}
