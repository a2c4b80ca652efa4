import type { Side } from '../../core/units.js';
import type { Benchmarks } from './benchmarks.js';
import type { FillFacts, FlowFacts, RunFacts } from './fact-types.js';
import type { Knot } from './paper-pnl.js';

/** Costs of a fill in KRW at the FX rate of the fill; positive hurts. */
export interface CostParts {
  /** Mid moved from the decision to the flow's first fill (or to this fill, when it is the first). */
  readonly delay: number;
  /** Mid moved from the flow's first fill to this one. */
  readonly legging: number;
  readonly spread: number;
  readonly impact: number;
  readonly fees: number;
  /** FX moved between decision and fill, on the fill's value at the decision mid. */
  readonly fx: number;
}

export interface FillCosts {
  readonly fill: FillFacts;
  /** The share of this fill, in [0, 1], that a rollback undid or is itself part of one. */
  readonly rolledBackShare: number;
  /** This fill is itself the unwinding, not something that was undone. */
  readonly unwinds: boolean;
  /** Measured against a flow's decision, and not against its own moment. */
  readonly inFlow: boolean;
  /** Costs of the share that stayed. */
  readonly kept: CostParts;
  /** Costs of the share that was rolled back. */
  readonly rolledBack: CostParts;
  readonly rolledBackTotal: number;
  readonly usdKrw: number;
  /** USDT got (sold) or owed (bought) by the perpetual's fill; 0 for spot. */
  readonly proceedsUsdt: number;
  readonly feeUsdt: number;
  /** The same trade on paper, at the mids of the decision. */
  readonly knot: Knot;
}

const PARTS = ['delay', 'legging', 'spread', 'impact', 'fees', 'fx'] as const satisfies readonly (keyof CostParts)[];
const REPAIRS: ReadonlySet<string> = new Set(['rollback', 'repair', 'recover']);

/** The side on which a leg's order goes along with its flow. */
export function sideAlong(kind: 'enter' | 'exit', leg: 'spot' | 'perp'): Side {
  return (kind === 'enter') === (leg === 'spot') ? 'buy' : 'sell';
}

/** Splits the cost of every fill against its benchmark; the parts of a fill add up exactly to its cost. */
export function attributeFills(facts: RunFacts, benchmarks: Benchmarks): readonly FillCosts[] {
  const shares = rolledBackShares(facts, benchmarks);
  return facts.fills.map((fill) => {
    const benchmark = benchmarks.of(fill);
    const usdKrw = facts.prices.usdKrw.nearest(fill.t) ?? 0;
    const parts = costParts(facts, fill, benchmark, usdKrw);
    const { share, unwinds } = shares.get(fill) ?? { share: 0, unwinds: false };
    const rolledBack = scale(parts, share);
    const inUsdt = fill.venue === 'binance';
    const change = fill.sign * fill.quantity;
    const feeCoins = fill.feeAsset === 'BTC' ? fill.fee : 0;
    return {
      fill,
      rolledBackShare: share,
      unwinds,
      inFlow: benchmark.flow !== undefined,
      kept: scale(parts, 1 - share),
      rolledBack,
      rolledBackTotal: totalOf(rolledBack),
      usdKrw,
      proceedsUsdt: inUsdt ? -change * fill.price : 0,
      feeUsdt: fill.feeAsset === 'USDT' ? fill.fee : 0,
      knot: { spot: inUsdt ? 0 : change - feeCoins, perp: inUsdt ? change : 0, ...benchmark },
    };
  });
}

export const totalOf = (parts: CostParts): number => PARTS.reduce((sum, part) => sum + parts[part], 0);

export function addParts(a: CostParts, b: CostParts): CostParts {
  return Object.fromEntries(PARTS.map((part) => [part, a[part] + b[part]])) as unknown as CostParts;
}

export const NO_COSTS: CostParts = { delay: 0, legging: 0, spread: 0, impact: 0, fees: 0, fx: 0 };

function scale(parts: CostParts, factor: number): CostParts {
  return Object.fromEntries(PARTS.map((part) => [part, parts[part] * factor])) as unknown as CostParts;
}

