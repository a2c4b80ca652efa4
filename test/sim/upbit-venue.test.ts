import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import type { ClientOrder } from '../../src/exchange/exchange-client.js';
import type { UpbitClient } from '../../src/sim/upbit-client.js';
import { eventsOf, simulate, SPOT } from './support/simulate.js';
import { worldWith } from './support/world.js';

type Create = readonly [type: string, side: string, amount: number, price?: number | undefined, params?: Record<string, unknown>];
const rich = worldWith({ upbit: { balances: { KRW: '5000000000', BTC: '10' } } });
const settle = durationMs(100);

async function failure(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'accepted';
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}

// Asks stand 1 bp above 130,000,000 in steps of about 0.25 bp, 0.075 BTC each; bids mirror them.
test.each<{ name: string; create: Create; error: string; code: string }>([
  { name: 'a buy below 5,000 KRW', create: ['limit', 'buy', 0.00003846, 129_987_000], error: 'ExchangeError', code: 'under_min_total_bid' },
  { name: 'a market buy of 4,999 KRW', create: ['market', 'buy', 4_999, 1], error: 'ExchangeError', code: 'under_min_total_bid' },
  { name: 'a market sell worth less than 5,000 KRW', create: ['market', 'sell', 0.00003], error: 'ExchangeError', code: 'under_min_total_ask' },
  { name: 'a buy off the tick', create: ['limit', 'buy', 0.01, 130_000_500], error: 'ExchangeError', code: 'invalid_price_bid' },
  { name: 'a sell off the tick', create: ['limit', 'sell', 0.01, 130_000_001], error: 'ExchangeError', code: 'invalid_price_ask' },
  { name: 'a limit buy over a billion KRW', create: ['limit', 'buy', 8, 130_000_000], error: 'ExchangeError', code: 'over_max_total_bid' },
  { name: 'a market sell over a billion KRW', create: ['market', 'sell', 8], error: 'ExchangeError', code: 'over_max_total_market_ask' },
  { name: 'a market sell beyond 30 levels of the book', create: ['market', 'sell', 2.3], error: 'ExchangeError', code: 'create_ask_error' },
  { name: 'a market buy beyond 30 levels of the book', create: ['market', 'buy', 300_000_000, 1], error: 'ExchangeError', code: 'create_bid_error' },
  {
    name: 'a market sell with a price',
    create: ['market', 'sell', 0.1, undefined, { price: '130000000' }],
    error: 'ExchangeError',
    code: 'create_ask_error',
  },
  {
    name: 'a volume that is no number',
    create: ['limit', 'buy', 0.1, 130_000_000, { volume: 'much' }],
    error: 'ExchangeError',
    code: 'validation_error',
  },
])('upbit, $name: refused with $code, nothing is created', async ({ create, error, code }) => {
  const run = await simulate({ world: rich }, ({ upbit }) => failure(() => upbit.createOrder(SPOT, ...create)));
  expect(run.value).toMatch(new RegExp(`^${error}: upbit \\{"error":\\{"name":"${code}"`));
  expect(eventsOf(run.tape, 'order.refused')).toMatchObject([{ venue: 'upbit', code }]);
  expect(eventsOf(run.tape, 'order.accepted')).toEqual([]);
});

test('a buy for the whole KRW balance: refused for want of the fee, which comes on top', async () => {
  const run = await simulate({}, async ({ upbit }) => ({
    whole: await failure(() => upbit.createMarketBuyOrderWithCost(SPOT, 100_000_000)),
    fitting: await failure(() => upbit.createMarketBuyOrderWithCost(SPOT, 99_950_024)),
  }));
  expect(run.value.whole).toMatch(/^InsufficientFunds: .*insufficient_funds_bid/);
  expect(run.value.fitting).toBe('accepted');
});

test('a sell of more than is held: insufficient_funds_ask', async () => {
  const run = await simulate({}, ({ upbit }) => failure(() => upbit.createOrder(SPOT, 'limit', 'sell', 0.01, 130_000_000)));
  expect(run.value).toMatch(/^InsufficientFunds: .*insufficient_funds_ask/);
});

