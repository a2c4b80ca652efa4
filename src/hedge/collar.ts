import { fixed, mulDiv, type Fixed } from '../core/money.js';
import type { Side } from '../core/units.js';

const BP = 10_000n;

/**
 * The worst price an order may trade at: `collarBp` beyond the best opposite price, on the venue's tick and never
 * beyond the collar (a buy is cut down to the tick, a sale up to it). A market order has no such bound: Upbit lost
 * 32 % within minutes on 2024-12-03.
 *
 * @param best - best ask for a buy, best bid for a sale.
 * @param tickAt - the venue's tick at a price.
 */
export function collarPrice(side: Side, best: Fixed<string>, collarBp: number, tickAt: (price: Fixed<string>) => Fixed<string>): Fixed<string> {
  const width = mulDiv(best, BigInt(Math.round(collarBp * 100)), BP * 100n, 'down');
  const raw = fixed<Fixed<string>>(side === 'buy' ? best + width : best - width);
  const tick = tickAt(raw);
  const down = raw - (raw % tick);
  if (side === 'buy') return fixed(down < best ? best : down);
  const up = down === raw ? down : down + tick;
  return fixed(up > best ? best : up);
}

/** The collar of the n-th repair round (0 is the first): doubled each round, up to `maximum`. */
export function widened(collarBp: number, round: number, maximum: number): number {
  return Math.min(collarBp * 2 ** round, maximum);
}

/** How far two prices of the same thing lie apart, in basis points of the second. */
export function apartBp(a: number, b: number): number {
  return (Math.abs(a - b) / b) * 10_000;
}
