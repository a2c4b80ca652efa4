import type { FillFacts, OrderFacts, RunFacts } from './facts/fact-types.js';
import { outcomeOf, type OrderOutcome } from './metrics/order-outcome.js';
import { type OrderTimes, orderTimes } from './metrics/order-timing.js';
import { averagePrice, effectiveSpreadBps, markoutBps, priceImpactBps, realizedSpreadBps, slippageBps } from './metrics/price-cost.js';
import { type Maybe, notAvailable } from './not-available.js';

/** Horizons after the last fill at which the mid is looked at again. */
export const MARKOUT_HORIZONS_MS = [1_000, 10_000, 60_000, 300_000] as const;
/** A mark this close to a horizon stands for it. */
const MARKOUT_SLACK_MS = 1_000;

export interface Markout {
  readonly horizonMs: number;
  readonly realizedSpreadBps: number;
  readonly priceImpactBps: number;
  readonly markoutBps: number;
}

/** One order attempt with its costs; basis points as in metrics/price-cost.ts. */
export interface OrderReport {
  readonly order: OrderFacts;
  readonly outcome: OrderOutcome;
  readonly times: OrderTimes;
  readonly averagePrice: Maybe<number>;
  readonly slippageBps: Maybe<number>;
  readonly effectiveSpreadBps: Maybe<number>;
  /** Of the book that the order found when it began to trade. */
  readonly quotedSpreadBps: Maybe<number>;
  /** Horizons whose mid the tape does not hold are left out. */
  readonly markouts: readonly Markout[];
  readonly fee: number;
}

export function orderReports(facts: RunFacts): readonly OrderReport[] {
  return facts.orders.map((order) => orderReport(facts, order));
}

function orderReport(facts: RunFacts, order: OrderFacts): OrderReport {
  const { fills } = order;
  const common = { order, outcome: outcomeOf(order), times: orderTimes(order), fee: fills.reduce((sum, fill) => sum + fill.fee, 0) };
  const last = fills.at(-1);
  if (last === undefined) {
    const na = notAvailable('nothing was filled');
    return { ...common, averagePrice: na, slippageBps: na, effectiveSpreadBps: na, quotedSpreadBps: na, markouts: [] };
  }
  return {
    ...common,
    averagePrice: averagePrice(fills),
    slippageBps: slippageBps(last.side, fills, last.arrivalMid),
    effectiveSpreadBps: effectiveSpreadBps(last.side, fills, last.arrivalMid),
    quotedSpreadBps: quotedSpreadBps(fills[0] ?? last),
    markouts: markoutsOf(facts, fills, last),
  };
}

const quotedSpreadBps = ({ event, mid }: FillFacts): number => ((event.bestAsk - event.bestBid) / mid) * 10_000;

function markoutsOf(facts: RunFacts, fills: readonly FillFacts[], last: FillFacts): readonly Markout[] {
  const { side, arrivalMid } = last;
  return MARKOUT_HORIZONS_MS.flatMap((horizonMs) => {
    const mid = facts.prices[last.venue].observedNear(last.t + horizonMs, MARKOUT_SLACK_MS, last.t);
    if (mid === undefined) return [];
    return [
      {
        horizonMs,
        realizedSpreadBps: realizedSpreadBps(side, fills, arrivalMid, mid),
        priceImpactBps: priceImpactBps(side, arrivalMid, mid),
        markoutBps: markoutBps(side, fills, mid),
      },
    ];
  });
}
