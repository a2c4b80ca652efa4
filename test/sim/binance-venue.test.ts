import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { eventsOf, PERP, simulate, type Bench } from './support/simulate.js';
import { worldWith } from './support/world.js';

type Create = readonly [type: string, side: string, amount: number, price?: number | undefined, params?: Record<string, unknown>];
const rich = worldWith({ binance: { balances: { USDT: '20000000' } } });
const DAY = 86_400_000;

async function failure(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'accepted';
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}
const create = (bench: Bench, order: Create) => bench.binance.createOrder(PERP, ...order);

// The book: 0.1 bp each side of 89,500 (89,499.1 and 89,500.9), 1 BTC a level, 40 levels within about 10 bp.
test.each<{ name: string; order: Create; error: string; code: string }>([
  { name: 'an opening order under 100 USDT', order: ['market', 'sell', 0.001], error: 'InvalidOrder', code: '-4164' },
  { name: 'more than 120 BTC at market', order: ['market', 'sell', 121], error: 'BadRequest', code: '-4005' },
  { name: 'more than 1,000 BTC', order: ['limit', 'sell', 1_001, 89_500], error: 'BadRequest', code: '-4005' },
  { name: 'a buy limit more than 5 % over the mark', order: ['limit', 'buy', 0.01, 94_000], error: 'BadRequest', code: '-4016' },
  { name: 'a buy limit below the lowest price', order: ['limit', 'buy', 1, 261], error: 'BadRequest', code: '-4013' },
  { name: 'a sell limit above the highest price', order: ['limit', 'sell', 0.01, 4_529_765], error: 'BadRequest', code: '-4002' },
  { name: 'a sell limit more than 5 % under the mark', order: ['limit', 'sell', 0.01, 85_000], error: 'BadRequest', code: '-4024' },
  {
    name: 'a reduce-only order without a position',
    order: ['market', 'buy', 0.01, undefined, { reduceOnly: true }],
    error: 'InvalidOrder',
    code: '-2022',
  },
  { name: 'a FOK that cannot be filled', order: ['limit', 'sell', 2, 89_499.1, { timeInForce: 'FOK' }], error: 'OrderNotFillable', code: '-5021' },
  { name: 'a post-only that would take', order: ['limit', 'sell', 0.01, 89_000, { postOnly: true }], error: 'OrderNotFillable', code: '-5022' },
  {
    name: 'the wrong position side',
    order: ['market', 'sell', 0.01, undefined, { positionSide: 'SHORT' }],
    error: 'OperationRejected',
    code: '-4061',
  },
  {
    name: 'an id of 37 characters',
    order: ['market', 'sell', 0.01, undefined, { clientOrderId: 'x'.repeat(37) }],
    error: 'BadRequest',
    code: '-4015',
  },
  {
    name: 'an id with a forbidden character',
    order: ['market', 'sell', 0.01, undefined, { clientOrderId: 'a b' }],
    error: 'BadRequest',
    code: '-1100',
  },
  {
    name: 'a time in force on a market order',
    order: ['market', 'sell', 0.01, undefined, { timeInForce: 'IOC' }],
    error: 'BadRequest',
    code: '-1106',
  },
  { name: 'an unknown time in force', order: ['limit', 'sell', 0.01, 89_500, { timeInForce: 'GTE' }], error: 'BadRequest', code: '-1115' },
])('binance, $name: refused with $code, nothing is created', async ({ order, error, code }) => {
  const run = await simulate({ world: rich }, (bench) => failure(() => create(bench, order)));
  expect(run.value).toMatch(new RegExp(`^${error}: binanceusdm \\{"code":${code},`));
  expect(eventsOf(run.tape, 'order.refused')).toMatchObject([{ venue: 'binance', code }]);
  expect(eventsOf(run.tape, 'order.accepted')).toEqual([]);
});

