import { loadCcxtClasses } from '../../exchange/ccxt-clients.js';
import type { ExchangeClient } from '../../exchange/exchange-client.js';
import { LiveClient } from '../../exchange/live/live-client.js';
import type { VenueId } from '../../core/units.js';
import { installAmbientGuard } from '../../sim/ambient-guard.js';
import type { ProcessConnection } from '../../sim/connect-options.js';
import type { Simulation } from '../../sim/simulation.js';
import { emulatedVenues } from '../emulated-venues.js';
import { EMULATED_KEYS } from '../wire-keys.js';
import { ccxtClient } from './ccxt-client.js';

/** Where the clients of a process come from in one run. */
export interface ConnectedVenues {
  connect(venue: VenueId, options: ProcessConnection): ExchangeClient;
  /** Requests to paths that are not emulated. */
  unlisted(): readonly string[];
}

/**
 * Real ccxt clients over the wires of a simulation; `guarded` as they are live, two of each venue behind their guards.
 * ccxt reads its clock and sets its timers through what it finds when
 * it is loaded, so the guard of ambient time stands before.
 */
export async function ccxtExchange(options: { readonly guarded?: boolean } = {}): Promise<(simulation: Simulation) => ConnectedVenues> {
  installAmbientGuard();
  const classes = await loadCcxtClasses();
  return (simulation) => {
    const { gates } = simulation;
    const wires = emulatedVenues(gates);
    return {
      connect: (venue, { process, clock, incarnation, enableRateLimit }) => {
        const make = (): ExchangeClient =>
          ccxtClient(venue, {
            classes,
            wire: wires[venue],
            world: gates[venue].world,
            process,
            clock,
            uuids: gates[venue].idsOf(incarnation),
            keys: EMULATED_KEYS,
            enableRateLimit,
          });
        return options.guarded === true ? new LiveClient({ venue, orders: make(), data: make(), clock }) : make();
      },
      unlisted: () => [...wires.upbit.unlisted, ...wires.binance.unlisted],
    };
  };
}
