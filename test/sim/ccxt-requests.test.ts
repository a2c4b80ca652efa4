import { expect, test } from 'vitest';
import { realClients } from './support/real-ccxt.js';
import { PERP, simulate, SPOT } from './support/simulate.js';
import type { Bench } from './support/simulate.js';
import { upbitOrderRequest } from '../../src/sim/upbit-order-request.js';
import { binanceOrderRequest } from '../../src/sim/binance-order-request.js';
import { rulesOf } from '../../src/sim/venue-rules.js';
import { profileAt } from '../../src/exchange/venue-profiles.js';
import { START } from './support/world.js';

const real = realClients();
type Params = Record<string, unknown>;
type CreateCall = readonly [type: string, side: string, amount: number | undefined, price?: number | undefined, params?: Params];

interface Outcome {
  readonly sent: Record<string, unknown> | undefined;
  readonly error: { readonly name: string; readonly message: string } | undefined;
}

async function attempt(act: () => unknown): Promise<Outcome['error']> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return { name: (error as Error).constructor.name, message: (error as Error).message };
  }
}

async function realCreate(venue: 'upbit' | 'binance', [type, side, amount, price, params]: CreateCall): Promise<Outcome> {
  real.sent.length = 0;
  const symbol = venue === 'upbit' ? SPOT : PERP;
  const error = await attempt(() => real[venue].createOrder(symbol, type, side, amount as number, price, params ?? {}));
  const sent = real.sent[0]?.params;
  return sent === undefined ? { sent, error } : { sent, error: undefined };
}

const upbitCalls: readonly CreateCall[] = [
  ['limit', 'buy', 0.01234567891, 130_001_000, { timeInForce: 'IOC', clientOrderId: 'q' }],
  ['limit', 'sell', 0.05, 130_000_000.5],
  ['limit', 'buy', 0.01, 130_000_000, { timeInForce: 'GTC' }],
  ['limit', 'buy', 0.01, 130_000_000, { timeInForce: 'FOK' }],
  ['limit', 'buy', 0.01, 130_000_000, { postOnly: true }],
  ['limit', 'buy', 0.01, 130_000_000, { postOnly: true, timeInForce: 'IOC' }],
  ['limit', 'buy', 0.01, 130_000_000, { timeInForce: 'PO' }],
  ['limit', 'buy', 0.01],
  ['limit', 'buy', 1e-9, 130_000_000],
  ['market', 'buy', 0.0667],
  ['market', 'buy', 0.0667, 150_000_000],
  ['market', 'buy', 0.12345678, 130_001_234.567],
  ['market', 'buy', 0.0667, undefined, { cost: 12_345.678_901_23 }],
  ['market', 'buy', 1_000_000, 1, { clientOrderId: 'q' }],
  ['market', 'sell', 0.0667],
  ['market', 'sell', 1e-7],
  ['market', 'sell', 1e-9],
  ['market', 'sell', undefined],
  ['market', 'buy', 0.01, 1, { postOnly: true }],
  ['market', 'buy', 10_000, 1, { ordType: 'best', timeInForce: 'IOC' }],
  ['market', 'sell', 0.1, undefined, { ordType: 'best', timeInForce: 'ioc' }],
  ['market', 'sell', 0.1, undefined, { ordType: 'best' }],
  ['limit', 'hold', 0.01, 1],
  ['stop', 'buy', 0.01, 1],
];

test.each(upbitCalls.map((call) => ({ name: JSON.stringify(call), call })))(
  'upbit createOrder $name: the same body, or the same error before any request',
  async ({ call }) => {
    const expected = await realCreate('upbit', call);
    const [type, side, amount, price, params] = call;
    let sent: Record<string, string | undefined> | undefined;
    const error = await attempt(() => {
      sent = upbitOrderRequest({ type, side, amount, price, params: params ?? {} });
    });
    expect({ sent, error }).toEqual(expected);
  },
);

