import { expect, test } from 'vitest';
import { PositionBook } from '../../src/executor/position-book.js';
import { MemoryJournal } from '../../src/journal/memory-journal.js';
import { Bench, short, START } from '../support/executor-bench.js';
import { answersError, binanceError, loseReply, loseRequest, page503, passes, upbitError, type ScriptedOrder } from '../support/scripted-venue.js';

const refusesShorts = (bench: Bench): void => void bench.binance.always('createOrder', answersError(binanceError('-2019')));
const ordersOf = (bench: Bench): number => bench.upbit.callsOf('createOrder').length + bench.binance.callsOf('createOrder').length;

test('Upbit gone for good with spot on: locked, told, and then at most six calls a minute', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    refusesShorts(bench);
    bench.upbit.next('createOrder', passes);
    const entering = bench.enter();
    await bench.wait(300);
    bench.upbit.always('*', answersError(page503('upbit')));
    expect((await entering).outcome).toBe('locked');
    expect(bench.executor.halted).toBe('opening');
    expect(bench.alerts).toEqual(expect.arrayContaining(['UNHEDGED_EXPOSURE', 'VENUE_UNREACHABLE', 'HALTED']));
    const lockedAt = bench.clock.now();
    await bench.wait(30 * 60_000);
    const later = [...bench.upbit.calls, ...bench.binance.calls].filter(({ at }) => at > lockedAt);
    expect(later.length).toBeGreaterThan(10);
    for (let minute = 0; minute < 30; minute += 1) {
      const from = lockedAt + minute * 60_000;
      expect(later.filter(({ at }) => at > from && at <= from + 60_000).length).toBeLessThanOrEqual(6);
    }
  });
});

test('Upbit that answers reads and takes no order for good: locked, and on average at most six calls a minute', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    refusesShorts(bench);
    bench.upbit.next('createOrder', passes);
    bench.upbit.always('createOrder', answersError(upbitError('server_error', 500)));
    expect((await bench.enter()).outcome).toBe('locked');
    const before = bench.upbit.calls.length + bench.binance.calls.length;
    await bench.wait(60 * 60_000);
    const made = bench.upbit.calls.length + bench.binance.calls.length - before;
    expect(made).toBeGreaterThan(30);
    expect(made).toBeLessThanOrEqual(60 * 6);
  });
});

test('repairs that get lost for good: what became of each is asked soon and often, and on average at most six calls a minute go out', async () => {
  // The chase of a repair gives up before the venue's bound on late requests, having spent minutes of the ration.
  const bench = new Bench({ upbitLifetimeMs: 75_000 });
  await bench.run(async () => {
    refusesShorts(bench);
    bench.upbit.next('createOrder', passes);
    bench.upbit.always('createOrder', loseRequest);
    expect((await bench.enter()).outcome).toBe('locked');
    const lockedAt = bench.clock.now();
    await bench.wait(60 * 60_000);
    const later = [...bench.upbit.calls, ...bench.binance.calls].filter(({ at }) => at > lockedAt);
    expect(later.length).toBeLessThanOrEqual(60 * 6);
    const sentAt = bench.upbit.callsOf('createOrder').map(({ at }) => at);
    const settledAt = bench.journal
      .records()
      .filter(({ event }) => event.type === 'order.settled' && event.certainty === 'presumed-zero')
      .map(({ event }) => event.t);
    expect(settledAt.length).toBeGreaterThan(5);
    for (const t of settledAt) expect(t - (sentAt.findLast((at) => at < t) ?? 0)).toBeLessThan(75_000 + 40_000);
  });
});

test('locked flow whose venue comes back: repaired in the background, the lock stays until a human resumes', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    refusesShorts(bench);
    bench.upbit.next('createOrder', passes);
    const entering = bench.enter();
    await bench.wait(300);
    bench.upbit.always('*', answersError(page503('upbit')));
    expect((await entering).outcome).toBe('locked');
    bench.upbit.always('*', undefined);
    await bench.wait(5 * 60_000);
    expect(bench.held).toBe('0/0');
    expect(bench.alerts).toContain('EXPOSURE_CLOSED');
    expect(bench.executor.halted).toBe('opening');
    bench.binance.always('createOrder', undefined);
    expect((await bench.enter()).outcome).toBe('aborted');
    expect(bench.marks).toContain('lock.refused-entry');
    await bench.executor.resume?.('operator');
    expect(short(await bench.enter())).toBe('hedged 0.05/-0.05');
  });
});

