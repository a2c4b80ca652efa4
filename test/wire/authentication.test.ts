import { expect, test } from 'vitest';
import { START } from '../sim/support/world.js';
import { binanceRequest, upbitToken, wired, type UpbitToken, type WireBench } from './support/wire-bench.js';

const UPBIT = 'https://api.upbit.com/v1';
const short = ({ status, body }: { status: number; body: string }): unknown => [status, JSON.parse(body)];

const accounts = (bench: WireBench, token?: UpbitToken) =>
  bench.send('upbit', { url: `${UPBIT}/accounts`, headers: token === undefined ? {} : upbitToken(token) });
const named = async (bench: WireBench, token?: UpbitToken): Promise<unknown> => {
  const [status, body] = short(await accounts(bench, token)) as [number, { error?: { name: string } }];
  return [status, body.error?.name ?? 'ok'];
};

test.each<{ title: string; token: UpbitToken | undefined; answer: [number, string] }>([
  { title: 'HS512', token: { nonce: 'n' }, answer: [200, 'ok'] },
  { title: 'HS256', token: { nonce: 'n', algorithm: 'HS256' }, answer: [200, 'ok'] },
  { title: 'no token', token: undefined, answer: [401, 'no_authorization_token'] },
  { title: 'an unsigned token', token: { nonce: 'n', algorithm: 'none' }, answer: [401, 'jwt_verification'] },
  { title: 'another secret', token: { nonce: 'n', secret: 'X' }, answer: [401, 'jwt_verification'] },
  { title: 'another key', token: { nonce: 'n', key: 'X' }, answer: [401, 'invalid_access_key'] },
  { title: 'no nonce', token: {}, answer: [401, 'jwt_verification'] },
])('Upbit with $title: $answer', async ({ token, answer }) => {
  expect(await wired((bench) => named(bench, token))).toEqual(answer);
});

test('Upbit: a nonce is good once', async () => {
  const answers = await wired(async (bench) => [
    await named(bench, { nonce: 'n' }),
    await named(bench, { nonce: 'n' }),
    await named(bench, { nonce: 'm' }),
  ]);
  expect(answers).toEqual([
    [200, 'ok'],
    [401, 'nonce_used'],
    [200, 'ok'],
  ]);
});

test('Upbit: the token covers the parameters as they are meant, of a query and of a body', async () => {
  const body = { market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: '10000', identifier: 'a b' };
  const meant = 'market=KRW-BTC&side=bid&ord_type=price&price=10000&identifier=a b';
  const order = (bench: WireBench, nonce: string, query: string | undefined) =>
    bench.send('upbit', { method: 'POST', url: `${UPBIT}/orders`, headers: upbitToken({ nonce, query }), body: JSON.stringify(body) });
  const read = (bench: WireBench, nonce: string, query: string) =>
    bench.send('upbit', { url: `${UPBIT}/order?identifier=a%20b`, headers: upbitToken({ nonce, query }) });
  const answers = await wired(async (bench) => [
    short(await order(bench, '1', undefined)),
    short(await order(bench, '2', meant.replace('10000', '20000'))),
    short(await order(bench, '3', meant)),
    short(await read(bench, '4', 'identifier=a%20b')),
    short(await read(bench, '5', 'identifier=a b')),
  ]);
  const refused = [401, { error: { name: 'invalid_query_payload', message: 'Jwt의 query를 검증하는데 실패하였습니다.' } }];
  expect(answers).toMatchObject([
    refused,
    refused,
    [201, { state: 'wait', identifier: 'a b', ord_type: 'price', executed_volume: '0' }],
    refused,
    [200, { identifier: 'a b', trades: [{ market: 'KRW-BTC' }] }],
  ]);
});

test.each<{ title: string; key?: string; secret?: string; timestamp?: number; params?: string; answer: [number, number | undefined] }>([
  { title: 'a good signature', answer: [200, undefined] },
  { title: 'another secret', secret: 'X', answer: [400, -1022] },
  { title: 'another key', key: 'X', answer: [401, -2015] },
  { title: 'no key', key: '', answer: [401, -2014] },
  { title: 'a second and more ahead', timestamp: START + 1_100, answer: [400, -1021] },
  { title: 'a timestamp older than the default window', timestamp: START - 5_100, answer: [400, -1021] },
  { title: 'the same timestamp in a wider window', timestamp: START - 5_100, params: 'recvWindow=10000', answer: [200, undefined] },
  { title: 'a window wider than any', params: 'recvWindow=60001', answer: [400, -1131] },
])('Binance with $title: $answer', async ({ key, secret, timestamp = START, params = '', answer }) => {
  const signing = { timestamp, ...(key === undefined ? {} : { key }), ...(secret === undefined ? {} : { secret }) };
  const request = binanceRequest('GET', '/fapi/v1/openOrders', params, signing);
  const [status, body] = short(await wired((bench) => bench.send('binance', request))) as [number, { code?: number }];
  expect([status, body.code]).toEqual(answer);
});

test('Binance: a parameter changed after signing, a missing timestamp and a missing signature are refused by name', async () => {
  const good = binanceRequest('POST', '/fapi/v1/order', 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01', { timestamp: START });
  const without = (pattern: RegExp) => ({ ...good, body: (good.body ?? '').replace(pattern, '') });
  const answers = await wired(async (bench) => [
    short(await bench.send('binance', { ...good, body: (good.body ?? '').replace('0.01', '0.02') })),
    short(await bench.send('binance', without(/&timestamp=\d+/))),
    short(await bench.send('binance', without(/&signature=.*/))),
    short(await bench.send('binance', good)),
  ]);
  expect(answers).toMatchObject([
    [400, { code: -1022, msg: 'Signature for this request is not valid.' }],
    [400, { code: -1102, msg: "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed." }],
    [400, { code: -1102, msg: "Mandatory parameter 'signature' was not sent, was empty/null, or malformed." }],
    [200, { status: 'FILLED', executedQty: '0.010' }],
  ]);
});
