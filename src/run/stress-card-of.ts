import { resolveConfigText, venueWorlds } from '../config/resolve-config.js';
import { stressSpec, type StressChanges, type StressPreset } from '../faults/stress/stress-spec.js';
import type { PremiumBars } from '../market/bars.js';
import { executorNamed } from './executors.js';
import { stressFigures, type StressFigures } from './stress-figures.js';
import { stressedHedges } from './stress-hedges.js';
import { probeStress } from './stress-probe.js';

export interface StressCardOptions {
  readonly preset: StressPreset;
  /** Of the preset: a shock at a given time, say. */
  readonly changes?: StressChanges | undefined;
  readonly bars: PremiumBars;
  readonly seed: string;
  readonly probes: number;
  readonly roundTrips: number;
}

/** Enough for the 99.9 % point of a latency to be more than the worst case. */
export const PROBES = 4_000;
export const ROUND_TRIPS = 100;

/** Runs a preset over data and measures what it did: to both venues, and to the hedges of the reference executor. */
export async function stressCardOf({ preset, changes, bars, seed, probes, roundTrips }: StressCardOptions): Promise<StressFigures> {
  const config = resolveConfigText('', 'hedge.yaml', { seed });
  const common = { bars, stress: stressSpec(preset, changes), venues: venueWorlds(config), seed };
  const probe = await probeStress({ ...common, probes });
  const executor = await executorNamed('reference');
  const hedges = await stressedHedges({ ...common, policy: config.policy, executor, roundTrips });
  return stressFigures(preset, probe, hedges);
}
