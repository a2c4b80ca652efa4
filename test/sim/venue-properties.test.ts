import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import type { CallAction } from '../../src/faults/fault-action.js';
import type { ClientOrder } from '../../src/exchange/exchange-client.js';
import { scriptedFaults } from './support/scripted-faults.js';
import { movingMarket } from './support/moving-market.js';
import { eventsOf, PERP, simulate, SPOT, type Bench } from './support/simulate.js';
import { ms, worldWith } from './support/world.js';

/** One thing a random client does; every number is scaled to something near the venue's limits. */
interface Step {
  readonly kind: 'limit' | 'market' | 'cost' | 'cancel' | 'read' | 'wait';
  readonly venue: 'upbit' | 'binance';
  readonly buy: boolean;
  readonly size: number;
  readonly offset: number;
  readonly timeInForce: 'IOC' | 'FOK' | 'PO' | undefined;
  readonly reduceOnly: boolean;
  readonly fault: CallAction | undefined;
}

const fault: fc.Arbitrary<CallAction | undefined> = fc.option(
  fc.oneof(
    fc.record({
      kind: fc.constant('lose' as const),
      part: fc.constantFrom('request' as const, 'response' as const),
      as: fc.constantFrom('timeout' as const, 'reset' as const),
    }),
    fc.record({
      kind: fc.constant('delay' as const),
      part: fc.constantFrom('request' as const, 'response' as const),
      by: fc.integer({ min: 0, max: 15_000 }).map(ms),
    }),
    fc.record({ kind: fc.constant('reject' as const), http: fc.constant(503), processed: fc.boolean() }),
    fc.record({
      kind: fc.constant('fill' as const),
      fraction: fc.constantFrom(0, 0.3, 0.77, 1),
      pieces: fc.integer({ min: 1, max: 3 }),
      then: fc.constantFrom('rest' as const, 'fill' as const, 'expire' as const, 'cancel' as const, 'reject' as const),
      slipBp: fc.constantFrom(0, 7),
      after: fc.constantFrom(undefined, ms(400)),
    }),
    fc.record({
      kind: fc.constant('stuck' as const),
      state: fc.constantFrom('open' as const, 'pending-new' as const),
      for: fc.constantFrom(durationMs(2_000), 'forever' as const),
    }),
    fc.record({
      kind: fc.constant('cancelRace' as const),
      fillFraction: fc.constantFrom(0.2, 1),
      report: fc.constantFrom('canceled' as const, 'not-open' as const, 'timeout' as const),
    }),
  ),
  { nil: undefined, freq: 2 },
);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('limit', 'limit', 'market', 'cost', 'cancel', 'read', 'wait'),
  venue: fc.constantFrom('upbit', 'binance'),
  buy: fc.boolean(),
  size: fc.integer({ min: 1, max: 3_000 }),
  offset: fc.integer({ min: -12, max: 12 }),
  timeInForce: fc.constantFrom(undefined, 'IOC', 'FOK', 'PO'),
  reduceOnly: fc.boolean(),
  fault,
});

const world = worldWith({
  upbit: {
    balances: { KRW: '300000000', BTC: '1.5' },
    visibilityLag: { kind: 'uniform', fromMs: 0, toMs: 700 },
    matchingDelay: { kind: 'uniform', fromMs: 0, toMs: 300 },
  },
  binance: {
    balances: { USDT: '150000' },
    visibilityLag: { kind: 'uniform', fromMs: 0, toMs: 700 },
    matchingDelay: { kind: 'uniform', fromMs: 0, toMs: 300 },
  },
});

async function carryOut(
  bench: Bench,
  { kind, venue, buy, size, offset, timeInForce, reduceOnly }: Step,
  seen: Map<string, ClientOrder[]>,
  name: string,
): Promise<void> {
  const client = bench[venue];
  const symbol = venue === 'upbit' ? SPOT : PERP;
  const side = buy ? 'buy' : 'sell';
  const amount = size / 1_000;
  const price = venue === 'upbit' ? 130_000_000 + offset * 7_000 : 89_500 + offset * 0.7;
  const params = {
    clientOrderId: name,
    ...(timeInForce === undefined ? {} : { timeInForce }),
    ...(venue === 'binance' && reduceOnly ? { reduceOnly } : {}),
  };
  const note = (order: ClientOrder): void => void seen.set(`${venue}/${order.id}`, [...(seen.get(`${venue}/${order.id}`) ?? []), order]);
  switch (kind) {
    case 'limit':
      return note(await client.createOrder(symbol, 'limit', side, amount, price, params));
    case 'market':
      return note(
        await client.createOrder(symbol, 'market', side, amount, venue === 'upbit' ? price : undefined, {
          clientOrderId: name,
          ...(params.reduceOnly === true ? { reduceOnly } : {}),
        }),
      );
    case 'cost':
      return note(await client.createMarketBuyOrderWithCost(symbol, size * 10_000, { clientOrderId: name }));
    case 'cancel':
      for (const order of await client.fetchOpenOrders(symbol)) await client.cancelOrder(order.id, symbol);
      return;
    case 'read':
      for (const order of await client.fetchOpenOrders(symbol)) note(await client.fetchOrder(order.id, symbol));
      return;
    case 'wait':
      await bench.clock.sleep(durationMs(size));
  }
}

