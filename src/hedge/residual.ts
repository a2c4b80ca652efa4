import { fixed, negate, type Btc } from '../core/money.js';
import type { Leg, Side } from '../core/units.js';

/** Something that executed: one attempt of one leg. */
export interface Executed {
  readonly leg: Leg;
  readonly side: Side;
  readonly executed: Btc;
}

/** Executed quantity with its sign: bought is positive on either venue (a short is a negative position). */
export function signed(side: Side, quantity: Btc): Btc {
  return side === 'buy' ? quantity : negate(quantity);
}

/** The net of one leg over the given attempts. */
export function netOf(leg: Leg, attempts: Iterable<Executed>): Btc {
  let net = 0n;
  for (const attempt of attempts) if (attempt.leg === leg) net += signed(attempt.side, attempt.executed);
  return fixed<Btc>(net);
}

/** Residual delta: positive is long too much BTC, negative short too much. */
export function residualOf(spot: Btc, perp: Btc): Btc {
  return fixed<Btc>(spot + perp);
}
