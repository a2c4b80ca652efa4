import { fixed, min, mulDiv, notional, sub, type Btc, type Krw, type PriceIn, type Quote as QuoteAsset, type Usdt } from '../core/money.js';
import type { Leg, Side } from '../core/units.js';
import { hedgedLots } from '../hedge/dust.js';
import type { Engine } from './engine.js';
import type { Attempt } from './position-book.js';
import { rulesAt } from './venue-rules.js';

const ZERO = fixed<Btc>(0n);

/**
 * Makes the list of positions agree with the holdings: what both legs carry together, in whole lots, belongs to
 * positions; what one of them carries beyond it is residue. Called at the end of every flow.
 *
 * @param opened - attempts that a new position's cost is taken from, and its id.
 * @param closing - positions that shrink first, oldest first; then the others.
 * @returns whether anything changed.
 */
export async function keepPositions(
  engine: Engine,
  flow: string,
  reason: string,
  opened?: { readonly positionId: string; readonly attempts: readonly Attempt[] },
  closing: readonly string[] = [],
): Promise<boolean> {
  const { book, clock, policy, writer } = engine;
  const { lot } = rulesAt(clock.now(), policy);
  const carried = hedgedLots(book.spot, book.perp, lot);
  const listed = book.hedged();
  if (carried === listed) return false;
  if (carried < listed) {
    await shrink(engine, flow, reason, sub(listed, carried), closing);
    return true;
  }
  const quantity = sub(carried, listed);
  const attempts = opened?.attempts ?? [];
  await writer.record({
    flow,
    type: 'position.opened',
    positionId: opened?.positionId ?? flow,
    quantity,
    spotCostKrw: averageOf(attempts, 'spot', 'buy', quantity) as Krw,
    perpProceedsUsdt: averageOf(attempts, 'perp', 'sell', quantity) as Usdt,
    openedAt: clock.now(),
  });
  return true;
}

async function shrink({ book, writer }: Engine, flow: string, reason: string, by: Btc, closing: readonly string[]): Promise<void> {
  let left = by;
  const positions = [...book.positions()].sort((a, b) => Number(closing.includes(b.positionId)) - Number(closing.includes(a.positionId)));
  for (const { positionId, quantity } of positions) {
    if (left === 0n) return;
    const taken = min(left, quantity);
    left = sub(left, taken);
    if (taken === quantity) await writer.record({ flow, type: 'position.closed', positionId });
    else await writer.record({ flow, type: 'position.changed', positionId, quantity: sub(quantity, taken), reason });
  }
}

/** Money of `quantity` at the average price that the attempts of one side had. */
function averageOf(attempts: readonly Attempt[], leg: Leg, side: Side, quantity: Btc): bigint {
  let executed = 0n;
  let money = 0n;
  for (const { intent, settled } of attempts) {
    if (intent.leg !== leg || intent.side !== side || settled === undefined) continue;
    executed += settled.executed;
    money += settled.quoteExecuted;
  }
  return executed === 0n ? 0n : mulDiv(money, quantity, executed, 'half-up');
}

/** Journals the residue when a flow has changed it. */
export async function noteDust({ book, writer }: Engine, flow: string, before: Btc): Promise<void> {
  const total = book.residual;
  if (total === before) return;
  await writer.record({ flow, type: 'dust', leg: 'spot', quantity: sub(total, before), total });
}

/**
 * Profit of a position at the venues' prices, in KRW before the costs of closing: the spot leg in KRW, the short in
 * USDT at `krwPerUsdt`.
 */
export function profitKrw(
  position: { readonly quantity: Btc; readonly openedQuantity: Btc; readonly spotCostKrw: bigint; readonly perpProceedsUsdt: bigint },
  spotPrice: PriceIn<'KRW'>,
  perpPrice: PriceIn<'USDT'>,
  krwPerUsdt: number,
): { readonly profit: number; readonly cost: number } {
  const share = (money: bigint): bigint =>
    position.openedQuantity === ZERO ? 0n : mulDiv(money, position.quantity, position.openedQuantity, 'half-up');
  const value = (price: PriceIn<QuoteAsset>): bigint => notional<QuoteAsset>(price, position.quantity);
  const spot = Number(value(spotPrice) - share(position.spotCostKrw)) / 1e8;
  const perp = Number(share(position.perpProceedsUsdt) - value(perpPrice)) / 1e8;
  return { profit: spot + perp * krwPerUsdt, cost: Number(share(position.spotCostKrw)) / 1e8 };
}