test('rollback orders that bring nothing: wider each time, eight of them, then locked long before the time is up', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    refusesShorts(bench);
    bench.upbit.executes({ fraction: 1, status: 'closed' }, ...Array.from({ length: 30 }, () => ({ fraction: 0, status: 'canceled' }) as const));
    expect((await bench.enter()).outcome).toBe('locked');
    expect(bench.clock.now() - START).toBeLessThan(30_000);
    const sales = bench.upbit.callsOf('createOrder').slice(1);
    expect(sales).toHaveLength(8);
    const prices = sales.map(({ args }) => args[4] as number);
    expect(prices.slice(0, 5)).toEqual([129_610_000, 129_220_000, 128_440_000, 126_880_000, 126_100_000]);
  });
});

test('spot order in doubt for good: nothing is sent against it, no second entry is made', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.upbit.next('createOrder', loseReply());
    bench.upbit.always('fetchOrder', answersError(page503('upbit')));
    expect((await bench.enter()).outcome).toBe('locked');
    // Two entry orders and not one more: the leg in doubt may have filled.
    expect(ordersOf(bench)).toBe(2);
    await bench.executor.resume?.('operator');
    expect((await bench.enter()).reason).toContain('quarantine');
    bench.upbit.always('fetchOrder', undefined);
    await bench.wait(3 * 60_000);
    expect(bench.executor.positions().map(({ quantity }) => quantity)).toEqual([5_000_000n]);
    expect(ordersOf(bench)).toBe(2);
  });
});

test('both legs in doubt for good: not called nothing, no entry on top of them', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    for (const venue of [bench.upbit, bench.binance]) {
      venue.next('createOrder', loseReply());
      venue.always('fetchOrder', answersError(page503(venue.venue)));
    }
    expect((await bench.enter()).outcome).toBe('locked');
    await bench.executor.resume?.('operator');
    expect((await bench.enter()).reason).toContain('an order of an earlier flow is still in doubt');
    bench.upbit.heal();
    bench.binance.heal();
    await bench.wait(3 * 60_000);
    expect(bench.executor.positions().map(({ quantity }) => quantity)).toEqual([5_000_000n]);
    expect(ordersOf(bench)).toBe(2);
  });
});

test('short lost on the way while an auto-deleveraging moves the position: after a minute the venue is believed, the legs are even', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.enter();
    await bench.wait(20_000);
    bench.binance.next('createOrder', loseRequest);
    const exiting = bench.exit();
    await bench.wait(1_000);
    bench.binance.held.position = -0.034;
    expect((await exiting).outcome).toBe('flat');
    expect(bench.held).toBe('0/0');
    expect(bench.events('holdings.adopted')).toMatchObject([{ leg: 'perp', to: -3_400_000n }]);
    expect(bench.alerts).toContain('POSITION_MISMATCH');
  });
});

test('holdings that moved by more than the order in doubt: not understood, so locked rather than believed', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.upbit.next('createOrder', loseRequest);
    const entering = bench.enter();
    await bench.wait(1_000);
    // Somebody pays BTC in: they are not ours to sell.
    bench.upbit.held.BTC = 0.4;
    expect((await entering).outcome).toBe('locked');
    await bench.wait(10 * 60_000);
    expect(bench.upbit.held.BTC).toBe(0.4);
  });
});

test('order that arrives 25 s late, after it was counted as zero and replaced: found, told and repaired', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.upbit.next('createOrder', loseReply(25_000));
    const result = await bench.enter();
    expect(short(result)).toBe('hedged 0.05/-0.05');
    expect((await bench.enter()).reason).toContain('still being watched');
    await bench.wait(2 * 60_000);
    expect(bench.held).toBe('0.05/-0.05');
    expect(bench.alerts).toContain('LATE_FILL');
    expect(bench.marks).toContain('late-fill.repaired');
    await bench.wait(10 * 60_000);
    expect((await bench.enter('0.01')).outcome).toBe('hedged');
  });
});