test.each<{ name: string; order: Create; end: Record<string, unknown> }>([
  {
    name: 'a market order',
    order: ['market', 'sell', 0.05],
    end: { status: 'closed', filled: 0.05, remaining: 0, average: 89_499.1, cost: 4_474.955 },
  },
  { name: 'a market order over several levels', order: ['market', 'buy', 2.5], end: { status: 'closed', filled: 2.5, remaining: 0 } },
  { name: 'a market order larger than the book', order: ['market', 'sell', 60], end: { status: 'expired', filled: 40, remaining: 20 } },
  {
    name: 'an IOC inside the book',
    order: ['limit', 'sell', 0.05, 89_400, { timeInForce: 'IOC' }],
    end: { status: 'closed', filled: 0.05, average: 89_499.1 },
  },
  {
    name: 'an IOC that its price cuts short',
    order: ['limit', 'sell', 1.5, 89_499.1, { timeInForce: 'IOC' }],
    end: { status: 'expired', filled: 1, remaining: 0.5 },
  },
  {
    name: 'an IOC above the book',
    order: ['limit', 'sell', 0.05, 90_000, { timeInForce: 'IOC' }],
    end: { status: 'expired', filled: 0, remaining: 0.05, average: undefined },
  },
  { name: 'a GTC inside the book', order: ['limit', 'sell', 0.05, 89_400], end: { status: 'open', filled: 0 } },
  { name: 'a GTX above the book', order: ['limit', 'sell', 0.05, 90_000, { postOnly: true }], end: { status: 'open', filled: 0, timeInForce: 'PO' } },
])('binance, $name: the answer shows its final state, GTC and GTX only that it was taken', async ({ order, end }) => {
  const run = await simulate({ world: rich }, (bench) => create(bench, order));
  expect(run.value).toMatchObject(end);
});

test('a GTC that takes: open in its answer, closed once it is read again', async () => {
  const run = await simulate({ world: rich }, async (bench) => {
    const { id } = await create(bench, ['limit', 'sell', 0.05, 89_400]);
    await bench.clock.sleep(durationMs(20));
    return bench.binance.fetchOrder(id, PERP);
  });
  expect(run.value).toMatchObject({ status: 'closed', filled: 0.05, price: 89_400, average: 89_499.1 });
});

test('a market order in a book that ends beyond the take bound: expires with the part within 5 % of the mark', async () => {
  const books = { upbit: { mid: '130000000', spreadBp: 2, depth: '1.5' }, binance: { mid: '89500', spreadBp: 900, depth: '20' } };
  const run = await simulate({ world: worldWith({ binance: { balances: { USDT: '20000000' } }, books }) }, (bench) =>
    create(bench, ['market', 'sell', 60]),
  );
  expect(run.value).toMatchObject({ status: 'expired' });
  const prices = eventsOf(run.tape, 'fill').map(({ price }) => Number(price) / 1e8);
  expect(run.value.filled).toBeGreaterThan(0);
  expect(Math.min(...prices)).toBeGreaterThanOrEqual(89_500 * 0.95);
});

test('a market order when even the best price is beyond 5 % of the mark: -4131', async () => {
  const books = { upbit: { mid: '130000000', spreadBp: 2, depth: '1.5' }, binance: { mid: '89500', spreadBp: 1_100, depth: '20' } };
  const run = await simulate({ world: worldWith({ books }) }, (bench) => failure(() => create(bench, ['market', 'sell', 0.05])));
  expect(run.value).toMatch(/^OperationRejected: .*-4131/);
});

test('a client order id: taken while its order is open, free again once it is final', async () => {
  const run = await simulate({ world: rich }, async (bench) => {
    const id = { clientOrderId: 'again' };
    await create(bench, ['limit', 'sell', 0.05, 90_000, id]);
    const whileOpen = await failure(() => create(bench, ['market', 'sell', 0.05, undefined, id]));
    await bench.binance.cancelOrder(undefined, PERP, { clientOrderId: 'again' });
    const first = await create(bench, ['market', 'sell', 0.05, undefined, id]);
    const second = await create(bench, ['market', 'sell', 0.05, undefined, id]);
    return {
      whileOpen,
      sold: bench.sim.perp(),
      latest: (await bench.binance.fetchOrder(undefined, PERP, { clientOrderId: 'again' })).id,
      first: first.id,
      second: second.id,
    };
  });
  const { whileOpen, sold, latest, first, second } = run.value;
  expect(whileOpen).toMatch(/^InvalidOrder: .*-4116/);
  expect(sold).toBe(-10_000_000n);
  expect(second).not.toBe(first);
  expect(latest).toBe(second);
});

test('a client order id where the world never frees it: refused after the fill too', async () => {
  const run = await simulate({ world: worldWith({ binance: { idReuse: 'never' } }) }, async (bench) => {
    await create(bench, ['market', 'sell', 0.05, undefined, { clientOrderId: 'once' }]);
    return failure(() => create(bench, ['market', 'sell', 0.05, undefined, { clientOrderId: 'once' }]));
  });
  expect(run.value).toMatch(/-4116/);
});

