import { InputError } from '../core/input-error.js';
import type { VenueId } from '../core/units.js';
import type { ClientMethod, ExchangeClient } from './exchange-client.js';

/** Calls that an executor of the hedge cannot do without, by venue. */
export const REQUIRED_METHODS: Readonly<Record<VenueId, readonly ClientMethod[]>> = {
  upbit: ['loadMarkets', 'fetchOrderBook', 'fetchBalance', 'createOrder', 'fetchOrder', 'cancelOrder', 'fetchOpenOrders'],
  binance: [
    'loadMarkets',
    'fetchOrderBook',
    'fetchBalance',
    'createOrder',
    'fetchOrder',
    'cancelOrder',
    'fetchOpenOrders',
    'fetchMyTrades',
    'setLeverage',
    'setMarginMode',
    'setPositionMode',
    'fetchPositionMode',
    'fetchLeverage',
    'fetchPositions',
  ],
};

export interface Capability {
  readonly method: ClientMethod;
  readonly supported: boolean;
  /** Why not, or how it is known. */
  readonly reason: string;
}

/** ccxt's own word on a call, where it has one; `true`, `false`, undefined and `'emulated'` all occur. */
interface Described {
  readonly has?: Readonly<Record<string, unknown>> | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What a client really supports. Every ccxt client has every method, and those that its venue lacks throw
 * `NotSupported` when called (`ccxt.upbit.setLeverage`), so having the method proves nothing: `has` does
 * where a client describes itself, and a client without `has` must have the method.
 */
export function capabilitiesOf(client: ExchangeClient, methods: readonly ClientMethod[]): readonly Capability[] {
  const { has } = client as Described;
  return methods.map((method) => {
    if (typeof (client as unknown as Record<string, unknown>)[method] !== 'function') {
      return { method, supported: false, reason: `${client.id} has no method ${method}` };
    }
    // ccxt does not list loading the markets, which every client can.
    if (has === undefined || method === 'loadMarkets') return { method, supported: true, reason: 'the method is there' };
    const word = has[method];
    return { method, supported: word === true || word === 'emulated', reason: `has.${method} is ${String(word)}` };
  });
}

/**
 * Refuses a client that cannot trade its leg, before anything is sent. Also one that is set to re-send
 * failed requests: ccxt then sends an order up to that many times more, and the last answer says nothing of
 * the first.
 *
 * @throws InputError that names every missing call.
 */
export function requireCapabilities(venue: VenueId, client: ExchangeClient): void {
  const resending = resendProblem(client);
  if (resending !== undefined) throw new InputError(`the client "${client.id}" ${resending}`, {}, 'set it to 0');
  const missing = capabilitiesOf(client, REQUIRED_METHODS[venue]).filter(({ supported }) => !supported);
  if (missing.length === 0) return;
  const reasons = missing.map(({ method, reason }) => `${method} (${reason})`).join(', ');
  const wanted = venue === 'upbit' ? 'ccxt.upbit' : "ccxt.binanceusdm, or ccxt.binance with defaultType 'future'";
  throw new InputError(`the client "${client.id}" cannot trade on ${venue}: ${reasons}`, {}, `use ${wanted}`);
}

/** How a client is set to send a request again by itself; undefined: it is not. */
export function resendProblem(client: Pick<ExchangeClient, 'id'>): string | undefined {
  const retries = (client as Described).options?.['maxRetriesOnFailure'];
  if (retries === undefined || retries === 0) return undefined;
  return `re-sends failed requests (options.maxRetriesOnFailure is ${JSON.stringify(retries)})`;
}
