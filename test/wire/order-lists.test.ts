import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { START } from '../sim/support/world.js';
import { seated, type Seat } from './support/both-ways.js';
import { byHand, type Pairs, type Row } from './support/by-hand.js';

/** Calls of real ccxt that no executor makes. */
interface More {
  fetchOrders(symbol?: string, since?: number, limit?: number, params?: object): Promise<Row[]>;
  fetchClosedOrders(symbol?: string, since?: number, limit?: number, params?: object): Promise<Row[]>;
  fetchCanceledOrders(symbol?: string): Promise<Row[]>;
  fetchOpenOrder(id: string, symbol: string): Promise<Row>;
  cancelAllOrders(symbol?: string): Promise<Row[]>;
  cancelOrders(ids: string[], symbol: string): Promise<Row[]>;
  editOrder(id: string, symbol: string, type: string, side: string, amount?: number, price?: number, params?: object): Promise<Row>;
}
const more = (client: unknown): More => client as More;
const SPOT = 'BTC/KRW';
const PERP = 'BTC/USDT:USDT';
const wait = async ({ clock }: Pick<Seat, 'clock'>): Promise<void> => clock.sleep(durationMs(100));

const resting = (price: string, identifier: string): Pairs => [
  ['market', 'KRW-BTC'],
  ['side', 'bid'],
  ['ord_type', 'limit'],
  ['price', price],
  ['volume', '0.001'],
  ['identifier', identifier],
];

test('real ccxt, Binance: orders, open and closed ones, one open one, and cancels of many are what the venue holds', async () => {
  const { value } = await seated('ccxt', {}, async (seat) => {
    const { binance } = seat;
    const filled = await binance.createOrder(PERP, 'market', 'sell', 0.01, undefined, { clientOrderId: 'filled' });
    const ids: string[] = [];
    for (const name of ['r1', 'r2', 'r3', 'r4']) {
      const order = await binance.createOrder(PERP, 'limit', 'buy', 0.01, 85_100, { clientOrderId: name });
      ids.push(String(order.id));
    }
    const open = await more(binance).fetchOpenOrder(ids[0] ?? '', PERP);
    const some = await more(binance).cancelOrders(ids.slice(0, 2), PERP);
    const left = await binance.fetchOpenOrders(PERP);
    await more(binance).cancelAllOrders(PERP);
    return {
      filled,
      ids,
      open,
      some,
      left: left.map(({ id }) => id),
      after: await binance.fetchOpenOrders(PERP),
      all: await more(binance).fetchOrders(PERP),
      closed: await more(binance).fetchClosedOrders(PERP),
    };
  });
  const { filled, ids, open, some, left, after, all, closed } = value;
  expect(open).toMatchObject({ id: ids[0], status: 'open', clientOrderId: 'r1', amount: 0.01, price: 85_100 });
  expect(some.map(({ id, status }) => [id, status])).toEqual(ids.slice(0, 2).map((id) => [id, 'canceled']));
  expect(left).toEqual(ids.slice(2));
  expect(after).toEqual([]);
  expect(all.map(({ id, status }) => [id, status])).toEqual([[filled.id, 'closed'], ...ids.map((id) => [id, 'canceled'])]);
  expect(closed).toHaveLength(1);
  expect(closed[0]).toMatchObject({ id: filled.id, filled: 0.01, average: filled.average });
});

