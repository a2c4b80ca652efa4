import { describe, expect, test } from 'vitest';
import { epochMs } from '../../../src/core/units.js';
import { worldWith } from '../../sim/support/world.js';
import { streaming } from './support/stream-bench.js';

const answers = (messages: readonly unknown[], target = '/public/ws'): Promise<Record<string, unknown>[]> =>
  streaming(async ({ open, wait }) => {
    const ear = open('binance', target);
    for (const message of messages) ear.send(message);
    await wait(500);
    return ear.heard.filter((each) => 'id' in each || 'error' in each);
  });

describe('control messages', () => {
  test('subscribe, list, set and get a property, unsubscribe', async () => {
    const heard = await answers([
      { method: 'SUBSCRIBE', params: ['btcusdt@depth', 'btcusdt@bookTicker'], id: 1 },
      { method: 'UNSUBSCRIBE', params: ['btcusdt@depth'], id: 2 },
      { method: 'LIST_SUBSCRIPTIONS', id: 3 },
      { method: 'GET_PROPERTY', params: ['combined'], id: 4 },
      { method: 'SET_PROPERTY', params: ['combined', true], id: 5 },
      { method: 'GET_PROPERTY', params: ['combined'], id: 'six' },
    ]);
    expect(heard).toEqual([
      { result: null, id: 1 },
      { result: null, id: 2 },
      { result: ['btcusdt@bookTicker'], id: 3 },
      { result: false, id: 4 },
      { result: null, id: 5 },
      { result: true, id: 'six' },
    ]);
  });

  test.each<[string, unknown, number, RegExp]>([
    ['text that is no JSON', '{"method"', 3, /^Invalid JSON/],
    ['a list', [], 3, /^Invalid JSON/],
    ['no id', { method: 'LIST_SUBSCRIPTIONS' }, 2, /request ID must be an unsigned integer/],
    ['a negative id', { method: 'LIST_SUBSCRIPTIONS', id: -1 }, 2, /unsigned integer/],
    ['no method', { id: 1 }, 2, /missing field `method`/],
    ['an unknown method', { method: 'SUBSCRIBED', id: 1 }, 2, /unknown variant `SUBSCRIBED`/],
    ['no params', { method: 'SUBSCRIBE', id: 1 }, 2, /missing field `params`/],
    ['params that are no texts', { method: 'SUBSCRIBE', params: [1], id: 1 }, 2, /expected a string/],
    ['a stream that none can be', { method: 'SUBSCRIBE', params: ['btcusdt@deep'], id: 1 }, 2, /invalid stream/],
    ['an unknown property', { method: 'GET_PROPERTY', params: ['split'], id: 1 }, 0, /Unknown property/],
    ['a property that is no truth value', { method: 'SET_PROPERTY', params: ['combined', 1], id: 1 }, 1, /expected Boolean/],
    ['a property without a name', { method: 'GET_PROPERTY', params: [true], id: 1 }, 2, /must be a string/],
  ])('%s is refused, and the connection stays', async (_title, message, code, text) => {
    const [refused, answered] = await answers([message, { method: 'LIST_SUBSCRIPTIONS', id: 9 }]);
    expect(refused).toMatchObject({ error: { code, msg: expect.stringMatching(text) as string } });
    expect(answered).toEqual({ result: [], id: 9 });
  });

  test('a market that is not here is taken and stays silent', async () => {
    const heard = await answers([{ method: 'SUBSCRIBE', params: ['ethusdt@bookTicker'], id: 1 }]);
    expect(heard).toEqual([{ result: null, id: 1 }]);
  });
});

describe('limits of a connection', () => {
  test('1,024 streams and not one more', async () => {
    const names = Array.from({ length: 1_024 }, (_, index) => `m${index}usdt@trade`);
    const heard = await answers([
      { method: 'SUBSCRIBE', params: names, id: 1 },
      { method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 2 },
    ]);
    expect(heard).toMatchObject([
      { result: null, id: 1 },
      { error: { code: 2 }, id: 2 },
    ]);
  });

  test('ten messages a second; the eleventh ends it', async () => {
    await streaming(async ({ open, wait }) => {
      const [calm, hasty] = [open('binance', '/public/ws'), open('binance', '/public/ws')];
      for (let id = 1; id <= 20; id += 1) {
        if (id <= 10) hasty.send({ method: 'LIST_SUBSCRIPTIONS', id });
        calm.send({ method: 'LIST_SUBSCRIPTIONS', id });
        await wait(100);
      }
      expect([calm.closed, hasty.closed]).toEqual([undefined, undefined]);
      for (let id = 1; id <= 11; id += 1) hasty.send({ method: 'LIST_SUBSCRIPTIONS', id });
      await wait(100);
      expect(hasty.closed).toMatchObject({ code: 1008 });
    });
  });

  test('a ping every three minutes; without a pong for ten it ends; with pongs it lives for 24 hours', async () => {
    await streaming(async ({ open, wait, streams }) => {
      const [deaf, alive] = [open('binance', '/public/ws'), open('binance', '/public/ws')];
      let answered = 0;
      for (let minute = 1; minute <= 24 * 60 + 1; minute += 1) {
        await wait(60_000);
        if (alive.pings > answered) alive.session.heard('pong');
        answered = alive.pings;
        if (minute === 9) expect([deaf.pings, deaf.closed]).toEqual([2, undefined]);
        if (minute === 13) expect(deaf.closed).toMatchObject({ code: 1008 });
        if (minute === 24 * 60 - 1) expect(alive.closed).toBeUndefined();
      }
      expect(alive.closed).toMatchObject({ code: 1001 });
      expect(streams.binance.connections).toBe(0);
    });
  });
});

describe('addresses', () => {
  const late = { ...worldWith(), start: epochMs(Date.parse('2026-05-01T00:00:00Z')) };
  const early = { ...worldWith(), start: epochMs(Date.parse('2026-01-01T00:00:00Z')) };
  test.each([
    { world: early, base: '', told: ['bookTicker', 'markPriceUpdate'] },
    { world: late, base: '', told: ['bookTicker'] },
    { world: late, base: '/public', told: ['bookTicker'] },
    { world: late, base: '/market', told: ['markPriceUpdate'] },
    { world: late, base: '/private', told: [] },
  ])('from $world.start on, "$base" serves $told', async ({ world, base, told }) => {
    await streaming(
      async ({ open, wait }) => {
        const ear = open('binance', `${base}/ws/btcusdt@bookTicker/btcusdt@markPrice@1s`);
        await wait(2_000);
        expect([...new Set(ear.heard.map((each) => each['e']))].sort()).toEqual(told);
      },
      { world },
    );
  });

  test('any other path is refused', async () => {
    await streaming(async ({ open }) => expect(() => open('binance', '/wss')).toThrow('refused: 404'));
  });

  test('a name in the address that is no stream is ignored, as ccxt’s /ws/0', async () => {
    const heard = await answers([{ method: 'LIST_SUBSCRIPTIONS', id: 1 }], '/public/ws/0');
    expect(heard).toEqual([{ result: [], id: 1 }]);
  });
});
