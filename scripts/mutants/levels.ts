import type { ExploredRun } from '../../src/drill/explore/explored-run.js';
import { boundaries, type TimeBound } from '../../src/drill/explore/levels/boundaries.js';
import { gridPairs } from '../../src/drill/explore/levels/grid-pairs.js';
import { crashes } from '../../src/drill/explore/levels/crash.js';
import { pairsAfter } from '../../src/drill/explore/levels/pairs.js';
import { permanentLosses } from '../../src/drill/explore/levels/permanent.js';
import { singles } from '../../src/drill/explore/levels/singles.js';
import { swarmPlan } from '../../src/drill/explore/levels/swarm.js';
import { planId, type Plan } from '../../src/drill/explore/planned-fault.js';

/** Of the large levels a part has to do: the whole of each takes longer than one mutant is given. */
const MOST = { crash: 250, permanent: 120, boundaries: 160, swarm: 12, pairs: 200, grid: 150 } as const;

/** Deadlines and lifetimes as the design names them, not as the program under attack does. */
const BOUNDS: readonly TimeBound[] = [
  { name: 'request-timeout', ms: 2_500 },
  { name: 'not-found-spacing', ms: 2_000 },
  { name: 'binance-lifetime', ms: 7_000 },
  { name: 'leg-deadline', ms: 10_000 },
  { name: 'upbit-lifetime', ms: 15_000 },
];

/**
 * The same order every time, and no flow or call waits behind another: plans are sorted by the hash that names them, and the
 * flows take turns, so that a small one is not lost among the large when the time is up.
 */
function mixed(plans: readonly Plan[], most = Number.POSITIVE_INFINITY): readonly Plan[] {
  const seen = new Map<string, number>();
  const sorted = plans.map((plan) => ({ plan, id: planId(plan) })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const turns = sorted.map(({ plan }) => {
    const turn = seen.get(plan.flow) ?? 0;
    seen.set(plan.flow, turn + 1);
    return { plan, turn };
  });
  return turns
    .sort((a, b) => a.turn - b.turn)
    .slice(0, most)
    .map(({ plan }) => plan);
}

/**
 * Calls that place, end or look at an order, and what is written about one; what strikes a read of a book or a balance mostly
 * ends before anything is sent.
 */
const AT_ORDERS = /\.(createOrder|cancelOrder|fetchOrder)#|\((intent|answer|order\.settled)/;

/** Every single fault, in two parts: those at orders, and the others. */
export function singlePlans(clean: readonly ExploredRun[]): { readonly atOrders: readonly Plan[]; readonly others: readonly Plan[] } {
  const plans = mixed(clean.flatMap(singles));
  const isAtOrder = ({ faults }: Plan): boolean => faults.some(({ when }) => AT_ORDERS.test(when.point ?? ''));
  return { atOrders: plans.filter(isAtOrder), others: plans.filter((plan) => !isAtOrder(plan)) };
}

export const gridPlans = (clean: readonly ExploredRun[]): readonly Plan[] => mixed(clean.flatMap(gridPairs), MOST.grid);
export const crashPlans = (clean: readonly ExploredRun[]): readonly Plan[] => mixed(clean.flatMap(crashes), MOST.crash);
export const permanentPlans = (clean: readonly ExploredRun[]): readonly Plan[] => mixed(clean.flatMap(permanentLosses), MOST.permanent);
export const boundaryPlans = (clean: readonly ExploredRun[]): readonly Plan[] =>
  mixed(
    clean.flatMap((run) => boundaries(run, BOUNDS)),
    MOST.boundaries,
  );
export const swarmPlans = (flows: readonly string[]): readonly Plan[] => Array.from({ length: MOST.swarm }, (_, index) => swarmPlan(flows, index + 1));

export function pairPlans(struck: readonly ExploredRun[], clean: readonly ExploredRun[]): readonly Plan[] {
  const byFlow = new Map(clean.map((run) => [run.plan.flow, run]));
  const plans = struck.flatMap((run) => {
    const base = byFlow.get(run.plan.flow);
    return base === undefined ? [] : pairsAfter(run, base);
  });
  return mixed(plans, MOST.pairs);
}
