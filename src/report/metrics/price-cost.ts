import { assert } from '../../core/assert.js';
import type { Side } from '../../core/units.js';

/** What a price formula needs of a fill. Price in the quote currency per BTC, quantity in BTC. */
export interface PricedFill {
  readonly price: number;
  readonly quantity: number;
}

/** +1 for a buy, -1 for a sell. */
export const signOf = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1);

const BPS = 10_000;

export function filledQuantity(fills: readonly PricedFill[]): number {
  return fills.reduce((sum, fill) => sum + fill.quantity, 0);
}

/** Volume-weighted average fill price. @throws InternalError when there is no fill. */
export function averagePrice(fills: readonly PricedFill[]): number {
  const quantity = filledQuantity(fills);
  assert(quantity > 0, 'an average price needs at least one fill');
  return fills.reduce((sum, fill) => sum + fill.price * fill.quantity, 0) / quantity;
}

/**
 * Slippage against the arrival price, the mid when the order reached the venue. Positive is a cost on both
 * sides: paid above arrival, or received below it. Fees are not in it.
 *
 * @returns basis points of `arrivalMid`.
 * @throws InternalError when there is no fill.
 * @see Talos, "Execution insights: TCA"; Perold (1988), execution cost.
 */
export function slippageBps(side: Side, fills: readonly PricedFill[], arrivalMid: number): number {
  return ((signOf(side) * (averagePrice(fills) - arrivalMid)) / arrivalMid) * BPS;
}

/**
 * Effective spread: twice the slippage against arrival, the round trip that the one-way cost implies.
 * Positive is a cost. Basis points of `arrivalMid`.
 *
 * @see SEC Rule 605, "average effective spread".
 */
export function effectiveSpreadBps(side: Side, fills: readonly PricedFill[], arrivalMid: number): number {
  return 2 * slippageBps(side, fills, arrivalMid);
}

/**
 * Realised spread: what the other side keeps once the mid has moved for a horizon after the last fill.
 * Basis points of `arrivalMid`; positive is a cost to us that did not come back.
 *
 * @param midAfter - the mid at the horizon.
 * @see 17 CFR 242.605 as amended 2024, several horizons.
 */
export function realizedSpreadBps(side: Side, fills: readonly PricedFill[], arrivalMid: number, midAfter: number): number {
  return ((2 * signOf(side) * (averagePrice(fills) - midAfter)) / arrivalMid) * BPS;
}

/**
 * Price impact: effective minus realised spread, the part of the cost that is the market having moved our
 * way. Basis points of `arrivalMid`.
 *
 * @see Huang and Stoll (1996).
 */
export function priceImpactBps(side: Side, arrivalMid: number, midAfter: number): number {
  return ((2 * signOf(side) * (midAfter - arrivalMid)) / arrivalMid) * BPS;
}

/**
 * Markout: what the fills are worth a horizon later. POSITIVE IS GOOD, the opposite of slippage.
 * Basis points of the average fill price.
 *
 * @see QuestDB cookbook, "markout".
 */
export function markoutBps(side: Side, fills: readonly PricedFill[], midAfter: number): number {
  const price = averagePrice(fills);
  return ((signOf(side) * (midAfter - price)) / price) * BPS;
}