test('real ccxt, Upbit: closed, cancelled and open orders, and an order put in the place of another', async () => {
  const { value } = await seated('ccxt', {}, async (seat) => {
    const { upbit } = seat;
    const bought = await upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 131_000_000, { clientOrderId: 'bought', timeInForce: 'IOC' });
    const rests = await upbit.createOrder(SPOT, 'limit', 'buy', 0.001, 120_000_000, { clientOrderId: 'rests' });
    await wait(seat);
    const edited = await more(upbit).editOrder(rests.id ?? '', SPOT, 'limit', 'buy', 0.002, 121_000_000, { newClientOrderId: 'instead' });
    await wait(seat);
    return {
      ids: [bought.id, rests.id, edited['id']],
      closed: await more(upbit).fetchClosedOrders(SPOT),
      canceled: await more(upbit).fetchCanceledOrders(SPOT),
      open: await upbit.fetchOpenOrders(SPOT),
      instead: await upbit.fetchOrder(undefined, SPOT, { identifier: 'instead' }),
    };
  });
  const [bought, rests, edited] = value.ids;
  expect(value.closed).toMatchObject([{ id: bought, status: 'closed', filled: 0.01 }]);
  expect(value.canceled).toMatchObject([{ id: rests, status: 'canceled', filled: 0 }]);
  expect(value.open).toMatchObject([{ id: edited, status: 'open', amount: 0.002, price: 121_000_000 }]);
  expect(value.instead).toMatchObject({ id: edited, clientOrderId: 'instead' });
});

test('Upbit lists: newest first or oldest first, by state, by name, in pages; what may not be asked is refused', async () => {
  const answers = await byHand(async ({ upbit, clock }) => {
    const uuids: unknown[] = [];
    for (const name of ['a', 'b', 'c']) {
      uuids.push((await upbit('POST', '/v1/orders', resting('120000000', name))).body['uuid']);
      await clock.sleep(durationMs(1_000));
    }
    await upbit('DELETE', '/v1/order', [['identifier', 'a']]);
    await clock.sleep(durationMs(1_000));
    const names = async (path: string, params: Pairs = []): Promise<unknown> => {
      const { body } = await upbit('GET', path, params);
      return Array.isArray(body) ? body.map((row) => row['identifier']) : (body as { error: { name: string } }).error.name;
    };
    return {
      open: await names('/v1/orders/open'),
      oldest: await names('/v1/orders/open', [['order_by', 'asc']]),
      page: await names('/v1/orders/open', [
        ['page', '2'],
        ['limit', '1'],
      ]),
      elsewhere: await names('/v1/orders/open', [['market', 'KRW-ETH']]),
      closed: await names('/v1/orders/closed'),
      done: await names('/v1/orders/closed', [['states[]', 'done']]),
      early: await names('/v1/orders/closed', [['end_time', String(START - 1)]]),
      byName: await names('/v1/orders/uuids', [
        ['identifiers[]', 'c'],
        ['identifiers[]', 'a'],
      ]),
      byId: await names('/v1/orders/uuids', [['uuids[]', String(uuids[1])]]),
      refusals: [
        await names('/v1/orders/uuids'),
        await names('/v1/orders/uuids', [
          ['uuids[]', 'x'],
          ['identifiers[]', 'a'],
        ]),
        await names('/v1/orders/open', [['state', 'done']]),
        await names('/v1/orders/closed', [
          ['state', 'done'],
          ['states[]', 'done'],
        ]),
        await names('/v1/orders/closed', [['limit', '1001']]),
        await names('/v1/orders/closed', [
          ['start_time', String(START - 8 * 86_400_000)],
          ['end_time', String(START)],
        ]),
        await names('/v1/orders/open', [['order_by', 'up']]),
      ],
    };
  });
  const { refusals, ...lists } = answers;
  expect(lists).toEqual({
    open: ['c', 'b'],
    oldest: ['b', 'c'],
    page: ['b'],
    elsewhere: [],
    closed: ['a'],
    done: [],
    early: [],
    byName: ['c', 'a'],
    byId: ['b'],
  });
  expect(new Set(refusals)).toEqual(new Set(['validation_error']));
});

