import { RandomStreams } from '../../core/random.js';

/** How bad a time is rehearsed. `none` is no stress at all, byte for byte. */
export const STRESS_PRESETS = ['none', 'calm', 'rough', 'crash'] as const;
export type StressPreset = (typeof STRESS_PRESETS)[number];

/**
 * How often trouble comes and how hard. Sizes are in units of strain; strain `x` is the level `1 - exp(-x)`, from 0 (a
 * quiet hour) towards 1 (the worst that is on record). What a level does is the same under every preset.
 */
export interface StressArrivals {
  /** Strain that is always there. */
  readonly base: number;
  /** Strain for each e-fold of realised volatility above the busy twentieth of September 2025. */
  readonly volatilityWeight: number;
  /** Shocks that both venues feel. */
  readonly shocksPerDay: number;
  /** Mean of a shock's size; sizes are exponential. */
  readonly shockSize: number;
  /** A shock's strain halves in this time. */
  readonly halfLifeMs: number;
  /** Shocks of one venue alone, each venue by itself, as a share of the common ones. */
  readonly ownShare: number;
  /** Outages an hour at level 1; their rate grows with the level's cube. */
  readonly outagesPerHour: number;
}

/** The stress of a run, with every default filled in. */
export interface StressSpec {
  readonly preset: StressPreset;
  /** Of its own draws; the run's seed when absent, so that one bad day can meet many runs. */
  readonly seed?: string | undefined;
  /** Multiplies all strain; 0 is no stress. */
  readonly strength: number;
  /** Common shocks that strike so long after the run's start, besides those that come by themselves. */
  readonly shockAtMs: readonly number[];
  readonly arrivals: StressArrivals;
}

const MINUTE = 60_000;

/**
 * `calm`: a working day; a small shock every other day. `rough`: a bad week; six shocks a day that last a quarter of an
 * hour. `crash`: days like 2024-12-03 (Upbit failing for 77 to 99 minutes, ten times the usual users) and 2025-10-10
 * (both venues slow and throttling for about 76 minutes): shocks every two hours that need an hour and a half to fade. How often
 * they come is not on record anywhere (venues.md, "not found"): the frequencies are assumptions, the lengths are those.
 */
const ARRIVALS: Readonly<Record<StressPreset, StressArrivals>> = {
  none: { base: 0, volatilityWeight: 0, shocksPerDay: 0, shockSize: 0, halfLifeMs: MINUTE, ownShare: 0, outagesPerHour: 0 },
  calm: { base: 0, volatilityWeight: 0.1, shocksPerDay: 0.5, shockSize: 0.3, halfLifeMs: 5 * MINUTE, ownShare: 0.5, outagesPerHour: 3 },
  rough: { base: 0.08, volatilityWeight: 0.3, shocksPerDay: 6, shockSize: 0.7, halfLifeMs: 12 * MINUTE, ownShare: 0.35, outagesPerHour: 3 },
  crash: { base: 0.25, volatilityWeight: 0.6, shocksPerDay: 12, shockSize: 1.4, halfLifeMs: 30 * MINUTE, ownShare: 0.25, outagesPerHour: 3 },
};

/** The size of a shock that a scenario sets itself (`shockAt`), in shocks of the preset's mean size. */
export const PINNED_SHOCK = 2;

/** What a file or flag may say about stress besides its preset. */
export interface StressChanges {
  readonly seed?: string | undefined;
  readonly strength?: number | undefined;
  readonly shockAtMs?: readonly number[] | undefined;
  readonly shocksPerDay?: number | undefined;
  readonly halfLifeMs?: number | undefined;
}

/** A preset with what was changed of it. */
export function stressSpec(preset: StressPreset, changes: StressChanges = {}): StressSpec {
  const arrivals = ARRIVALS[preset];
  return {
    preset,
    seed: changes.seed,
    strength: preset === 'none' ? 0 : (changes.strength ?? 1),
    shockAtMs: changes.shockAtMs ?? [],
    arrivals: {
      ...arrivals,
      shocksPerDay: changes.shocksPerDay ?? arrivals.shocksPerDay,
      halfLifeMs: changes.halfLifeMs ?? arrivals.halfLifeMs,
    },
  };
}

/** Whether there is any stress in it: without, a run is the run that was never told of stress. */
export const isStressed = (spec: StressSpec | undefined): spec is StressSpec => spec !== undefined && spec.strength > 0;

/** Where stress draws from: its own seed's streams, or the run's. */
export const streamsOf = ({ seed }: StressSpec, run: RandomStreams): RandomStreams => (seed === undefined ? run : new RandomStreams(seed));