test('a reduce-only order larger than the position: cut to it, and refused once there is none', async () => {
  const run = await simulate({}, async (bench) => {
    await create(bench, ['market', 'sell', 0.05]);
    const close = await create(bench, ['market', 'buy', 0.08, undefined, { reduceOnly: true }]);
    return { close, again: await failure(() => create(bench, ['market', 'buy', 0.08, undefined, { reduceOnly: true }])), perp: bench.sim.perp() };
  });
  expect(run.value.close).toMatchObject({ status: 'closed', amount: 0.05, filled: 0.05, reduceOnly: true });
  expect(run.value.again).toMatch(/-2022/);
  expect(run.value.perp).toBe(0n);
});

test('a reduce-only close below 100 USDT: has no minimum', async () => {
  const run = await simulate({}, async (bench) => {
    await create(bench, ['market', 'sell', 0.002]);
    return create(bench, ['market', 'buy', 0.001, undefined, { reduceOnly: true }]);
  });
  expect(run.value).toMatchObject({ status: 'closed', filled: 0.001 });
});

test('a buy larger than the short, not reduce-only: closes it and opens a long', async () => {
  const run = await simulate({}, async (bench) => {
    await create(bench, ['market', 'sell', 0.05]);
    await create(bench, ['market', 'buy', 0.08]);
    return bench.binance.fetchPositions([PERP]);
  });
  expect(run.value).toMatchObject([{ side: 'long', contracts: 0.03, entryPrice: 89_500.9 }]);
});

test.each([
  { name: 'exactly its notional and fee', usdt: '4477.2374775', outcome: /^accepted$/ },
  { name: 'one unit less', usdt: '4477.23747749', outcome: /^InsufficientFunds: .*-2019/ },
])('a 1x short with $name in free USDT', async ({ usdt, outcome }) => {
  // Sold at 89,499.1, 0.9 under the mark: margin 4,474.955, opening loss 0.045, fee 2.2374775.
  const run = await simulate({ world: worldWith({ binance: { balances: { USDT: usdt } } }) }, (bench) =>
    failure(() => create(bench, ['market', 'sell', 0.05])),
  );
  expect(run.value).toMatch(outcome);
});

test('free USDT: less by the margin while the short is open, back with the result and without the fees when it is closed', async () => {
  const free = (balance: object): number => (balance as { USDT: { free: number } }).USDT.free;
  const run = await simulate({}, async (bench) => {
    await create(bench, ['market', 'sell', 0.05]);
    const during = free(await bench.binance.fetchBalance());
    await create(bench, ['market', 'buy', 0.05, undefined, { reduceOnly: true }]);
    return { during, after: free(await bench.binance.fetchBalance()) };
  });
  expect(run.value.during).toBeCloseTo(30_000 - 4_474.955 - 2.2374775, 7);
  // Bought back at 89,500.9: a loss of 0.09 and a fee of 2.2375225.
  expect(run.value.after).toBeCloseTo(30_000 - 0.09 - 2.2374775 - 2.2375225, 7);
});

test.each<{ name: string; act: (bench: Bench) => Promise<unknown>; code: string }>([
  { name: 'the margin mode it already has', act: ({ binance }) => binance.setMarginMode('isolated', PERP), code: 'MarginModeAlreadySet: .*-4046' },
  { name: 'the position mode it already has', act: ({ binance }) => binance.setPositionMode(false), code: '-4059' },
  {
    name: 'leverage beyond the venue by the raw call',
    act: ({ binance }) => binance.fapiPrivatePostLeverage({ symbol: 'BTCUSDT', leverage: 151 }),
    code: 'BadRequest: .*-4028',
  },
])('a change to $name: refused', async ({ act, code }) => {
  const run = await simulate({}, (bench) => failure(() => act(bench)));
  expect(run.value).toMatch(new RegExp(code));
});

test('settings with an order open: margin and position mode stay as they are', async () => {
  const run = await simulate({}, async (bench) => {
    await create(bench, ['limit', 'sell', 0.05, 90_000]);
    return [await failure(() => bench.binance.setMarginMode('cross', PERP)), await failure(() => bench.binance.setPositionMode(true))];
  });
  expect(run.value[0]).toMatch(/-4047/);
  expect(run.value[1]).toMatch(/-4067/);
});

test('settings with a position open: leverage may rise but not fall in isolated margin, modes stay', async () => {
  const run = await simulate({ world: worldWith({ binance: { leverage: 2 } }) }, async (bench) => {
    await create(bench, ['market', 'sell', 0.05]);
    const raised = await failure(() => bench.binance.setLeverage(3, PERP));
    const lowered = await failure(() => bench.binance.setLeverage(1, PERP));
    return {
      raised,
      lowered,
      margin: await failure(() => bench.binance.setMarginMode('cross', PERP)),
      mode: await failure(() => bench.binance.setPositionMode(true)),
    };
  });
  expect(run.value.raised).toBe('accepted');
  expect(run.value.lowered).toMatch(/^ExchangeError: .*-4161/);
  expect(run.value.margin).toMatch(/-4048/);
  expect(run.value.mode).toMatch(/-4068/);
});

