import { toNumber } from '../../core/money.js';
import { Benchmarks } from './benchmarks.js';
import type { Episode, RunFacts } from './fact-types.js';
import { attributeFills, type FillCosts } from './fill-costs.js';
import { type Knot, paperPnl, type PaperStretch } from './paper-pnl.js';

/** Every won of the run with what caused it; the waterfall and the episodes both take from here. */
export interface Attribution {
  readonly fills: readonly FillCosts[];
  readonly forced: ForcedParts;
  readonly stretches: readonly PaperStretch[];
  /** What the unhedged quantity of an episode made until a repair outside every flow ended it; KRW, positive is a gain. */
  readonly outsideDrift: ReadonlyMap<Episode, number>;
  readonly usdKrwEnd: number;
}

export function attribute(facts: RunFacts): Attribution {
  const benchmarks = new Benchmarks(facts);
  const end = benchmarks.at(facts.to);
  const fills = attributeFills(facts, benchmarks);
  const forced = forcedParts(facts, benchmarks);
  const stretches = paperPnl([...fills.map((fill) => fill.knot), ...forced.knots, ...capitalKnots(facts, benchmarks)], end);
  return { fills, forced, stretches, outsideDrift: outsideDrift(facts, fills, stretches), usdKrwEnd: end.usdKrw };
}

/** Inside a flow the drift is part of the fills' delay; only what a fill outside of one repaired is on paper. */
function outsideDrift(facts: RunFacts, fills: readonly FillCosts[], stretches: readonly PaperStretch[]): ReadonlyMap<Episode, number> {
  const drifts = new Map<Episode, number>();
  for (const item of fills) {
    if (!item.unwinds || item.inFlow) continue;
    const episode = facts.episodes.find(({ start, end }) => item.fill.t > start && (end === undefined || item.fill.t <= end));
    if (episode === undefined || drifts.has(episode)) continue;
    const inside = stretches.filter(({ to }) => to > episode.start && to <= (episode.end ?? facts.to));
    drifts.set(
      episode,
      inside.reduce((sum, stretch) => sum + stretch.btcLegs, 0),
    );
  }
  return drifts;
}

/** Money that came in or went out: USDT is revalued from then on, coins join the unhedged legs at their mid. */
function capitalKnots(facts: RunFacts, benchmarks: Benchmarks): readonly Knot[] {
  return facts.ledger.capital
    .filter((item) => item.asset === 'BTC')
    .map((item) => ({ spot: toNumber(item.amount), perp: 0, ...benchmarks.at(item.t) }));
}

export interface ForcedParts {
  readonly knots: readonly Knot[];
  readonly cost: number;
  readonly fx: number;
}

/** Changes that the venue made to the short by itself, as trades at their own price against the mid in force. */
function forcedParts(facts: RunFacts, benchmarks: Benchmarks): ForcedParts {
  const usdKrwEnd = benchmarks.at(facts.to).usdKrw;
  const knots: Knot[] = [];
  let cost = 0;
  let fx = 0;
  for (const { event, change, insuranceUsdt } of facts.forced) {
    const at = benchmarks.at(event.t);
    const proceeds = insuranceUsdt - change * toNumber(event.price);
    const fee = toNumber(event.fee);
    knots.push({ spot: 0, perp: change, ...at });
    cost += (proceeds + change * at.binanceMid - fee) * at.usdKrw;
    fx += (proceeds - fee) * (usdKrwEnd - at.usdKrw);
  }
  return { knots, cost, fx };
}
