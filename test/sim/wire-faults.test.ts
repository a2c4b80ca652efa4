import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import type { CallAction } from '../../src/faults/fault-action.js';
import { each, nth, scriptedFaults } from './support/scripted-faults.js';
import { eventsOf, PERP, simulate, SPOT, type Bench } from './support/simulate.js';
import { ms, worldWith } from './support/world.js';

const after = (value: number) => ({ kind: 'duplicate', part: 'request', after: ms(value) }) as const;
const short = (bench: Bench, id = 'a') => bench.binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: id });
const buy = (bench: Bench, id = 'a') => bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { clientOrderId: id, timeInForce: 'IOC' });
const resting = (bench: Bench) => bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 129_000_000, { clientOrderId: 'r' });
const positionOf = async ({ binance }: Bench): Promise<number | undefined> => (await binance.fetchPositions([PERP]))[0]?.contracts;
const btcOf = async ({ upbit }: Bench): Promise<number> => ((await upbit.fetchBalance()) as { BTC: { total: number } }).BTC.total;

async function failure(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return '';
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}

test('a perp order that arrives twice, the second time after the first has filled: sells twice, one answer', async () => {
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, after(500)) });
  const run = await simulate({ faults }, async (bench) => {
    const order = await short(bench);
    await bench.clock.sleep(durationMs(1_000));
    return { order, position: await positionOf(bench) };
  });
  expect(run.value).toMatchObject({ order: { status: 'closed', filled: 0.05 }, position: 0.1 });
  expect(eventsOf(run.tape, 'order.accepted')).toHaveLength(2);
  expect(eventsOf(run.tape, 'answer').filter(({ ok }) => ok)).toHaveLength(eventsOf(run.tape, 'request').length);
});

test('a perp order that arrives twice while the first rests: the id is taken, so only one lives', async () => {
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, after(500)) });
  const run = await simulate({ faults }, async (bench) => {
    await bench.binance.createOrder(PERP, 'limit', 'sell', 0.05, 95_000, { clientOrderId: 'a' });
    await bench.clock.sleep(durationMs(1_000));
    return (await bench.binance.fetchOpenOrders(PERP)).length;
  });
  expect(run.value).toBe(1);
  expect(eventsOf(run.tape, 'order.refused')).toMatchObject([{ code: '-4116' }]);
});

test('a signed request that arrives again after recvWindow: is refused for its timestamp, so nothing trades', async () => {
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, after(10_500)) });
  const run = await simulate({ faults }, async (bench) => {
    await short(bench);
    await bench.clock.sleep(durationMs(12_000));
    return positionOf(bench);
  });
  expect(run.value).toBe(0.05);
});

test('a spot order that arrives twice: its token is spent, with an identifier and without', async () => {
  const bought = async (params: Record<string, unknown>): Promise<number> => {
    const faults = scriptedFaults({ onCall: nth('upbit', 'createOrder', 1, after(300)) });
    const run = await simulate({ faults }, async (bench) => {
      await bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { timeInForce: 'IOC', ...params });
      await bench.clock.sleep(durationMs(1_000));
      return btcOf(bench);
    });
    return run.value;
  };
  expect(await bought({ clientOrderId: 'a' })).toBe(0.05);
  expect(await bought({})).toBe(0.05);
});

test('an answer that comes twice: the first one counts and the second changes nothing', async () => {
  const action: CallAction = { kind: 'duplicate', part: 'response', after: ms(300) };
  const run = await simulate({ faults: scriptedFaults({ onCall: nth('binance', 'createOrder', 1, action) }) }, async (bench) => {
    const order = await short(bench);
    await bench.clock.sleep(durationMs(1_000));
    return { order, position: await positionOf(bench) };
  });
  expect(run.value).toMatchObject({ order: { filled: 0.05 }, position: 0.05 });
  const [request] = eventsOf(run.tape, 'request').filter(({ method }) => method === 'createOrder');
  expect(eventsOf(run.tape, 'answer').filter((answer) => answer.request === request?.request)).toHaveLength(1);
});

test('an order held in our own limiter for longer than recvWindow: is signed when it leaves, and taken', async () => {
  const action: CallAction = { kind: 'delay', part: 'limiter', by: ms(25_000) };
  const run = await simulate({ faults: scriptedFaults({ onCall: nth('binance', 'createOrder', 1, action) }) }, async (bench) => {
    const from = bench.clock.now();
    const order = await short(bench);
    return { order, tookMs: bench.clock.now() - from };
  });
  expect(run.value).toMatchObject({ order: { status: 'closed' }, tookMs: 25_035 });
});

