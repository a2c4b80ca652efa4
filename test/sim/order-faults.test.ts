import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import type { CallAction, WindowAction } from '../../src/faults/fault-action.js';
import type { MarketView } from '../../src/market/market-view.js';
import { createStaticMarket } from '../../src/market/liquidity/static-market.js';
import { RandomStreams } from '../../src/core/random.js';
import { nth, scriptedFaults } from './support/scripted-faults.js';
import { eventsOf, PERP, simulate, SPOT, type Bench } from './support/simulate.js';
import { ms, START, worldWith } from './support/world.js';

type FillAction = Extract<CallAction, { kind: 'fill' }>;
const fill = (change: Partial<FillAction>): FillAction => ({ kind: 'fill', fraction: 0.4, pieces: 1, then: 'rest', slipBp: 0, ...change });
const ioc = (bench: Bench, id = 'a') => bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { clientOrderId: id, timeInForce: 'IOC' });
const short = (bench: Bench, id = 'a') => bench.binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: id });

async function failure(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return '';
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}

test.each([
  { then: 'rest', status: 'open' },
  { then: 'expire', status: 'expired' },
  { then: 'cancel', status: 'canceled' },
  { then: 'reject', status: 'rejected' },
  { then: 'fill', status: 'closed' },
] as const)('binance, 40 % filled, then $then: the answer shows it, $status', async ({ then, status }) => {
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, fill({ then })) });
  const run = await simulate({ faults }, short);
  expect(run.value).toMatchObject({ status, filled: then === 'fill' ? 0.05 : 0.02 });
});

test.each([
  { then: 'rest', status: 'open' },
  { then: 'expire', status: 'canceled' },
  { then: 'cancel', status: 'canceled' },
  { then: 'reject', status: 'canceled' },
  { then: 'fill', status: 'closed' },
] as const)('upbit, 40 % filled, then $then: read as $status', async ({ then, status }) => {
  const faults = scriptedFaults({ onCall: nth('upbit', 'createOrder', 1, fill({ then })) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await ioc(bench);
    await bench.clock.sleep(durationMs(5_000));
    return bench.upbit.fetchOrder(id, SPOT);
  });
  expect(run.value).toMatchObject({ status, filled: then === 'fill' ? 0.05 : 0.02 });
});

test('a market buy by cost, half filled and cancelled: half of its KRW is spent, the rest comes back', async () => {
  const faults = scriptedFaults({ onCall: nth('upbit', 'createOrder', 1, fill({ fraction: 0.5, then: 'cancel' })) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await bench.upbit.createMarketBuyOrderWithCost(SPOT, 6_500_650);
    await bench.clock.sleep(durationMs(100));
    return {
      order: await bench.upbit.fetchOrder(id, SPOT),
      balance: (await bench.upbit.fetchBalance()) as Record<string, { used: number; free: number }>,
    };
  });
  expect(run.value.order).toMatchObject({ status: 'canceled', filled: 0.025, cost: 3_250_325 });
  expect(run.value.balance['KRW']).toMatchObject({ used: 0, free: 100_000_000 - 3_250_325 - 1_625.1625 });
});

test('a market buy by cost, filled whole by a fault: ends like any whole one, its crumb comes back', async () => {
  const faults = scriptedFaults({ onCall: nth('upbit', 'createOrder', 1, fill({ fraction: 1, then: 'rest' })) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await bench.upbit.createMarketBuyOrderWithCost(SPOT, 6_500_000);
    await bench.clock.sleep(durationMs(100));
    return bench.upbit.fetchOrder(id, SPOT);
  });
  expect(run.value).toMatchObject({ status: 'canceled', filled: 0.049995 });
});

test('a short that is partly filled and rests: its margin is held once, for the filled part and for the rest', async () => {
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, fill({ fraction: 0.4, then: 'rest' })) });
  const run = await simulate({ faults }, async ({ binance, clock }) => {
    await binance.createOrder(PERP, 'limit', 'sell', 0.05, 90_000);
    await clock.sleep(durationMs(100));
    return (await binance.fetchBalance()) as { USDT: { free: number } };
  });
  // 0.02 at 90,000: margin 1,800 and fee 0.9; the rest holds 0.6 of 4,500 and of the fee of 2.25.
  expect(run.value.USDT.free).toBeCloseTo(30_000 - 1_800 - 0.9 - 0.6 * 4_502.25, 7);
});

