import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import ccxt from 'ccxt';
import { RandomStreams } from '../../../../src/core/random.js';
import { addMs, epochMs, type EpochMs, type VenueId } from '../../../../src/core/units.js';
import { NO_FAULTS } from '../../../../src/faults/no-faults.js';
import { createStaticMarket } from '../../../../src/market/liquidity/static-market.js';
import { soundProcess } from '../../../../src/sim/client-call.js';
import { Simulation } from '../../../../src/sim/simulation.js';
import { MemoryTape } from '../../../../src/sim/tape.js';
import { TimerHeap } from '../../../../src/sim/timer-heap.js';
import type { VirtualClock } from '../../../../src/sim/virtual-clock.js';
import { emulatedVenues } from '../../../../src/wire/emulated-venues.js';
import { streamUpgrades } from '../../../../src/wire/streams/stream-upgrades.js';
import { emulatedStreams, type EmulatedStreams } from '../../../../src/wire/streams/emulated-streams.js';
import { worldWith } from '../../../sim/support/world.js';
import { KEYS } from './stream-bench.js';

/** The simulation's clock on real time: timers fire in the order in which they are due, each at its own instant. */
class RealClock {
  readonly #timers = new TimerHeap();
  #now = epochMs(Date.now());
  #next: NodeJS.Timeout | undefined;

  now(): EpochMs {
    return this.#now;
  }

  schedule(at: EpochMs, act: () => void): { cancel(): void } {
    const timer = this.#timers.add(Math.max(at, this.#now), act);
    this.#arm();
    return { cancel: () => this.#timers.cancel(timer) };
  }

  after(delayMs: number, act: () => void): { cancel(): void } {
    return this.schedule(addMs(this.#now, delayMs), act);
  }

  enter(act: () => void): void {
    this.#catchUp();
    act();
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#next);
    this.#next = undefined;
    this.#arm = () => undefined;
  }

  #catchUp(): void {
    const real = Date.now();
    // A timer that is not due stays where it is: put back, it would fall behind others of its instant.
    for (let due = this.#timers.nextAt; due !== undefined && due <= real; due = this.#timers.nextAt) {
      const timer = this.#timers.pop();
      if (timer === undefined) break;
      if (timer.at > this.#now) this.#now = timer.at as EpochMs;
      timer.act();
    }
    this.#now = epochMs(Math.max(this.#now, real));
  }

  #arm = (): void => {
    this.#next ??= setTimeout(() => {
      this.#next = undefined;
      this.enter(() => undefined);
    }, 5);
  };
}

export interface Loopback {
  readonly simulation: Simulation;
  readonly streams: EmulatedStreams;
  readonly enter: (act: () => void) => void;
  /** `ws://127.0.0.1:<port>` of a venue. */
  readonly ws: (venue: VenueId) => string;
  readonly upbit: () => InstanceType<typeof ccxt.pro.upbit>;
  readonly binance: () => InstanceType<typeof ccxt.pro.binanceusdm>;
  readonly met: string[];
}

/** Both venues on sockets, REST by their wires and streams by the adapter; small, since the program's own server replaces it. */
export async function overLoopback<T>(act: (loopback: Loopback) => Promise<T>): Promise<T> {
  const clock = new RealClock();
  const world = { ...worldWith(), start: clock.now() };
  const seeds = new RandomStreams('7');
  const run = { version: 'test', seed: '7', mode: 'drill', executor: 'test' };
  const simulation = new Simulation({
    clock: clock as unknown as VirtualClock,
    market: createStaticMarket(world, seeds),
    world,
    faults: NO_FAULTS,
    seeds,
    tape: new MemoryTape(),
    run,
  });
  const met: string[] = [];
  const enter = (inside: () => void): void => clock.enter(inside);
  const streams = emulatedStreams(simulation.streamSources, (fault) => void met.push(fault), KEYS);
  const venues = emulatedVenues(simulation.gates, KEYS);
  const { listenKeys } = simulation.streamSources.binance;
  const serve = (venue: VenueId): Server =>
    createServer((request, response) => {
      void bodyOf(request).then((body) => {
        enter(() => {
          const url = `https://${venue === 'upbit' ? 'api.upbit.com' : 'fapi.binance.com'}${request.url ?? '/'}`;
          if (url.endsWith('/fapi/v1/listenKey')) {
            const key =
              request.method === 'POST' ? listenKeys.open() : request.method === 'PUT' ? listenKeys.extend() : String(listenKeys.end('closed'));
            const known = key === undefined ? { code: -1125, msg: 'This listenKey does not exist.' } : { listenKey: key };
            response.writeHead(key === undefined ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(known));
            return;
          }
          const sent = {
            method: request.method ?? 'GET',
            url,
            headers: request.headers as Record<string, string>,
            body: body === '' ? undefined : body,
          };
          void venues[venue]
            .begin(sent, soundProcess(0))
            ?.leave(sent, undefined)
            .then((outcome) => {
              if (outcome.kind === 'response') response.writeHead(outcome.response.status, outcome.response.headers).end(outcome.response.body);
              else request.socket.destroy();
            });
        });
      });
    });
  const servers = { upbit: serve('upbit'), binance: serve('binance') };
  const attached = (['upbit', 'binance'] as const).map((venue) => {
    const upgrades = streamUpgrades(streams[venue], { enter });
    servers[venue].on('upgrade', upgrades.upgrade);
    return upgrades;
  });
  await Promise.all(Object.values(servers).map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const host = (venue: VenueId): string => `127.0.0.1:${(servers[venue].address() as AddressInfo).port}`;
  const clients: { close(): Promise<unknown> }[] = [];
  const opened = <C extends { close(): Promise<unknown> }>(client: C): C => {
    clients.push(client);
    return client;
  };
  try {
    return await act({
      simulation,
      streams,
      enter,
      met,
      ws: (venue) => `ws://${host(venue)}`,
      upbit: () => {
        const H = `http://${host('upbit')}`;
        return opened(new ccxt.pro.upbit({ ...KEYS, urls: { api: { public: H, private: H, ws: `ws://${host('upbit')}/websocket/v1` } } }));
      },
      binance: () => {
        const H = `http://${host('binance')}/fapi`;
        const rest = {
          fapiPublic: `${H}/v1`,
          fapiPrivate: `${H}/v1`,
          fapiPublicV2: `${H}/v2`,
          fapiPrivateV2: `${H}/v2`,
          fapiPublicV3: `${H}/v3`,
          fapiPrivateV3: `${H}/v3`,
        };
        const api = { ...rest, ws: { future: `ws://${host('binance')}/ws` } };
        return opened(new ccxt.pro.binanceusdm({ ...KEYS, urls: { api }, options: { fetchCurrencies: false, fetchMargins: false } }));
      },
    });
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    for (const each of attached) each.close();
    for (const server of Object.values(servers)) {
      server.closeAllConnections();
      server.close();
    }
    clock.stop();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