test('Upbit cancels of many: what went and what did not, by name and by condition, and a counter of their own', async () => {
  const { named, tooMany, asks, again, all, later, left } = await byHand(async ({ upbit, clock }) => {
    for (const name of ['a', 'b', 'c', 'd']) await upbit('POST', '/v1/orders', resting('120000000', name));
    const named = await upbit('DELETE', '/v1/orders/uuids', [
      ['identifiers[]', 'a'],
      ['identifiers[]', 'no-such'],
    ]);
    const tooMany = await upbit(
      'DELETE',
      '/v1/orders/uuids',
      Array.from({ length: 21 }, (_, index) => ['identifiers[]', `x${index}`] as const),
    );
    const asks = await upbit('DELETE', '/v1/orders/open', [['cancel_side', 'ask']]);
    const again = await upbit('DELETE', '/v1/orders/open');
    await clock.sleep(durationMs(2_000));
    const all = await upbit('DELETE', '/v1/orders/open', [['count', '2']]);
    await clock.sleep(durationMs(2_000));
    const later = await upbit('DELETE', '/v1/orders/open', [['excluded_pairs', 'KRW-BTC']]);
    return { named, tooMany, asks, again, all, later, left: (await upbit('GET', '/v1/orders/open')).body };
  });
  expect(named.body).toMatchObject({
    success: { count: 1, orders: [{ market: 'KRW-BTC', identifier: 'a' }] },
    failed: { count: 1, orders: [{ identifier: 'no-such' }] },
  });
  expect(tooMany.status).toBe(400);
  expect(asks.body).toEqual({ success: { count: 0, orders: [] }, failed: { count: 0, orders: [] } });
  expect(again.status).toBe(429);
  // The newest two go first.
  expect(all.body).toMatchObject({ success: { count: 2, orders: [{ identifier: 'd' }, { identifier: 'c' }] } });
  expect(later.body).toMatchObject({ success: { count: 0 } });
  expect(left.map((row) => row['identifier'])).toEqual(['b']);
});

test('cancel and new: the rest of the order before, its money counted as free; nothing new when it is gone already', async () => {
  const { replaced, fresh, gone, reused } = await byHand(async ({ upbit, clock }) => {
    // 120,000,000 KRW of the account's 100,000,000 would be needed twice.
    const large: Pairs = [
      ['market', 'KRW-BTC'],
      ['side', 'bid'],
      ['ord_type', 'limit'],
      ['price', '120000000'],
      ['volume', '0.8'],
    ];
    const { body: before } = await upbit('POST', '/v1/orders', [...large, ['identifier', 'before']]);
    const anew: Pairs = [
      ['prev_order_uuid', String(before['uuid'])],
      ['new_ord_type', 'limit'],
      ['new_price', '121000000'],
      ['new_volume', 'remain_only'],
    ];
    const replaced = await upbit('POST', '/v1/orders/cancel_and_new', [...anew, ['new_identifier', 'after']]);
    await clock.sleep(durationMs(1_000));
    const fresh = await upbit('GET', '/v1/order', [['identifier', 'after']]);
    const gone = await upbit('POST', '/v1/orders/cancel_and_new', [...anew, ['new_identifier', 'third']]);
    const reused = await upbit('POST', '/v1/orders/cancel_and_new', [
      ['prev_order_identifier', 'after'],
      ['new_identifier', 'before'],
    ]);
    return { replaced, fresh, gone, reused };
  });
  expect(replaced).toMatchObject({ status: 201, body: { identifier: 'before', state: 'wait', new_order_identifier: 'after' } });
  expect(fresh.body).toMatchObject({ uuid: replaced.body['new_order_uuid'], state: 'wait', volume: '0.8', price: '121000000', side: 'bid' });
  expect(gone).toMatchObject({ status: 404, body: { error: { name: 'order_not_found' } } });
  expect(reused).toMatchObject({ status: 400, body: { error: { name: 'duplicated_identifier' } } });
});