const binanceCalls: readonly CreateCall[] = [
  ['market', 'sell', 0.0667, undefined, { clientOrderId: 'x' }],
  ['market', 'buy', 0.05, undefined, { clientOrderId: 'x', reduceOnly: true }],
  ['limit', 'sell', 0.0667, 100_000.17, { clientOrderId: 'x', timeInForce: 'IOC' }],
  ['limit', 'sell', 0.01, 89_499.95, { clientOrderId: 'x' }],
  ['limit', 'sell', 0.01, 89_500, { newClientOrderId: 'x', postOnly: true }],
  ['limit', 'sell', 0.01, 89_500, { clientOrderId: 'x', timeInForce: 'FOK', reduceOnly: true }],
  ['limit', 'sell', 0.01, 89_500, { clientOrderId: 'x', timeInForce: 'PO' }],
  ['market', 'sell', 0.01, undefined, { clientOrderId: 'x', hedged: true }],
  ['market', 'buy', 0.01, undefined, { clientOrderId: 'x', hedged: true, reduceOnly: true }],
  ['market', 'sell', 0.01, undefined, { clientOrderId: 'x', positionSide: 'SHORT' }],
  ['market', 'sell', 0.0006],
  ['limit', 'sell', 0.01],
  ['market', 'sell', 0.01, undefined, { postOnly: true }],
  ['foo', 'sell', 0.01],
];

test.each(binanceCalls.map((call) => ({ name: JSON.stringify(call), call })))(
  'binance createOrder $name: the same parameters, or the same error before any request',
  async ({ call }) => {
    const expected = await realCreate('binance', call);
    const [type, side, amount, price, params] = call;
    let sent: Record<string, string | undefined> | undefined;
    const error = await attempt(() => {
      sent = binanceOrderRequest({ type, side, amount, price, params: params ?? {} }, rulesOf(profileAt('binance', START), {}), () => 'never');
    });
    expect({ sent, error }).toEqual(expected);
  },
);

type Call = (client: { upbit: Bench['upbit']; binance: Bench['binance'] }) => Promise<unknown>;
const refusedLocally: readonly (readonly [string, Call])[] = [
  ['upbit.fetchTime', ({ upbit }) => upbit.fetchTime()],
  ['upbit.fetchMyTrades', ({ upbit }) => (upbit as unknown as Bench['binance']).fetchMyTrades(SPOT)],
  ['upbit.setLeverage', ({ upbit }) => (upbit as unknown as Bench['binance']).setLeverage(1, SPOT)],
  ['upbit.setMarginMode', ({ upbit }) => (upbit as unknown as Bench['binance']).setMarginMode('isolated', SPOT)],
  ['upbit.setPositionMode', ({ upbit }) => (upbit as unknown as Bench['binance']).setPositionMode(false)],
  ['upbit.fetchPositionMode', ({ upbit }) => upbit.fetchPositionMode()],
  ['upbit.fetchLeverage', ({ upbit }) => (upbit as unknown as Bench['binance']).fetchLeverage(SPOT)],
  ['upbit.fetchPositions', ({ upbit }) => (upbit as unknown as Bench['binance']).fetchPositions([SPOT])],
  ['upbit.fetchFundingRate', ({ upbit }) => (upbit as unknown as Bench['binance']).fetchFundingRate(SPOT)],
  ['upbit.fetchOrderBook of another symbol', ({ upbit }) => upbit.fetchOrderBook('DOGE/KRW')],
  ['upbit.createOrder of another symbol', ({ upbit }) => upbit.createOrder('DOGE/KRW', 'limit', 'buy', 1, 1)],
  ['binance.fetchOrder without symbol', ({ binance }) => binance.fetchOrder('1')],
  ['binance.cancelOrder without symbol', ({ binance }) => binance.cancelOrder('1')],
  ['binance.fetchOpenOrders without symbol', ({ binance }) => binance.fetchOpenOrders()],
  ['binance.fetchMyTrades without symbol', ({ binance }) => binance.fetchMyTrades()],
  ['binance.setLeverage of 200', ({ binance }) => binance.setLeverage(200, PERP)],
  ['binance.setLeverage without symbol', ({ binance }) => binance.setLeverage(1)],
  ['binance.setMarginMode without symbol', ({ binance }) => binance.setMarginMode('isolated')],
  ['binance.setMarginMode of an unknown mode', ({ binance }) => binance.setMarginMode('shared', PERP)],
  ['binance.createMarketBuyOrderWithCost', ({ binance }) => binance.createMarketBuyOrderWithCost(PERP, 100)],
  ['binance.fetchPositions of a text', ({ binance }) => binance.fetchPositions(PERP as unknown as string[])],
  ['binance.createOrder of another symbol', ({ binance }) => binance.createOrder('DOGE/USDT:USDT', 'market', 'sell', 1)],
];

