import type { EpochMs, Leg } from '../core/units.js';
import { toNumber } from '../core/money.js';
import type { FillFacts, FlowFacts, RunFacts } from './facts/fact-types.js';
import { addParts, type CostParts, type FillCosts, NO_COSTS, sideAlong, totalOf } from './facts/fill-costs.js';
import { hedgeSlippageBps, legMatchingRatio, premium, premiumSlippageBps } from './metrics/hedge-quality.js';
import { averagePrice, filledQuantity } from './metrics/price-cost.js';
import { implementationShortfall, type Shortfall } from './metrics/shortfall.js';
import { type Maybe, notAvailable } from './not-available.js';

/** One leg of a flow against its decision, in KRW and basis points of the intended notional of that leg. */
export interface LegReport {
  readonly leg: Leg;
  readonly intendedBtc: number;
  /** Executed in the flow's direction, rolled-back quantity included. */
  readonly executedBtc: number;
  readonly averagePrice: Maybe<number>;
  readonly decisionMid: number;
  /** KRW, positive is a cost. */
  readonly shortfall: Shortfall;
  readonly shortfallBps: Maybe<number>;
}

/** One flow: what was decided, what was got, what it cost. KRW costs are positive when they hurt. */
export interface FlowReport {
  readonly flow: number;
  readonly kind: 'enter' | 'exit';
  readonly begin: EpochMs;
  readonly end: EpochMs | undefined;
  readonly outcome: string;
  readonly quantityBtc: number;
  /** Net of what was rolled back, signed. */
  readonly spotBtc: number;
  readonly perpBtc: number;
  readonly matchingRatio: number;
  readonly intendedNotionalKrw: number;
  readonly targetPremium: number;
  /** With KRW-USDT on Upbit in place of USD/KRW. */
  readonly targetPremiumAtUsdtKrw: Maybe<number>;
  readonly capturedPremium: Maybe<number>;
  readonly premiumSlippageBps: Maybe<number>;
  /** Between the first fills of the two legs. */
  readonly leggingMs: Maybe<number>;
  readonly hedgeSlippageBps: Maybe<number>;
  readonly legs: readonly [LegReport, LegReport];
  /** What stayed on: the flow's share of the run's waterfall. */
  readonly kept: CostParts;
  readonly keptKrw: number;
  readonly rollback: CostParts;
  readonly rollbackKrw: number;
}

export function flowReports(facts: RunFacts, costs: readonly FillCosts[]): readonly FlowReport[] {
  const byFlow = new Map<number, FillCosts[]>();
  for (const item of costs) {
    const list = byFlow.get(item.fill.flow);
    if (list === undefined) byFlow.set(item.fill.flow, [item]);
    else list.push(item);
  }
  return facts.flows.map((flow) => flowReport(facts, flow, byFlow.get(flow.begin.flow) ?? []));
}

function flowReport(facts: RunFacts, flow: FlowFacts, costs: readonly FillCosts[]): FlowReport {
  const { begin, end } = flow;
  const quantity = toNumber(begin.quantity);
  const along = (leg: Leg): readonly FillFacts[] => flow.fills.filter((fill) => fill.leg === leg && fill.side === sideAlong(begin.kind, leg));
  const net = (leg: Leg): number => flow.fills.reduce((sum, fill) => sum + (fill.leg === leg ? fill.sign * fill.quantity : 0), 0);
  const spot = along('spot');
  const perp = along('perp');
  const captured =
    spot.length === 0 || perp.length === 0 ? notAvailable('a leg was not filled') : premium(averagePrice(spot), averagePrice(perp), begin.usdKrw);
  const kept = costs.reduce((sum, item) => addParts(sum, item.kept), NO_COSTS);
  const rollback = costs.reduce((sum, item) => addParts(sum, item.rolledBack), NO_COSTS);
  return {
    flow: begin.flow,
    kind: begin.kind,
    begin: begin.t,
    end: end?.t,
    outcome: end?.outcome ?? 'unfinished',
    quantityBtc: quantity,
    spotBtc: net('spot'),
    perpBtc: net('perp'),
    matchingRatio: legMatchingRatio(net('spot'), net('perp')),
    intendedNotionalKrw: quantity * begin.upbitMid,
    targetPremium: begin.premium,
    targetPremiumAtUsdtKrw: premiumAtUsdtKrw(facts, begin),
    capturedPremium: captured,
    premiumSlippageBps: typeof captured === 'number' ? premiumSlippageBps(begin.kind, targetOf(flow), captured) : captured,
    leggingMs: leggingMs(spot, perp),
    hedgeSlippageBps: hedgeSlippage(facts, spot, perp),
    legs: [legReport(facts, flow, 'spot', spot), legReport(facts, flow, 'perp', perp)],
    kept,
    keptKrw: totalOf(kept),
    rollback,
    rollbackKrw: totalOf(rollback),
  };
}

