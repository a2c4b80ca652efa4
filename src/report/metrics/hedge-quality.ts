import type { Side } from '../../core/units.js';
import { signOf } from './price-cost.js';

/**
 * The kimchi premium as a fraction (0.01 = 1 %): how much dearer BTC is on Upbit than on Binance.
 *
 * @param fx - KRW per USD or per USDT; whoever shows the figure names which.
 */
export function premium(upbitKrw: number, binanceUsdt: number, fx: number): number {
  return upbitKrw / (binanceUsdt * fx) - 1;
}

/**
 * How much worse the premium got than the one decided on, in basis points of premium. Positive is a cost
 * both ways: an entry (bought on Upbit) paid a higher premium, an exit (sold there) got a lower one.
 */
export function premiumSlippageBps(kind: 'enter' | 'exit', target: number, captured: number): number {
  return (kind === 'enter' ? captured - target : target - captured) * 10_000;
}

/** min/max of the two executed quantities, in [0, 1]; 1 when neither leg traded, since nothing is unmatched. */
export function legMatchingRatio(spot: number, perp: number): number {
  const larger = Math.max(Math.abs(spot), Math.abs(perp));
  return larger === 0 ? 1 : Math.min(Math.abs(spot), Math.abs(perp)) / larger;
}

/**
 * Slippage of the second leg against ITS mid at the first leg's first fill: what legging in cost.
 * Basis points of that mid, positive is a cost.
 */
export function hedgeSlippageBps(side: Side, averagePrice: number, midAtFirstFill: number): number {
  return ((signOf(side) * (averagePrice - midAtFirstFill)) / midAtFirstFill) * 10_000;
}
