import { uniformAt } from '../../core/random.js';
import type { RandomStreams, StreamKey } from '../../core/random.js';
import { epochMs } from '../../core/units.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import { PINNED_SHOCK } from './stress-spec.js';
import type { StressSpec } from './stress-spec.js';

/** Realised volatility known at an instant, bp a square-root minute; undefined where the data say nothing. */
export type VolatilityAt = (at: EpochMs) => { readonly world: number; readonly premium: number } | undefined;

/** Levels from 0 (quiet) to 1 (the worst on record). */
export interface StressLevels {
  /** What both venues have in common. */
  readonly common: number;
  readonly upbit: number;
  readonly binance: number;
}

const QUIET: StressLevels = { common: 0, upbit: 0, binance: 0 };
/** Levels hold for this long: they are worked out at its beginning, from what was known then. */
export const STRESS_STEP_MS = 10_000;
/** At most one shock of a kind begins in such a slot of time. */
const SLOT_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
/** After so many half-lives a shock is forgotten. */
const HALF_LIVES = 8;
/** No shock is larger: strain 4 is the level 0.98. */
const SIZE_MAX = 4;
/** Less strain than this is none. */
const STRAIN_MIN = 0.02;

/**
 * The 95 % points of minutes in September 2025 (`VolatilityTrack` over premium-1m-spot-2025-09): above them the data are
 * strained. For comparison: the 99.9 % points there are 18 and 11, the night of 2024-12-03 has 12 and 30 to 46, the
 * first hours of 2020-03-12 have 265 and 154 (hourly bars).
 */
const BUSY = { world: 6.2, premium: 5.2 } as const;

/** How much of the common strain a venue feels: Upbit's failures of 2024-12-03 went further than Binance's of 2025-10-10. */
const LOADING: Readonly<Record<VenueId, number>> = { upbit: 1, binance: 0.85 };

interface Shock {
  readonly at: number;
  readonly size: number;
}

/**
 * The one factor behind a bad day: shocks that arrive by chance and strike both venues, smaller ones of each venue's own,
 * and the data's realised volatility. A pure function of seed, time and the bars that had closed by then; it keeps
 * nothing but a cache.
 */
export class StressProcess {
  readonly spec: StressSpec;
  readonly #start: EpochMs;
  readonly #volatility: VolatilityAt;
  readonly #keys: Readonly<Record<'common' | VenueId, StreamKey>>;
  readonly #shocks: Readonly<Record<'common' | VenueId, Map<number, Shock | undefined>>> = {
    common: new Map(),
    upbit: new Map(),
    binance: new Map(),
  };
  #last: { readonly step: number; readonly levels: StressLevels } | undefined;

  constructor(spec: StressSpec, seeds: RandomStreams, start: EpochMs, volatility: VolatilityAt) {
    this.spec = spec;
    this.#start = start;
    this.#volatility = volatility;
    this.#keys = { common: seeds.key('stress/shocks'), upbit: seeds.key('stress/shocks/upbit'), binance: seeds.key('stress/shocks/binance') };
  }

  levels(at: EpochMs): StressLevels {
    if (this.spec.strength === 0) return QUIET;
    const step = Math.floor(at / STRESS_STEP_MS);
    if (this.#last?.step !== step) this.#last = { step, levels: this.#levelsAt(epochMs(step * STRESS_STEP_MS)) };
    return this.#last.levels;
  }

  #levelsAt(at: EpochMs): StressLevels {
    const { base, volatilityWeight } = this.spec.arrivals;
    const volatility = this.#volatility(at);
    const above = (name: keyof typeof BUSY): number => Math.log(Math.max(1, (volatility?.[name] ?? 0) / BUSY[name]));
    const common = base + volatilityWeight * above('world') + this.#strain('common', at) + this.#pinned(at);
    // A premium that runs by itself is a panic in won: it strains Upbit, whatever the world does.
    const upbit = LOADING.upbit * common + volatilityWeight * above('premium') + this.#strain('upbit', at);
    const binance = LOADING.binance * common + this.#strain('binance', at);
    const level = (strain: number): number => (strain * this.spec.strength < STRAIN_MIN ? 0 : 1 - Math.exp(-strain * this.spec.strength));
    return { common: level(common), upbit: level(upbit), binance: level(binance) };
  }

  #strain(of: 'common' | VenueId, at: number): number {
    const { halfLifeMs } = this.spec.arrivals;
    const last = Math.floor(at / SLOT_MS);
    const first = Math.floor((at - HALF_LIVES * halfLifeMs) / SLOT_MS);
    let strain = 0;
    for (let slot = first; slot <= last; slot += 1) {
      const shock = this.#shock(of, slot);
      if (shock !== undefined && shock.at <= at) strain += shock.size * 0.5 ** ((at - shock.at) / halfLifeMs);
    }
    return strain;
  }

  #pinned(at: number): number {
    const { shockSize, halfLifeMs } = this.spec.arrivals;
    return (
      this.spec.shockAtMs
        .map((after) => this.#start + after)
        // A step that holds the shock feels it: levels do not change within one.
        .filter((struckAt) => struckAt < at + STRESS_STEP_MS)
        .reduce((sum, struckAt) => sum + PINNED_SHOCK * shockSize * 0.5 ** (Math.max(0, at - struckAt) / halfLifeMs), 0)
    );
  }

  #shock(of: 'common' | VenueId, slot: number): Shock | undefined {
    const known = this.#shocks[of];
    if (known.has(slot)) return known.get(slot);
    const key = this.#keys[of];
    const { shocksPerDay, shockSize, ownShare } = this.spec.arrivals;
    const perDay = of === 'common' ? shocksPerDay : shocksPerDay * ownShare;
    const strikes = uniformAt(key, `${slot}`) < (perDay * SLOT_MS) / DAY_MS;
    const size = Math.min(SIZE_MAX, -Math.log(1 - uniformAt(key, `${slot}/size`)) * shockSize);
    const shock = strikes ? { at: slot * SLOT_MS + Math.floor(uniformAt(key, `${slot}/at`) * SLOT_MS), size } : undefined;
    known.set(slot, shock);
    return shock;
  }
}
