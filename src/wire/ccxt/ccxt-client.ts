import type * as Ccxt from 'ccxt';
import type { Clock } from '../../clock/clock.js';
import type { CcxtClasses } from '../../exchange/ccxt-clients.js';
import type { ClientMethod, ExchangeClient } from '../../exchange/exchange-client.js';
import { durationMs, type VenueId } from '../../core/units.js';
import type { VenueWorld } from '../../faults/world.js';
import type { ClientProcess } from '../../sim/client-call.js';
import type { UuidSource } from '../../sim/uuid-source.js';
import type { WireExchange, WireVenue } from '../wire-venue.js';
import type { WireRequest } from '../http/wire-message.js';
import type { WireKeys } from '../wire-keys.js';
import { carried } from './carried.js';
import { signedAgain } from './signed-again.js';

export interface CcxtClientParts {
  readonly classes: CcxtClasses;
  readonly wire: WireVenue;
  readonly world: VenueWorld;
  readonly process: ClientProcess;
  /** The process's own clock. */
  readonly clock: Clock;
  readonly uuids: UuidSource;
  readonly keys: WireKeys;
  readonly enableRateLimit: boolean;
}

/** Finds in `fetchImplementation` what `fetch` has begun: ccxt hands nothing but a request from one to the other. */
const TICKET = 'x-hedgedrill-ticket';
type Fetch = (url: string, method?: string, headers?: Record<string, string>, body?: string) => Promise<unknown>;

/** The hooks of a ccxt instance that are set here: own properties, no file and no prototype of ccxt is touched. */
interface Hooks {
  fetch: Fetch;
  fetchImplementation: (url: string, params: Omit<WireRequest, 'url'>) => Promise<unknown>;
  proxiesModulesLoading: Promise<void>;
  milliseconds: () => number;
  now: () => number;
  seconds: () => number;
  microseconds: () => number;
  sleep: (ms: number) => Promise<void>;
  uuid: () => string;
  uuid16: () => string;
  uuid22: () => string;
  randomBytes: (length: number) => string;
  timeout: number;
  fetchLeverage?: (...args: unknown[]) => Promise<unknown>;
  fetchPositions?: (...args: unknown[]) => Promise<unknown>;
}

/**
 * A real, unmodified ccxt client on virtual time whose transport ends in an emulated venue. Signing, limiter, time-out,
 * JSON and error mapping are ccxt's own.
 */
export function ccxtClient(venue: VenueId, parts: CcxtClientParts): ExchangeClient {
  const { classes, keys, world, enableRateLimit } = parts;
  const client =
    venue === 'upbit'
      ? new classes.upbit({ ...keys, enableRateLimit })
      : new classes.binanceusdm({ ...keys, enableRateLimit, options: binanceOptions(world) });
  const hooks = client as unknown as Hooks;
  tellTime(hooks, parts);
  nameThings(hooks, parts.uuids);
  hooks.timeout = world.timeoutMs;
  // Looking for proxy agents is a dynamic import: real I/O in the middle of virtual time.
  hooks.proxiesModulesLoading = Promise.resolve();
  connect(client, hooks, parts);
  return client;
}

/** Without these ccxt asks interfaces of the spot account for tables that no hedge needs. */
function binanceOptions({ recvWindowMs }: VenueWorld): Record<string, unknown> {
  return { fetchCurrencies: false, fetchMargins: false, ...(recvWindowMs === undefined ? {} : { recvWindow: recvWindowMs }) };
}

function tellTime(hooks: Hooks, { clock, world }: CcxtClientParts): void {
  const now = (): number => clock.now() + world.clockSkewMs;
  hooks.milliseconds = now;
  hooks.now = now;
  hooks.seconds = () => Math.floor(now() / 1_000);
  hooks.microseconds = () => now() * 1_000;
  hooks.sleep = (ms) => clock.sleep(ms as Parameters<Clock['sleep']>[0]);
}

function nameThings(hooks: Hooks, uuids: UuidSource): void {
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += uuids.next().replaceAll('-', '');
    return text.slice(0, digits);
  };
  hooks.uuid = () => uuids.next();
  hooks.uuid16 = () => hex(16);
  hooks.uuid22 = () => hex(22);
  hooks.randomBytes = (length) => hex(2 * length);
}

function connect(client: Ccxt.Exchange, hooks: Hooks, { wire, process, keys, clock, world }: CcxtClientParts): void {
  const own = client.fetch.bind(client) as Fetch;
  const begun = new Map<string, WireExchange>();
  const preparing = watchPreparations(hooks);
  let tickets = 0;
  hooks.fetch = async (url, method = 'GET', headers = {}, body) => {
    const request = { url, method, headers, body };
    const exchange = wire.begin(request, process, preparing());
    // A dead process is never answered.
    if (exchange === undefined) return new Promise<never>(() => undefined);
    let leaving: WireRequest = request;
    if (exchange.hold !== undefined) {
      await exchange.hold;
      leaving = signedAgain(request, clock.now() + world.clockSkewMs, keys);
    }
    tickets += 1;
    const ticket = String(tickets);
    begun.set(ticket, exchange);
    return own(leaving.url, method, { ...headers, [TICKET]: ticket }, leaving.body);
  };
  hooks.fetchImplementation = async (url, params) => {
    const { [TICKET]: ticket = '', ...headers } = params.headers;
    const exchange = begun.get(ticket);
    begun.delete(ticket);
    if (exchange === undefined) throw new Error('a request of ccxt was not begun here');
    const outcome = await exchange.leave({ url, method: params.method, headers, body: params.body }, world.timeoutMs);
    return carried(outcome, {
      host: new URL(url).hostname,
      request: `${client.id} ${params.method} ${url}`,
      sleep: (delayMs) => clock.sleep(durationMs(delayMs)),
    });
  };
}

/**
 * On the wire nothing says for which call ccxt fetches the leverage brackets; the one that was asked for last is it,
 * unless two that both need them are asked for at once.
 */
function watchPreparations(hooks: Hooks): () => ClientMethod | undefined {
  let last: ClientMethod | undefined;
  for (const method of ['fetchLeverage', 'fetchPositions'] as const) {
    const own = hooks[method]?.bind(hooks);
    if (own === undefined) continue;
    hooks[method] = (...args) => {
      last = method;
      return own(...args);
    };
  }
  return () => last;
}