test('an identifier: burnt for ever, also by a request that was refused', async () => {
  const run = await simulate({}, async ({ upbit, clock }) => {
    const id = { clientOrderId: 'burnt' };
    const refused = await failure(() => upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 130_000_500, id));
    const again = await failure(() => upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 130_000_000, id));
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 130_100_000, { clientOrderId: 'used', timeInForce: 'IOC' });
    await clock.sleep(settle);
    const afterFill = await failure(() => upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 130_100_000, { clientOrderId: 'used', timeInForce: 'IOC' }));
    return { refused, again, afterFill, lookUp: await failure(() => upbit.fetchOrder(undefined, SPOT, { identifier: 'burnt' })) };
  });
  expect(run.value.refused).toContain('invalid_price_bid');
  expect(run.value.again).toContain('duplicated_identifier');
  expect(run.value.afterFill).toContain('duplicated_identifier');
  expect(run.value.lookUp).toContain('order_not_found');
  expect(eventsOf(run.tape, 'fill')).toHaveLength(1);
});

test('an identifier where the world frees it after the order is final: taken while open, accepted afterwards', async () => {
  const run = await simulate({ world: worldWith({ upbit: { idReuse: 'after-close' } }) }, async ({ upbit, clock }) => {
    const id = { clientOrderId: 'again' };
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 129_000_000, id);
    const whileOpen = await failure(() => upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 129_000_000, id));
    await upbit.cancelOrder(undefined, SPOT, { identifier: 'again' });
    await clock.sleep(settle);
    return { whileOpen, afterwards: await failure(() => upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 129_000_000, id)) };
  });
  expect(run.value.whileOpen).toContain('duplicated_identifier');
  expect(run.value.afterwards).toBe('accepted');
});

interface EndState {
  readonly name: string;
  readonly create: (upbit: UpbitClient) => Promise<ClientOrder>;
  readonly end: Partial<ClientOrder>;
}
const endStates: readonly EndState[] = [
  {
    name: 'a market buy that leaves a crumb',
    create: (upbit) => upbit.createMarketBuyOrderWithCost(SPOT, 6_500_000),
    end: { status: 'canceled', filled: 0.049995, amount: undefined, remaining: undefined },
  },
  {
    name: 'a market buy that divides exactly',
    create: (upbit) => upbit.createMarketBuyOrderWithCost(SPOT, 130_013_000 * 0.05),
    end: { status: 'closed', filled: 0.05, amount: 0.05, remaining: 0 },
  },
  {
    name: 'a market sell',
    create: (upbit) => upbit.createOrder(SPOT, 'market', 'sell', 0.05),
    end: { status: 'closed', filled: 0.05, remaining: 0 },
  },
  {
    name: 'a limit IOC inside the book',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.1, 130_100_000, { timeInForce: 'IOC' }),
    end: { status: 'closed', filled: 0.1, remaining: 0 },
  },
  {
    name: 'a limit IOC that its price cuts short',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.2, 130_016_000, { timeInForce: 'IOC' }),
    end: { status: 'canceled', filled: 0.15, remaining: 0.05 },
  },
  {
    name: 'a limit IOC below the book',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.2, 130_000_000, { timeInForce: 'IOC' }),
    end: { status: 'canceled', filled: 0, remaining: 0.2 },
  },
  {
    name: 'a FOK that its price cuts short',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.2, 130_016_000, { timeInForce: 'FOK' }),
    end: { status: 'canceled', filled: 0, remaining: 0.2 },
  },
  {
    name: 'a FOK that fits',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.15, 130_016_000, { timeInForce: 'FOK' }),
    end: { status: 'closed', filled: 0.15, remaining: 0 },
  },
  {
    name: 'a post-only that would take',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.1, 130_100_000, { postOnly: true }),
    end: { status: 'canceled', filled: 0, remaining: 0.1 },
  },
  {
    name: 'a limit that rests',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.1, 129_900_000),
    end: { status: 'open', filled: 0, remaining: 0.1 },
  },
  {
    name: 'a limit that takes a part and rests',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.2, 130_016_000),
    end: { status: 'open', filled: 0.15, remaining: 0.05 },
  },
  {
    name: 'a best buy IOC larger than the best level',
    create: (upbit) => upbit.createOrder(SPOT, 'market', 'buy', 13_000_000, 1, { ordType: 'best', timeInForce: 'IOC' }),
    end: { status: 'canceled', filled: 0.075 },
  },
  {
    name: 'a best buy FOK larger than the best level',
    create: (upbit) => upbit.createOrder(SPOT, 'market', 'buy', 13_000_000, 1, { ordType: 'best', timeInForce: 'FOK' }),
    end: { status: 'canceled', filled: 0 },
  },
  {
    name: 'a best buy FOK that fits',
    create: (upbit) => upbit.createOrder(SPOT, 'market', 'buy', 6_500_000, 1, { ordType: 'best', timeInForce: 'FOK' }),
    end: { status: 'canceled', filled: 0.049995 },
  },
  {
    name: 'a quantity finer than 1e-8',
    create: (upbit) => upbit.createOrder(SPOT, 'limit', 'buy', 0.0500000099, 130_100_000, { timeInForce: 'IOC' }),
    end: { status: 'closed', filled: 0.05, amount: 0.05 },
  },
];
test.each(endStates)('upbit, $name: answered `open` with nothing executed, and ends as it does on Upbit', async ({ create, end }) => {
  const run = await simulate({ world: rich }, async ({ upbit, clock }) => {
    const answer = await create(upbit);
    await clock.sleep(settle);
    return { answer, later: await upbit.fetchOrder(answer.id, SPOT) };
  });
  expect(run.value.answer).toMatchObject({ status: 'open', filled: 0 });
  expect(run.value.later).toMatchObject(end);
});

