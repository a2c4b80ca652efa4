import { abs, floorTo, fixed, type Btc } from '../core/money.js';

/**
 * Whether a residual delta counts as hedged. On the common grid of both venues nothing may be left; off it (Upbit
 * trades in 1e-8 BTC, the perpetual in lots) less than one lot may. Both say the same: a residual on the grid that is
 * not zero is at least one lot.
 */
export function isWithinTolerance(residual: Btc, lot: Btc): boolean {
  return abs(residual) < lot;
}

/** The smallest multiple of `lot` that is not below `amount` (`amount` >= 0). */
function ceilTo(amount: Btc, lot: Btc): Btc {
  const floor = floorTo(amount, lot);
  return floor === amount ? amount : fixed<Btc>(floor + lot);
}

/**
 * What of both holdings is a hedge, in whole lots. The residue below one lot stays with the spot leg as dust, so a
 * hedge of n lots may rest on slightly less spot than n lots.
 *
 * @param spot - BTC held; @param perp - signed position, a short is negative.
 */
export function hedgedLots(spot: Btc, perp: Btc, lot: Btc): Btc {
  if (perp >= 0n || spot <= 0n) return fixed<Btc>(0n);
  const short = floorTo(abs(perp), lot);
  const covered = ceilTo(spot, lot);
  return short < covered ? short : covered;
}

/** What to do about dust after a flow: nothing, or trade it away on the spot venue, the only one fine enough. */
export function planDust(
  dust: Btc,
  cap: Btc,
  spotMinimum: Btc,
): { readonly kind: 'keep' } | { readonly kind: 'trim'; readonly side: 'buy' | 'sell'; readonly quantity: Btc } {
  if (abs(dust) <= cap || abs(dust) < spotMinimum) return { kind: 'keep' };
  return { kind: 'trim', side: dust > 0n ? 'sell' : 'buy', quantity: abs(dust) };
}