test('the same delay on the wire: the client gives up, and the venue refuses what comes outside recvWindow', async () => {
  const action: CallAction = { kind: 'delay', part: 'request', by: ms(25_000) };
  const run = await simulate({ faults: scriptedFaults({ onCall: nth('binance', 'createOrder', 1, action) }) }, async (bench) => {
    const error = await failure(() => short(bench));
    await bench.clock.sleep(durationMs(30_000));
    return { error, position: await positionOf(bench) };
  });
  expect(run.value.error).toMatch(/^RequestTimeout/);
  expect(run.value.position).toBeUndefined();
});

test('a process that dies while its request waits in our own limiter: the request never leaves', async () => {
  const action: CallAction = { kind: 'delay', part: 'limiter', by: ms(5_000) };
  const run = await simulate({ faults: scriptedFaults({ onCall: nth('upbit', 'createOrder', 1, action) }) }, async (bench) => {
    void buy(bench);
    await bench.clock.sleep(durationMs(1_000));
    bench.upbit.kill();
    await bench.clock.sleep(durationMs(10_000));
    return bench.sim.spot();
  });
  expect(run.value).toBe(0n);
});

test('a stale look-up: shows the order as it was, first not at all, then open, then filled', async () => {
  const by = (byMs: number): CallAction => ({ kind: 'stale', byMs });
  const slow = worldWith({ upbit: { matchingDelay: ms(2_000) } });
  let calls = 0;
  const faults = scriptedFaults({
    onCall: (call) => (call.method === 'fetchOrder' ? [by([5_000, 2_000, 0][calls++] ?? 0)] : []),
  });
  const run = await simulate({ world: slow, faults }, async (bench) => {
    const { id } = await buy(bench);
    await bench.clock.sleep(durationMs(3_000));
    return {
      first: await failure(() => bench.upbit.fetchOrder(id, SPOT)),
      second: await bench.upbit.fetchOrder(id, SPOT),
      third: await bench.upbit.fetchOrder(id, SPOT),
    };
  });
  expect(run.value.first).toMatch(/^OrderNotFound/);
  expect(run.value.second).toMatchObject({ status: 'open', filled: 0 });
  expect(run.value.third).toMatchObject({ status: 'closed', filled: 0.05 });
});

test('stale holdings, lists, trades and books: all of them show the past, and before the start there was nothing else', async () => {
  const faults = scriptedFaults({
    onCall: (call) => (/^fetch(Balance|Positions|OpenOrders|MyTrades|OrderBook|Ticker)$/.test(call.method) ? [{ kind: 'stale', byMs: 60_000 }] : []),
    windows: [{ venue: 'upbit', action: { kind: 'market', halt: false, gapBp: 100, depthFactor: 1 }, fromMs: 30_000 }],
  });
  const run = await simulate({ faults }, async (bench) => {
    await bench.clock.sleep(durationMs(35_000));
    await buy(bench);
    await short(bench);
    const look = async () => ({
      btc: await btcOf(bench),
      position: await positionOf(bench),
      trades: (await bench.binance.fetchMyTrades(PERP)).length,
      book: (await bench.upbit.fetchOrderBook(SPOT, 1)).asks[0]?.[0] ?? 0,
      mark: (await bench.binance.fetchTicker(PERP)).timestamp,
    });
    const early = await look();
    await bench.clock.sleep(durationMs(61_000));
    return { early, late: await look(), now: bench.clock.now() };
  });
  expect(run.value.early).toMatchObject({ btc: 0, position: undefined, trades: 0 });
  expect(run.value.early.book).toBeLessThan(130_100_000);
  expect(run.value.late).toMatchObject({ position: 0.05, trades: 1 });
  expect(run.value.late.book).toBeGreaterThan(131_000_000);
  expect(run.value.late.mark).toBeLessThanOrEqual(run.value.now - 60_000);
});