test('orders that are only tried: the venues say what they would have said, and nothing is left of them', async () => {
  const { spot, bad, perp, poor, after } = await byHand(async ({ upbit, binance }) => ({
    spot: await upbit('POST', '/v1/orders/test', resting('120000000', 'tried')),
    bad: await upbit('POST', '/v1/orders/test', resting('120000500', 'tried')),
    perp: await binance('POST', '/fapi/v1/order/test', 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&newClientOrderId=tried'),
    poor: await binance('POST', '/fapi/v1/order/test', 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=5'),
    after: [
      (await upbit('GET', '/v1/orders/open')).body,
      (await upbit('GET', '/v1/order', [['identifier', 'tried']])).status,
      (await binance('GET', '/fapi/v1/allOrders', 'symbol=BTCUSDT')).body,
      (await upbit('POST', '/v1/orders', resting('120000000', 'tried'))).status,
    ],
  }));
  expect(spot).toMatchObject({ status: 201, body: { state: 'wait', volume: '0.001', identifier: 'tried', locked: '120060' } });
  expect(bad.body).toMatchObject({ error: { name: 'invalid_price_bid' } });
  expect(perp).toMatchObject({ status: 200, body: { status: 'NEW', origQty: '0.010', executedQty: '0.000', orderId: 0 } });
  expect(poor.body).toMatchObject({ code: -2019 });
  expect(after).toEqual([[], 404, [], 201]);
});

test('Binance lists: by id, by time, a week at most; open ones by name only while they are open', async () => {
  const limit = (id: string): string => `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=85100&newClientOrderId=${id}`;
  const answers = await byHand(async ({ binance, clock }) => {
    const ids: number[] = [];
    for (const id of ['a', 'b', 'c']) {
      ids.push(Number((await binance('POST', '/fapi/v1/order', limit(id))).body['orderId']));
      await clock.sleep(durationMs(1_000));
    }
    const names = async (path: string): Promise<unknown> => {
      const { body } = await binance('GET', `/fapi/v1/${path.split('?')[0] ?? ''}`, path.split('?')[1] ?? '');
      return Array.isArray(body) ? body.map((row) => row['clientOrderId']) : body['code'];
    };
    const open = await binance('GET', '/fapi/v1/openOrder', 'symbol=BTCUSDT&origClientOrderId=a');
    await binance('DELETE', '/fapi/v1/order', 'symbol=BTCUSDT&origClientOrderId=a');
    return {
      open: open.body,
      gone: await names('openOrder?symbol=BTCUSDT&origClientOrderId=a'),
      unnamed: await names('openOrder?symbol=BTCUSDT'),
      all: await names('allOrders?symbol=BTCUSDT'),
      last: await names('allOrders?symbol=BTCUSDT&limit=1'),
      from: await names(`allOrders?symbol=BTCUSDT&orderId=${ids[1] ?? 0}`),
      since: await names(`allOrders?symbol=BTCUSDT&startTime=${START + 500}&limit=1`),
      wide: await names(`allOrders?symbol=BTCUSDT&startTime=${START - 8 * 86_400_000}&endTime=${START}`),
      mixed: await names(`userTrades?symbol=BTCUSDT&fromId=1&startTime=${START}`),
      anywhere: await names('openOrders'),
    };
  });
  expect(answers).toMatchObject({
    open: { status: 'NEW', clientOrderId: 'a' },
    gone: -2013,
    unnamed: -1102,
    all: ['a', 'b', 'c'],
    last: ['c'],
    from: ['b', 'c'],
    since: ['b'],
    wide: -4165,
    mixed: -1128,
    anywhere: ['b', 'c'],
  });
});

test('Binance countdown: told again it waits again, taken back it cancels nothing, left alone it cancels what rests', async () => {
  const counts = await byHand(async ({ binance, clock }) => {
    const rest = 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=85100';
    const open = async (): Promise<number> => (await binance('GET', '/fapi/v1/openOrders', 'symbol=BTCUSDT')).body.length;
    const count = async (ms: number) => binance('POST', '/fapi/v1/countdownCancelAll', `symbol=BTCUSDT&countdownTime=${ms}`);
    await binance('POST', '/fapi/v1/order', rest);
    const told = await count(1_000);
    await clock.sleep(durationMs(800));
    await count(1_000);
    await clock.sleep(durationMs(800));
    const kept = await open();
    await count(0);
    await clock.sleep(durationMs(5_000));
    const takenBack = await open();
    await count(1_000);
    await clock.sleep(durationMs(1_100));
    return [told.body, kept, takenBack, await open(), (await count(Number.NaN)).body['code']];
  });
  expect(counts).toEqual([{ symbol: 'BTCUSDT', countdownTime: '1000' }, 1, 1, 0, -1100]);
});
