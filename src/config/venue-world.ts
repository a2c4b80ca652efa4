import { assert } from '../core/assert.js';
import type { VenueId } from '../core/units.js';
import type { DelayDistribution } from '../faults/fault-action.js';
import { compileDelay } from '../faults/compile-delay.js';
import type { DistributionText } from '../faults/schema-scalars.js';
import type { LatencyModel, VenueWorld } from '../faults/world.js';
import type { LatencyChoice } from './hedge-schema.js';
import { latencyOf } from './latency-presets.js';

/** A venue's section of the config with every default filled in, still in the words of the file. */
export interface VenueSettings {
  readonly balances: Readonly<Record<string, string>>;
  readonly latency: LatencyChoice;
  readonly timeoutMs: number;
  readonly takerFeePpm: number | undefined;
  readonly visibilityLag: DistributionText;
  readonly matchingDelay: DistributionText;
  readonly marginMode: 'isolated' | 'cross';
  readonly positionMode: 'oneway' | 'hedge';
  readonly leverage: number;
}

/** ccxt's `recvWindow` (ccxt 3.3). */
const RECV_WINDOW_MS = 10_000;

/** The venue as the simulator takes it. What no config key names is as venues.md says of the real one. */
export function venueWorldOf(venue: VenueId, settings: VenueSettings): VenueWorld {
  return {
    balances: settings.balances,
    latency: latencyModelOf(venue, settings.latency),
    timeoutMs: settings.timeoutMs,
    visibilityLag: delayOf(settings.visibilityLag),
    // Upbit burns an id for ever; Binance takes it again once its order is final (venues 1.3, 2.2).
    idReuse: venue === 'upbit' ? 'never' : 'after-close',
    matchingDelay: delayOf(settings.matchingDelay),
    recvWindowMs: venue === 'binance' ? RECV_WINDOW_MS : undefined,
    clockSkewMs: 0,
    errorBody: 'json',
    overloadSparesReduceOnly: true,
    positionMode: settings.positionMode,
    marginMode: settings.marginMode,
    leverage: settings.leverage,
    rules: settings.takerFeePpm === undefined ? {} : { takerFeePpm: String(settings.takerFeePpm) },
  };
}

function latencyModelOf(venue: VenueId, choice: LatencyChoice): LatencyModel {
  if (typeof choice === 'string') return latencyOf(choice, venue);
  return { request: { '*': delayOf(choice.request) }, response: { '*': delayOf(choice.response) } };
}

/** Distributions were checked when the config was resolved. */
function delayOf(text: DistributionText): DelayDistribution {
  return compileDelay(text, (path, problem) => assert(false, `unchecked distribution: ${path.join('.')}: ${problem}`));
}
