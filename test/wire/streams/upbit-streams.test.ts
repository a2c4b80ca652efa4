import { describe, expect, test } from 'vitest';
import { SPOT } from '../../sim/support/simulate.js';
import { upbitToken } from '../support/wire-bench.js';
import { streaming, type Ear, type StreamBench } from './support/stream-bench.js';

const PUBLIC = '/websocket/v1';
const PRIVATE = '/websocket/v1/private';
const T = { ticket: 't' };
const keysOf = (value: unknown): string =>
  Object.keys(value as object)
    .sort()
    .join(' ');
const authorized = (): Record<string, string> => ({ authorization: upbitToken({ nonce: 'n' })['Authorization'] ?? '' });
const mine = ({ open }: StreamBench): Ear => open('upbit', PRIVATE, authorized());

const KEYS: Record<string, string> = {
  ticker:
    'acc_ask_volume acc_bid_volume acc_trade_price acc_trade_price_24h acc_trade_volume acc_trade_volume_24h ask_bid change change_price change_rate code delisting_date high_price highest_52_week_date highest_52_week_price is_trading_suspended low_price lowest_52_week_date lowest_52_week_price market_state market_warning opening_price prev_closing_price signed_change_price signed_change_rate stream_type timestamp trade_date trade_price trade_time trade_timestamp trade_volume type',
  trade:
    'ask_bid best_ask_price best_ask_size best_bid_price best_bid_size change change_price code prev_closing_price sequential_id stream_type timestamp trade_date trade_price trade_time trade_timestamp trade_volume type',
  orderbook: 'code level orderbook_units stream_type timestamp total_ask_size total_bid_size type',
  'candle.1s':
    'candle_acc_trade_price candle_acc_trade_volume candle_date_time_kst candle_date_time_utc code high_price low_price opening_price stream_type timestamp trade_price type',
};

