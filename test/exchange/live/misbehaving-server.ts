import { createServer, type AddressInfo, type Socket } from 'node:net';
import { SystemClock } from '../../../src/clock/system-clock.js';
import { durationMs, type VenueId } from '../../../src/core/units.js';
import { loadCcxtClasses } from '../../../src/exchange/ccxt-clients.js';
import type { ExchangeClient } from '../../../src/exchange/exchange-client.js';
import { LiveClient } from '../../../src/exchange/live/live-client.js';
import { BINANCE_MARKET } from '../wire-harness.js';

export const KEYS = { apiKey: 'AKIAzQ9f2vT7xYw1', secret: 'sEcReT-0123456789-abcdef' };

/** What is done with a request: its head and body as text. */
export type Serve = (socket: Socket, request: string) => void;

/** Answers with these bytes and closes. */
export const answers =
  (status: string, body: string, headers: Readonly<Record<string, string>> = {}): Serve =>
  (socket) => {
    const lines = Object.entries({ 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers });
    socket.end(`HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
  };

export interface Misbehaving {
  readonly requests: readonly string[];
  /** A ccxt client as a user makes it, its markets known. */
  readonly bare: (options?: Readonly<Record<string, unknown>>) => Promise<ExchangeClient>;
  readonly guarded: (timeoutMs?: number) => Promise<LiveClient>;
  readonly close: () => Promise<void>;
}

/** A server on the loopback interface that does `serve` with every request, and real ccxt clients that talk to it. */
export async function misbehaving(venue: VenueId, serve: Serve): Promise<Misbehaving> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const request = bytes.toString('utf8');
      requests.push(request);
      serve(socket, request);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bare = (options: Readonly<Record<string, unknown>> = {}): Promise<ExchangeClient> => connected(venue, url, options);
  return {
    requests,
    bare,
    guarded: async (timeoutMs = 1_000) =>
      new LiveClient({
        venue,
        orders: await bare(),
        data: await bare({ apiKey: '', secret: '' }),
        clock: new SystemClock(),
        timeoutMs: durationMs(timeoutMs),
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function connected(venue: VenueId, url: string, options: Readonly<Record<string, unknown>>): Promise<ExchangeClient> {
  const { upbit, binanceusdm } = await loadCcxtClasses();
  const given = { ...KEYS, enableRateLimit: false, timeout: 500, options: { fetchCurrencies: false, fetchMargins: false }, ...options };
  const client = venue === 'upbit' ? new upbit(given) : new binanceusdm(given);
  const { api } = client.urls as { api: Record<string, unknown> };
  const fapi = Object.fromEntries(
    ['', 'V2', 'V3'].flatMap((v) => ['Public', 'Private'].map((w) => [`fapi${w}${v}`, `${url}/fapi/${v === '' ? 'v1' : v.toLowerCase()}`])),
  );
  client.urls = { ...client.urls, api: { ...api, ...(venue === 'upbit' ? { public: url, private: url } : fapi) } };
  client.setMarkets([client.parseMarket(venue === 'upbit' ? { market: 'KRW-BTC' } : BINANCE_MARKET)]);
  return client;
}