test('a fill in pieces with time between them: each piece at its time, then the end after its delay', async () => {
  const action = fill({ fraction: 0.6, pieces: 3, after: ms(1_000), then: 'expire', thenAfter: ms(500) });
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, action) });
  const run = await simulate({ faults }, async (bench) => {
    const answer = await short(bench);
    await bench.clock.sleep(durationMs(5_000));
    return { answer, later: await bench.binance.fetchOrder(answer.id, PERP) };
  });
  const matched = START + 30 + 20 + 5;
  expect(run.value.answer).toMatchObject({ status: 'open', filled: 0 });
  expect(eventsOf(run.tape, 'fill').map(({ t, quantity }) => [t - matched, quantity])).toEqual([
    [1_000, 1_000_000n],
    [2_000, 1_000_000n],
    [3_000, 1_000_000n],
  ]);
  expect(eventsOf(run.tape, 'order.ended')).toMatchObject([{ t: matched + 3_500, status: 'expired', executed: 3_000_000n }]);
  expect(run.value.later).toMatchObject({ status: 'expired', filled: 0.03 });
});

test.each([-2, -1, 0, 1, 2])('a cancel %i ms from the last piece: an order that is whole ends as filled', async (offsetMs) => {
  const faults = scriptedFaults({ onCall: nth('upbit', 'createOrder', 1, fill({ fraction: 1, pieces: 2, after: ms(1_000) })) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000);
    await bench.clock.sleep(durationMs(1_970 + offsetMs));
    await bench.upbit.cancelOrder(id, SPOT).catch(() => undefined);
    await bench.clock.sleep(durationMs(1_000));
  });
  expect(eventsOf(run.tape, 'order.ended').map(({ status, executed }) => status === (executed === 5_000_000n ? 'filled' : 'canceled'))).toEqual([
    true,
  ]);
});

test('a fill with slip: the price is worse by so many basis points, on the tick, never beyond the limit', async () => {
  const faults = scriptedFaults({
    onCall: (call) => (call.method === 'createOrder' ? [fill({ fraction: 1, slipBp: 10 })] : []),
  });
  const run = await simulate({ faults }, async (bench) => {
    await short(bench);
    await ioc(bench);
    await bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_500_000, { timeInForce: 'IOC' });
    await bench.clock.sleep(durationMs(100));
  });
  const [perp, limited, free] = eventsOf(run.tape, 'fill').map(({ price }) => Number(price) / 1e8);
  // 89,499.1 less 10 bp is 89,409.6009; 130,013,000 and 10 bp more is 130,143,013, above the first limit.
  expect([perp, limited, free]).toEqual([89_409.6, 130_100_000, 130_144_000]);
});

test('a cancel that crosses a fill, reported as cancelled: the answer has the fill in it', async () => {
  const race: CallAction = { kind: 'cancelRace', fillFraction: 0.2, report: 'canceled' };
  const faults = scriptedFaults({ onCall: nth('binance', 'cancelOrder', 1, race) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await bench.binance.createOrder(PERP, 'limit', 'sell', 0.05, 90_000);
    return bench.binance.cancelOrder(id, PERP);
  });
  expect(run.value).toMatchObject({ status: 'canceled', filled: 0.01, remaining: 0.04 });
});

