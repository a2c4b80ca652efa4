import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { movingMarket } from './support/moving-market.js';
import { nth, scriptedFaults } from './support/scripted-faults.js';
import { eventsOf, PERP, simulate } from './support/simulate.js';
import { ms, worldWith } from './support/world.js';

async function failure(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'accepted';
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}

// A request takes 20 ms to the venue: it reaches the matching engine 20 ms plus the matching delay after its timestamp.
test.each([
  { name: 'at the end of its window', matching: 980, outcome: /^accepted$/ },
  { name: 'a millisecond after it', matching: 981, outcome: /^BadRequest: .*"code":-5028,/ },
])('an order that the matching engine gets $name', async ({ matching, outcome }) => {
  const world = worldWith({ binance: { recvWindowMs: 1_000, matchingDelay: ms(matching) } });
  const run = await simulate({ world }, async ({ binance, clock }) => {
    const from = clock.now();
    const order = await failure(() => binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: 'late' }));
    return { order, tookMs: clock.now() - from };
  });
  expect(run.value.order).toMatch(outcome);
  // The answer comes from the matching engine, not from the gateway.
  expect(run.value.tookMs).toBe(20 + matching + 10);
  expect(eventsOf(run.tape, 'order.accepted')).toHaveLength(matching === 980 ? 1 : 0);
});

test('an order too late for the matching engine: never existed, and its id is free', async () => {
  const world = worldWith({ binance: { recvWindowMs: 1_000, matchingDelay: ms(1_500) } });
  const run = await simulate({ world }, async ({ binance }) => {
    const id = { clientOrderId: 'late' };
    await failure(() => binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, id));
    return {
      found: await failure(() => binance.fetchOrder(undefined, PERP, id)),
      again: await failure(() => binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { ...id, recvWindow: 5_000 })),
    };
  });
  expect(run.value.found).toMatch(/-2013/);
  expect(run.value.again).toBe('accepted');
  expect(eventsOf(run.tape, 'order.refused')).toMatchObject([{ venue: 'binance', code: '-5028' }]);
});

test('a fault that scripts an execution: has let the order in, however slow the matching is', async () => {
  const world = worldWith({ binance: { recvWindowMs: 1_000, matchingDelay: ms(1_500) } });
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, { kind: 'fill', fraction: 1, pieces: 1, then: 'fill', slipBp: 0 }) });
  const run = await simulate({ world, faults }, ({ binance }) => failure(() => binance.createOrder(PERP, 'market', 'sell', 0.05)));
  expect(run.value).toBe('accepted');
});

test('a resting order that the book reaches: takes what stands there once, then only what comes back', async () => {
  // The best bid of 1 BTC steps over the limit and stays; what was taken is back after six seconds.
  const market = movingMarket({ perp: (elapsed) => (elapsed < 1_000 ? 89_500 : 89_505) });
  const world = worldWith({ binance: { balances: { USDT: '2000000' } } });
  const run = await simulate({ world, market }, async ({ binance, clock }) => {
    const { id } = await binance.createOrder(PERP, 'limit', 'sell', 5, 89_504);
    await clock.sleep(durationMs(4_000));
    const early = (await binance.fetchOrder(id, PERP)).filled;
    await clock.sleep(durationMs(6_000));
    return { early, later: (await binance.fetchOrder(id, PERP)).filled };
  });
  expect(run.value.early).toBeGreaterThan(1);
  expect(run.value.early).toBeLessThan(1.6);
  expect(run.value.later).toBeGreaterThan(2.5);
  expect(run.value.later).toBeLessThan(3.6);
});
