import { abs, fixed, floorTo, min, type Btc } from '../core/money.js';
import type { Leg, Side } from '../core/units.js';
import { isWithinTolerance } from './dust.js';

/** `add` takes exposure on the leg that is short of it, `reduce` takes off the leg that has too much. */
type Direction = 'add' | 'reduce';

export interface RepairSituation {
  /** Residual delta over both venues: positive is long too much BTC. */
  readonly residual: Btc;
  readonly lot: Btc;
  /** What completing means: an entry completes by adding, an exit by reducing; a flow that nobody asked for only reduces. */
  readonly flow: 'enter' | 'exit' | 'reduce-only';
  readonly prefer: 'complete' | 'unwind';
  /** Whether an order that adds exposure may be sent at all (kill switch, lease, premium, earlier refusals). */
  readonly mayAdd: boolean;
  /** How much more of each leg was asked for; no bound where absent. A late execution of one leg is not followed beyond it. */
  readonly room?: Readonly<Record<Leg, Btc>> | undefined;
  /** Whether reducing has been refused for good. */
  readonly mayReduce: boolean;
  /** Least quantities that the venues take. */
  readonly minimum: { readonly spot: Btc; readonly perpOpen: Btc };
  /** What there is to sell or to close. */
  readonly held: { readonly spot: Btc; readonly short: Btc };
  /** Milliseconds until each venue may be called again (a ban we were told about). */
  readonly blockedMs: Readonly<Record<Leg, number>>;
  /** A venue that is blocked for longer than this is avoided when the other one can do the repair. */
  readonly patienceMs: number;
}

export interface RepairOrder {
  readonly kind: 'order';
  readonly plan: 'complete' | 'unwind';
  readonly direction: Direction;
  readonly leg: Leg;
  readonly side: Side;
  readonly quantity: Btc;
  readonly reduceOnly: boolean;
  readonly blockedMs: number;
}

export type RepairStep = { readonly kind: 'done' } | RepairOrder | { readonly kind: 'stuck'; readonly reason: string };

/**
 * The next order of a repair, sized from the residual alone: never larger than it, never past zero, closes always
 * reduce-only. It says nothing about who failed: whatever the legs did, the delta is what has to go.
 */
export function planRepair(situation: RepairSituation): RepairStep {
  const { residual, lot } = situation;
  if (isWithinTolerance(residual, lot)) return { kind: 'done' };
  const add = optionOf('add', situation);
  const reduce = optionOf('reduce', situation);
  if (add === undefined && reduce === undefined) return { kind: 'stuck', reason: stuckReason(situation) };
  if (add === undefined || reduce === undefined) return (add ?? reduce) as RepairOrder;
  const first = situation.prefer === 'complete' ? byPlan('complete', add, reduce) : byPlan('unwind', add, reduce);
  const second = first === add ? reduce : add;
  const avoid = first.blockedMs > situation.patienceMs && second.blockedMs < first.blockedMs;
  return avoid ? second : first;
}

function byPlan(plan: RepairOrder['plan'], a: RepairOrder, b: RepairOrder): RepairOrder {
  return a.plan === plan ? a : b;
}

function optionOf(direction: Direction, situation: RepairSituation): RepairOrder | undefined {
  const { residual, flow, mayAdd, mayReduce, blockedMs } = situation;
  if (direction === 'add' && (!mayAdd || flow === 'reduce-only')) return undefined;
  if (direction === 'reduce' && !mayReduce) return undefined;
  const long = residual > 0n;
  // Long too much: short more (add) or sell spot (reduce). Short too much: buy spot (add) or buy back (reduce).
  const leg: Leg = (direction === 'add') === long ? 'perp' : 'spot';
  const quantity = quantityOf(direction, leg, situation);
  if (quantity === undefined) return undefined;
  if (direction === 'add' && situation.room !== undefined && quantity > situation.room[leg]) return undefined;
  return {
    kind: 'order',
    plan: (direction === 'reduce') === (flow === 'exit') ? 'complete' : 'unwind',
    direction,
    leg,
    side: long ? 'sell' : 'buy',
    quantity,
    reduceOnly: leg === 'perp' && direction === 'reduce',
    blockedMs: blockedMs[leg],
  };
}

function quantityOf(direction: Direction, leg: Leg, { residual, lot, minimum, held }: RepairSituation): Btc | undefined {
  const size = abs(residual);
  if (leg === 'spot') {
    const quantity = direction === 'reduce' ? min(size, held.spot) : size;
    return quantity >= minimum.spot && quantity > 0n ? quantity : undefined;
  }
  const lots = floorTo(direction === 'reduce' ? min(size, held.short) : size, lot);
  // The venue waives its minimum notional for reduce-only orders.
  const least = direction === 'reduce' ? lot : minimum.perpOpen;
  return lots >= least ? fixed<Btc>(lots) : undefined;
}

function stuckReason({ residual, held, mayReduce, mayAdd }: RepairSituation): string {
  if (!mayReduce && !mayAdd) return 'neither reducing nor completing is possible any more';
  if (residual > 0n && held.spot < residual) return 'there is less spot to sell than the residual';
  if (residual < 0n && held.short < abs(residual)) return 'there is less short to close than the residual';
  return 'what is left is too small for either venue';
}