test('id counted as zero: watched for ten minutes and no longer', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.binance.next('createOrder', loseRequest);
    await bench.enter();
    const settled = bench.clock.now();
    await bench.wait(30 * 60_000);
    const looks = bench.binance.callsOf('fetchOrder').filter(({ at }) => at > settled);
    expect(looks.length).toBeGreaterThan(8);
    expect(looks.length).toBeLessThan(25);
    expect(looks.at(-1)?.at).toBeLessThan(settled + 12 * 60_000);
  });
});

/** The spot buy rests, is cancelled at its deadline with nothing executed, and the entry is undone. */
async function cancelledEntry(bench: Bench): Promise<ScriptedOrder> {
  const nothing = { fraction: 0, status: 'canceled' } as const;
  bench.upbit.executes({ fraction: 0, status: 'open' }, nothing, nothing, nothing);
  expect((await bench.enter()).outcome).toBe('rolled-back');
  expect(bench.held).toBe('0/0');
  return bench.upbit.firstOrder;
}

test.each([{ restarts: false }, { restarts: true }])(
  'execution that the venue finds 20 s after a confirmed cancel, restart between = $restarts: booked, told, repaired, while nothing is held',
  async ({ restarts }) => {
    const bench = new Bench();
    await bench.run(async () => {
      const order = await cancelledEntry(bench);
      if (restarts) {
        bench.crash('kept');
        await bench.restart();
      }
      await bench.wait(20_000);
      bench.upbit.correct(order, 0.02);
      await bench.wait(60_000);
      expect(bench.held).toBe('0/0');
      expect(bench.alerts).toContain('LATE_FILL');
      expect(bench.marks).toContain('late-fill.repaired');
    });
  },
);

test('execution that the venue finds of a cancelled order while its flow is still at work: known, and not taken for what the next order did', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.upbit.executes({ fraction: 0.4, status: 'open' });
    bench.upbit.next('createOrder', passes, loseRequest);
    const begunAt = bench.clock.now();
    const entering = bench.enter();
    while (bench.upbit.callsOf('createOrder').length < 2) await bench.wait(100);
    bench.upbit.correct(bench.upbit.firstOrder, 0.01);
    expect((await entering).outcome).toBe('hedged');
    expect(bench.clock.now() - begunAt).toBeLessThan(40_000);
    expect(bench.held).toBe('0.05/-0.05');
    expect(bench.alerts).toContain('LATE_FILL');
    expect(bench.alerts).not.toContain('POSITION_MISMATCH');
  });
});

test('execution of a cancelled order that is found after its watch: it explains what the monitor sees', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.upbit.executes({ fraction: 0.4, status: 'open' });
    expect((await bench.enter()).outcome).toBe('hedged');
    await bench.wait(5 * 60_000);
    bench.upbit.correct(bench.upbit.firstOrder, 0.01);
    expect(bench.held).toBe('0.06/-0.05');
    await bench.wait(2 * 60_000);
    expect(bench.alerts).toContain('LATE_FILL');
    expect([bench.held, bench.executor.halted]).toEqual(['0.05/-0.05', undefined]);
  });
});

test('cancelled order of which nothing more comes: read a few times within a minute, then no longer', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    const order = await cancelledEntry(bench);
    const ended = bench.clock.now();
    await bench.wait(30 * 60_000);
    const looks = bench.upbit.callsOf('fetchOrder').filter(({ at, args }) => at > ended && args[0] === order.id);
    expect(looks.length).toBeGreaterThanOrEqual(2);
    expect(looks.length).toBeLessThanOrEqual(4);
    expect(looks.at(-1)?.at).toBeLessThan(ended + 90_000);
    expect(bench.alerts).not.toContain('LATE_FILL');
  });
});

test.each([
  { name: 'the cancel is denied and two looks show the same', denies: true, outcome: 'hedged' },
  { name: 'the cancel goes unanswered', denies: false, outcome: 'locked' },
])('order in a state that nobody knows, and $name: $outcome', async ({ denies, outcome }) => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.upbit.executes({ fraction: 0.4, status: 'prevented' });
    if (!denies) bench.upbit.always('cancelOrder', loseRequest);
    expect((await bench.enter()).outcome).toBe(outcome);
    expect(bench.alerts).toContain('UNKNOWN_OUTCOME');
    expect(bench.held).toBe(denies ? '0.05/-0.05' : '0.02/-0.05');
  });
});