test('a correction after a confirmed cancel: the order stays canceled and has executed more, and the books balance', async () => {
  const action: CallAction = { kind: 'fillAfterCancel', fraction: 0.4, after: ms(3_000) };
  const run = await simulate({ faults: scriptedFaults({ onCall: nth('upbit', 'cancelOrder', 1, action) }) }, async (bench) => {
    const { id } = await resting(bench);
    await bench.upbit.cancelOrder(id, SPOT);
    await bench.clock.sleep(durationMs(1_000));
    const before = await bench.upbit.fetchOrder(id, SPOT);
    await bench.clock.sleep(durationMs(3_000));
    return { before, later: await bench.upbit.fetchOrder(id, SPOT), btc: await btcOf(bench), open: bench.sim.openOrders() };
  });
  expect(run.value).toMatchObject({ before: { status: 'canceled', filled: 0 }, later: { status: 'canceled', filled: 0.02 }, btc: 0.02, open: 0 });
});

test('a correction that the account can no longer pay for: trades what is left and no more', async () => {
  const action: CallAction = { kind: 'fillAfterCancel', fraction: 1, after: ms(3_000) };
  const world = worldWith({ upbit: { balances: { KRW: '6600000', BTC: '0' } } });
  const run = await simulate({ world, faults: scriptedFaults({ onCall: nth('upbit', 'cancelOrder', 1, action) }) }, async (bench) => {
    const { id } = await resting(bench);
    await bench.upbit.cancelOrder(id, SPOT);
    await bench.clock.sleep(durationMs(500));
    await bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.04, 130_100_000, { timeInForce: 'IOC' });
    await bench.clock.sleep(durationMs(5_000));
    return { order: await bench.upbit.fetchOrder(id, SPOT), krw: bench.sim.balance('upbit', 'KRW') };
  });
  expect(run.value.order.filled).toBeGreaterThan(0.009);
  expect(run.value.order.filled).toBeLessThan(0.0108);
  expect(run.value.krw).toBeGreaterThanOrEqual(0n);
});

test('a correction of a reduce-only order whose position another one has closed since: nothing is opened', async () => {
  const action: CallAction = { kind: 'fillAfterCancel', fraction: 1, after: ms(3_000) };
  const run = await simulate({ faults: scriptedFaults({ onCall: nth('binance', 'cancelOrder', 1, action) }) }, async (bench) => {
    await short(bench);
    const { id } = await bench.binance.createOrder(PERP, 'limit', 'buy', 0.05, 80_000, { reduceOnly: true });
    await bench.binance.cancelOrder(id, PERP);
    await bench.binance.createOrder(PERP, 'market', 'buy', 0.03, undefined, { reduceOnly: true });
    await bench.clock.sleep(durationMs(5_000));
    return { order: await bench.binance.fetchOrder(id, PERP), positions: await bench.binance.fetchPositions([PERP]) };
  });
  expect(run.value.order).toMatchObject({ status: 'canceled', filled: 0.02 });
  expect(run.value.positions).toEqual([]);
});

test.each([
  { name: 'upbit', status: 'prevented' },
  { name: 'binance', status: 'expired' },
] as const)('self-trade prevention on $name: the rest ends as $status', async ({ name, status }) => {
  const action: CallAction = { kind: 'fill', fraction: 0.4, pieces: 1, then: 'prevent', slipBp: 0 };
  const run = await simulate({ faults: scriptedFaults({ onCall: nth(name, 'createOrder', 1, action) }) }, async (bench) => {
    const order = name === 'upbit' ? await buy(bench) : await short(bench);
    await bench.clock.sleep(durationMs(100));
    return name === 'upbit' ? bench.upbit.fetchOrder(order.id, SPOT) : bench.binance.fetchOrder(order.id, PERP);
  });
  expect(run.value).toMatchObject({ status, filled: 0.02 });
  expect(eventsOf(run.tape, 'order.ended')).toMatchObject([{ status: 'prevented' }]);
});

test('acknowledged with ids alone: no status and no fill in the answer, all of both in the look-up', async () => {
  const world = worldWith({ upbit: { ack: 'id-only' }, binance: { ack: 'id-only' } });
  const run = await simulate({ world }, async (bench) => {
    const [spot, perp] = [await buy(bench), await short(bench)];
    await bench.clock.sleep(durationMs(100));
    return { spot, perp, found: [await bench.upbit.fetchOrder(spot.id, SPOT), await bench.binance.fetchOrder(perp.id, PERP)] };
  });
  expect(run.value.spot).toMatchObject({ status: undefined, filled: undefined, clientOrderId: 'a' });
  expect(run.value.perp).toMatchObject({ status: undefined, clientOrderId: 'a' });
  expect(run.value.found).toMatchObject([{ filled: 0.05 }, { filled: 0.05 }]);
});

