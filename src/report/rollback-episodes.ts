import type { EpochMs } from '../core/units.js';
import { toNumber } from '../core/money.js';
import type { Episode, OrderFacts, RunFacts } from './facts/fact-types.js';
import type { Attribution } from './facts/attribution.js';
import { addParts, type CostParts, NO_COSTS, totalOf } from './facts/fill-costs.js';
import type { JournalFacts } from './facts/journal-facts.js';
import { type Exposure, exposure, type ResidualStep } from './metrics/exposure.js';
import { type Maybe, notAvailable } from './not-available.js';

/** How long after a residual is gone the executor may take to prove it and still belong to the same episode. */
const PROOF_SLACK_MS = 30_000;
export const ROLLBACK_DEADLINE_MS = 120_000;

/**
 * `legging`: the two legs filled one after the other, nothing had to be repaired. `complete`: the missing leg was
 * filled up. `unwind`: the excess was reversed. `left`: still naked, or ended by nothing we did.
 */
export type EpisodeKind = 'legging' | 'complete' | 'unwind' | 'left';

/** One episode of residual delta above tolerance, with what repaired it and what that cost. Costs in KRW, positive hurts. */
export interface EpisodeReport {
  readonly start: EpochMs;
  /** In truth; undefined when the tape ends first. */
  readonly end: EpochMs | undefined;
  readonly flow: number | undefined;
  readonly kind: EpisodeKind;
  readonly exposure: Exposure;
  readonly residualStartBtc: number;
  readonly residualEndBtc: number;
  /** From one-legged in truth until the executor wrote down that it knew. */
  readonly detectionLagMs: Maybe<number>;
  /** From one-legged in truth until a read proved the residual gone. */
  readonly provenAfterMs: Maybe<number>;
  /** From when the executor wrote down that it knew until the proof. */
  readonly provenAfterDetectionMs: Maybe<number>;
  readonly provenWithinDeadline: boolean;
  /** The executor locked itself or handed over to a human during it. */
  readonly escalated: boolean;
  readonly repairOrders: number;
  readonly unwoundBtc: number;
  /** Cost of the unwinding by part; zeros when nothing was unwound. `fx` includes both legs' dollar side. */
  readonly cost: CostParts;
  readonly costKrw: number;
  /** Basis points of the unwound quantity's value at the Upbit mid. */
  readonly costBps: Maybe<number>;
  readonly fundingKrw: number;
}

const REPAIRS: ReadonlySet<string> = new Set(['rollback', 'repair', 'recover']);

/** Goes through the truth's episodes and says of each what happened to it. */
export function episodeReports(
  facts: RunFacts,
  journal: JournalFacts,
  attribution: Attribution,
  deadlineMs: number = ROLLBACK_DEADLINE_MS,
): readonly EpisodeReport[] {
  const steps = residualSteps(facts);
  return facts.episodes.map((episode, index) => {
    const next = facts.episodes[index + 1]?.start ?? Number.POSITIVE_INFINITY;
    return episodeReport(facts, journal, attribution, { episode, until: next, deadlineMs, steps });
  });
}

interface Window {
  readonly episode: Episode;
  /** Start of the next episode. */
  readonly until: number;
  readonly deadlineMs: number;
  readonly steps: readonly ResidualStep[];
}

/** The residual delta over time in BTC, for the exposure integrals. */
function residualSteps(facts: RunFacts): readonly ResidualStep[] {
  return facts.positions.map((step) => ({ t: step.t, residual: toNumber(step.residual) }));
}

