import type { BookLevel } from '../market/market-view.js';
import { fixed, floorTo, mulDiv, ONE, type Btc, type Fixed } from '../core/money.js';
import type { Side } from '../core/units.js';

/** A quantity taken from the book at one price. */
export interface Take {
  readonly price: Fixed<string>;
  readonly quantity: Btc;
}

/** Whether an order on `side` bounded by `bound` may trade at `price`. */
export function within(side: Side, price: bigint, bound: bigint | undefined): boolean {
  if (bound === undefined) return true;
  return side === 'buy' ? price <= bound : price >= bound;
}

/** Walks the opposite side, best level first, until `quantity` is taken, the bound is met or the book ends. */
export function takeQuantity(levels: readonly BookLevel[], side: Side, quantity: bigint, bound: bigint | undefined): Take[] {
  const takes: Take[] = [];
  let left = quantity;
  for (const level of levels) {
    if (left <= 0n || !within(side, level.price, bound)) break;
    const taken = left < level.quantity ? left : level.quantity;
    if (taken > 0n) takes.push({ price: level.price, quantity: fixed<Btc>(taken) });
    left -= taken;
  }
  return takes;
}

/** Spends up to `cost` of the quote currency; each quantity is cut to `step`, so a crumb of the cost usually remains. */
export function takeCost(levels: readonly BookLevel[], cost: bigint, step: bigint, bound: bigint | undefined): Take[] {
  const takes: Take[] = [];
  let left = cost;
  for (const level of levels) {
    if (!within('buy', level.price, bound)) break;
    const affordable = floorTo(mulDiv(left, ONE, level.price, 'down'), step);
    if (affordable <= 0n) break;
    const taken = affordable < level.quantity ? affordable : level.quantity;
    if (taken <= 0n) continue;
    takes.push({ price: level.price, quantity: fixed<Btc>(taken) });
    left -= mulDiv(level.price, taken, ONE, 'half-up');
    if (affordable < level.quantity) break;
  }
  return takes;
}

export function sumOf(takes: readonly Take[]): bigint {
  return takes.reduce((total, take) => total + take.quantity, 0n);
}
