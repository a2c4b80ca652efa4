import type { Side } from '../../core/units.js';
import { averagePrice, filledQuantity, type PricedFill, signOf } from './price-cost.js';

/** Inputs of the implementation shortfall of one order, all in the order's quote currency and BTC. */
export interface ShortfallInput {
  readonly side: Side;
  readonly intended: number;
  readonly fills: readonly PricedFill[];
  /** m(t0): the mid when the strategy decided. */
  readonly decisionMid: number;
  /** m(t1): the mid when the order reached the venue. */
  readonly arrivalMid: number;
  /** m(T): the mid at the end of the horizon, for what was not filled. */
  readonly endMid: number;
  readonly fees: number;
}

/** Parts of the shortfall, in quote currency; positive is a cost. `total` is their sum. */
export interface Shortfall {
  /** s q (m(t1) - m(t0)): the market moved before the order was there. */
  readonly delay: number;
  /** s q (average price - m(t1)): the price of trading now. */
  readonly execution: number;
  /** s (Q - q) (m(T) - m(t0)): what the unfilled part would have made. */
  readonly opportunity: number;
  /** Fees. */
  readonly explicit: number;
  readonly total: number;
}

/**
 * Implementation shortfall: the return of the paper order at the decision price minus that of the real one.
 *
 * @see Perold (1988), "The Implementation Shortfall: Paper versus Reality", J. Portfolio Management 14(3).
 */
export function implementationShortfall(input: ShortfallInput): Shortfall {
  const sign = signOf(input.side);
  const filled = filledQuantity(input.fills);
  const delay = sign * filled * (input.arrivalMid - input.decisionMid);
  const execution = filled > 0 ? sign * filled * (averagePrice(input.fills) - input.arrivalMid) : 0;
  const opportunity = sign * Math.max(0, input.intended - filled) * (input.endMid - input.decisionMid);
  return { delay, execution, opportunity, explicit: input.fees, total: delay + execution + opportunity + input.fees };
}
