import type { VenueId } from '../../core/units.js';
import type { StreamAction } from '../../faults/fault-action.js';
import type { StreamSources } from '../../sim/stream-sources.js';
import { EMULATED_KEYS, type WireKeys } from '../wire-keys.js';
import { BinanceStreams } from './binance/binance-streams.js';
import { UpbitStreams } from './upbit/upbit-streams.js';

/** Both venues' streams over one simulation, without sockets. */
export interface EmulatedStreams {
  readonly upbit: UpbitStreams;
  readonly binance: BinanceStreams;
  /** A fault on the stream of a venue begins. */
  strike(fault: string, action: StreamAction, venue: VenueId): void;
}

/** @param met - told of each message and connection that a fault of the streams met. */
export function emulatedStreams(sources: StreamSources, met: (fault: string, what: string) => void, keys: WireKeys = EMULATED_KEYS): EmulatedStreams {
  const upbit = new UpbitStreams(sources.upbit, met, keys);
  const binance = new BinanceStreams(sources.binance, met);
  return { upbit, binance, strike: (fault, action, venue) => (venue === 'upbit' ? upbit : binance).strike(fault, action) };
}