test.each([
  { fillFraction: 0.2, filled: 0.01, status: 'canceled' },
  { fillFraction: 1, filled: 0.05, status: 'closed' },
])(
  'a cancel that crosses a fill of $fillFraction, reported as not open: -2011, and the truth is read later',
  async ({ fillFraction, filled, status }) => {
    const race: CallAction = { kind: 'cancelRace', fillFraction, report: 'not-open' };
    const faults = scriptedFaults({ onCall: nth('binance', 'cancelOrder', 1, race) });
    const run = await simulate({ faults }, async (bench) => {
      const { id } = await bench.binance.createOrder(PERP, 'limit', 'sell', 0.05, 90_000);
      return { error: await failure(() => bench.binance.cancelOrder(id, PERP)), later: await bench.binance.fetchOrder(id, PERP) };
    });
    expect(run.value.error).toMatch(/^OrderNotFound: .*-2011/);
    expect(run.value.later).toMatchObject({ filled, status });
  },
);

test('a cancel that crosses a fill, never answered: RequestTimeout, but it is through', async () => {
  const race: CallAction = { kind: 'cancelRace', fillFraction: 0.2, report: 'timeout' };
  const faults = scriptedFaults({ onCall: nth('upbit', 'cancelOrder', 1, race) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 129_000_000);
    return { error: await failure(() => bench.upbit.cancelOrder(id, SPOT)), later: await bench.upbit.fetchOrder(id, SPOT) };
  });
  expect(run.value.error).toMatch(/^RequestTimeout/);
  expect(run.value.later).toMatchObject({ status: 'canceled', filled: 0.01, remaining: 0.04 });
});

test('a cancel never overtakes the matching of an order that was accepted before', async () => {
  // The order takes a second to match; the cancel, sent meanwhile, would take no time at all.
  const slowThenQuick = { kind: 'empirical', samplesMs: [1_000, 0], mode: 'sequential' } as const;
  const run = await simulate({ world: worldWith({ binance: { matchingDelay: slowThenQuick } }) }, async (bench) => {
    const create = short(bench);
    await bench.clock.sleep(durationMs(50));
    const cancel = failure(() => bench.binance.cancelOrder(undefined, PERP, { clientOrderId: 'a' }));
    return { order: await create, cancel: await cancel };
  });
  expect(run.value.order).toMatchObject({ status: 'closed', filled: 0.05 });
  expect(run.value.cancel).toMatch(/-2011/);
});

test('an order stuck open: stays without fills while the fault lasts, can be cancelled, or goes on afterwards', async () => {
  const stuck: CallAction = { kind: 'stuck', state: 'open', for: durationMs(10_000) };
  const faults = scriptedFaults({ onCall: (call) => (call.method === 'createOrder' ? [stuck] : []) });
  const run = await simulate({ faults }, async (bench) => {
    const left = await short(bench, 'left');
    const cancelled = await short(bench, 'cancelled');
    await bench.clock.sleep(durationMs(9_000));
    const during = await bench.binance.fetchOrder(left.id, PERP);
    const cancel = await bench.binance.cancelOrder(cancelled.id, PERP);
    await bench.clock.sleep(durationMs(2_000));
    return { left, during, cancel, after: await bench.binance.fetchOrder(left.id, PERP) };
  });
  const { left, during, cancel, after } = run.value;
  expect(left).toMatchObject({ status: 'open', filled: 0 });
  expect(during).toMatchObject({ status: 'open', filled: 0 });
  expect(cancel).toMatchObject({ status: 'canceled', filled: 0 });
  expect(after).toMatchObject({ status: 'closed', filled: 0.05 });
});

test('an order stuck for ever: never ends by itself', async () => {
  const stuck: CallAction = { kind: 'stuck', state: 'open', for: 'forever' };
  const faults = scriptedFaults({ onCall: nth('upbit', 'createOrder', 1, stuck) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await ioc(bench);
    await bench.clock.sleep(durationMs(86_400_000));
    return { order: await bench.upbit.fetchOrder(id, SPOT), open: bench.sim.openOrders('upbit') };
  });
  expect(run.value).toMatchObject({ order: { status: 'open', filled: 0 }, open: 1 });
});

test('an order stuck as pending: a cancel does not find it until it is in the book', async () => {
  const stuck: CallAction = { kind: 'stuck', state: 'pending-new', for: durationMs(1_000) };
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, stuck) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await bench.binance.createOrder(PERP, 'limit', 'sell', 0.05, 90_000);
    const early = await failure(() => bench.binance.cancelOrder(id, PERP));
    await bench.clock.sleep(durationMs(1_100));
    return { early, later: await bench.binance.cancelOrder(id, PERP) };
  });
  expect(run.value.early).toMatch(/-2011/);
  expect(run.value.later).toMatchObject({ status: 'canceled' });
});