test.each(['opening', 'flatten', 'freeze'] as const)('kill switch at %s before an entry: refused without an order', async (level) => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.executor.halt?.(level, 'by hand');
    expect((await bench.enter()).outcome).toBe('aborted');
    expect(ordersOf(bench)).toBe(0);
    expect(bench.marks).toContain('halt.refused-entry');
  });
});

test('kill switch survives a restart', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.executor.halt?.('flatten', 'by hand');
    await bench.executor.stop();
    await bench.restart();
    expect(bench.executor.halted).toBe('flatten');
    await bench.executor.resume?.('operator');
    expect(bench.executor.halted).toBeUndefined();
  });
});

test('kill switch: a weaker level does not replace a stronger one', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.executor.halt?.('freeze', 'by hand');
    await bench.executor.halt?.('opening', 'by a script');
    expect(bench.executor.halted).toBe('freeze');
  });
});

test('kill switch at opening between the legs: the second leg is not sent, the first is taken off', async () => {
  const bench = new Bench({ legs: 'spot-first' });
  await bench.run(async () => {
    const entering = bench.enter();
    await bench.wait(150);
    await bench.executor.halt?.('opening', 'by hand');
    expect(short(await entering)).toBe('rolled-back 0/0');
    expect(bench.binance.callsOf('createOrder')).toHaveLength(0);
    expect(bench.marks).toContain('halt.entry-cut-short');
  });
});

test('kill switch at freeze between the legs: nothing more is sent, the flow locks with an alarm', async () => {
  const bench = new Bench({ legs: 'spot-first' });
  await bench.run(async () => {
    const entering = bench.enter();
    await bench.wait(150);
    await bench.executor.halt?.('freeze', 'by hand');
    expect(short(await entering)).toBe('locked 0.05/0');
    const before = ordersOf(bench);
    await bench.wait(10 * 60_000);
    expect(ordersOf(bench)).toBe(before);
    expect(bench.notified).toContain('UNHEDGED_EXPOSURE');
  });
});

test('kill switch at flatten while holding: both legs are closed', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.enter();
    await bench.wait(30_000);
    const changed = bench.executor.changed?.();
    await bench.executor.halt?.('flatten', 'by hand');
    await changed;
    expect(bench.held).toBe('0/0');
    expect(bench.executor.positions()).toEqual([]);
  });
});

// Every event of a fault-free entry and then some: the switch comes between any two of its awaits.
test.each(Array.from({ length: 24 }, (_, index) => index * 15))(
  'kill switch %i ms into an entry: flat or hedged, nothing opened afterwards',
  async (after) => {
    const bench = new Bench({ legs: 'spot-first' });
    await bench.run(async () => {
      const entering = bench.enter();
      await bench.wait(after);
      await bench.executor.halt?.('opening', 'by hand');
      const haltedAt = bench.clock.now();
      const result = await entering;
      expect(['hedged', 'rolled-back', 'aborted']).toContain(result.outcome);
      expect(bench.held).toMatch(/^(0\/0|0\.05\/-0\.05)$/);
      const opened = [...bench.upbit.calls, ...bench.binance.calls].filter(({ method, at, args }) => {
        const adds = args[2] === 'buy' ? args[0] === 'BTC/KRW' : args[0] === 'BTC/USDT:USDT';
        return method === 'createOrder' && at > haltedAt && adds;
      });
      expect(opened).toEqual([]);
    });
  },
);

test('revoked key on one venue: the other leg is repaired and opening is halted', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.binance.always('createOrder', answersError(binanceError('-2015', 401)));
    expect(short(await bench.enter())).toBe('rolled-back 0/0');
    expect(bench.executor.halted).toBe('opening');
    expect(bench.alerts).toContain('HALTED');
  });
});

test('dead alarm channel: the repair does not wait for it, and the journal says so once', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.notifierFails = true;
    refusesShorts(bench);
    const result = await bench.enter();
    expect(short(result)).toBe('rolled-back 0/0');
    expect(bench.clock.now() - START).toBeLessThan(5_000);
    await bench.wait(60_000);
    expect(bench.alerts.filter((alert) => alert === 'ALARM_CHANNEL_DOWN')).toHaveLength(1);
    bench.notifierFails = false;
    await bench.executor.halt?.('opening', 'by hand');
    await bench.wait(1_000);
    expect(bench.notified).toContain('HALTED');
  });
});