const FINAL = new Set(['closed', 'canceled', 'expired', 'rejected']);

test('any client, any faults, a moving market: money is conserved, and no order is seen going back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      let current: CallAction | undefined;
      const faults = scriptedFaults({ onCall: () => (current === undefined ? [] : [current]) });
      const market = movingMarket({ perp: (elapsed) => 89_500 + 30 * Math.sin(elapsed / 3_000), fundingRate: 0.0001 });
      const seen = new Map<string, ClientOrder[]>();
      // `simulate` closes the books: postings, fills, balances and the position must agree to the last unit.
      const run = await simulate({ world, faults, market }, async (bench) => {
        for (const [index, next] of steps.entries()) {
          current = next.fault;
          await carryOut(bench, next, seen, `c-${index}`).catch(() => undefined);
        }
        current = undefined;
        await bench.clock.sleep(durationMs(30_000));
        for (const [name] of seen) {
          const [venue, id] = name.split('/') as ['upbit' | 'binance', string];
          seen.get(name)?.push(await bench[venue].fetchOrder(id, venue === 'upbit' ? SPOT : PERP));
        }
        return { perp: bench.sim.perp(), spot: bench.sim.spot() };
      });
      for (const orders of seen.values()) {
        for (const [index, order] of orders.entries()) {
          const before = orders[index - 1];
          if (before === undefined || index < orders.length - 1) continue;
          expect(order.filled ?? 0).toBeGreaterThanOrEqual(before.filled ?? 0);
          if (FINAL.has(before.status ?? '') && before.info !== undefined) expect(order.status).toBe(before.status);
        }
      }
      const fills = eventsOf(run.tape, 'fill');
      const sum = (venue: string): bigint =>
        fills.filter((fill) => fill.venue === venue).reduce((total, fill) => total + BigInt(fill.quantity) * (fill.side === 'buy' ? 1n : -1n), 0n);
      expect(run.value).toEqual({ spot: sum('upbit'), perp: sum('binance') });
      for (const order of eventsOf(run.tape, 'order.accepted')) {
        const executed = fills
          .filter(({ orderId, venue }) => orderId === order.orderId && venue === order.venue)
          .reduce((total, { quantity }) => total + quantity, 0n);
        if (order.quantity !== undefined) expect(executed).toBeLessThanOrEqual(order.quantity);
        const spent = fills
          .filter(({ orderId, venue }) => orderId === order.orderId && venue === order.venue)
          .reduce((total, { quote }) => total + quote, 0n);
        if (order.cost !== undefined) expect(spent).toBeLessThanOrEqual(order.cost);
      }
    }),
    { numRuns: 150 },
  );
});

test('the same seed twice: the same bytes; another seed: others', async () => {
  const noisy = worldWith({
    upbit: { latency: { request: { '*': { kind: 'lognormal', p50Ms: 35, p99Ms: 220, capMs: 8_000 } }, response: { '*': ms(10) } } },
    binance: { latency: { request: { '*': { kind: 'pareto', minMs: 20, alpha: 2, capMs: 5_000 } }, response: { '*': ms(10) } } },
  });
  const once = async (seed: string): Promise<string> => {
    const run = await simulate({ world: noisy, seed }, async ({ upbit, binance, clock }) => {
      for (let index = 0; index < 5; index += 1) {
        await Promise.all([upbit.createMarketBuyOrderWithCost(SPOT, 1_000_000), binance.createOrder(PERP, 'market', 'sell', 0.01)]);
        await clock.sleep(durationMs(500));
      }
    });
    return run.tape.hash();
  };
  expect(await once('7')).toBe(await once('7'));
  expect(await once('8')).not.toBe(await once('7'));
});