function episodeReport(facts: RunFacts, journal: JournalFacts, attribution: Attribution, window: Window): EpisodeReport {
  const costs = attribution.fills;
  const { start, end, flow } = window.episode;
  const close = end ?? facts.to;
  const inside = costs.filter(({ fill }) => fill.t >= start && fill.t <= close);
  const unwinding = inside.filter((item) => item.unwinds);
  // The entry that was undone may have filled before the episode began; it belongs to the same flow and leg.
  const undone = costs.filter(
    (item) => item.rolledBackShare > 0 && !item.unwinds && unwinding.some(({ fill }) => fill.flow === item.fill.flow && fill.leg === item.fill.leg),
  );
  const drift = { ...NO_COSTS, legging: -(attribution.outsideDrift.get(window.episode) ?? 0) };
  const cost = [...unwinding, ...undone].reduce((sum, item) => addParts(sum, item.rolledBack), drift);
  const unwoundBtc = unwinding.reduce((sum, { fill }) => sum + fill.quantity, 0);
  const costKrw = totalOf(cost);
  const notional = unwoundBtc * (facts.prices.upbit.nearest(start) ?? 0);
  const steps = window.steps.filter((step) => step.t >= start && step.t <= close);
  const residualAt = (t: number): number => steps.findLast((step) => step.t <= t)?.residual ?? 0;
  const repairs = facts.orders.filter((order) => isRepairIn(order, start, close));
  const proven = provenAt(journal, facts, window, close);
  const detected = detectedAt(journal, facts, window, close);
  return {
    start,
    end,
    flow,
    kind: kindOf(window, journal, unwinding.length > 0, repairs.length > 0, close),
    exposure: exposure(steps, facts.prices.upbit, start, close),
    residualStartBtc: residualAt(start),
    residualEndBtc: residualAt(close),
    detectionLagMs: lag(detected, start, journal, 'the executor never wrote down that it knew'),
    provenAfterMs: lag(proven, start, journal, 'never proven'),
    provenAfterDetectionMs:
      detected === undefined
        ? lag(undefined, start, journal, 'the executor never wrote down that it knew')
        : lag(proven, detected, journal, 'never proven'),
    provenWithinDeadline:
      end !== undefined && (journal.present ? proven !== undefined && proven - start <= window.deadlineMs : end - start <= window.deadlineMs),
    escalated: escalatedIn(journal, start, Math.min(close + PROOF_SLACK_MS, window.until)),
    repairOrders: repairs.length,
    unwoundBtc,
    cost,
    costKrw,
    costBps: notional > 0 ? (costKrw / notional) * 10_000 : notAvailable('nothing was unwound'),
    fundingKrw: fundingWhile(facts, start, close, residualAt),
  };
}

function isRepairIn(order: OrderFacts, start: number, close: number): boolean {
  return REPAIRS.has(order.request.purpose) && order.request.t >= start && order.request.t <= close;
}

function kindOf(window: Window, journal: JournalFacts, unwound: boolean, repaired: boolean, close: number): EpisodeKind {
  const { start, end } = window.episode;
  const planned = journal.repairsStarted.find((event) => event.t >= start && event.t <= close);
  if (end === undefined) return 'left';
  if (unwound) return 'unwind';
  return repaired || planned !== undefined ? 'complete' : 'legging';
}

/** The first thing the executor wrote after the residual was gone that shows it knew. */
function provenAt(journal: JournalFacts, facts: RunFacts, window: Window, close: number): number | undefined {
  if (window.episode.end === undefined) return undefined;
  const fits = (t: number): boolean => t >= close && t <= close + PROOF_SLACK_MS && t < window.until;
  const small = (residual: bigint): boolean => (residual < 0n ? -residual : residual) <= facts.tolerance;
  const proofs = [
    ...journal.repairsEnded.filter((event) => event.proven && small(event.residual)),
    ...journal.deltas.filter((event) => small(event.residual)),
    ...journal.flowsEnded.filter((event) => small(event.residual)),
  ].filter((event) => fits(event.t));
  return proofs.length === 0 ? undefined : Math.min(...proofs.map((event) => event.t));
}

function detectedAt(journal: JournalFacts, facts: RunFacts, window: Window, close: number): number | undefined {
  const { start } = window.episode;
  const fits = (t: number): boolean => t >= start && t <= close;
  const large = (residual: bigint): boolean => (residual < 0n ? -residual : residual) > facts.tolerance;
  const signs = [
    ...journal.deltas.filter((event) => large(event.residual)),
    ...journal.repairsStarted,
    ...journal.alerts.filter((event) => event.alert === 'UNHEDGED_EXPOSURE' || event.alert === 'SHORT_SHRANK'),
  ].filter((event) => fits(event.t));
  return signs.length === 0 ? undefined : Math.min(...signs.map((event) => event.t));
}

function lag(at: number | undefined, start: number, journal: JournalFacts, otherwise: string): Maybe<number> {
  if (!journal.present) return notAvailable('this executor keeps no journal');
  return at === undefined ? notAvailable(otherwise) : at - start;
}

function escalatedIn(journal: JournalFacts, start: number, until: number): boolean {
  const during = (t: number): boolean => t >= start && t <= until;
  return journal.halts.some((event) => during(event.t)) || journal.flowsEnded.some((event) => event.outcome === 'locked' && during(event.t));
}

/** Funding that the naked part of the short paid or received while it was naked, KRW, positive is a cost. */
function fundingWhile(facts: RunFacts, start: number, close: number, residualAt: (t: number) => number): number {
  return facts.funding
    .filter((event) => event.t >= start && event.t <= close)
    .reduce((sum, event) => {
      const position = toNumber(event.position);
      // Only a short larger than the coins is naked on the perpetual; coins without a short pay no funding.
      const naked = position === 0 ? 0 : Math.min(1, Math.max(0, -residualAt(event.t)) / Math.abs(position));
      return sum - toNumber(event.amount) * naked * (facts.prices.usdKrw.nearest(event.t) ?? 0);
    }, 0);
}
