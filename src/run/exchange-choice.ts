import type { Simulation } from '../sim/simulation.js';
import type { ConnectedVenues } from '../wire/ccxt/ccxt-exchange.js';

export type { ConnectedVenues };
/** Makes the clients of one run. */
export type OpenExchange = (simulation: Simulation) => ConnectedVenues;

/** What a drill's executor may trade through. */
export const EXCHANGES = ['object', 'ccxt', 'ccxt-guarded'] as const;
export type ExchangeName = (typeof EXCHANGES)[number];

/** @returns undefined for the simulation's own clients; ccxt is loaded when it is asked for. */
export async function exchangeNamed(name: ExchangeName): Promise<OpenExchange | undefined> {
  if (name === 'object') return undefined;
  const { ccxtExchange } = await import('../wire/ccxt/ccxt-exchange.js');
  return ccxtExchange({ guarded: name === 'ccxt-guarded' });
}

/** The exchange as a token or a report names it: only where it is not the usual one. */
export const namedExchange = (exchange: ExchangeName | undefined): { readonly exchange?: Exclude<ExchangeName, 'object'> } =>
  exchange === undefined || exchange === 'object' ? {} : { exchange };
