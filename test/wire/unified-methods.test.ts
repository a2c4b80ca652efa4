import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { loadCcxtClasses } from '../../src/exchange/ccxt-clients.js';
import type { ClientMethod } from '../../src/exchange/exchange-client.js';
import { nth, scriptedFaults } from '../sim/support/scripted-faults.js';
import { outcomeOf, seated, type Seat, type SeatOptions } from './support/both-ways.js';

const SPOT = 'BTC/KRW';
const PERP = 'BTC/USDT:USDT';
type Calls = readonly (readonly [
  name: ClientMethod | 'createMarketBuyOrderWithCost' | 'fapiPrivatePostLeverage',
  act: (seat: Seat) => Promise<unknown>,
])[];

/** A life that makes every unified call of both clients, well and badly; `loadMarkets` gives a table of its own. */
function everyCall(): Calls {
  let spotId: string | undefined;
  let restingId: string | undefined;
  let perpId: string | undefined;
  const wait = async ({ clock }: Seat): Promise<void> => clock.sleep(durationMs(100));
  return [
    ['fetchTime', ({ upbit }) => upbit.fetchTime()],
    ['fetchTime', ({ binance }) => binance.fetchTime()],
    ['fetchOrderBook', ({ upbit }) => upbit.fetchOrderBook(SPOT, 15)],
    ['fetchOrderBook', ({ upbit }) => upbit.fetchOrderBook(SPOT)],
    ['fetchOrderBook', ({ upbit }) => upbit.fetchOrderBook('ETH/KRW')],
    ['fetchOrderBook', ({ binance }) => binance.fetchOrderBook(PERP, 20)],
    ['fetchOrderBook', ({ binance }) => binance.fetchOrderBook(PERP, 7)],
    ['fetchTicker', ({ upbit }) => upbit.fetchTicker(SPOT)],
    ['fetchTicker', ({ binance }) => binance.fetchTicker(PERP)],
    ['fetchFundingRate', ({ binance }) => binance.fetchFundingRate(PERP)],
    ['fetchFundingRate', ({ upbit }) => upbit.fetchFundingRate(SPOT)],
    ['fetchBalance', ({ upbit }) => upbit.fetchBalance()],
    ['fetchBalance', ({ binance }) => binance.fetchBalance()],
    ['fetchPositionMode', ({ binance }) => binance.fetchPositionMode(PERP)],
    ['setPositionMode', ({ binance }) => binance.setPositionMode(false, PERP)],
    ['setMarginMode', ({ binance }) => binance.setMarginMode('isolated', PERP)],
    ['setMarginMode', ({ binance }) => binance.setMarginMode('cross', PERP)],
    ['setMarginMode', ({ binance }) => binance.setMarginMode('sideways', PERP)],
    ['setLeverage', ({ binance }) => binance.setLeverage(3, PERP)],
    ['setLeverage', ({ binance }) => binance.setLeverage(126, PERP)],
    ['fapiPrivatePostLeverage', ({ binance }) => binance.fapiPrivatePostLeverage({ symbol: 'BTCUSDT', leverage: 2 })],
    ['fapiPrivatePostLeverage', ({ binance }) => binance.fapiPrivatePostLeverage({ symbol: 'ETHUSDT', leverage: 2 })],
    ['fetchLeverage', ({ binance }) => binance.fetchLeverage(PERP)],
    ['fetchPositions', ({ binance }) => binance.fetchPositions([PERP])],
    [
      'createMarketBuyOrderWithCost',
      async (seat) => {
        const order = await seat.upbit.createMarketBuyOrderWithCost(SPOT, 6_500_000, { clientOrderId: 'u-1' });
        spotId = order.id;
        await wait(seat);
        return order;
      },
    ],
    ['createMarketBuyOrderWithCost', ({ binance }) => binance.createMarketBuyOrderWithCost(PERP, 5_000)],
    ['fetchOrder', ({ upbit }) => upbit.fetchOrder(spotId, SPOT)],
    ['fetchOrder', ({ upbit }) => upbit.fetchOrder(undefined, SPOT, { identifier: 'u-1' })],
    ['fetchOrder', ({ upbit }) => upbit.fetchOrder(undefined, SPOT, { clientOrderId: 'u-1' })],
    ['fetchOrder', ({ upbit }) => upbit.fetchOrder('no-such-order', SPOT)],
    ['createOrder', ({ upbit }) => upbit.createOrder(SPOT, 'limit', 'buy', 0.001, 130_000_500, { clientOrderId: 'u-off-tick' })],
    ['createOrder', ({ upbit }) => upbit.createOrder(SPOT, 'limit', 'buy', 0.00001, 130_000_000, { clientOrderId: 'u-small' })],
    ['createOrder', ({ upbit }) => upbit.createOrder(SPOT, 'limit', 'buy', 100, 130_000_000, { clientOrderId: 'u-large' })],
    ['createOrder', ({ upbit }) => upbit.createOrder(SPOT, 'limit', 'buy', 0.001, 130_000_000, { clientOrderId: 'u-1' })],
    ['createOrder', ({ upbit }) => upbit.createOrder(SPOT, 'market', 'buy', 0.001)],
    [
      'createOrder',
      async (seat) => {
        const order = await seat.upbit.createOrder(SPOT, 'limit', 'buy', 0.001, 120_000_000, { clientOrderId: 'u-rests' });
        restingId = order.id;
        return order;
      },
    ],
    ['fetchOpenOrders', ({ upbit }) => upbit.fetchOpenOrders(SPOT)],
    ['fetchOpenOrders', ({ upbit }) => upbit.fetchOpenOrders(undefined, undefined, 1)],
    ['cancelOrder', ({ upbit }) => upbit.cancelOrder(restingId, SPOT)],
    ['cancelOrder', ({ upbit }) => upbit.cancelOrder(restingId, SPOT)],
    ['createOrder', ({ upbit }) => upbit.createOrder(SPOT, 'limit', 'sell', 0.01, 129_000_000, { timeInForce: 'IOC', clientOrderId: 'u-ioc' })],
    ['createOrder', ({ upbit }) => upbit.createOrder(SPOT, 'market', 'sell', 0.01, undefined, { clientOrderId: 'u-sell' })],
    [
      'createOrder',
      async (seat) => {
        const order = await seat.binance.createOrder(PERP, 'market', 'sell', 0.0494, undefined, { clientOrderId: 'b-1', recvWindow: 2_000 });
        perpId = order.id;
        await wait(seat);
        return order;
      },
    ],
    ['createOrder', ({ binance }) => binance.createOrder(PERP, 'market', 'sell', 0.002)],
    ['createOrder', ({ binance }) => binance.createOrder(PERP, 'market', 'sell', 0.0001)],
    ['createOrder', ({ binance }) => binance.createOrder(PERP, 'limit', 'sell', 0.001, 89_000.04, { clientOrderId: 'b-min' })],
    ['createOrder', ({ binance }) => binance.createOrder(PERP, 'market', 'sell', 50, undefined, { clientOrderId: 'b-large' })],
    ['createOrder', ({ binance }) => binance.createOrder(PERP, 'limit', 'buy', 0.01, 85_100.07, { clientOrderId: 'b-rests', reduceOnly: true })],
    ['fetchOrder', ({ binance }) => binance.fetchOrder(perpId, PERP)],
    ['fetchOrder', ({ binance }) => binance.fetchOrder(undefined, PERP, { clientOrderId: 'b-1' })],
    ['fetchOrder', ({ binance }) => binance.fetchOrder('1', PERP)],
    ['fetchOrder', ({ binance }) => binance.fetchOrder('1')],
    ['fetchOpenOrders', ({ binance }) => binance.fetchOpenOrders(PERP)],
    ['fetchOpenOrders', ({ binance }) => binance.fetchOpenOrders()],
    ['cancelOrder', ({ binance }) => binance.cancelOrder(undefined, PERP, { clientOrderId: 'b-rests' })],
    ['cancelOrder', ({ binance }) => binance.cancelOrder(undefined, PERP, { clientOrderId: 'b-rests' })],
    ['fetchMyTrades', ({ binance }) => binance.fetchMyTrades(PERP)],
    ['fetchMyTrades', ({ binance }) => binance.fetchMyTrades(PERP, undefined, 1, { orderId: perpId })],
    ['fetchMyTrades', ({ upbit }) => upbit.fetchMyTrades(SPOT)],
    ['fetchPositions', ({ binance }) => binance.fetchPositions([PERP])],
    ['fetchPositions', ({ binance }) => binance.fetchPositions([PERP], { useV2: true })],
    ['fetchPositions', ({ binance }) => binance.fetchPositions()],
    ['setPositionMode', ({ binance }) => binance.setPositionMode(true, PERP)],
    ['setLeverage', ({ upbit }) => upbit.setLeverage(1, SPOT)],
    ['setMarginMode', ({ upbit }) => upbit.setMarginMode('cross', SPOT)],
    ['setPositionMode', ({ upbit }) => upbit.setPositionMode(false, SPOT)],
    ['fetchPositionMode', ({ upbit }) => upbit.fetchPositionMode(SPOT)],
    ['fetchLeverage', ({ upbit }) => upbit.fetchLeverage(SPOT)],
    ['fetchPositions', ({ upbit }) => upbit.fetchPositions([SPOT])],
    ['createOrder', ({ binance }) => binance.createOrder(PERP, 'market', 'buy', 0.049, undefined, { reduceOnly: true, clientOrderId: 'b-close' })],
    ['fetchBalance', ({ binance }) => binance.fetchBalance()],
    ['fetchBalance', ({ upbit }) => upbit.fetchBalance()],
  ];
}

