import { fixed, mulDiv, ONE, type Fixed, type PriceUsdt, type Usdt } from '../core/money.js';
import type { MarginTier } from '../exchange/margin-tiers.js';

const MILLION = 1_000_000n;

/** What margin, funding and liquidation assume, for the honesty card. */
export const MARGIN_CARD: readonly string[] = [
  'The mark and the index of the perpetual are its mid price; funding is settled at the instant, from and to the margin of the position.',
  'A liquidation closes the whole position at once, at its liquidation price or at the mark when that jumped past it; ADL happens only where a scenario says so.',
];

/** The largest notional the venue allows at this leverage (-2027 beyond it). */
export function notionalMaxAt(tiers: readonly MarginTier[], leverage: number): Usdt {
  return tiers.filter((tier) => tier.leverageMax >= leverage).at(-1)?.cap ?? fixed(0n);
}

export function leverageMaxOf(tiers: readonly MarginTier[]): number {
  return Math.max(...tiers.map((tier) => tier.leverageMax));
}

/**
 * The mark at which margin and unrealized result together fall to the maintenance margin; undefined when no
 * positive price does that.
 *
 * Short of q, entered for C, holding margin M: M + C - q p = q p r - a, so p = (M + C + a) / (q (1 + r)).
 * Long: M + q p - C = q p r - a, so p = (C - M - a) / (q (1 - r)).
 *
 * @param quantity - signed, in 1e-8 BTC, not zero.
 * @param cost - what the open quantity was entered for, exactly.
 * @param margin - the position's own margin (isolated) or the wallet (cross).
 */
export function liquidationPrice(tiers: readonly MarginTier[], quantity: bigint, cost: bigint, margin: bigint): PriceUsdt | undefined {
  const size = quantity < 0n ? -quantity : quantity;
  for (const { floor, cap, maintenancePpm, amount } of tiers) {
    const numerator = quantity < 0n ? margin + cost + amount : cost - margin - amount;
    const factor = quantity < 0n ? MILLION + maintenancePpm : MILLION - maintenancePpm;
    if (numerator <= 0n) continue;
    const price = mulDiv(numerator * MILLION, ONE, size * factor, quantity < 0n ? 'down' : 'up');
    const notionalThere = mulDiv(price, size, ONE, 'half-up');
    // The tier that decides is the one which the notional at that price lies in.
    if (notionalThere >= floor && notionalThere < cap) return fixed(price);
  }
  return undefined;
}

/** Quantity times price in USDT, both unsigned, at 1e-8. */
export function usdtOf(price: Fixed<string>, quantity: bigint): Usdt {
  return fixed(mulDiv(price, quantity < 0n ? -quantity : quantity, ONE, 'half-up'));
}