/** The target in the same FX as the captured premium, whatever definition the strategy decided on. */
function targetOf({ begin }: FlowFacts): number {
  return premium(begin.upbitMid, begin.binanceMid, begin.usdKrw);
}

function premiumAtUsdtKrw(facts: RunFacts, begin: FlowFacts['begin']): Maybe<number> {
  const rate = facts.prices.usdtKrw.at(begin.decidedAt);
  return rate === undefined ? notAvailable('the data has no KRW-USDT price on Upbit') : premium(begin.upbitMid, begin.binanceMid, rate);
}

function leggingMs(spot: readonly FillFacts[], perp: readonly FillFacts[]): Maybe<number> {
  const [a, b] = [spot[0], perp[0]];
  return a === undefined || b === undefined ? notAvailable('a leg was not filled') : Math.abs(a.t - b.t);
}

function hedgeSlippage(facts: RunFacts, spot: readonly FillFacts[], perp: readonly FillFacts[]): Maybe<number> {
  const [a, b] = [spot[0], perp[0]];
  if (a === undefined || b === undefined) return notAvailable('a leg was not filled');
  const [first, second] = a.t <= b.t ? [a, perp] : [b, spot];
  const hedge = second[0];
  const mid = hedge === undefined ? undefined : facts.prices[hedge.venue].nearest(first.t);
  return hedge === undefined || mid === undefined
    ? notAvailable('no mid at the first fill')
    : hedgeSlippageBps(hedge.side, averagePrice(second), mid);
}

function legReport(facts: RunFacts, flow: FlowFacts, leg: Leg, fills: readonly FillFacts[]): LegReport {
  const { begin, end } = flow;
  const venue = leg === 'spot' ? 'upbit' : 'binance';
  const decisionMid = leg === 'spot' ? begin.upbitMid : begin.binanceMid;
  const rate = leg === 'spot' ? 1 : begin.usdKrw;
  const intended = toNumber(begin.quantity);
  const executed = filledQuantity(fills);
  const arrival = executed > 0 ? fills.reduce((sum, fill) => sum + fill.arrivalMid * fill.quantity, 0) / executed : decisionMid;
  const inQuote = implementationShortfall({
    side: sideAlong(begin.kind, leg),
    intended,
    fills,
    decisionMid,
    arrivalMid: arrival,
    endMid: facts.prices[venue].nearest(end?.t ?? facts.to) ?? decisionMid,
    fees: fills.reduce((sum, fill) => sum + fill.fee * (fill.feeAsset === 'BTC' ? fill.price : 1), 0),
  });
  const shortfall = {
    delay: inQuote.delay * rate,
    execution: inQuote.execution * rate,
    opportunity: inQuote.opportunity * rate,
    explicit: inQuote.explicit * rate,
    total: inQuote.total * rate,
  };
  const notional = intended * decisionMid * rate;
  return {
    leg,
    intendedBtc: intended,
    executedBtc: executed,
    averagePrice: executed > 0 ? averagePrice(fills) : notAvailable('nothing was filled'),
    decisionMid,
    shortfall,
    shortfallBps: notional > 0 ? (shortfall.total / notional) * 10_000 : notAvailable('nothing was intended'),
  };
}
