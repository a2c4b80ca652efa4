import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { worldWith } from '../sim/support/world.js';
import { clientsOf, served, type Served } from './support/served.js';

const NO_LATENCY = { latency: { request: {}, response: {} } };
const AT_ONCE = { world: worldWith({ upbit: NO_LATENCY, binance: NO_LATENCY }) };
const port = (url: string): number => Number(new URL(url).port);

/** Sends bytes and gives what comes back until the other side closes, or for so long. */
function talk(open: Served, venue: VenueId, bytes: string | Uint8Array, forMs = 1_500): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port(open.url(venue)), '127.0.0.1');
    let heard = '';
    const done = (): void => {
      socket.destroy();
      resolve(heard);
    };
    const timer = setTimeout(done, forMs);
    socket.on('data', (part) => (heard += part.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      done();
    });
    socket.write(bytes);
  });
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
const request = (line: string, ...headers: string[]): string => [`${line} HTTP/1.1`, 'host: x', 'connection: close', ...headers, '', ''].join('\r\n');
const time = request('GET /fapi/v1/time');

describe('what is no request is refused, and the next one is served', () => {
  test.each([
    { name: 'bytes that are no HTTP', bytes: '\x16\x03\x01\x02\x00\x01\x00', status: 400 },
    { name: 'headers above 16 KiB', bytes: request('GET /fapi/v1/time', `x: ${'a'.repeat(20_000)}`), status: 431 },
    { name: 'a body whose length says too much', bytes: request('POST /fapi/v1/order', 'content-length: 70000'), status: 413 },
    {
      name: 'a chunked body that grows too much',
      bytes: `${request('POST /fapi/v1/order', 'transfer-encoding: chunked')}11171\r\n${'a'.repeat(70_001)}`,
      status: 413,
    },
    { name: 'two lengths', bytes: `${request('POST /fapi/v1/order', 'content-length: 2', 'content-length: 3')}ab`, status: 400 },
    { name: 'a target that is no URL', bytes: request('GET http://[/'), status: 400 },
    { name: 'CONNECT', bytes: request('CONNECT fapi.binance.com:443'), status: 405 },
    { name: 'OPTIONS', bytes: request('OPTIONS /fapi/v1/time'), status: 404 },
    { name: 'HEAD', bytes: request('HEAD /fapi/v1/time'), status: 404 },
    { name: 'an upgrade without a key', bytes: request('GET /ws', 'upgrade: websocket', 'connection: upgrade'), status: 400 },
    { name: 'no host', bytes: 'GET /fapi/v1/time HTTP/1.1\r\nconnection: close\r\n\r\n', status: 200 },
    { name: 'a host of somebody else', bytes: request('GET /fapi/v1/time').replace('host: x', 'host: example.com'), status: 200 },
    { name: 'an absolute target', bytes: request('GET https://fapi.binance.com/fapi/v1/time'), status: 200 },
  ])('$name: $status', async ({ bytes, status }) => {
    await served(async (open) => {
      expect(statusOf(await talk(open, 'binance', bytes))).toBe(status);
      expect(statusOf(await talk(open, 'binance', time))).toBe(200);
      expect(open.problems).toEqual([]);
    });
  });

  test('a body that is no JSON is refused as Upbit refuses it', async () => {
    await served(async (open) => {
      const answer = await talk(open, 'upbit', `${request('POST /v1/orders', 'content-length: 5')}{"a":`);
      expect(statusOf(answer)).toBe(401);
      expect(answer).toContain('no_authorization_token');
    });
  });
});

test('pipelined requests are answered in their order', async () => {
  await served(async (open) => {
    const alive = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
    const answer = await talk(open, 'binance', `${alive('/fapi/v1/exchangeInfo')}${alive('/fapi/v1/time')}${request('GET /nowhere')}`);
    expect(answer.match(/HTTP\/1\.1 (\d{3})/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
    expect(answer.indexOf('"rateLimits"')).toBeLessThan(answer.lastIndexOf('"serverTime"'));
  });
});

test('a slow writer of headers is let go', async () => {
  await served(
    async (open) => {
      expect(statusOf(await talk(open, 'binance', 'GET /fapi/v1/time HTTP/1.1\r\nx: ', 3_000))).toBe(408);
    },
    { limits: { headersMs: 300, requestMs: 400, checkMs: 100 } },
  );
});

test('any bytes at all: the server answers or closes, and serves the next request', async () => {
  await served(async (open) => {
    const words = [
      'GET ',
      'POST ',
      '/fapi/v1/order',
      '/v1/orders',
      '?symbol=BTCUSDT',
      '%',
      '%ff',
      '&',
      ' HTTP/1.1\r\n',
      '\r\n',
      ': ',
      'content-length',
      'transfer-encoding: chunked',
      'authorization: Bearer a.b.c',
      '\0',
      '{"market":',
      '-1',
      '9'.repeat(400),
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom<VenueId>('upbit', 'binance'), fc.array(fc.constantFrom(...words), { maxLength: 24 }), async (venue, parts) => {
        await talk(open, venue, parts.join(''), 40);
      }),
      { numRuns: 60, seed: 4 },
    );
    expect(statusOf(await talk(open, 'binance', time))).toBe(200);
    expect(open.problems).toEqual([]);
  });
});

test('1,000 idle connections at most double what another client waits', async () => {
  await served(async (open) => {
    const { binance } = await clientsOf(open);
    const p99 = async (): Promise<number> => {
      const waits: number[] = [];
      for (let index = 0; index < 120; index += 1) {
        const begun = performance.now();
        await binance.fetchTime();
        waits.push(performance.now() - begun);
      }
      return waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0;
    };
    await p99();
    const alone = await p99();
    const idle = await Promise.all(Array.from({ length: 1_000 }, () => opened(port(open.url('binance')))));
    const among = await p99();
    for (const socket of idle) socket.destroy();
    // A shared machine adds some of its own.
    expect(among).toBeLessThan(2 * alone + 20);
  }, AT_ONCE);
}, 60_000);

const opened = (to: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(to, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