function costParts(facts: RunFacts, fill: FillFacts, benchmark: ReturnType<Benchmarks['of']>, usdKrw: number): CostParts {
  const perp = fill.venue === 'binance';
  const rate = perp ? usdKrw : 1;
  const decisionMid = perp ? benchmark.binanceMid : benchmark.upbitMid;
  const first = benchmark.flow?.fills[0]?.t ?? fill.t;
  // At the first fill this leg's own mid may have been seen a moment before; any split of the move adds up.
  const midAtFirst = fill.t <= first ? fill.mid : (facts.prices[fill.venue].nearest(first) ?? fill.mid);
  const size = fill.sign * fill.quantity;
  const coinPrice = fill.feeAsset === 'BTC' ? decisionMid : 1;
  return {
    delay: size * (midAtFirst - decisionMid) * rate,
    legging: size * (fill.mid - midAtFirst) * rate,
    spread: size * (fill.touch - fill.mid) * rate,
    impact: size * (fill.price - fill.touch) * rate,
    fees: fill.fee * coinPrice * (fill.feeAsset === 'USDT' ? usdKrw : 1),
    fx: perp ? size * decisionMid * (usdKrw - benchmark.usdKrw) : 0,
  };
}

/**
 * Which part of each fill a rollback undid. Inside a flow: what was traded against the flow's direction is the
 * unwinding, and the same quantity of that leg's earlier fills is what it undid, spread evenly over them. Outside
 * a flow the purpose of the order says it, and what it undid is the fill that came too late for its flow. Looks at truth alone, so it holds for every executor.
 */
function rolledBackShares(facts: RunFacts, benchmarks: Benchmarks): Shares {
  const shares: Shares = new Map();
  for (const fill of facts.fills) {
    if (benchmarks.of(fill).flow !== undefined || !repairsEpisode(facts, fill)) continue;
    shares.set(fill, { share: 1, unwinds: true });
    const late = lateFillBefore(facts, fill);
    if (late === undefined || benchmarks.of(late).flow !== undefined) continue;
    const share = (shares.get(late)?.share ?? 0) + fill.quantity / late.quantity;
    shares.set(late, { share: Math.min(1, share), unwinds: false });
  }
  for (const flow of facts.flows) {
    for (const leg of ['spot', 'perp'] as const) shareOut(flow, leg, benchmarks, shares);
  }
  return shares;
}

/**
 * A fill outside every flow undoes something when it ends or shrinks an episode that another cause began; the two
 * legs of a position that is closed outside a flow (by the monitor) make an episode of their own and undo nothing.
 */
function repairsEpisode(facts: RunFacts, fill: FillFacts): boolean {
  if (!REPAIRS.has(fill.purpose)) return false;
  const episode = facts.episodes.find(({ start, end }) => fill.t > start && (end === undefined || fill.t <= end));
  if (episode === undefined) return false;
  const closing = (episode.openedBy === 'repair' || episode.openedBy === 'recover') && episode.flow === fill.flow;
  const before = facts.positions.findLast((step) => step.t < fill.t)?.residual ?? 0n;
  return !closing && before > 0n === (fill.side === 'sell');
}

/** The fill that began the episode and that this one undoes: an order that executed after its flow had ended. */
function lateFillBefore(facts: RunFacts, { t, leg, side, flow }: FillFacts): FillFacts | undefined {
  const episode = facts.episodes.find(({ start, end }) => t > start && (end === undefined || t <= end));
  return facts.fills.find(
    (fill) => fill.t === episode?.start && fill.leg === leg && fill.flow === flow && fill.side !== side && !REPAIRS.has(fill.purpose),
  );
}

type Shares = Map<FillFacts, { readonly share: number; readonly unwinds: boolean }>;

function shareOut(flow: FlowFacts, leg: 'spot' | 'perp', benchmarks: Benchmarks, shares: Shares): void {
  const fills = flow.fills.filter((fill) => fill.leg === leg && benchmarks.of(fill).flow !== undefined);
  const side = sideAlong(flow.begin.kind, leg);
  const along = fills.filter((fill) => fill.side === side);
  const against = fills.filter((fill) => fill.side !== side);
  const sum = (some: readonly FillFacts[]): number => some.reduce((total, fill) => total + fill.quantity, 0);
  const undone = Math.min(sum(along), sum(against));
  if (undone === 0) return;
  for (const fill of along) shares.set(fill, { share: undone / sum(along), unwinds: false });
  for (const fill of against) shares.set(fill, { share: 1, unwinds: true });
}
