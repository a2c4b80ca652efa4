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

export function emulatedVenues(gates: VenueGates, keys: WireKeys = EMULATED_KEYS): EmulatedVenues {
  return {
    upbit: new WireVenue(new UpbitWire(gates.upbit, keys), gates.upbit.pipeline),
    binance: new WireVenue(new BinanceWire(gates.binance, keys), gates.binance.pipeline),
  };
}