describe('public streams', () => {
  test('each type: a snapshot, then what happens, with the documented keys, in binary frames', async () => {
    await streaming(async ({ open, wait, upbit }) => {
      await wait(3_000);
      const ear = open('upbit', PUBLIC);
      ear.send([T, ...Object.keys(KEYS).map((type) => ({ type, codes: ['KRW-BTC'] }))]);
      await wait(2_500);
      await upbit.createOrder(SPOT, 'limit', 'buy', 0.02, 131_000_000, { timeInForce: 'IOC' });
      await wait(500);
      for (const [type, keys] of Object.entries(KEYS)) {
        const all = ear.of(type);
        expect([type, keysOf(all[0]), all[0]?.['stream_type']]).toEqual([type, keys, 'SNAPSHOT']);
        expect(all.slice(1).map((each) => each['stream_type'])).toContain('REALTIME');
      }
      expect(ear.frames.every((frame) => typeof frame !== 'string')).toBe(true);
      expect(ear.of('trade').map((each) => each['trade_volume'])).toContain(0.02);
    });
  });

  test.each([
    { only: { is_only_snapshot: true }, told: ['SNAPSHOT'] },
    { only: { is_only_realtime: true }, told: ['REALTIME'] },
    { only: { isOnlyRealtime: true }, told: ['REALTIME'] },
    { only: {}, told: ['REALTIME', 'SNAPSHOT'] },
  ])('$only: $told', async ({ only, told }) => {
    await streaming(async ({ open, wait }) => {
      await wait(2_000);
      const ear = open('upbit', PUBLIC);
      ear.send([T, { type: 'trade', codes: ['KRW-BTC'], ...only }]);
      await wait(3_000);
      expect([...new Set(ear.heard.map((each) => each['stream_type']))].sort()).toEqual(told);
    });
  });

  test.each([
    { code: 'KRW-BTC', level: 0, units: 30 },
    { code: 'KRW-BTC.5', level: 0, units: 5 },
    { code: 'KRW-BTC.7', level: 0, units: 30 },
    { code: 'KRW-BTC.1', level: 100_000, units: 1 },
  ])('a book of $code by $level: $units levels on that grid', async ({ code, level, units }) => {
    await streaming(async ({ open, wait }) => {
      const ear = open('upbit', PUBLIC);
      ear.send([T, { type: 'orderbook', codes: [code], level }]);
      await wait(200);
      const [book] = ear.heard as { orderbook_units: { ask_price: number; bid_price: number }[] }[];
      expect(book?.orderbook_units.length).toBe(units);
      for (const { ask_price, bid_price } of book?.orderbook_units ?? []) {
        expect(ask_price).toBeGreaterThan(bid_price);
        if (level > 0) expect([ask_price % level, bid_price % level]).toEqual([0, 0]);
      }
    });
  });

  test('a grouping or market that is not there: nothing', async () => {
    await streaming(async ({ open, wait }) => {
      const ear = open('upbit', PUBLIC);
      ear.send([T, { type: 'orderbook', codes: ['KRW-BTC'], level: 7 }, { type: 'ticker', codes: ['KRW-XYZ'] }]);
      await wait(5_000);
      expect(ear.heard).toEqual([]);
    });
  });

  test.each([
    { format: 'SIMPLE', list: false },
    { format: 'SIMPLE_LIST', list: true },
    { format: 'JSON_LIST', list: true },
  ])('$format', async ({ format, list }) => {
    await streaming(async ({ open, wait }) => {
      const ear = open('upbit', PUBLIC);
      ear.send([T, { type: 'orderbook', codes: ['KRW-BTC.1'] }, { format }]);
      await wait(200);
      const [first] = ear.heard as unknown[];
      const body = list ? (first as unknown[])[0] : first;
      expect(Array.isArray(first)).toBe(list);
      expect(keysOf(body)).toBe(format.startsWith('SIMPLE') ? 'cd lv obu st tas tbs tms ty' : KEYS['orderbook']);
      if (format.startsWith('SIMPLE')) expect(keysOf((body as { obu: unknown[] }).obu[0])).toBe('ap as bp bs');
    });
  });

  test('a request replaces the one before; the list says what is listened to', async () => {
    await streaming(async ({ open, wait }) => {
      const ear = open('upbit', PUBLIC);
      ear.send([T, { type: 'trade', codes: ['KRW-BTC'] }]);
      ear.send([T, { type: 'orderbook', codes: ['KRW-BTC.5'] }]);
      ear.send([{ method: 'LIST_SUBSCRIPTIONS' }, { ticket: 'u' }]);
      await wait(5_000);
      expect(ear.heard.at(-1)).toEqual({ method: 'LIST_SUBSCRIPTIONS', result: [{ type: 'orderbook', codes: ['KRW-BTC'], level: 0 }], ticket: 'u' });
    });
  });

  test.each<[string, unknown, string]>([
    ['no JSON', 'hello', 'WRONG_FORMAT'],
    ['an object', {}, 'WRONG_FORMAT'],
    ['a list of texts', ['a'], 'WRONG_FORMAT'],
    ['no ticket', [{ type: 'ticker', codes: ['KRW-BTC'] }], 'NO_TICKET'],
    ['no type', [T], 'NO_TYPE'],
    ['codes without a type', [T, { codes: ['KRW-BTC'] }], 'NO_TYPE'],
    ['no codes', [T, { type: 'ticker' }], 'NO_CODES'],
    ['empty codes', [T, { type: 'ticker', codes: [] }], 'NO_CODES'],
    ['an unknown type', [T, { type: 'depth', codes: ['KRW-BTC'] }], 'INVALID_PARAM'],
    ['a private type', [T, { type: 'myOrder' }], 'INVALID_PARAM'],
    ['an unknown format', [T, { type: 'ticker', codes: ['KRW-BTC'] }, { format: 'XML' }], 'INVALID_PARAM'],
    ['an unknown method', [T, { method: 'LIST' }], 'INVALID_PARAM'],
  ])('%s is refused by name, and the connection stays', async (_title, message, name) => {
    await streaming(async ({ open, wait }) => {
      const ear = open('upbit', PUBLIC);
      ear.send(message);
      ear.send([T, { type: 'orderbook', codes: ['KRW-BTC'] }]);
      await wait(200);
      expect(ear.heard[0]).toMatchObject({ error: { name } });
      expect(ear.heard[1]).toMatchObject({ type: 'orderbook' });
    });
  });
});

describe('a connection', () => {
  test('idle for 120 s it ends; PING keeps it with a status every 10 s; so does a ping frame', async () => {
    await streaming(async ({ open, wait }) => {
      const [idle, asking, pinging] = [open('upbit', PUBLIC), open('upbit', PUBLIC), open('upbit', PUBLIC)];
      asking.send('PING');
      for (let second = 10; second <= 300; second += 10) {
        await wait(10_000);
        if (second % 60 === 0) pinging.session.heard('ping');
      }
      expect([idle.closed, asking.closed, pinging.closed]).toMatchObject([{ code: 1000 }, undefined, undefined]);
      expect(asking.heard.length).toBeGreaterThanOrEqual(30);
      expect(new Set(asking.heard.map((each) => each['status']))).toEqual(new Set(['UP']));
    });
  });

  test('five connections a second from an address, five messages a second and a hundred a minute', async () => {
    await streaming(async ({ open, wait }) => {
      const first = Array.from({ length: 5 }, () => open('upbit', PUBLIC));
      expect(() => open('upbit', PUBLIC)).toThrow('refused: 429');
      expect(open('upbit', PUBLIC, {}, '10.0.0.2').closed).toBeUndefined();
      const [hasty, steady] = first;
      for (let each = 0; each < 6; each += 1) hasty?.send([T]);
      for (let each = 0; each < 101; each += 1) {
        if (each === 100) expect(steady?.closed).toBeUndefined();
        steady?.send([T]);
        await wait(300);
      }
      expect([hasty?.closed, steady?.closed]).toMatchObject([{ code: 1008 }, { code: 1008 }]);
    });
  });

  test('private: without a token, or with another’s, INVALID_AUTH at the first request', async () => {
    await streaming(async ({ open, wait }) => {
      const others = { authorization: upbitToken({ nonce: 'n', secret: 'X' })['Authorization'] ?? '' };
      for (const headers of [{}, others]) {
        const ear = open('upbit', PRIVATE, headers);
        ear.send([T, { type: 'myOrder' }]);
        await wait(1_000);
        expect(ear.heard).toMatchObject([{ error: { name: 'INVALID_AUTH' } }]);
        expect(ear.closed).toMatchObject({ code: 1008 });
      }
      expect(() => open('upbit', '/websocket/v2')).toThrow('refused: 404');
    });
  });
});