test('settings of a flat account: changed, and seen by the calls that read them', async () => {
  const run = await simulate({}, async ({ binance }) => {
    const raw = await binance.fapiPrivatePostLeverage({ symbol: 'BTCUSDT', leverage: 2 });
    await binance.setMarginMode('cross', PERP);
    await binance.setPositionMode(true);
    return { raw, leverage: await binance.fetchLeverage(PERP), mode: await binance.fetchPositionMode() };
  });
  expect(run.value.raw).toMatchObject({ leverage: 2, symbol: 'BTCUSDT' });
  expect(run.value.leverage).toMatchObject({ marginMode: 'cross', longLeverage: 2, shortLeverage: 2 });
  expect(run.value.mode).toMatchObject({ hedged: true });
});

test('hedge mode: sides are kept apart, reduceOnly is not allowed, closing too much is refused', async () => {
  const run = await simulate({ world: worldWith({ binance: { positionMode: 'hedge' } }) }, async (bench) => {
    const plain = await failure(() => create(bench, ['market', 'sell', 0.05]));
    const reduce = await failure(() => create(bench, ['market', 'sell', 0.05, undefined, { positionSide: 'SHORT', reduceOnly: true }]));
    await create(bench, ['market', 'sell', 0.05, undefined, { hedged: true }]);
    await create(bench, ['market', 'buy', 0.02, undefined, { hedged: true }]);
    const tooMuch = await failure(() => create(bench, ['market', 'buy', 0.06, undefined, { hedged: true, reduceOnly: true }]));
    return { plain, reduce, tooMuch, positions: await bench.binance.fetchPositions([PERP]), net: bench.sim.perp() };
  });
  const { plain, reduce, tooMuch, positions, net } = run.value;
  expect(plain).toMatch(/-4061/);
  expect(reduce).toMatch(/-1106/);
  expect(tooMuch).toMatch(/-2022/);
  expect(positions).toMatchObject([
    { side: 'short', contracts: 0.05, hedged: true },
    { side: 'long', contracts: 0.02, hedged: true },
  ]);
  expect(net).toBe(-3_000_000n);
});

test('orders and time: an unfilled final order is forgotten after three days, a filled one after ninety', async () => {
  const run = await simulate({}, async (bench) => {
    const unfilled = await create(bench, ['limit', 'sell', 0.05, 90_000, { timeInForce: 'IOC' }]);
    const filled = await create(bench, ['market', 'sell', 0.05]);
    const look = async (id: string | undefined) => (await failure(() => bench.binance.fetchOrder(id, PERP))).slice(0, 13);
    await bench.clock.sleep(durationMs(2 * DAY));
    const early = [await look(unfilled.id), await look(filled.id)];
    await bench.clock.sleep(durationMs(2 * DAY));
    const later = [await look(unfilled.id), await look(filled.id)];
    await bench.clock.sleep(durationMs(90 * DAY));
    return { early, later, last: [await look(unfilled.id), await look(filled.id)] };
  });
  expect(run.value).toEqual({ early: ['accepted', 'accepted'], later: ['OrderNotFound', 'accepted'], last: ['OrderNotFound', 'OrderNotFound'] });
});

test('a cancel: answers with the final state of a resting order, and refuses one that has ended', async () => {
  const run = await simulate({}, async (bench) => {
    const resting = await create(bench, ['limit', 'sell', 0.05, 90_000]);
    const cancelled = await bench.binance.cancelOrder(resting.id, PERP);
    const filled = await create(bench, ['market', 'sell', 0.05]);
    return {
      cancelled,
      again: await failure(() => bench.binance.cancelOrder(resting.id, PERP)),
      ofFilled: await failure(() => bench.binance.cancelOrder(filled.id, PERP)),
    };
  });
  expect(run.value.cancelled).toMatchObject({ status: 'canceled', filled: 0 });
  expect(run.value.again).toMatch(/^OrderNotFound: .*-2011/);
  expect(run.value.ofFilled).toMatch(/-2011/);
});

test('a query that names no order: -1102', async () => {
  const run = await simulate({}, ({ binance }) => failure(() => binance.fetchOrder(undefined, PERP)));
  expect(run.value).toMatch(/^BadRequest: .*-1102/);
});