async function lived(
  kind: 'object' | 'ccxt',
  options: SeatOptions,
): Promise<{ readonly outcomes: readonly unknown[]; readonly tape: string; readonly unlisted: readonly string[] }> {
  const run = await seated(kind, options, async (seat) => {
    await Promise.all([seat.upbit.loadMarkets(), seat.binance.loadMarkets()]);
    const outcomes: unknown[] = [];
    for (const [, act] of everyCall()) outcomes.push(await outcomeOf(() => act(seat)));
    return outcomes;
  });
  return { outcomes: run.value, tape: run.tape.hash(), unlisted: run.unlisted };
}

test.each([{ enableRateLimit: false }, { enableRateLimit: true }])(
  'every unified call of both venues, with $enableRateLimit as its limiter: real ccxt gives what the object-level client gives, and the venues saw the same',
  async (options) => {
    const object = await lived('object', options);
    const real = await lived('ccxt', options);
    const names = everyCall().map(([name]) => name);
    for (const [index, outcome] of real.outcomes.entries())
      expect(object.outcomes[index], `call ${index}: ${names[index] ?? ''}`).toStrictEqual(outcome);
    expect(real.tape).toBe(object.tape);
    expect(real.unlisted).toEqual([]);
  },
);

test('the tables of loadMarkets: what the object-level client tells of a market is what real ccxt makes of the same answer', async () => {
  const tables = async (kind: 'object' | 'ccxt'): Promise<readonly Record<string, Record<string, unknown>>[]> => {
    const run = await seated(kind, {}, async ({ upbit, binance }) => [await upbit.loadMarkets(), await binance.loadMarkets()]);
    return run.value as Record<string, Record<string, unknown>>[];
  };
  const [object, real] = [await tables('object'), await tables('ccxt')];
  expect(object[0]?.[SPOT]).toMatchObject({ id: 'KRW-BTC', symbol: SPOT });
  for (const [index, symbol] of [SPOT, PERP].entries()) expect(real[index]?.[symbol]).toMatchObject(object[index]?.[symbol] ?? {});
});