test('rules that change: the venue follows them at once, a client only when it loads its markets again', async () => {
  const faults = scriptedFaults({});
  const run = await simulate({ faults }, async (bench) => {
    faults.strike({ kind: 'account', rules: { amountStep: '0.01', minNotional: '2000', takerFeePpm: '1000' } }, 'binance');
    const stale = await failure(() => bench.binance.createOrder(PERP, 'market', 'sell', 0.055, undefined, {}));
    await bench.binance.loadMarkets(true);
    const cut = await bench.binance.createOrder(PERP, 'market', 'sell', 0.055, undefined, {});
    const small = await failure(() => bench.binance.createOrder(PERP, 'market', 'sell', 0.02, undefined, {}));
    return { stale, cut, small, trades: await bench.binance.fetchMyTrades(PERP) };
  });
  expect(run.value.stale).toMatch(/-1111|-1013|-4023/);
  expect(run.value.cut).toMatchObject({ amount: 0.05, filled: 0.05 });
  expect(run.value.small).toMatch(/-4164/);
  const [trade] = run.value.trades;
  expect(trade?.fee?.cost).toBeCloseTo((trade?.cost ?? 0) * 0.001, 6);
});

test('lags of their own: the look-up knows the fill, list and position still show the time before', async () => {
  const world = worldWith({ binance: { visibilityLags: { positions: ms(5_000), trades: ms(2_000) } } });
  const run = await simulate({ world }, async (bench) => {
    const { id } = await short(bench);
    const look = async () => ({
      filled: (await bench.binance.fetchOrder(id, PERP)).filled,
      trades: (await bench.binance.fetchMyTrades(PERP)).length,
      position: await positionOf(bench),
    });
    const first = await look();
    await bench.clock.sleep(durationMs(2_500));
    const second = await look();
    await bench.clock.sleep(durationMs(3_000));
    return [first, second, await look()];
  });
  expect(run.value).toEqual([
    { filled: 0.05, trades: 0, position: undefined },
    { filled: 0.05, trades: 1, position: undefined },
    { filled: 0.05, trades: 1, position: 0.05 },
  ]);
});

const link = { kind: 'link', p: 0.2, r: 0.3, lossGood: 0, lossBad: 1 } as const;

/** Which of many reads came back, over a link that loses in bursts. */
async function answered(seed: string, extra: (call: { readonly method: string }) => readonly CallAction[] = () => []): Promise<boolean[]> {
  const faults = scriptedFaults({ windows: [{ venue: 'upbit', action: link, fromMs: 100 }], onCall: extra });
  const world = worldWith({ upbit: { timeoutMs: 100 } });
  const run = await simulate({ seed, faults, world }, async (bench) => {
    await bench.clock.sleep(durationMs(200));
    const results: boolean[] = [];
    for (let index = 0; index < 200; index += 1) {
      results.push((await failure(() => bench.upbit.fetchOrderBook(SPOT, 1))) === '');
      await bench.clock.sleep(durationMs(200));
    }
    return results;
  });
  expect(faults.hits.length).toBe(run.value.filter((ok) => !ok).length);
  return run.value;
}

test('a link with bursts: loses in runs, the same for a seed, and another fault moves no draw', async () => {
  const results = await answered('1');
  const lost = results.filter((ok) => !ok).length;
  expect(lost).toBeGreaterThan(50);
  expect(lost).toBeLessThan(150);
  const afterLoss = results.filter((_, index) => index > 0 && results[index - 1] === false);
  // Independent loss would repeat itself as often as it happens; bursts do so far more often.
  expect(afterLoss.filter((ok) => !ok).length / afterLoss.length).toBeGreaterThan(lost / results.length);
  expect(await answered('1')).toEqual(results);
  expect(await answered('1', (call) => (call.method === 'fetchOrderBook' ? [{ kind: 'delay', part: 'response', by: ms(5) }] : []))).toEqual(results);
  expect(await answered('2')).not.toEqual(results);
});

test('samples in order: each delay is the next of the record, from the start again at its end', async () => {
  const by = { kind: 'empirical', samplesMs: [10, 300, 40], mode: 'sequential' } as const;
  const faults = scriptedFaults({ onCall: each('binance', 'fetchTime', { kind: 'delay', part: 'response', by }) });
  const run = await simulate({ faults }, async ({ clock, binance }) => {
    const took: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      const from = clock.now();
      await binance.fetchTime();
      took.push(clock.now() - from - 30);
    }
    return took;
  });
  expect(run.value).toEqual([10, 300, 40, 10]);
});