test('money of a buy and a sell: KRW with the fee on top, coins whole, to the last unit', async () => {
  const run = await simulate({ world: worldWith({ upbit: { balances: { KRW: '10000000', BTC: '1' } } }) }, async ({ upbit, clock }) => {
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_013_000, { timeInForce: 'IOC' });
    await clock.sleep(settle);
    const bought = (await upbit.fetchBalance()) as Record<string, { total: number }>;
    await upbit.createOrder(SPOT, 'market', 'sell', 0.05);
    await clock.sleep(settle);
    return { bought, sold: (await upbit.fetchBalance()) as Record<string, { total: number }> };
  });
  // 0.05 x 130,013,000 = 6,500,650 and 0.05 % of it 3,250.325; sold at 129,987,000: 6,499,350 and 3,249.675.
  expect(run.value.bought).toMatchObject({ KRW: { total: 10_000_000 - 6_500_650 - 3_250.325 }, BTC: { total: 1.05 } });
  expect(run.value.sold).toMatchObject({ KRW: { total: 10_000_000 - 6_500_650 - 3_250.325 + 6_499_350 - 3_249.675 }, BTC: { total: 1 } });
});

test('a resting buy: holds its KRW and fee, and gives them back when it is cancelled', async () => {
  const run = await simulate({}, async ({ upbit, clock }) => {
    const order = await upbit.createOrder(SPOT, 'limit', 'buy', 0.1, 129_000_000, { clientOrderId: 'r' });
    const held = (await upbit.fetchBalance()) as Record<string, { free: number; used: number }>;
    const openBefore = await upbit.fetchOpenOrders(SPOT);
    const answer = await upbit.cancelOrder(order.id, SPOT);
    await clock.sleep(settle);
    return {
      order,
      held: held['KRW'],
      openBefore,
      answer,
      later: await upbit.fetchOrder(order.id, SPOT),
      released: ((await upbit.fetchBalance()) as Record<string, { free: number; used: number }>)['KRW'],
      openAfter: await upbit.fetchOpenOrders(SPOT),
      again: await failure(() => upbit.cancelOrder(order.id, SPOT)),
    };
  });
  const { held, openBefore, answer, later, released, openAfter, again } = run.value;
  expect(held).toMatchObject({ free: 100_000_000 - 12_906_450, used: 12_906_450 });
  expect(openBefore).toMatchObject([{ clientOrderId: 'r', status: 'open' }]);
  expect(answer).toMatchObject({ status: 'open' });
  expect(later).toMatchObject({ status: 'canceled', filled: 0, remaining: 0.1 });
  expect(released).toMatchObject({ free: 100_000_000, used: 0 });
  expect(openAfter).toEqual([]);
  expect(again).toMatch(/^OrderNotFound: .*order_not_found/);
});

test('our own takes: missing from the book at once, back half after three seconds and whole after six', async () => {
  const best = (book: { asks: [unknown, unknown][] }): unknown => book.asks[0];
  const run = await simulate({}, async ({ upbit, clock }) => {
    const before = best(await upbit.fetchOrderBook(SPOT));
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.06, 130_013_000, { timeInForce: 'IOC' });
    const [fill] = [clock.now()];
    await clock.sleep(durationMs(10));
    const just = best(await upbit.fetchOrderBook(SPOT));
    await clock.sleep(durationMs(3_000 - (clock.now() - fill) - 20));
    const half = best(await upbit.fetchOrderBook(SPOT));
    await clock.sleep(durationMs(3_100));
    return { before, just, half, whole: best(await upbit.fetchOrderBook(SPOT)) };
  });
  const { before, just, half, whole } = run.value;
  expect(before).toEqual([130_013_000, 0.075]);
  expect((just as number[])[1]).toBeCloseTo(0.015, 3);
  expect((half as number[])[1]).toBeCloseTo(0.045, 3);
  expect(whole).toEqual(before);
});
