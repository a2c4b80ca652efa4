import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { START } from '../sim/support/world.js';
import { binanceRequest, upbitToken, wired } from './support/wire-bench.js';

const UPBIT = 'https://api.upbit.com/v1';
const FAPI = 'https://fapi.binance.com/fapi';

test('Upbit: every answer tells what is left of its group in this second, and the group fills up again', async () => {
  const left = await wired(async ({ send, clock }) => {
    const book = async (): Promise<string | undefined> =>
      (await send('upbit', { url: `${UPBIT}/orderbook?markets=KRW-BTC` })).headers['remaining-req'];
    const first = await book();
    const [second] = await Promise.all([book(), book()]);
    await clock.sleep(durationMs(1_000));
    const accounts = await send('upbit', { url: `${UPBIT}/accounts`, headers: upbitToken({ nonce: '1' }) });
    return [first, second, await book(), accounts.headers['remaining-req']];
  });
  expect(left).toEqual([
    'group=orderbook; min=600; sec=9',
    'group=orderbook; min=600; sec=8',
    'group=orderbook; min=600; sec=9',
    'group=default; min=1800; sec=29',
  ]);
});

test('Upbit over its limit: 429, then a block with 418, and the wait in seconds', async () => {
  const answers = await wired(async ({ send }) => {
    const sent = Array.from({ length: 22 }, () => send('upbit', { url: `${UPBIT}/ticker?markets=KRW-BTC` }));
    return Promise.all(sent);
  });
  expect(answers.map(({ status }) => status)).toEqual([...Array<number>(10).fill(200), ...Array<number>(9).fill(429), ...Array<number>(3).fill(418)]);
  expect(answers[10]?.headers).toMatchObject({ 'retry-after': '1', 'remaining-req': 'group=ticker; min=600; sec=0' });
  expect(answers[21]?.headers['retry-after']).toBe('10');
});

test('Binance: the weight of the minute stands on every answer, the counts of orders on those to orders', async () => {
  const [time, book, order, refused] = await wired(async ({ send }) => [
    await send('binance', { url: `${FAPI}/v1/time` }),
    await send('binance', { url: `${FAPI}/v1/depth?symbol=BTCUSDT&limit=1000` }),
    await send('binance', binanceRequest('POST', '/fapi/v1/order', 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01', { timestamp: START })),
    await send('binance', binanceRequest('POST', '/fapi/v1/order', 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0', { timestamp: START })),
  ]);
  expect(time?.headers).toEqual({ 'content-type': 'application/json; charset=utf-8', 'x-mbx-used-weight-1m': '1' });
  expect(book?.headers['x-mbx-used-weight-1m']).toBe('21');
  expect(order?.headers).toMatchObject({ 'x-mbx-used-weight-1m': '21', 'x-mbx-order-count-10s': '1', 'x-mbx-order-count-1m': '1' });
  expect(refused?.status).toBe(400);
  expect(refused?.headers).not.toHaveProperty('x-mbx-order-count-1m');
});

test('paths that are not emulated: answered as unknown ones, and remembered once each', async () => {
  const { statuses, upbit, binance } = await wired(async ({ send, unlisted }) => {
    const answers = [
      await send('upbit', { url: `${UPBIT}/withdraws/coin`, method: 'POST', body: '{}' }),
      await send('upbit', { url: `${UPBIT}/withdraws/coin`, method: 'POST', body: '{}' }),
      await send('binance', { url: `${FAPI}/v1/no/such?a=b` }),
    ];
    return { statuses: answers.map(({ status }) => status), upbit: unlisted('upbit'), binance: unlisted('binance') };
  });
  expect(statuses).toEqual([404, 404, 404]);
  expect(upbit).toEqual(['POST /v1/withdraws/coin']);
  expect(binance).toEqual(['GET /fapi/v1/no/such']);
});

test('a path of Upbit with a slash at its end is the same path', async () => {
  const bodies = await wired(async ({ send, unlisted }) => [
    (await send('upbit', { url: `${UPBIT}/market/all` })).body,
    (await send('upbit', { url: `${UPBIT}/market/all/?` })).body,
    JSON.stringify(unlisted('upbit')),
  ]);
  expect(bodies).toEqual([bodies[0], bodies[0], '[]']);
});

test('a market that is not there, and none at all: the venues say so in their own words', async () => {
  const bodies = await wired(async ({ send }) => [
    (await send('upbit', { url: `${UPBIT}/orderbook?markets=KRW-ETH` })).body,
    (await send('upbit', { url: `${UPBIT}/ticker` })).body,
    (await send('binance', { url: `${FAPI}/v1/depth?symbol=ETHUSDT` })).body,
    (await send('binance', { url: `${FAPI}/v1/depth` })).body,
  ]);
  expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
    { error: { name: 404, message: 'Code not found' } },
    { error: { name: 400, message: 'Missing request parameter error. Check the required parameters!' } },
    { code: -1121, msg: 'Invalid symbol.' },
    { code: -1102, msg: "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed." },
  ]);
});
