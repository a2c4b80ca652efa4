import { epochMs, type VenueId } from '../core/units.js';
import { DEFAULT_POLICY } from '../executor/policy.js';
import type { StressOutage } from '../faults/stress/stress-outages.js';
import { quantile } from '../report/metrics/tails.js';
import type { Hedges } from './stress-hedges.js';
import type { Probe, VenueSample } from './stress-probe.js';

/** Quantiles of a sample by nearest rank, at `at`; null when nothing was seen. */
export type Quantiles = readonly (number | null)[];

export interface VenueFigures {
  /** p50, p95, p99. */
  readonly level: Quantiles;
  readonly spreadBp: Quantiles;
  /** p50, p5, p1: the thin end. */
  readonly depthBtc: Quantiles;
  /** p50, p95, p99, p99.9 of a read; no answer within two minutes counts as longer than all. */
  readonly latencyMs: Quantiles;
  readonly visibilityMs: Quantiles;
  /** Shares of reads. */
  readonly serverErrors: number;
  readonly limited: number;
  readonly silent: number;
  /** Longer than the reference executor waits for an answer; those without one count. */
  readonly tooLate: number;
  readonly outagesPerHour: number;
  /** p50, p95, longest; seconds. */
  readonly outageS: Quantiles;
  /** Share of the time in which an outage or halt holds. */
  readonly down: number;
}

/** The measured card of one preset over one stretch of data. */
export interface StressFigures {
  readonly preset: string;
  readonly hours: number;
  readonly probes: number;
  readonly venues: Readonly<Record<VenueId, VenueFigures>>;
  /** Pearson correlation of both venues' levels; null when one of them never moves. */
  readonly correlation: number | null;
  /** How much likelier one venue is in trouble (level above a half) when the other is; null when one never is. */
  readonly together: number | null;
  readonly hedges: {
    readonly flows: number;
    /** Share of flows that ended as they were asked to: an entry hedged, an exit flat. */
    readonly asAsked: number;
    readonly ends: Readonly<Record<string, number>>;
    /** p50, p99, longest of the stretches with one leg on; seconds. */
    readonly nakedS: Quantiles;
    readonly rollbacks: number;
    /** p50 and worst. */
    readonly rollbackCostBps: Quantiles;
    readonly broken: readonly string[];
  };
}

const TROUBLE = 0.5;
const HOUR_MS = 3_600_000;

export function stressFigures(preset: string, probe: Probe, hedges: Hedges): StressFigures {
  const { samples, from, to } = probe;
  const levels = { upbit: samples.upbit.map(({ level }) => level), binance: samples.binance.map(({ level }) => level) };
  return {
    preset,
    hours: (to - from) / HOUR_MS,
    probes: samples.upbit.length,
    venues: { upbit: venueFigures('upbit', probe), binance: venueFigures('binance', probe) },
    correlation: correlationOf(levels.upbit, levels.binance),
    together: togetherOf(levels.upbit, levels.binance),
    hedges: hedgeFigures(hedges),
  };
}

function venueFigures(venue: VenueId, { samples, session, from, to }: Probe): VenueFigures {
  const all = samples[venue];
  const share = (has: (sample: VenueSample) => boolean): number => all.filter(has).length / Math.max(1, all.length);
  const of = (figure: (sample: VenueSample) => number | undefined): number[] => all.flatMap((sample) => figure(sample) ?? []);
  const outages = session.outages.between(venue, from, to);
  return {
    level: quantiles(
      of(({ level }) => level),
      [0.5, 0.95, 0.99],
    ),
    spreadBp: quantiles(
      of(({ spreadBp }) => spreadBp),
      [0.5, 0.95, 0.99],
    ),
    depthBtc: quantiles(
      of(({ depthBtc }) => depthBtc),
      [0.5, 0.05, 0.01],
    ),
    latencyMs: quantiles(
      all.map(({ latencyMs }) => latencyMs ?? Number.POSITIVE_INFINITY),
      [0.5, 0.95, 0.99, 0.999],
    ),
    visibilityMs: quantiles(
      of(({ visibilityMs }) => visibilityMs),
      [0.5, 0.95, 0.99],
    ),
    serverErrors: share(({ http }) => (http ?? 0) >= 500 || http === 408),
    limited: share(({ http }) => http === 429 || http === 418),
    silent: share(({ latencyMs }) => latencyMs === undefined),
    tooLate: share(({ latencyMs }) => (latencyMs ?? Number.POSITIVE_INFINITY) > DEFAULT_POLICY.requestTimeoutMs),
    outagesPerHour: outages.length / ((to - from) / HOUR_MS),
    outageS: quantiles(
      outages.map(({ window }) => (window.until - window.from) / 1_000),
      [0.5, 0.95, 1],
    ),
    down: downShare(outages, from, to),
  };
}

/** Outages may overlap: a venue is down once. */
function downShare(outages: readonly StressOutage[], from: number, to: number): number {
  let down = 0;
  let until = from;
  for (const { window } of outages) {
    const end = Math.min(window.until, to);
    if (end > until) down += end - Math.max(until, window.from);
    until = epochMs(Math.max(until, end));
  }
  return down / (to - from);
}

function hedgeFigures({ ends, nakedMs, rollbacks, rollbackCostBps, broken }: Hedges): StressFigures['hedges'] {
  const flows = Object.values(ends).reduce((sum, count) => sum + count, 0);
  const asAsked = (ends['enter hedged'] ?? 0) + (ends['exit flat'] ?? 0);
  return {
    flows,
    asAsked: asAsked / Math.max(1, flows),
    ends,
    nakedS: quantiles(
      nakedMs.map((ms) => ms / 1_000),
      [0.5, 0.99, 1],
    ),
    rollbacks,
    rollbackCostBps: quantiles(rollbackCostBps, [0.5, 1]),
    broken,
  };
}

/** Each the smallest value that at least its share of the sample is not above; infinite ones are cases without an end. */
function quantiles(values: readonly number[], shares: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  return shares.map((share) => (sorted.length === 0 ? null : quantile(sorted, share)));
}

export function correlationOf(left: readonly number[], right: readonly number[]): number | null {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanLeft, meanRight] = [mean(left), mean(right)];
  let [both, ownLeft, ownRight] = [0, 0, 0];
  left.forEach((value, index) => {
    const [a, b] = [value - meanLeft, (right[index] ?? meanRight) - meanRight];
    both += a * b;
    ownLeft += a * a;
    ownRight += b * b;
  });
  return ownLeft > 0 && ownRight > 0 ? both / Math.sqrt(ownLeft * ownRight) : null;
}

function togetherOf(left: readonly number[], right: readonly number[]): number | null {
  const bad = (values: readonly number[]): number => values.filter((level) => level > TROUBLE).length / values.length;
  const both = left.filter((level, index) => level > TROUBLE && (right[index] ?? 0) > TROUBLE).length / left.length;
  const apart = bad(left) * bad(right);
  return apart > 0 ? both / apart : null;
}