test.each(refusedLocally.map(([name, call]) => ({ name, call })))(
  '$name: refused before any request, with the class and words of the real client',
  async ({ call }) => {
    const expected = await attempt(() =>
      call({ upbit: real.upbit as unknown as Bench['upbit'], binance: real.binance as unknown as Bench['binance'] }),
    );
    const run = await simulate({}, async ({ upbit, binance, tape }) => {
      const before = tape.events.length;
      const error = await attempt(() => call({ upbit, binance }));
      return { error, requests: tape.events.length - before };
    });
    expect(expected).toBeDefined();
    expect(run.value).toEqual({ error: expected, requests: 0 });
  },
);

test('order look-ups by our own id: only the names that each venue knows find the order', async () => {
  const run = await simulate({}, async ({ upbit, binance }) => {
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 120_000_000, { clientOrderId: 'u-1' });
    await binance.createOrder(PERP, 'limit', 'sell', 0.01, 90_000, { clientOrderId: 'b-1' });
    return {
      identifier: (await upbit.fetchOrder(undefined, SPOT, { identifier: 'u-1' })).clientOrderId,
      clientOrderId: await attempt(() => upbit.fetchOrder(undefined, SPOT, { clientOrderId: 'u-1' })),
      emptyId: await attempt(() => upbit.fetchOrder('', SPOT, { identifier: 'u-1' })),
      helper: await attempt(() => upbit.fetchOrderWithClientOrderId('u-1', SPOT)),
      cancelByIdentifier: (await upbit.cancelOrder(undefined, SPOT, { identifier: 'u-1' })).clientOrderId,
      binance: (await binance.fetchOrder(undefined, PERP, { clientOrderId: 'b-1' })).clientOrderId,
      binanceHelper: (await binance.fetchOrderWithClientOrderId('b-1', PERP)).clientOrderId,
    };
  });
  const notFound = { name: 'OrderNotFound', message: expect.stringContaining('order_not_found') as string };
  expect(run.value).toEqual({
    identifier: 'u-1',
    clientOrderId: notFound,
    emptyId: notFound,
    helper: notFound,
    cancelByIdentifier: 'u-1',
    binance: 'b-1',
    binanceHelper: 'b-1',
  });
});

test('a first loadMarkets that failed: stays the answer of every later call until it is reloaded', async () => {
  let outages = 1;
  const faults = {
    start: () => undefined,
    step: () => undefined,
    judge: () => (outages-- > 0 ? [{ fault: 'f', action: { kind: 'lose' as const, part: 'request' as const, as: 'dns' as const } }] : []),
    windows: () => [],
    hit: () => undefined,
    observe: () => undefined,
    tally: () => [],
  };
  const run = await simulate({ faults, preload: false }, async ({ upbit, tape }) => {
    const first = await attempt(() => upbit.fetchBalance());
    const requestsAfterFirst = tape.events.filter(({ type }) => type === 'request').length;
    const second = await attempt(() => upbit.fetchBalance());
    const requestsAfterSecond = tape.events.filter(({ type }) => type === 'request').length;
    await upbit.loadMarkets(true);
    return {
      first: first?.name,
      second: second?.name,
      silent: requestsAfterSecond - requestsAfterFirst,
      third: await attempt(() => upbit.fetchBalance()),
    };
  });
  expect(run.value).toEqual({ first: 'NetworkError', second: 'NetworkError', silent: 0, third: undefined });
});