test('a cancel that is stuck: taken at once, through only when the fault ends', async () => {
  const stuck: CallAction = { kind: 'stuck', state: 'pending-cancel', for: durationMs(5_000) };
  const faults = scriptedFaults({ onCall: (call) => (call.method === 'cancelOrder' ? [stuck] : []) });
  const run = await simulate({ faults }, async (bench) => {
    const spot = await bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 129_000_000);
    const perp = await bench.binance.createOrder(PERP, 'limit', 'sell', 0.05, 90_000);
    const answers = [await bench.upbit.cancelOrder(spot.id, SPOT), await bench.binance.cancelOrder(perp.id, PERP)];
    const read = async () => [(await bench.upbit.fetchOrder(spot.id, SPOT)).status, (await bench.binance.fetchOrder(perp.id, PERP)).status];
    await bench.clock.sleep(durationMs(1_000));
    const during = await read();
    await bench.clock.sleep(durationMs(5_000));
    return { answers: answers.map(({ status }) => status), during, after: await read() };
  });
  expect(run.value).toEqual({ answers: ['open', 'canceling'], during: ['open', 'canceling'], after: ['canceled', 'canceled'] });
});

test('a look-up that a fault denies: not found although the order exists', async () => {
  const faults = scriptedFaults({ onCall: nth('upbit', 'fetchOrder', 1, { kind: 'notFound', forMs: 1 }) });
  const run = await simulate({ faults }, async (bench) => {
    const { id } = await ioc(bench);
    return [await failure(() => bench.upbit.fetchOrder(id, SPOT)), await failure(() => bench.upbit.fetchOrder(id, SPOT))];
  });
  expect(run.value[0]).toMatch(/^OrderNotFound: .*order_not_found/);
  expect(run.value[1]).toBe('');
});

test('reads that lag two seconds: the new order is not found, then seen as it was, then as it is', async () => {
  const world = worldWith({ upbit: { visibilityLag: ms(2_000) }, binance: { visibilityLag: ms(2_000) } });
  const run = await simulate({ world }, async (bench) => {
    const { clock, upbit, binance } = bench;
    await ioc(bench);
    await binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: 'a' });
    const look = async () => ({
      spot: await upbit.fetchOrder(undefined, SPOT, { identifier: 'a' }).then(
        ({ status }) => status,
        () => 'not found',
      ),
      perp: await binance.fetchOrder(undefined, PERP, { clientOrderId: 'a' }).then(
        ({ status }) => status,
        () => 'not found',
      ),
      position: (await binance.fetchPositions([PERP])).length,
      trades: (await binance.fetchMyTrades(PERP)).length,
      coins: ((await upbit.fetchBalance()) as Record<string, { total: number }>)['BTC']?.total,
    });
    const early = await look();
    await clock.sleep(durationMs(2_000));
    return { early, late: await look() };
  });
  expect(run.value.early).toEqual({ spot: 'not found', perp: 'not found', position: 0, trades: 0, coins: 0 });
  expect(run.value.late).toEqual({ spot: 'closed', perp: 'closed', position: 1, trades: 1, coins: 0.05 });
});

const market = (change: Partial<Extract<WindowAction, { kind: 'market' }>>): WindowAction => ({
  kind: 'market',
  halt: false,
  gapBp: 0,
  depthFactor: 1,
  ...change,
});

