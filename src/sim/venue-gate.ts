import type { EpochMs } from '../core/units.js';
import type { VenueWorld } from '../faults/world.js';
import type { BinanceCalls } from './binance-calls.js';
import type { RequestPipeline } from './request-pipeline.js';
import type { UpbitCalls } from './upbit-calls.js';
import type { UuidSource } from './uuid-source.js';
import type { VenueRules } from './venue-rules.js';

/** One simulated venue behind its network, for those who speak its wire. */
export interface VenueGate<Calls> {
  readonly calls: Calls;
  readonly pipeline: Pick<RequestPipeline, 'hold'>;
  readonly world: VenueWorld;
  now(): EpochMs;
  rules(): VenueRules;
  /** The ids that the client of a life of the process makes. */
  idsOf(incarnation: number): UuidSource;
}

export interface VenueGates {
  readonly upbit: VenueGate<UpbitCalls>;
  readonly binance: VenueGate<BinanceCalls>;
}