describe('private streams', () => {
  test('an order: waits, trades, is done, with the documented keys; assets add up to the account', async () => {
    await streaming(async (bench) => {
      const { upbit, wait, simulation } = bench;
      const ear = mine(bench);
      ear.send([T, { type: 'myOrder', codes: ['KRW-BTC'] }, { type: 'myAsset' }]);
      await wait(100);
      await upbit.createOrder(SPOT, 'limit', 'buy', 0.2, 131_000_000, { clientOrderId: 'mine', timeInForce: 'IOC' });
      await wait(500);
      const orders = ear.of('myOrder');
      const states = orders.map((each) => each['state']);
      expect([states[0], states.at(-1), new Set(states.slice(1, -1))]).toEqual(['wait', 'done', new Set(['trade'])]);
      expect(keysOf(orders[0])).toBe(
        'ask_bid avg_price code executed_funds executed_volume identifier is_maker locked order_timestamp order_type paid_fee prevented_locked prevented_volume price remaining_fee remaining_volume reserved_fee smp_type state stream_type time_in_force timestamp trade_fee trade_timestamp trade_uuid trades_count type uuid volume',
      );
      const trades = orders.filter(({ state }) => state === 'trade');
      expect(trades.reduce((sum, each) => sum + Number(each['volume']), 0)).toBeCloseTo(0.2, 8);
      expect(trades.reduce((sum, each) => sum + Number(each['trade_fee']), 0)).toBeCloseTo(Number(orders.at(-1)?.['paid_fee']), 6);
      expect(orders.every(({ identifier }) => identifier === 'mine')).toBe(true);
      const assets = ear.of('myAsset').flatMap((each) => each['assets'] as { currency: string; balance: number; locked: number }[]);
      const last = (currency: string): unknown => [...assets].reverse().find((each) => each.currency === currency);
      expect(last('BTC')).toEqual({ currency: 'BTC', balance: 0.2, locked: 0 });
      expect(last('KRW')).toEqual({ currency: 'KRW', balance: Number(simulation.balance('upbit', 'KRW')) / 1e8, locked: 0 });
      expect(keysOf(ear.of('myAsset')[0])).toBe('asset_timestamp asset_uuid assets stream_type timestamp type');
    });
  });

  test('a market buy that worked ends as cancel; a cancelled order hands back what it held', async () => {
    await streaming(async (bench) => {
      const { upbit, wait } = bench;
      const ear = mine(bench);
      ear.send([T, { type: 'myOrder' }, { type: 'myAsset' }]);
      await upbit.createMarketBuyOrderWithCost(SPOT, 1_000_000, {});
      const resting = await upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 100_000_000, {});
      await wait(200);
      const held = ear.of('myAsset').at(-1)?.['assets'] as { locked: number }[];
      expect(held[0]?.locked).toBe(1_000_500);
      await upbit.cancelOrder(resting.id ?? '', SPOT);
      await wait(200);
      expect(
        ear
          .of('myOrder')
          .filter(({ state }) => state === 'cancel')
          .map((each) => [each['order_type'], Number(each['executed_volume']) > 0]),
      ).toEqual([
        ['price', true],
        ['limit', false],
      ]);
      expect((ear.of('myAsset').at(-1)?.['assets'] as { locked: number }[])[0]?.locked).toBe(0);
    });
  });

  test('codes of another market: nothing; assets with codes: WRONG_FORMAT', async () => {
    await streaming(async (bench) => {
      const ear = mine(bench);
      ear.send([T, { type: 'myOrder', codes: ['KRW-ETH'] }]);
      await bench.upbit.createMarketBuyOrderWithCost(SPOT, 1_000_000, {});
      await bench.wait(200);
      expect(ear.heard).toEqual([]);
      ear.send([T, { type: 'myAsset', codes: ['KRW-BTC'] }]);
      await bench.wait(200);
      expect(ear.heard).toMatchObject([{ error: { name: 'WRONG_FORMAT' } }]);
    });
  });
});
