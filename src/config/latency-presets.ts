import type { VenueId } from '../core/units.js';
import type { DelayDistribution } from '../faults/fault-action.js';
import type { LatencyModel } from '../faults/world.js';

/**
 * `none`: no latency at all, for comparisons only. `calm`: a server in Seoul on a quiet day, round trips of about 40 ms
 * (Upbit reads), 70 ms (Upbit orders) and 90 ms (Binance). `ordinary`: the same with 2 % of the messages slow by 0.5 to
 * 3 s. `far`: another continent, round trips of 300 ms and more, 2 % slow.
 */
export const LATENCY_PRESETS = ['none', 'calm', 'ordinary', 'far'] as const;
export type LatencyPreset = (typeof LATENCY_PRESETS)[number];

const CAP_MS = 8_000;
const lognormal = (p50Ms: number, p99Ms: number): DelayDistribution => ({ kind: 'lognormal', p50Ms, p99Ms, capMs: CAP_MS });
const withSlowMode = (body: DelayDistribution): DelayDistribution => ({
  kind: 'mixture',
  parts: [
    { weight: 98, of: body },
    { weight: 2, of: { kind: 'uniform', fromMs: 500, toMs: 3_000 } },
  ],
});

/**
 * One way, in milliseconds: median and 99th percentile. Upbit's own figures are unpublished; these follow the
 * starting points of venues 3.1 (Seoul: 20-60 ms a query, 50-150 ms an order; Binance from Seoul 45-80 ms mean,
 * from another continent 200-500 ms and more) and are assumptions.
 */
const ONE_WAY: Readonly<
  Record<'near' | 'far', Readonly<Record<VenueId, { readonly any: readonly [number, number]; readonly order: readonly [number, number] }>>>
> = {
  near: { upbit: { any: [20, 110], order: [50, 250] }, binance: { any: [45, 225], order: [45, 225] } },
  far: { upbit: { any: [150, 500], order: [180, 700] }, binance: { any: [150, 500], order: [150, 500] } },
};

export function latencyOf(preset: LatencyPreset, venue: VenueId): LatencyModel {
  if (preset === 'none') return { request: { '*': { kind: 'fixed', ms: 0 } }, response: { '*': { kind: 'fixed', ms: 0 } } };
  const { any, order } = ONE_WAY[preset === 'far' ? 'far' : 'near'][venue];
  const shape = preset === 'calm' ? (delay: DelayDistribution): DelayDistribution => delay : withSlowMode;
  const way = { '*': shape(lognormal(...any)), createOrder: shape(lognormal(...order)) };
  return { request: way, response: { '*': way['*'] } };
}
