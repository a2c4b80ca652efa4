import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { loadCcxtClasses } from '../../src/exchange/ccxt-clients.js';
import { judgeError } from '../../src/exchange/certainty.js';
import { settle } from './wire-harness.js';

/**
 * The rows about broken connections are derived with made-up socket errors; here ccxt's own transport
 * meets a real server on the loopback interface. A reset inside the body is left out: the kernel may
 * throw away the headers with it, so it has two outcomes.
 */
async function answeredBy(serve: ((socket: Socket) => void) | undefined): Promise<Error> {
  const { upbit } = await loadCcxtClasses();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => serve?.(socket));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  if (serve === undefined) await new Promise((closed) => server.close(closed));
  const client = new upbit({ apiKey: 'k', secret: 's', enableRateLimit: false });
  const url = `http://127.0.0.1:${port}`;
  client.urls = { ...client.urls, api: { public: url, private: url } };
  client.setMarkets([client.parseMarket({ market: 'KRW-BTC' })]);
  const result = await settle(() => client.createOrder('BTC/KRW', 'limit', 'sell', 0.01, 150_000_000));
  if (serve !== undefined) server.close();
  if (!('threw' in result)) throw new Error('the call did not fail');
  return result.threw;
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

describe('a create over a connection that breaks is unknown', () => {
  test.each([
    { name: 'nobody listens', serve: undefined, gives: 'NetworkError', row: 'upbit network' },
    { name: 'reset before the headers', serve: (socket: Socket) => socket.resetAndDestroy(), gives: 'NetworkError', row: 'upbit network' },
    { name: 'closed before the headers', serve: (socket: Socket) => socket.end(), gives: 'NetworkError', row: 'upbit network' },
    {
      name: 'closed inside the body',
      serve: (socket: Socket) => socket.end(`${HEAD}content-length: 500\r\n\r\n{"uuid":"half`),
      gives: 'SocketError',
      row: 'upbit not ccxt',
    },
    {
      name: 'redirected',
      serve: (socket: Socket) => socket.end('HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n'),
      gives: 'NetworkError',
      row: 'upbit network',
    },
    {
      name: 'answered with something that is not HTTP',
      serve: (socket: Socket) => socket.end('garbage\r\n\r\n'),
      gives: 'HTTPParserError',
      row: 'upbit not ccxt',
    },
  ])('$name: $gives', async ({ serve, gives, row }) => {
    const error = await answeredBy(serve);
    expect(error.constructor.name).toBe(gives);
    expect(judgeError('upbit', 'createOrder', error)).toEqual({ certainty: 'unknown', row, advice: 'look-up' });
  });
});
