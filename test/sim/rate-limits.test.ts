import { expect, test } from 'vitest';
import { durationMs, epochMs } from '../../src/core/units.js';
import { profileAt } from '../../src/exchange/venue-profiles.js';
import { RateCounter, type RateClass } from '../../src/sim/rate-counter.js';
import { rulesOf } from '../../src/sim/venue-rules.js';
import { PERP, simulate, SPOT, type Bench } from './support/simulate.js';
import { START, worldWith } from './support/world.js';

const counter = (venue: 'upbit' | 'binance', at = START): RateCounter => new RateCounter(() => rulesOf(profileAt(venue, at), {}));
const order: RateClass = { method: 'createOrder', scope: 'orders', weight: 1 };
const query: RateClass = { method: 'fetchOrder', scope: 'queries', weight: 1 };
const admit = (rates: RateCounter, call: RateClass, count: number, at = START): string[] =>
  Array.from({ length: count }, () => rates.admit(call, at).kind);

test('upbit orders, nine in a second of 2025: eight pass, and the next second starts afresh', () => {
  const rates = counter('upbit');
  expect(admit(rates, order, 9)).toEqual([...Array<string>(8).fill('pass'), 'limited']);
  expect(admit(rates, order, 1, epochMs(START + 1_000))).toEqual(['pass']);
});

test('upbit orders after 2026-08-21 21:00 KST: twelve a second', () => {
  const at = epochMs(Date.parse('2026-08-21T12:00:00Z'));
  expect(admit(counter('upbit', at), order, 13, at)).toEqual([...Array<string>(12).fill('pass'), 'limited']);
});

test('upbit groups: a full order group leaves queries and each group of market data alone', () => {
  const rates = counter('upbit');
  admit(rates, order, 9);
  expect(admit(rates, query, 1)).toEqual(['pass']);
  expect(admit(rates, { method: 'fetchOrderBook', scope: 'market', weight: 1 }, 11).at(-1)).toBe('limited');
  expect(admit(rates, { method: 'fetchTicker', scope: 'market', weight: 1 }, 1)).toEqual(['pass']);
});

test('binance: 300 orders in ten seconds, and 2,400 of weight in a minute that orders do not use', () => {
  const rates = counter('binance');
  const binanceOrder: RateClass = { method: 'createOrder', scope: 'orders', weight: 0 };
  expect(admit(rates, binanceOrder, 301).slice(-2)).toEqual(['pass', 'limited']);
  const heavy: RateClass = { method: 'fetchOrderBook', scope: 'market', weight: 20 };
  expect(admit(rates, heavy, 121).slice(-2)).toEqual(['pass', 'limited']);
});

test('a client that goes on after 429: banned at the tenth, each ban twice as long as the one before', () => {
  const rates = counter('upbit');
  const kinds = admit(rates, order, 8 + 10);
  expect(kinds.slice(8)).toEqual([...Array<string>(9).fill('limited'), 'banned']);
  const first = rates.admit(query, epochMs(START + 5_000));
  expect(first).toEqual({ kind: 'banned', until: START + 10_000 });
  const later = epochMs(START + 20_000);
  expect(admit(rates, order, 18, later).at(-1)).toBe('banned');
  expect(rates.admit(query, later)).toEqual({ kind: 'banned', until: later + 20_000 });
});

test('a client that waits out each window: limited now and then, never banned', () => {
  const rates = counter('upbit');
  const kinds: string[] = [];
  for (let second = 0; second < 30; second += 1) kinds.push(...admit(rates, order, 9, epochMs(START + second * 1_000)));
  expect(kinds.filter((kind) => kind === 'limited')).toHaveLength(30);
  expect(kinds).not.toContain('banned');
});

async function burst(bench: Bench, count: number): Promise<string[]> {
  const calls = Array.from({ length: count }, (_, index) =>
    bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.001, 120_000_000, { clientOrderId: `c-${index}` }).then(
      () => 'accepted',
      (error: Error) => `${error.constructor.name} ${error.message.slice(0, 60)}`,
    ),
  );
  return Promise.all(calls);
}

test('a burst of twelve orders on Upbit: eight are taken, four get 429 in the form of the world', async () => {
  const json = await simulate({}, (bench) => burst(bench, 12));
  expect(json.value.filter((outcome) => outcome === 'accepted')).toHaveLength(8);
  expect(json.value.filter((outcome) => outcome.startsWith('ExchangeError upbit {"error":{"name":"too_many_requests"'))).toHaveLength(4);
  const text = await simulate({ world: worldWith({ upbit: { errorBody: 'text' } }) }, (bench) => burst(bench, 12));
  expect(text.value.filter((outcome) => outcome.startsWith('RateLimitExceeded'))).toHaveLength(4);
});

test("a client with ccxt's own limiter: the same burst is stretched and never limited", async () => {
  const run = await simulate({ enableRateLimit: true }, async (bench) => {
    const from = bench.clock.now();
    const outcomes = await burst(bench, 12);
    return { outcomes, tookMs: bench.clock.now() - from };
  });
  expect(run.value.outcomes.every((outcome) => outcome === 'accepted')).toBe(true);
  // Each call pays for the one before it: loadMarkets cost 2 (100 ms), every order 2.5 (125 ms).
  expect(run.value.tookMs).toBe(100 + 11 * 125 + 30);
});

test('a ban: 418 for every call, with its end, until it is over', async () => {
  const run = await simulate({}, async (bench) => {
    await burst(bench, 20);
    const during = await bench.upbit.fetchBalance().then(
      () => '',
      (error: Error) => `${error.constructor.name} ${error.message}`,
    );
    await bench.clock.sleep(durationMs(11_000));
    return { during, after: await bench.upbit.fetchBalance().then(() => 'answered') };
  });
  expect(run.value.during).toMatch(/^ExchangeError upbit .*"blocked"/);
  expect(run.value.after).toBe('answered');
});

test('binance over its order limit: DDoSProtection with -1015', async () => {
  const world = worldWith({ binance: { balances: { USDT: '10000000' } } });
  const run = await simulate({ world }, async ({ binance, clock }) => {
    const refusals: string[] = [];
    for (const count of [150, 151]) {
      const calls = Array.from({ length: count }, () => binance.createOrder(PERP, 'market', 'sell', 0.002));
      for (const result of await Promise.allSettled(calls))
        if (result.status === 'rejected') refusals.push(`${(result.reason as Error).constructor.name} ${(result.reason as Error).message}`);
      await clock.sleep(durationMs(100));
    }
    return refusals;
  });
  expect(run.value).toHaveLength(1);
  expect(run.value[0]).toMatch(/^DDoSProtection .*429.*-1015/);
});
