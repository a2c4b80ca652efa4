import { fixed } from '../../core/money.js';
import type { Btc, Fixed } from '../../core/money.js';
import { normalFromUniform, uniformAt } from '../../core/random.js';
import type { StreamKey } from '../../core/random.js';
import type { BookLevel, BookSnapshot } from '../market-view.js';
import type { BookGrid } from './venue-grids.js';

/** One level of a venue's calm book before chance: how far from the mid, how much on average, how unequal. */
export interface LevelSpec {
  readonly offsetBp: number;
  readonly meanBtc: number;
  /** Chance in quantity and place: a lognormal quantity with this log-sd, or an exponential one, or none at all (0). */
  readonly spread: number | 'exp';
}

/** What is done to one side of the calm book at an instant; all 1 in calm, before chance. */
export interface SideState {
  /** Multiplies distances from the mid. */
  readonly offset: number;
  /** Multiplies quantities. */
  readonly depth: number;
}

const UNITS = 100_000_000;
/** No single order is more than this many log-sds above the median: one draw must not make a wall. */
const CAP_SDS = 2.2;

/**
 * A book around `mid`: the specs' levels, stretched and thinned by side, with quantities drawn by position from
 * `key` and `point` (an instant). Prices stand on tick; the best bid is at or below the mid and the best ask above.
 * Levels that fall on one tick are one level; a level too small for the quantity step is left out, the last excepted.
 */
export function buildLadder(
  mid: number,
  specs: readonly LevelSpec[],
  grid: BookGrid,
  sides: { readonly bid: SideState; readonly ask: SideState },
  key: StreamKey,
  point: number,
): BookSnapshot {
  const position = mid / grid.tick;
  const perBp = position / 10_000;
  const half = (specs[0]?.offsetBp ?? 0) * perBp;
  const touch = touchTicks(position, half * sides.bid.offset, half * sides.ask.offset);
  const draw = { specs, grid, key };
  return {
    bids: buildSide(draw, position, -perBp * sides.bid.offset, touch.bid, sides.bid.depth, point * 2),
    asks: buildSide(draw, position, perBp * sides.ask.offset, touch.ask, sides.ask.depth, point * 2 + 1),
  };
}

/** Best ticks: as far apart as both half-spreads say, to the nearest tick but at least one, with the mid between them. */
function touchTicks(position: number, bidHalf: number, askHalf: number): { readonly bid: number; readonly ask: number } {
  const wide = Math.max(1, Math.round(bidHalf + askHalf));
  const floor = Math.floor(position);
  const below = bidHalf + askHalf === 0 ? wide / 2 : (wide * bidHalf) / (bidHalf + askHalf);
  const bid = Math.min(Math.max(Math.round(position - below), floor + 1 - wide), floor);
  return { bid, ask: bid + wide };
}

interface SideDraw {
  readonly specs: readonly LevelSpec[];
  readonly grid: BookGrid;
  readonly key: StreamKey;
}

/** `perBp`: ticks a bp away from the mid, with the side's direction in its sign. */
function buildSide({ specs, grid, key }: SideDraw, position: number, perBp: number, touch: number, depth: number, point: number): BookLevel[] {
  const levels: BookLevel[] = [];
  let tick = touch;
  let units = 0;
  for (let index = 0; index < specs.length; index += 1) {
    const spec = specs[index];
    if (spec === undefined) break;
    const uniform = uniformAt(key, point * 128 + index);
    const nearest = index === 0 ? touch : Math.round(position + perBp * jittered(specs, index, uniform));
    const next = perBp > 0 ? Math.max(nearest, touch) : Math.min(nearest, touch);
    if (next !== tick) {
      push(levels, tick, units, grid, false);
      tick = next;
      units = 0;
    }
    units += spec.meanBtc * depth * quantityFactor(spec.spread, uniform) * UNITS;
  }
  push(levels, tick, units, grid, levels.length === 0);
  return levels;
}

/** A level left to chance stands anywhere between its own place and the next one's; the touch and the last level stay. */
function jittered(specs: readonly LevelSpec[], index: number, uniform: number): number {
  const spec = specs[index];
  const own = spec?.offsetBp ?? 0;
  const next = specs[index + 1]?.offsetBp ?? own;
  if (index === 0 || spec?.spread === 0) return own;
  // The digits behind the 20th bit: as good as a second draw, and the quantity uses the first ones.
  return own + (next - own) * ((uniform * 1_048_576) % 1);
}

/** A factor of mean 1 (a little below where the cap cuts the tail). */
function quantityFactor(spread: number | 'exp', uniform: number): number {
  if (spread === 'exp') return -Math.log(1 - uniform);
  if (spread === 0) return 1;
  return Math.exp(spread * Math.min(normalFromUniform(uniform), CAP_SDS) - (spread * spread) / 2);
}

function push(levels: BookLevel[], tick: number, units: number, grid: BookGrid, atLeastOne: boolean): void {
  if (tick <= 0) return;
  const steps = Math.floor(units / grid.stepUnits);
  if (steps === 0 && !atLeastOne) return;
  const quantity = fixed<Btc>(BigInt(Math.max(1, steps) * grid.stepUnits));
  levels.push({ price: fixed<Fixed<string>>(BigInt(tick) * grid.tickUnits), quantity });
}

/**
 * Average cost of taking `btc` from one side against `mid`, in bp, positive when it hurts; undefined when the side
 * is not that deep. For analytics: the simulator fills in exact amounts.
 */
export function takeCostBp(side: readonly BookLevel[], mid: number, btc: number): number | undefined {
  let open = btc;
  let paid = 0;
  for (const level of side) {
    const taken = Math.min(open, Number(level.quantity) / UNITS);
    paid += taken * Math.abs(Number(level.price) / UNITS - mid);
    open -= taken;
    if (open <= 1e-12) return (paid / btc / mid) * 10_000;
  }
  return undefined;
}
