import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { SystemClock } from '../../../src/clock/system-clock.js';
import { durationMs, type VenueId } from '../../../src/core/units.js';
import {
  BadResponse,
  BaseError,
  ExchangeError,
  ExchangeNotAvailable,
  NetworkError,
  NullResponse,
  RequestTimeout,
} from '../../../src/exchange/ccxt-errors.js';
import { loadCcxtClasses } from '../../../src/exchange/ccxt-clients.js';
import { judgeError } from '../../../src/exchange/certainty.js';
import type { ExchangeClient } from '../../../src/exchange/exchange-client.js';
import { guardedCall } from '../../../src/exchange/live/guarded-call.js';
import { LiveClient } from '../../../src/exchange/live/live-client.js';
import { Redactor } from '../../../src/exchange/live/secrets.js';
import { SYMBOL } from '../wire-harness.js';
import { answers, KEYS, misbehaving, type Misbehaving, type Serve } from './misbehaving-server.js';

let open: Misbehaving | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const begin = async (venue: VenueId, serve: Serve): Promise<Misbehaving> => {
  open = await misbehaving(venue, serve);
  return open;
};

const create = (client: ExchangeClient, venue: VenueId) =>
  client.createOrder(SYMBOL[venue], 'limit', 'sell', 0.01, venue === 'upbit' ? 150_000_000 : 100_000, { clientOrderId: 'hd-1' });

/** What a call comes to within `ms`; a call that is still open then says so. */
async function within(ms: number, call: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve('still open'), ms);
  });
  const settled = call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const first = await Promise.race([settled, late]);
  clearTimeout(timer);
  return first;
}

const errorOf = async (call: Promise<unknown>): Promise<Error> => {
  const outcome = (await within(5_000, call)) as { error?: Error };
  if (!(outcome.error instanceof Error)) throw new Error(`the call did not fail: ${inspect(outcome)}`);
  return outcome.error;
};

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

describe('a body that does not end', () => {
  test.each<{ name: string; serve: Serve }>([
    { name: 'stalls after its first bytes', serve: (socket) => socket.write(`${HEAD}content-length: 500\r\n\r\n{"uuid":"half`) },
    { name: 'drips for ever', serve: (socket) => drip(socket) },
    { name: 'is chunked and never closed', serve: (socket) => socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n2\r\n{"\r\n`) },
  ])('$name: ccxt waits on, the guard gives up with an unknown outcome', async ({ serve }) => {
    const { bare, guarded } = await begin('upbit', serve);
    // ccxt's own time-out of 500 ms has long passed.
    expect(await within(900, create(await bare(), 'upbit'))).toBe('still open');
    const error = await errorOf(create(await guarded(700), 'upbit'));
    expect(error).toBeInstanceOf(RequestTimeout);
    expect(judgeError('upbit', 'createOrder', error)).toMatchObject({ certainty: 'unknown', row: 'upbit timeout' });
  });
});

function drip(socket: Socket): void {
  socket.write(`${HEAD}content-length: 100000\r\n\r\n`);
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(' ')), 50);
  socket.on('close', () => clearInterval(timer));
}