test('journal that takes nothing: no order is sent', async () => {
  let broken = false;
  const journal = new MemoryJournal({ sync: () => (broken ? Promise.reject(new Error('disk full')) : Promise.resolve()) });
  const bench = new Bench({}, journal);
  await bench.run(async () => {
    broken = true;
    expect((await bench.enter()).outcome).toBe('aborted');
    expect(ordersOf(bench)).toBe(0);
    expect(bench.notified).toContain('JOURNAL_DOWN');
    broken = false;
    expect((await bench.enter()).outcome).toBe('hedged');
  });
});

test('journal that fails while a leg is on: the reducing order waits for its intent to be durable', async () => {
  let broken = false;
  const journal = new MemoryJournal({ sync: () => (broken ? Promise.reject(new Error('disk full')) : Promise.resolve()) });
  const bench = new Bench({}, journal);
  await bench.run(async () => {
    refusesShorts(bench);
    const entering = bench.enter();
    await bench.wait(130);
    broken = true;
    await bench.wait(30_000);
    expect(bench.upbit.callsOf('createOrder')).toHaveLength(1);
    broken = false;
    expect(short(await entering)).toBe('rolled-back 0/0');
  });
});

test('lease lost between the legs: a fenced process sends nothing more', async () => {
  const bench = new Bench({ legs: 'spot-first' });
  await bench.run(async () => {
    const entering = bench.enter();
    await bench.wait(150);
    bench.leaseHeld = false;
    expect((await entering).outcome).toBe('locked');
    expect(ordersOf(bench)).toBe(1);
  });
});

test('start without the lease: refused', async () => {
  const bench = new Bench();
  bench.leaseHeld = false;
  await expect(bench.clock.run(() => bench.executor.start())).rejects.toThrow('another process holds the lease');
});

test.each([
  { name: 'hedge mode', set: (bench: Bench): void => void (bench.binance.hedgeMode = true), text: 'hedge mode' },
  {
    name: 'wrong leverage that may not be set',
    set: (bench: Bench): void => void (bench.binance.leverage = 20),
    policy: { accountSetup: 'assert' },
    text: 'expected leverage 1 on Binance, found leverage 20',
  },
])('start with $name: refused', async ({ set, policy, text }) => {
  const bench = new Bench(policy);
  set(bench);
  await expect(bench.clock.run(() => bench.executor.start())).rejects.toThrow(text);
});

test('start with another leverage while flat: set once, then asserted', async () => {
  const bench = new Bench();
  bench.binance.leverage = 20;
  await bench.run(() => bench.enter());
  expect(bench.binance.callsOf('setLeverage')).toHaveLength(1);
  expect(bench.binance.leverage).toBe(1);
});

test.each([
  { name: 'decision too old', extra: { decidedAt: START }, wait: 60_000, reason: 'decision age' },
  { name: 'price moved since the decision', extra: { upbitPrice: 120_000_000 }, reason: 'price: the Upbit price has moved' },
  { name: 'rate of exchange older than its limit', extra: { usdKrwAt: START }, wait: 6 * 86_400_000, limit: true, reason: 'fx' },
  { name: 'premium gone at the last look', extra: { stillGood: () => false }, reason: 'premium' },
  { name: 'smaller than the least short', extra: { quantity: 100_000n as never }, reason: 'size' },
  { name: 'more KRW than there is', extra: { quantity: 100_000_000n as never }, reason: 'krw' },
] as const)('preflight: $name: refused without an order', async ({ extra, reason, ...row }) => {
  const bench = new Bench(undefined, undefined);
  const wait = 'wait' in row ? row.wait : 0;
  await bench.run(async () => {
    await bench.wait(Math.min(wait, 3_600_000));
    if ('limit' in row) {
      expect((await bench.enter('0.05', { usdKrwAt: (bench.clock.now() - wait) as never })).reason).toContain(reason);
    } else expect((await bench.enter('0.05', extra)).reason).toContain(reason);
    expect(ordersOf(bench)).toBe(0);
  });
});

