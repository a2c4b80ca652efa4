import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs, epochMs, type MonotonicMs } from '../../src/core/units.js';
import type { RateLimitRule } from '../../src/exchange/venue-profile.js';
import { quotaOf } from '../../src/exchange/venue-profiles.js';
import { CALLS, Quota, type CallName, type Priority } from '../../src/executor/quota.js';
import { Bench, START } from '../support/executor-bench.js';
import { answersError, binanceBan } from '../support/scripted-venue.js';

const at = (ms: number): MonotonicMs => ms as MonotonicMs;
const orders: RateLimitRule = { name: 'orders', scope: 'orders', limit: 8, windowMs: 1_000, counts: 'calls' };

test('quota of 8 orders a second, a quarter kept back: the seventh order waits, a close does not', () => {
  const quota = new Quota([orders], 0.25);
  for (let order = 0; order < 6; order += 1) {
    expect(quota.waitMs('createOrder', 'normal', at(order * 10))).toBe(0);
    quota.take('createOrder', at(order * 10));
  }
  expect(quota.waitMs('createOrder', 'normal', at(60))).toBe(940);
  expect(quota.waitMs('createOrder', 'reduce', at(60))).toBe(0);
  quota.take('createOrder', at(60));
  quota.take('createOrder', at(60));
  expect(quota.waitMs('createOrder', 'reduce', at(60))).toBe(940);
  // Seven are in the window then, so two of them have to leave it before a sixth may come.
  expect(quota.waitMs('createOrder', 'normal', at(1_000))).toBe(20);
});

test('quota: reads do not use up orders', () => {
  const quota = new Quota([orders], 0);
  for (let read = 0; read < 50; read += 1) quota.take('fetchOrder', at(0));
  expect(quota.waitMs('createOrder', 'normal', at(0))).toBe(0);
});

test('quota by weight: a heavy call waits until enough of the window has passed', () => {
  const quota = new Quota([{ name: 'weight', scope: 'all', limit: 100, windowMs: 60_000, counts: 'weight' }], 0);
  quota.take('loadMarkets', at(0));
  quota.take('loadMarkets', at(1_000));
  expect(quota.waitMs('fetchPositionMode', 'normal', at(2_000))).toBe(58_000);
  expect(quota.waitMs('fetchOrder', 'normal', at(2_000))).toBe(0);
});

test('quota, any calls at any pace: no window ever holds more than its limit', () => {
  const names = Object.keys(CALLS) as CallName[];
  const call = fc.record({ name: fc.constantFrom(...names), priority: fc.constantFrom<Priority>('normal', 'reduce'), gap: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 120 }), fc.constantFrom('upbit', 'binance'), (calls, venue) => {
      const rules = quotaOf(venue, START);
      const quota = new Quota(rules, 0.25);
      const sent: { name: CallName; at: number }[] = [];
      let now = 0;
      for (const { name, priority, gap } of calls) {
        now += gap;
        for (let wait = quota.waitMs(name, priority, at(now)); wait > 0; wait = quota.waitMs(name, priority, at(now))) now += wait;
        quota.take(name, at(now));
        sent.push({ name, at: now });
      }
      for (const rule of rules) {
        const counted = sent.map((one) => ({ ...one, amount: amountOf(rule, one.name) })).filter(({ amount }) => amount > 0);
        for (const { at: end } of counted) {
          const used = counted.filter((one) => one.at > end - rule.windowMs && one.at <= end).reduce((sum, { amount }) => sum + amount, 0);
          expect(used).toBeLessThanOrEqual(rule.limit);
        }
      }
    }),
    { numRuns: 40 },
  );
});

function amountOf(rule: RateLimitRule, name: CallName): number {
  const { scope, weight } = CALLS[name];
  if (rule.scope !== 'all' && rule.scope !== scope) return 0;
  if (rule.methods !== undefined && !rule.methods.includes(name)) return 0;
  return rule.counts === 'calls' ? 1 : weight;
}

test('ban with a term: nothing goes out before its end, whatever the priority', () => {
  const quota = new Quota([orders], 0);
  expect(quota.block(at(1_000), 120_000, 1_000)).toBe(120_000);
  expect(quota.waitMs('fetchOrder', 'reduce', at(2_000))).toBe(119_250);
  expect(quota.waitMs('createOrder', 'reduce', at(121_250))).toBe(0);
});

test('warnings without a term: each further one doubles the wait, an answer resets it', () => {
  const quota = new Quota([], 0);
  expect([0, 0, 0].map(() => quota.block(at(0), undefined, 1_000))).toEqual([1_000, 2_000, 4_000]);
  quota.relax();
  expect(quota.block(at(0), undefined, 1_000)).toBe(1_000);
});

test('warning to a request that left before the last one was heard: the same warning, not a further one', () => {
  const quota = new Quota([], 0);
  expect(quota.block(at(1_000), 14_000, 120_000, at(500))).toBe(14_000);
  expect(quota.block(at(1_200), undefined, 120_000, at(600))).toBe(120_000);
  expect(quota.waitMs('fetchOrder', 'reduce', at(1_200))).toBe(120_250);
  expect(quota.block(at(130_000), undefined, 120_000, at(129_000))).toBe(240_000);
});

test('ban during an entry: not one request goes to that venue before its end', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.binance.next('createOrder', answersError(binanceBan()));
    await bench.enter();
    const bannedAt = bench.binance.callsOf('createOrder')[0]?.at ?? 0;
    await bench.wait(30_000);
    expect((await bench.enter()).reason).toContain('may not be called');
    await bench.wait(180_000);
    expect((await bench.enter()).outcome).toBe('hedged');
    const during = bench.binance.calls.filter(({ at: time }) => time > bannedAt && time < bannedAt + 120_000);
    expect(during).toEqual([]);
    expect(bench.alerts).toContain('RATE_LIMIT_BAN');
    expect(bench.marks).toContain('ban.waited-out');
  });
});

test('ban told in an answer that comes after we stopped waiting: honoured all the same', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.binance.next('createOrder', async (_act, clock) => {
      await clock.sleep(durationMs(4_000));
      throw binanceBan();
    });
    await bench.enter();
    const told = bench.binance.callsOf('createOrder')[0]?.at ?? 0;
    await bench.wait(120_000);
    const during = bench.binance.calls.filter(({ at: time }) => time > told + 4_000 && time < told + 124_000);
    expect(during).toEqual([]);
  });
});

test('ban that an earlier life was told of: the next life stays away as well', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.binance.next('createOrder', answersError(binanceBan()));
    await bench.enter();
    const bannedAt = bench.clock.now();
    await bench.executor.stop();
    await bench.wait(5_000);
    const started = bench.restart();
    await bench.wait(100_000);
    expect(bench.binance.calls.filter(({ at: time }) => time > bannedAt + 5_000)).toEqual([]);
    await started;
    expect((await bench.enter()).outcome).toBe('hedged');
  });
});

test("quotas in force on a day: the owner's table where it is the smaller one", () => {
  const limit = (day: string, venue: 'upbit' | 'binance', scope: string, windowMs: number): number | undefined =>
    quotaOf(venue, epochMs(Date.parse(day))).find((rule) => rule.scope === scope && rule.windowMs === windowMs && rule.counts === 'calls')?.limit;
  expect(limit('2026-12-01T00:00:00Z', 'upbit', 'orders', 1_000)).toBe(8);
  expect(limit('2026-12-01T00:00:00Z', 'binance', 'orders', 10_000)).toBe(300);
});
