import type { VenueId } from '../core/units.js';
import type { ClientCall } from '../sim/client-call.js';
import type { VenueGates } from '../sim/venue-gate.js';
import { BinanceWire } from './binance/binance-wire.js';
import { UpbitWire } from './upbit/upbit-wire.js';
import { EMULATED_KEYS, type WireKeys } from './wire-keys.js';
import { WireVenue } from './wire-venue.js';

/** Both venues as their wires, over one simulation. */
export interface EmulatedVenues {
  readonly upbit: WireVenue;
  readonly binance: WireVenue;
}

/** @param onCall - sees each call before faults and the venue do. */
export function emulatedVenues(
  gates: VenueGates,
  keys: WireKeys = EMULATED_KEYS,
  onCall?: (venue: VenueId, call: ClientCall) => void,
): EmulatedVenues {
  const watch = (venue: VenueId) => onCall && ((call: ClientCall): void => onCall(venue, call));
  return {
    upbit: new WireVenue(new UpbitWire(gates.upbit, keys), gates.upbit.pipeline, watch('upbit')),
    binance: new WireVenue(new BinanceWire(gates.binance, keys), gates.binance.pipeline, watch('binance')),
  };
}