test.each([
  { name: 'clock 400 ms off', set: ({ binance }: Bench): void => void (binance.clockAheadMs = 400), reason: 'clock: our clock is -400 ms off' },
  { name: 'BTC on Upbit that is not ours', set: ({ upbit }: Bench): void => void (upbit.held.BTC = 0.4), reason: '0.4 BTC on Upbit' },
  { name: 'position that is not ours', set: ({ binance }: Bench): void => void (binance.held.position = 0.1), reason: 'perpetual position is 0.1' },
  {
    name: 'book and last trade far apart',
    set: ({ upbit }: Bench): void => void upbit.always('fetchTicker', () => Promise.resolve({ last: 100_000_000 })),
    reason: 'cross-check',
  },
  {
    name: 'crossed book',
    set: ({ upbit }: Bench): void => void upbit.always('fetchOrderBook', () => Promise.resolve({ bids: [[2, 1]], asks: [[1, 1]] })),
    reason: 'the Upbit book cannot be read',
  },
  {
    name: 'book ten minutes old',
    set: ({ upbit }: Bench): void =>
      void upbit.always('fetchOrderBook', () => Promise.resolve({ bids: [[129_999_000, 1]], asks: [[130_001_000, 1]], timestamp: START - 600_000 })),
    reason: 'the Upbit book is',
  },
  {
    name: 'Binance that does not answer',
    set: ({ binance }: Bench): void => void binance.always('fetchPositions', answersError(page503('binance'))),
    reason: 'venues: Binance position',
  },
])('preflight: $name: refused with an alarm', async ({ set, reason }) => {
  const bench = new Bench();
  await bench.run(async () => {
    set(bench);
    const result = await bench.enter();
    expect(result.reason).toContain(reason);
    expect(ordersOf(bench)).toBe(0);
    expect(bench.alerts).toContain('PREFLIGHT_REFUSED');
  });
});

test('preflight: one lost read is asked again and costs no entry', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.upbit.next('fetchBalance', loseRequest);
    bench.binance.next('fetchPositions', answersError(page503('binance')));
    expect((await bench.enter()).outcome).toBe('hedged');
  });
});

test('rate of exchange that jumps 2 % within a day: refused', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.enter('0.01');
    await bench.wait(3_600_000);
    expect((await bench.enter('0.01', { usdKrw: 1_480 })).reason).toContain('fx: the USD/KRW rate jumped by 207 bp');
  });
});

test('entry asked for while another runs: waits for it', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    const [first, second] = await Promise.all([bench.enter('0.01'), bench.enter('0.02')]);
    expect([first.outcome, second.outcome]).toEqual(['hedged', 'hedged']);
    const starts = bench.events('flow.started').map(({ t }) => t);
    const ends = bench.events('flow.ended').map(({ t }) => t);
    expect(starts[1]).toBeGreaterThanOrEqual(ends[0] ?? 0);
    expect(bench.held).toBe('0.03/-0.03');
  });
});

test('stop during an entry: the entry ends first, afterwards nothing is in flight', async () => {
  const bench = new Bench();
  await bench.clock.run(async () => {
    await bench.executor.start();
    const entering = bench.enter();
    await bench.executor.stop();
    expect((await entering).outcome).toBe('hedged');
    const calls = bench.upbit.calls.length + bench.binance.calls.length;
    await bench.wait(10 * 60_000);
    expect(bench.upbit.calls.length + bench.binance.calls.length).toBe(calls);
    expect((await bench.enter()).reason).toBe('the executor is being stopped');
  });
});

test('own order of somebody else on start: named and left alone', async () => {
  const bench = new Bench();
  bench.upbit.strangers.push({ id: 'x', clientOrderId: 'somebody', status: 'open' });
  await bench.run(() => Promise.resolve());
  expect(bench.events('alert').map(({ message }) => message)).toEqual(['open orders on upbit that are not ours, left alone: somebody']);
  expect(bench.upbit.callsOf('cancelOrder')).toEqual([]);
});

test('Upbit refuses every read for auth: no entry, nothing hot', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.upbit.always('*', answersError(upbitError('expired_access_key', 401)));
    expect((await bench.enter()).outcome).toBe('aborted');
    expect(bench.upbit.calls.length).toBeLessThan(12);
  });
});