test('loadMarkets asked for again: while a load is under way both kinds wait for it; after one that failed both send another', async () => {
  const faults = () => scriptedFaults({ onCall: nth('upbit', 'loadMarkets', 2, { kind: 'lose', part: 'request', as: 'reset' }) });
  const requests = async (kind: 'object' | 'ccxt'): Promise<readonly unknown[]> => {
    const run = await seated(kind, { faults }, async ({ upbit, clock }) => {
      const first = upbit.loadMarkets();
      await clock.sleep(durationMs(5));
      await Promise.all([first, upbit.loadMarkets(true)]);
      const failed = await outcomeOf(() => upbit.loadMarkets(true));
      return [failed, await outcomeOf(() => upbit.fetchTicker(SPOT)), Object.keys((await upbit.loadMarkets(true)) as object)];
    });
    return [run.value, run.tape.events.filter(({ type }) => type === 'request')];
  };
  const object = await requests('object');
  expect(object).toEqual(await requests('ccxt'));
  expect(object[1]).toHaveLength(4);
});

test('the clients of the wire: are instances of the real classes, with nothing of their own but the hooks of transport, time and ids', async () => {
  const { binance, upbit } = await seated('ccxt', {}, async () => undefined);
  const classes = await loadCcxtClasses();
  const hooks = ['apiKey', 'fetchLeverage', 'fetchPositions', 'proxiesModulesLoading', 'randomBytes', 'secret'];
  for (const [client, fresh] of [
    [upbit, new classes.upbit()],
    [binance, new classes.binanceusdm()],
  ] as const) {
    expect(Object.getPrototypeOf(client)).toBe(Object.getPrototypeOf(fresh));
    const own = Object.keys(client).filter((name) => !Object.hasOwn(fresh, name));
    expect(own.sort()).toEqual(hooks);
  }
});