test('matching halted: orders are taken and wait, and trade once the halt is over; Upbit refuses cancels meanwhile', async () => {
  const faults = scriptedFaults({
    windows: (['upbit', 'binance'] as const).map((venue) => ({ venue, action: market({ halt: true }), fromMs: 40, untilMs: 10_000 })),
  });
  const run = await simulate({ faults }, async (bench) => {
    await bench.clock.sleep(durationMs(20));
    const perp = await short(bench);
    const spot = await ioc(bench);
    const cancel = await failure(() => bench.upbit.cancelOrder(spot.id, SPOT));
    await bench.clock.sleep(durationMs(11_000));
    return {
      perp,
      spot,
      cancel,
      later: [(await bench.upbit.fetchOrder(spot.id, SPOT)).status, (await bench.binance.fetchOrder(perp.id, PERP)).status],
    };
  });
  expect(run.value.perp).toMatchObject({ status: 'open', filled: 0 });
  expect(run.value.cancel).toMatch(/market_offline/);
  expect(run.value.later).toEqual(['closed', 'closed']);
  expect(eventsOf(run.tape, 'fill').every(({ t }) => t >= START + 10_000)).toBe(true);
});

test('a gap, a thinner book and a wider spread: prices and depth follow while the window is open', async () => {
  const faults = scriptedFaults({
    windows: [
      { venue: 'upbit', action: market({ gapBp: -150 }), fromMs: 1_000, untilMs: 2_000 },
      { venue: 'upbit', action: market({ depthFactor: 0.1 }), fromMs: 3_000, untilMs: 4_000 },
      { venue: 'upbit', action: market({ spreadBp: 10 }), fromMs: 5_000, untilMs: 6_000 },
    ],
  });
  const run = await simulate({ faults }, async ({ clock, upbit }) => {
    const tops: unknown[] = [];
    for (let index = 0; index < 4; index += 1) {
      const { bids, asks } = await upbit.fetchOrderBook(SPOT);
      tops.push([bids[0], asks[0]]);
      await clock.sleep(durationMs(index === 0 ? 1_200 : 1_970));
    }
    return tops;
  });
  expect(run.value).toEqual([
    [
      [129_987_000, 0.075],
      [130_013_000, 0.075],
    ],
    // 1.5 % down, bids rounded down and asks up to the tick.
    [
      [128_037_000, 0.075],
      [128_063_000, 0.075],
    ],
    [
      [129_987_000, 0.0075],
      [130_013_000, 0.0075],
    ],
    // 5 bp on each side besides.
    [
      [129_922_000, 0.075],
      [130_079_000, 0.075],
    ],
  ]);
});

function withGap(from: number, until: number): MarketView {
  const still = createStaticMarket(worldWith(), new RandomStreams('gap'));
  const inside = (at: number): boolean => at >= START + from && at < START + until;
  return {
    ...still,
    mid: (venue, at) => (inside(at) ? undefined : still.mid(venue, at)),
    book: (venue, at) => (inside(at) ? undefined : still.book(venue, at)),
  };
}

test('a gap in the data: immediate orders end unfilled, resting ones wait, books are empty, the tape says why', async () => {
  const run = await simulate({ market: withGap(100, 60_000) }, async (bench) => {
    const { clock, upbit, binance } = bench;
    await clock.sleep(durationMs(200));
    const [spot, perp] = [await ioc(bench), await short(bench)];
    const resting = await upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { clientOrderId: 'rest' });
    const during = {
      spot: await upbit.fetchOrder(spot.id, SPOT),
      resting: (await upbit.fetchOrder(resting.id, SPOT)).status,
      book: await upbit.fetchOrderBook(SPOT),
      ticker: (await binance.fetchTicker(PERP)).last,
    };
    await clock.sleep(durationMs(61_000));
    return { perp, during, after: await upbit.fetchOrder(resting.id, SPOT) };
  });
  const { perp, during, after } = run.value;
  expect(perp).toMatchObject({ status: 'expired', filled: 0 });
  expect(during.spot).toMatchObject({ status: 'canceled', filled: 0 });
  expect(during.resting).toBe('open');
  expect(during.book).toMatchObject({ bids: [], asks: [] });
  expect(after).toMatchObject({ status: 'closed', filled: 0.05, average: 130_100_000 });
  expect(eventsOf(run.tape, 'note').map(({ text }) => text)).toEqual(expect.arrayContaining([expect.stringContaining('gap in the data')]));
});
