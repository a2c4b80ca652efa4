import { createHash, createHmac } from 'node:crypto';
import { RandomStreams } from '../../../src/core/random.js';
import type { VenueId } from '../../../src/core/units.js';
import type { FaultSession } from '../../../src/faults/fault-session.js';
import { NO_FAULTS } from '../../../src/faults/no-faults.js';
import type { World } from '../../../src/faults/world.js';
import { createStaticMarket } from '../../../src/market/liquidity/static-market.js';
import type { MarketView } from '../../../src/market/market-view.js';
import { ProcessLife, WallClock } from '../../../src/sim/process-life.js';
import { Simulation } from '../../../src/sim/simulation.js';
import { MemoryTape } from '../../../src/sim/tape.js';
import { VirtualClock } from '../../../src/sim/virtual-clock.js';
import { emulatedVenues } from '../../../src/wire/emulated-venues.js';
import type { WireRequest, WireResponse } from '../../../src/wire/http/wire-message.js';
import { worldWith } from '../../sim/support/world.js';

const KEYS = { apiKey: 'K', secret: 'S' };

export interface WireBench {
  readonly clock: VirtualClock;
  readonly unlisted: (venue: VenueId) => readonly string[];
  /** Sends a request as it is. @throws when nothing or no whole response comes back. */
  send: (venue: VenueId, request: Partial<WireRequest> & { readonly url: string }) => Promise<WireResponse>;
}

/** Both wires without any client: what a request in somebody's own hand is answered. */
export async function wired<T>(
  act: (bench: WireBench) => Promise<T>,
  world: World = worldWith(),
  { market = createStaticMarket(world, new RandomStreams('7')), faults = NO_FAULTS }: { market?: MarketView; faults?: FaultSession } = {},
): Promise<T> {
  const seeds = new RandomStreams('7');
  const clock = new VirtualClock(world.start);
  const run = { version: 'test', seed: '7', mode: 'drill', executor: 'test' };
  const tape = new MemoryTape();
  const simulation = new Simulation({ clock, market, world, faults, seeds, tape, run });
  const venues = emulatedVenues(simulation.gates, KEYS);
  const process = new ProcessLife(0, clock, new WallClock(clock));
  const send: WireBench['send'] = async (venue, { method = 'GET', headers = {}, body, url }) => {
    const request = { method, url, headers, body };
    const outcome = await venues[venue].begin(request, process)?.leave(request, undefined);
    if (outcome?.kind !== 'response') throw new Error(`no response: ${outcome?.kind ?? 'dead'}`);
    return outcome.response;
  };
  const value = await clock.run(() => act({ clock, send, unlisted: (venue) => venues[venue].unlisted }));
  simulation.finish();
  return value;
}

/** A request to Binance, signed as its documentation says. */
export function binanceRequest(
  method: string,
  path: string,
  params: string,
  signing: { timestamp: number; secret?: string; key?: string },
): WireRequest {
  const text = [params, `timestamp=${signing.timestamp}`].filter((part) => part !== '').join('&');
  const signature = createHmac('sha256', signing.secret ?? KEYS.secret)
    .update(text)
    .digest('hex');
  const signed = `${text}&signature=${signature}`;
  const url = `https://fapi.binance.com${path}`;
  const headers = { 'X-MBX-APIKEY': signing.key ?? KEYS.apiKey };
  return method === 'POST' ? { method, url, headers, body: signed } : { method, url: `${url}?${signed}`, headers, body: undefined };
}

export interface UpbitToken {
  readonly nonce?: string | undefined;
  readonly key?: string;
  readonly secret?: string;
  readonly algorithm?: 'HS256' | 'HS512' | 'none';
  /** What is hashed; undefined: no hash. */
  readonly query?: string | undefined;
}

export function upbitToken({ nonce, key = KEYS.apiKey, secret = KEYS.secret, algorithm = 'HS512', query }: UpbitToken): Record<string, string> {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hash = query === undefined ? {} : { query_hash: createHash('sha512').update(query).digest('hex'), query_hash_alg: 'SHA512' };
  const text = `${part({ alg: algorithm, typ: 'JWT' })}.${part({ access_key: key, nonce, ...hash })}`;
  const signature =
    algorithm === 'none'
      ? ''
      : createHmac(algorithm === 'HS256' ? 'sha256' : 'sha512', secret)
          .update(text)
          .digest('base64url');
  return { Authorization: `Bearer ${text}.${signature}` };
}