test('stream that says look again: the fill is seen sooner, by a read; silence of the stream changes nothing', async () => {
  const settledAfter = async (wakes: boolean): Promise<number> => {
    const bench = new Bench({ firstPollMs: 5_000 }, undefined, true);
    return bench.run(async () => {
      const entering = bench.enter();
      await bench.wait(400);
      if (wakes) bench.wakeUp?.();
      expect((await entering).outcome).toBe('hedged');
      return bench.clock.now() - START;
    });
  };
  expect(await settledAfter(true)).toBeLessThan(1_000);
  expect(await settledAfter(false)).toBeGreaterThan(5_000);
});

test('burst of stream messages while an order is open: at most one look for each tenth of a second, and none for the book', async () => {
  const looks = async (channel: 'orders' | 'book'): Promise<number> => {
    const bench = new Bench({ firstPollMs: 5_000, pollMs: 5_000 }, undefined, true);
    return bench.run(async () => {
      bench.upbit.executes({ fraction: 0, status: 'open' });
      const entering = bench.enter();
      for (let message = 0; message < 200; message += 1) {
        await bench.wait(10);
        bench.wakeUp?.({ venue: 'upbit', channel });
      }
      const before = bench.upbit.callsOf('fetchOrder').length;
      await entering;
      return before;
    });
  };
  expect(await looks('book')).toBe(0);
  const woken = await looks('orders');
  expect(woken).toBeGreaterThan(5);
  expect(woken).toBeLessThanOrEqual(21);
});

test('journal that fails for good with one leg on: no order without an intent, people are told, the flow ends locked', async () => {
  let broken = false;
  const journal = new MemoryJournal({ sync: () => (broken ? Promise.reject(new Error('disk full')) : Promise.resolve()) });
  const bench = new Bench({ legs: 'spot-first' }, journal);
  await bench.run(async () => {
    bench.binance.always('createOrder', (act, clock) => {
      broken = true;
      return answersError(binanceError('-2019'))(act, clock);
    });
    const begun = bench.clock.now();
    const result = await bench.enter();
    expect(result.outcome).toBe('locked');
    expect(bench.clock.now() - begun).toBeLessThan(300_000);
    expect(bench.upbit.callsOf('createOrder')).toHaveLength(1);
    expect(bench.notified).toEqual(expect.arrayContaining(['JOURNAL_DOWN', 'UNHEDGED_EXPOSURE', 'HALTED']));
    expect(bench.executor.halted).toBe('opening');
  });
});

test('journal that is back: what was learnt meanwhile is written, in order, before anything else', async () => {
  let broken = false;
  const journal = new MemoryJournal({ sync: () => (broken ? Promise.reject(new Error('disk full')) : Promise.resolve()) });
  const bench = new Bench({}, journal);
  await bench.run(async () => {
    const entering = bench.enter();
    await bench.wait(60);
    broken = true;
    await entering;
    broken = false;
    await bench.exit();
    expect(bench.alerts).toContain('JOURNAL_DOWN');
    const belief = PositionBook.from(journal.records());
    expect([belief.positions(), belief.unsettled(), belief.openFlows()]).toEqual([[], [], []]);
  });
});

test('instance that loses its lease in the middle of a flow: sends nothing more, not even a read', async () => {
  const bench = new Bench({ legs: 'spot-first' });
  await bench.run(async () => {
    bench.upbit.executes({ fraction: 0, status: 'open' });
    const entering = bench.enter();
    await bench.wait(2_000);
    const before = [bench.upbit.calls.length, bench.binance.calls.length];
    bench.leaseHeld = false;
    expect((await entering).outcome).toBe('locked');
    expect([bench.upbit.calls.length, bench.binance.calls.length]).toEqual(before);
  });
});

test('bug inside a flow: reported to the caller, opening is halted, what is on is repaired in the background', async () => {
  const bench = new Bench({ legs: 'spot-first' });
  await bench.run(async () => {
    let asked = 0;
    const stillGood = (): boolean => {
      asked += 1;
      if (asked > 3) throw new RangeError('a bug of the strategy');
      return true;
    };
    await expect(bench.enter('0.05', { stillGood })).rejects.toThrow('a bug of the strategy');
    expect(bench.held).toBe('0.05/0');
    expect(bench.executor.halted).toBe('opening');
    await bench.wait(60_000);
    expect(bench.held).toBe('0/0');
  });
});