describe('an answer that ccxt stumbles over', () => {
  const cut: Serve = (socket) => socket.end(`${HEAD}content-length: 500\r\n\r\n{"uuid":"half`);
  const cutGzip: Serve = (socket) => {
    const body = gzipSync(JSON.stringify({ uuid: 'x'.repeat(5_000) })).subarray(0, 30);
    socket.write(`${HEAD}content-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.end(body);
  };
  test.each([
    { name: 'cut inside the body', venue: 'upbit', serve: cut, gives: NetworkError, row: 'upbit network' },
    { name: 'cut inside the body', venue: 'binance', serve: cut, gives: NetworkError, row: 'binance network' },
    { name: 'gzip that ends early', venue: 'upbit', serve: cutGzip, gives: NetworkError, row: 'upbit network' },
    {
      name: 'something that is not HTTP',
      venue: 'binance',
      serve: (socket: Socket) => socket.end('garbage\r\n\r\n'),
      gives: BadResponse,
      row: 'binance not ccxt',
    },
    { name: 'empty', venue: 'binance', serve: answers('200 OK', ''), gives: BadResponse, row: 'binance not ccxt' },
    { name: 'a page', venue: 'binance', serve: answers('200 OK', '<html>Please wait</html>'), gives: BadResponse, row: 'binance not ccxt' },
    { name: 'null', venue: 'binance', serve: answers('200 OK', 'null'), gives: BadResponse, row: 'binance not ccxt' },
  ] as const)('$venue, $name: no class of ccxt becomes one, unknown', async ({ venue, serve, gives, row }) => {
    const { bare, guarded } = await begin(venue, serve);
    const raw = await errorOf(create(await bare(), venue));
    expect(raw).not.toBeInstanceOf(BaseError);
    const error = await errorOf(create(await guarded(), venue));
    expect(error).toBeInstanceOf(gives);
    expect(judgeError(venue, 'createOrder', error)).toMatchObject({ certainty: 'unknown', row, advice: 'look-up' });
  });

  test('a parser that quotes the body does not make a refusal of it', async () => {
    const guard = { id: 'binanceusdm', clock: new SystemClock(), timeoutMs: durationMs(1_000), redactor: new Redactor() };
    const quoting = async (): Promise<never> => {
      throw new SyntaxError('Unexpected token < after {"code":-2019,"msg":"Margin is insufficient."}');
    };
    const error = await errorOf(guardedCall(guard, 'POST https://fapi.binance.com/fapi/v1/order', quoting));
    expect(judgeError('binance', 'createOrder', error)).toMatchObject({ certainty: 'unknown', row: 'binance not ccxt' });
  });
});

describe('an order without id', () => {
  test.each([
    { name: 'empty', body: '' },
    { name: 'cut', body: '{"uuid":"9e8f8eba-7050' },
    { name: 'a page', body: '<html>Please wait</html>' },
    { name: 'an empty object', body: '{}' },
    { name: 'an empty list', body: '[]' },
  ])('upbit, $name with status 200: ccxt returns an order, the guard says unknown', async ({ body }) => {
    const { bare, guarded } = await begin('upbit', answers('200 OK', body));
    expect(await create(await bare(), 'upbit')).toMatchObject({ id: undefined });
    const client = await guarded();
    for (const call of [
      create(client, 'upbit'),
      client.createMarketBuyOrderWithCost('BTC/KRW', 10_000, { clientOrderId: 'hd-2' }),
      client.fetchOrder('9e8f', 'BTC/KRW'),
      client.cancelOrder('9e8f', 'BTC/KRW'),
    ]) {
      const error = await errorOf(call);
      expect(error).toBeInstanceOf(NullResponse);
      expect(judgeError('upbit', 'createOrder', error)).toEqual({ certainty: 'unknown', row: 'upbit order without id', advice: 'look-up' });
    }
  });

  test('a list of open orders that is a page is no list of orders', async () => {
    const { bare, guarded } = await begin('upbit', answers('200 OK', '<html>Please wait</html>'));
    expect((await (await bare()).fetchOpenOrders('BTC/KRW')).length).toBeGreaterThan(0);
    expect(await errorOf((await guarded()).fetchOpenOrders('BTC/KRW'))).toBeInstanceOf(BadResponse);
  });

  test('a book that ccxt makes nothing of is an error', async () => {
    const { bare, guarded } = await begin('upbit', answers('200 OK', '[]'));
    expect(await (await bare()).fetchOrderBook('BTC/KRW')).toBeUndefined();
    expect(await errorOf((await guarded()).fetchOrderBook('BTC/KRW'))).toBeInstanceOf(BadResponse);
  });
});

describe('the status of an error with a JSON body', () => {
  const upbit = (name: string | number) => JSON.stringify({ error: { name, message: '알 수 없음' } });
  test.each([
    { venue: 'upbit', status: '429 Too Many Requests', body: upbit('too_many'), row: 'upbit http 429', certainty: 'refused', advice: 'back-off' },
    { venue: 'upbit', status: '418 I am a teapot', body: upbit('banned'), row: 'upbit http 418', certainty: 'refused', advice: 'back-off' },
    { venue: 'upbit', status: '500 Internal Server Error', body: upbit('internal'), row: 'upbit http 500', certainty: 'unknown', advice: 'look-up' },
    {
      venue: 'upbit',
      status: '503 Service Unavailable',
      body: upbit('insufficient_funds_ask'),
      row: 'upbit http 503',
      certainty: 'unknown',
      advice: 'look-up',
    },
    {
      venue: 'binance',
      status: '500 Internal Server Error',
      body: '{"code":-31337,"msg":"new"}',
      row: 'binance http 500',
      certainty: 'unknown',
      advice: 'look-up',
    },
  ] as const)('$venue $status: ccxt calls it an ExchangeError, the guard what the status says', async ({ venue, status, body, ...judgement }) => {
    const { bare, guarded } = await begin(venue, answers(status, body));
    expect(await errorOf(create(await bare(), venue))).toBeInstanceOf(ExchangeError);
    const error = await errorOf(create(await guarded(), venue));
    expect(error).not.toBeInstanceOf(ExchangeError);
    expect(judgeError(venue, 'createOrder', error)).toMatchObject(judgement);
  });

  test.each([
    { venue: 'upbit', body: upbit('insufficient_funds_ask'), row: 'upbit insufficient_funds_ask' },
    { venue: 'binance', body: '{"code":-2019,"msg":"Margin is insufficient."}', row: 'binance -2019' },
    {
      venue: 'binance',
      body: '{"code":-1008,"msg":"Server is currently overloaded with other requests."}',
      row: 'binance -1008',
      status: '503 Service Unavailable',
    },
  ] as const)('a refusal stays one: $row', async ({ venue, body, row, ...given }) => {
    const { guarded } = await begin(venue, answers('status' in given ? given.status : '400 Bad Request', body));
    expect(judgeError(venue, 'createOrder', await errorOf(create(await guarded(), venue)))).toMatchObject({ certainty: 'refused', row });
  });

  test('a page with a status that ccxt has no class for is an error and no answer', async () => {
    const { bare, guarded } = await begin('upbit', answers('529 Site Overloaded', '<html>overloaded</html>', { 'content-type': 'text/html' }));
    expect(await create(await bare(), 'upbit')).toMatchObject({ id: undefined });
    const error = await errorOf((await guarded()).fetchBalance());
    expect(error).toBeInstanceOf(ExchangeNotAvailable);
    expect(judgeError('upbit', 'fetchOrder', error).certainty).toBe('unknown');
  });

  test.each([
    { venue: 'upbit', status: '429 Too Many Requests', body: upbit('too_many'), waitMs: 7_000 },
    { venue: 'binance', status: '429 Too Many Requests', body: '{"code":-1003,"msg":"Too many requests."}', waitMs: 7_000 },
    { venue: 'binance', status: '418 I am a teapot', body: '{"code":-1003,"msg":"banned."}', waitMs: 7_000 },
  ] as const)('$venue $status: Retry-After, which ccxt drops, is kept', async ({ venue, status, body, waitMs }) => {
    const { bare, guarded } = await begin(venue, answers(status, body, { 'Retry-After': '7' }));
    expect(judgeError(venue, 'createOrder', await errorOf(create(await bare(), venue))).retryAfterMs).toBeUndefined();
    expect(judgeError(venue, 'createOrder', await errorOf(create(await guarded(), venue))).retryAfterMs).toBe(waitMs);
  });
});

describe('calls are named as the venue understands them', () => {
  const order = JSON.stringify({
    uuid: '9e8f',
    identifier: 'hd-1',
    side: 'ask',
    ord_type: 'limit',
    price: '150000000',
    state: 'done',
    market: 'KRW-BTC',
    volume: '0.01',
    remaining_volume: '0',
    executed_volume: '0.01',
    paid_fee: '499.9993324',
    created_at: '2026-01-05T09:00:00+09:00',
  });
  const firstLine = ({ requests }: Misbehaving, index: number): string => requests[index]?.split('\r\n')[0] ?? '';

  test.each(['fetchOrder', 'cancelOrder'] as const)('upbit %s by the client order id asks for the identifier and no uuid', async (method) => {
    const server = await begin('upbit', answers('200 OK', order));
    await (await server.bare())[method]('', 'BTC/KRW', { clientOrderId: 'hd-1' });
    expect(firstLine(server, 0)).toContain('uuid=&clientOrderId=hd-1');
    const client = await server.guarded();
    for (const params of [{ clientOrderId: 'hd-1' }, { identifier: 'hd-1' }])
      for (const id of ['', undefined]) await client[method](id, 'BTC/KRW', params);
    for (const index of [1, 2, 3, 4]) expect(firstLine(server, index)).toContain('/v1/order?identifier=hd-1 ');
    await client[method]('9e8f', 'BTC/KRW', { clientOrderId: 'hd-1' });
    expect(firstLine(server, 5)).toContain('/v1/order?uuid=9e8f ');
  });

  test('an order is neither asked for without a name nor sent without an id of its own', async () => {
    const server = await begin('upbit', answers('200 OK', order));
    const client = await server.guarded();
    for (const call of [
      client.fetchOrder('', 'BTC/KRW'),
      client.cancelOrder(undefined, 'BTC/KRW'),
      client.createOrder('BTC/KRW', 'limit', 'sell', 0.01, 150_000_000),
      client.createMarketBuyOrderWithCost('BTC/KRW', 10_000),
    ])
      expect(judgeError('upbit', 'createOrder', await errorOf(call))).toMatchObject({ certainty: 'refused', row: 'upbit unsent' });
    expect(server.requests).toEqual([]);
  });

  test('the fee of an order is a number', async () => {
    const server = await begin('upbit', answers('200 OK', order));
    expect((await (await server.bare()).fetchOrder('9e8f', 'BTC/KRW')).fee?.cost).toBe('499.9993324');
    expect((await (await server.guarded()).fetchOrder('9e8f', 'BTC/KRW')).fee?.cost).toBe(499.9993324);
  });
});

describe('markets', () => {
  test('a load that failed is tried again, and both instances share one load', async () => {
    let fails = true;
    const server = await begin('upbit', (socket, request) => {
      if (fails) socket.destroy();
      else answers('200 OK', request.includes('market/all') ? '[{"market":"KRW-BTC"}]' : '[]')(socket, request);
    });
    const [orders, data] = [await server.bare(), await server.bare()];
    for (const client of [orders, data] as unknown as { markets: undefined }[]) client.markets = undefined;
    const client = new LiveClient({ venue: 'upbit', orders, data, clock: new SystemClock() });
    expect(await errorOf(client.fetchBalance())).toBeInstanceOf(NetworkError);
    fails = false;
    await client.fetchBalance();
    expect(server.requests.filter((request) => request.includes('market/all'))).toHaveLength(2);
  });
});

describe('settings that are refused before anything is sent', () => {
  const made = async (venue: VenueId, options: Readonly<Record<string, unknown>>): Promise<ExchangeClient> => {
    const { upbit, binanceusdm } = await loadCcxtClasses();
    return venue === 'upbit'
      ? new upbit({ ...KEYS, enableRateLimit: false, ...options })
      : new binanceusdm({ ...KEYS, enableRateLimit: false, ...options });
  };
  test.each([
    { venue: 'binance', options: { enableRateLimit: true }, text: /enableRateLimit is true/ },
    { venue: 'binance', options: { options: { maxRetriesOnFailure: 3 } }, text: /re-sends failed requests .*is 3/ },
    { venue: 'upbit', options: { verbose: true }, text: /verbose is true/ },
    { venue: 'binance', options: { sandbox: true }, text: /sandbox or demo mode/ },
    { venue: 'binance', options: { options: { enableDemoTrading: true } }, text: /sandbox or demo mode/ },
    { venue: 'upbit', options: { options: { createMarketBuyOrderRequiresPrice: false } }, text: /would be taken as KRW/ },
    { venue: 'binance', options: { options: { portfolioMargin: true } }, text: /portfolioMargin/ },
    { venue: 'binance', options: { options: { defaultType: 'spot' } }, text: /defaultType is "spot"/ },
    { venue: 'upbit', options: { proxyUrl: 'https://proxy.example/?' }, text: /proxyUrl is set/ },
    { venue: 'upbit', options: { validateServerSsl: false }, text: /validateServerSsl/ },
    { venue: 'upbit', options: { number: String }, text: /number is not Number/ },
    { venue: 'upbit', options: { secret: `${KEYS.secret}\n` }, text: /secret begins or ends with white space/ },
  ] as const)('$venue $options', async ({ venue, options, text }) => {
    const clock = new SystemClock();
    const [good, bad] = [await made(venue, {}), await made(venue, options)];
    expect(() => new LiveClient({ venue, orders: bad, data: good, clock })).toThrow(text);
    expect(() => new LiveClient({ venue, orders: good, data: bad, clock })).toThrow(/for market data must not be used/);
    expect(() => new LiveClient({ venue, orders: good, data: bad, clock })).not.toThrow(KEYS.secret);
  });

  test('one instance for orders and data is refused, and so is the wrong venue', async () => {
    const clock = new SystemClock();
    const [one, other] = [await made('upbit', {}), await made('upbit', {})];
    expect(() => new LiveClient({ venue: 'upbit', orders: one, data: one, clock })).toThrow(/make two/);
    expect(() => new LiveClient({ venue: 'binance', orders: one, data: other, clock })).toThrow(/cannot trade on binance/);
  });
});

describe('secrets stay out of errors', () => {
  const leaks = (error: Error): boolean => {
    const all = `${inspect(error, { depth: 8 })} ${error.stack ?? ''} ${JSON.stringify(error, Object.getOwnPropertyNames(error))}`;
    return all.includes(KEYS.apiKey) || all.includes(KEYS.secret) || /signature=[0-9a-f]{16}/.test(all) || /Bearer ey/.test(all);
  };
  const echo: Serve = (socket, request) =>
    answers('502 Bad Gateway', `<html><pre>${request}</pre></html>`, { 'content-type': 'text/html' })(socket, request);

  test.each(['upbit', 'binance'] as const)('%s: a proxy that echoes the request, its headers and its signature', async (venue) => {
    const { bare, guarded } = await begin(venue, echo);
    expect(leaks(await errorOf((await bare()).fetchOrder('1', SYMBOL[venue])))).toBe(true);
    const client = await guarded();
    for (const call of [client.fetchOrder('1', SYMBOL[venue]), create(client, venue), client.cancelOrder('1', SYMBOL[venue])])
      expect(leaks(await errorOf(call))).toBe(false);
  });

  test('a key that cannot be a header is not shown by the error about it', async () => {
    const { guarded, bare } = await begin('binance', answers('200 OK', '{}'));
    const client = await guarded();
    const orders = await bare();
    const spoilt = new LiveClient({ venue: 'binance', orders, data: await bare(), clock: new SystemClock() });
    // The settings were sound when they were checked; somebody changes the key afterwards.
    (orders as unknown as { apiKey: string }).apiKey = `${KEYS.apiKey}\nx`;
    expect(leaks(await errorOf(create(spoilt, 'binance')))).toBe(false);
    expect(leaks(await errorOf(create(client, 'binance')))).toBe(false);
  });
});
