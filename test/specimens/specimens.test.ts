import { describe, expect, test } from 'vitest';

import { parseFixed } from '../../src/core/money.js';
import type { Btc } from '../../src/core/money.js';
import { epochMs, seconds } from '../../src/core/units.js';
import { ExchangeError, NetworkError, RequestTimeout } from '../../src/exchange/ccxt-errors.js';
import type { EnterRequest, Executor, ExecutorFactory } from '../../src/executor/ports.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';
import { CallQuota } from '../../src/specimens/call-quota.js';
import { createLetterExecutor, LetterExecutor } from '../../src/specimens/letter.js';
import { createNaiveExecutor, NaiveExecutor } from '../../src/specimens/naive.js';
import { FakeVenues } from './support/fake-venues.js';
import type { Fault } from './support/fake-venues.js';

const START = epochMs(Date.UTC(2025, 8, 1));

function request(quantity = '0.05'): EnterRequest {
  return { quantity: parseFixed<Btc>(quantity), decidedAt: START, upbitPrice: 159_500_000, binancePrice: 115_000, usdKrw: 1_390, premium: -0.002 };
}

async function play<T>(
  factory: ExecutorFactory,
  faults: readonly Fault[],
  act: (executor: Executor, venues: FakeVenues, clock: VirtualClock) => Promise<T>,
): Promise<{ result: T; venues: FakeVenues; tookMs: number }> {
  const clock = new VirtualClock(START);
  const venues = new FakeVenues(clock, faults);
  const result = await clock.run(() => act(factory(venues.ports(), {}), venues, clock));
  return { result, venues, tookMs: clock.now() - START };
}

const enter = (executor: Executor) => executor.enter(request());
const roundTrip = async (executor: Executor) => {
  const entered = await executor.enter(request());
  const exited = await executor.exit({ positionIds: [], decidedAt: START, reason: 'target' });
  return { entered, exited };
};

/** The naive executor with one method put back to the letter's. */
function withoutRepair(repair: 'isSuccess' | 'entrySizes' | 'exitSizes'): ExecutorFactory {
  return (ports) => {
    const executor = new NaiveExecutor(ports);
    const letters = LetterExecutor.prototype as unknown as Record<string, unknown>;
    return Object.defineProperty(executor, repair, { value: letters[repair] });
  };
}

describe('letter', () => {
  test('without any fault: the filled Upbit buy ends canceled, the short is undone and the BTC stays naked', async () => {
    const { result, venues } = await play(createLetterExecutor, [], enter);
    expect(result).toMatchObject({ outcome: 'rolled-back', residual: 0n });
    expect(result.reason).toMatch(/^hedge entry failed: Upbit buy failed: order o\d ended canceled/);
    expect(venues.position).toBe(0);
    expect(venues.naked).toBeCloseTo(0.05, 7);
    expect(venues.methods('upbit')).toContain('notify:HEDGE_ENTRY_FAILED');
  });

  test('its calls are those of the specification, the leverage by the raw call before the short', async () => {
    const { venues } = await play(createLetterExecutor, [], enter);
    expect(venues.methods('upbit').filter((method) => !method.startsWith('notify'))).toEqual(['createOrder', 'fetchOrder']);
    expect(venues.methods('binance')).toEqual(['setLeverage', 'createOrder', 'fetchOrder', 'createOrder']);
    expect(venues.calls.find(({ method }) => method === 'setLeverage')?.args).toEqual([{ symbol: 'BTCUSDT', leverage: 1 }]);
    expect(venues.calls.find(({ venue }) => venue === 'upbit')?.args).toEqual(['BTC/KRW', 7_975_000]);
  });

  test('a create whose answer is lost is sent again: three orders live, and the short is three times as large', async () => {
    const lost = [1, 2].map((nth): Fault => ({ venue: 'binance', method: 'createOrder', nth, after: new RequestTimeout('timed out') }));
    const { venues } = await play(createLetterExecutor, lost, enter);
    expect(venues.methods('binance').filter((method) => method === 'createOrder')).toHaveLength(4);
    // Three shorts of 0.05, one bought back by the rollback.
    expect(venues.position).toBeCloseTo(-0.1, 9);
    const times = venues.calls.filter(({ venue, method }) => venue === 'binance' && method === 'createOrder').map(({ at }) => at);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(1_020);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBe(2_020);
  });

  test('an exchange error is never retried; both legs raising leaves nothing to roll back', async () => {
    const refused = (venue: 'upbit' | 'binance'): Fault => ({ venue, method: 'createOrder', nth: 1, before: new ExchangeError('no') });
    const { result, venues } = await play(createLetterExecutor, [refused('upbit'), refused('binance')], enter);
    expect(result.outcome).toBe('aborted');
    expect(venues.calls.filter(({ method }) => method === 'createOrder')).toHaveLength(2);
  });

  test('errors while polling are swallowed until the time-out, which counts as a failed leg', async () => {
    const blind = Array.from({ length: 30 }, (_, index): Fault => ({
      venue: 'binance',
      method: 'fetchOrder',
      nth: index + 1,
      before: new NetworkError('down'),
    }));
    const { result, venues, tookMs } = await play(createLetterExecutor, blind, enter);
    expect(result.reason).toMatch(/Binance short failed: order o\d was not filled within 10 s/);
    expect(tookMs).toBeGreaterThan(10_000);
    expect(tookMs).toBeLessThan(11_500);
    // Both legs raised, so nothing was undone: 0.05 BTC on either side and nobody knows.
    expect(venues.position).toBeCloseTo(-0.05, 9);
  });
});

describe('naive', () => {
  test('without faults: enters hedged to the lot and comes out flat', async () => {
    const { result, venues } = await play(createNaiveExecutor, [], async (executor, between) => {
      const entered = await executor.enter(request());
      const held = { position: between.position, naked: between.naked, positions: executor.positions().length };
      const exited = await executor.exit({ positionIds: [], decidedAt: START, reason: 'target' });
      return { entered, held, exited };
    });
    expect(result.entered.outcome).toBe('hedged');
    expect(result.held.position).toBe(-0.05);
    expect(Math.abs(result.held.naked)).toBeLessThan(0.001);
    expect(result.held.positions).toBe(1);
    expect(result.exited.outcome).toBe('flat');
    expect({ btc: venues.btc, position: venues.position }).toEqual({ btc: 0, position: 0 });
  });

  test('a price that moved before the buy was filled: the exit sells what was bought and no more', async () => {
    const { result, venues } = await play(createNaiveExecutor, [], (executor, fake) => {
      fake.upbitPrice = 159_900_000;
      return roundTrip(executor);
    });
    expect(result.exited.outcome).toBe('flat');
    expect(venues.btc).toBe(0);
    expect(venues.position).toBe(0);
  });

  test.each([
    { repair: 'isSuccess', krw: 50_000_000, quantity: '0.05', ends: 'rolled-back, 0.05 BTC naked' },
    { repair: 'entrySizes', krw: 50_000_000, quantity: '0.0507', ends: 'flat, 0 BTC naked, 0.0007 BTC unhedged while held' },
    { repair: 'entrySizes', krw: 7_975_000, quantity: '0.05', ends: 'rolled-back, 0 BTC naked' },
    { repair: 'exitSizes', krw: 50_000_000, quantity: '0.05', ends: 'raised insufficient_funds_ask, 0.05 BTC naked' },
  ] as const)('without the repair of $repair ($krw KRW, $quantity BTC): $ends', async ({ repair, krw, quantity, ends }) => {
    const { result } = await play(withoutRepair(repair), [], async (executor, fake, clock) => {
      fake.krw = krw;
      // A little dearer than decided, as after a spread.
      fake.upbitPrice = 159_510_000;
      const entered = await executor.enter(request(quantity));
      const held = Math.round(Math.abs(fake.naked) * 1e4) / 1e4;
      if (entered.outcome !== 'hedged') return `${entered.outcome}, ${held} BTC naked`;
      const exit = executor.exit({ positionIds: [], decidedAt: START, reason: 'target' });
      const exited = await exit.then(({ outcome }) => outcome).catch((error: unknown) => `raised ${(error as Error).message}`);
      // The other leg's order is still on its way when the first error arrives.
      await clock.sleep(seconds(1));
      const naked = Math.round(Math.abs(fake.naked) * 1e4) / 1e4;
      return `${exited}, ${naked} BTC naked${held > 0 ? `, ${held} BTC unhedged while held` : ''}`;
    });
    expect(result).toBe(ends);
  });

  test('a balance that just covers the price but not the fee: one lot less, and the order is taken', async () => {
    const { result, venues } = await play(createNaiveExecutor, [], (executor, fake) => {
      fake.krw = 7_975_000;
      return executor.enter(request());
    });
    expect(result.outcome).toBe('hedged');
    expect(venues.position).toBe(-0.049);
  });

  test('a quantity that is no whole number of lots is cut on both legs', async () => {
    const { venues } = await play(createNaiveExecutor, [], (executor) => executor.enter(request('0.0507')));
    expect(venues.position).toBe(-0.05);
    expect(Math.abs(venues.naked)).toBeLessThan(0.000_01);
  });

  test("its handling of failures is the letter's: a short refused after the buy leaves the spot to the rollback", async () => {
    const refused: Fault = { venue: 'binance', method: 'createOrder', nth: 1, before: new ExchangeError('-4164') };
    const { result, venues } = await play(createNaiveExecutor, [refused], enter);
    expect(result.outcome).toBe('rolled-back');
    expect(venues.btc).toBe(0);
  });

  test('an exit that fails on one side is raised and leaves the position naked and still listed', async () => {
    const fails: Fault = { venue: 'binance', method: 'createOrder', nth: 2, before: new ExchangeError('-1001') };
    let listed = -1;
    const run = play(createNaiveExecutor, [fails], async (executor, fake) => {
      await executor.enter(request());
      try {
        return await executor.exit({ positionIds: [], decidedAt: START, reason: 'target' });
      } finally {
        listed = executor.positions().length;
        expect(fake.position).toBe(-0.05);
      }
    });
    await expect(run).rejects.toThrow('-1001');
    expect(listed).toBe(1);
  });
});

test('both specimens ask for clients with their own limiter', () => {
  expect([createLetterExecutor.enableRateLimit, createNaiveExecutor.enableRateLimit]).toEqual([true, true]);
});

test('the call quota lets at most its number through in any second, in order', async () => {
  const clock = new VirtualClock(START);
  const quota = new CallQuota(clock, 8);
  const went: number[] = [];
  await clock.run(async () => {
    await Promise.all(Array.from({ length: 20 }, () => quota.wait().then(() => went.push(clock.now() - START))));
    await clock.sleep(seconds(1.5));
    await quota.wait();
    went.push(clock.now() - START);
  });
  expect(went.slice(0, 20)).toEqual([...Array<number>(8).fill(0), ...Array<number>(8).fill(1_000), ...Array<number>(4).fill(2_000)]);
  // Idle time frees the quota: nothing waits that need not.
  expect(went[20]).toBe(3_500);
});
