import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs, epochMs, type EpochMs } from '../../src/core/units.js';
import { TimerHeap } from '../../src/sim/timer-heap.js';
import { VirtualClock, VirtualClockError } from '../../src/sim/virtual-clock.js';

const start = epochMs(1_700_000_000_000);
const ms = durationMs;

/** Runs tasks that sleep a list of delays each, and returns who woke when. */
async function wakeLog(plans: readonly (readonly number[])[], driver: 'pump' | 'immediate'): Promise<string[]> {
  const clock = new VirtualClock(start, { driver });
  const log: string[] = [];
  await clock.run(async () => {
    await Promise.all(
      plans.map(async (delays, task) => {
        for (const delay of delays) {
          await clock.sleep(ms(delay));
          log.push(`${clock.now() - start}:${task}`);
        }
      }),
    );
  });
  return log;
}

test('sleep: time passes exactly and at once', async () => {
  const clock = new VirtualClock(start);
  await clock.run(() => clock.sleep(ms(86_400_000)));
  expect(clock.now()).toBe(start + 86_400_000);
  expect(clock.monotonic()).toBe(86_400_000);
});

test('any set of sleepers: wake in order of due time and then of setting, and both drivers agree', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat(50), { maxLength: 6 }), { maxLength: 6 }), async (plans) => {
      const log = await wakeLog(plans, 'pump');
      const times = log.map((line) => Number(line.split(':')[0]));
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(await wakeLog(plans, 'immediate')).toEqual(log);
    }),
    { numRuns: 60 },
  ));

test.each([
  {
    work: 'a chain of 1,000 promises',
    run: async () => {
      for (let hop = 0; hop < 1_000; hop += 1) await Promise.resolve();
    },
  },
  {
    work: 'a chain of ticks',
    run: () =>
      new Promise<void>((resolve) => {
        let left = 500;
        const tick = (): void => {
          left -= 1;
          if (left === 0) resolve();
          else process.nextTick(tick);
        };
        process.nextTick(tick);
      }),
  },
  {
    work: 'a thenable',
    run: async () => {
      await { then: (resolve: () => void) => queueMicrotask(resolve) };
    },
  },
  {
    work: 'Response.text()',
    run: async () => {
      await new Response('x'.repeat(10_000)).text();
    },
  },
])('runnable work: $work ends before time moves', async ({ run }) => {
  const clock = new VirtualClock(start);
  let finishedAt: EpochMs | undefined;
  await clock.run(async () => {
    const other = clock.sleep(ms(1));
    await run();
    finishedAt = clock.now();
    await other;
  });
  expect(finishedAt).toBe(start);
});

test('sleep with a signal: wakes at the abort, and the cancelled timer moves nothing', async () => {
  const clock = new VirtualClock(start);
  const controller = new AbortController();
  await clock.run(async () => {
    clock.schedule(epochMs(start + 5), () => controller.abort());
    await clock.sleep(ms(10_000), controller.signal);
    expect(clock.now()).toBe(start + 5);
    await clock.sleep(ms(1), controller.signal);
    expect(clock.now()).toBe(start + 5);
  });
});

test.each([
  { what: 'nothing that could wake it', reason: 'deadlock', main: () => new Promise<void>(() => undefined), options: {} },
  {
    what: 'more virtual time than allowed',
    reason: 'max-virtual-time',
    main: (clock: VirtualClock) => clock.sleep(ms(2_000)),
    options: { maxVirtualMs: 1_000 },
  },
  {
    what: 'more timers than allowed',
    reason: 'max-steps',
    main: async (clock: VirtualClock) => {
      for (;;) await clock.sleep(ms(1));
    },
    options: { maxSteps: 100 },
  },
])('a run with $what: ends with $reason', async ({ reason, main, options }) => {
  const clock = new VirtualClock(start, options);
  const error: unknown = await clock.run(() => main(clock)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(VirtualClockError);
  expect(error).toMatchObject({ reason });
});

test('an error in the code under test: reaches the caller as it was thrown, and the clock can run again', async () => {
  const clock = new VirtualClock(start);
  await expect(clock.run(() => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  await clock.run(() => clock.sleep(ms(7)));
  expect(clock.now()).toBe(start + 7);
});

test('a rejection handled only later: fails the run at its own instant', async () => {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  try {
    const clock = new VirtualClock(start);
    const run = clock.run(async () => {
      const early = clock.sleep(ms(5)).then(() => Promise.reject(new Error('lost')));
      await clock.sleep(ms(100));
      await early.catch(() => undefined);
    });
    await expect(run).rejects.toMatchObject({ reason: 'unhandled-rejection' });
    expect(clock.now()).toBe(start + 5);
  } finally {
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
});

test('two clocks at once: the second is refused', async () => {
  const clock = new VirtualClock(start);
  await clock.run(async () => {
    await expect(new VirtualClock(start).run(() => Promise.resolve())).rejects.toThrow(/one virtual clock/);
  });
});

test('timer heap under any adds and cancels: hands out what is left, in order', () =>
  fc.assert(
    fc.property(fc.array(fc.record({ at: fc.nat(20), cancel: fc.boolean() }), { maxLength: 300 }), (plans) => {
      const heap = new TimerHeap();
      const timers = plans.map(({ at }) => heap.add(at, () => undefined));
      timers.forEach((timer, index) => {
        if (plans[index]?.cancel === true) heap.cancel(timer);
      });
      const expected = timers
        .filter((_, index) => plans[index]?.cancel !== true)
        .sort((a, b) => a.at - b.at || a.seq - b.seq)
        .map((timer) => timer.seq);
      const popped: number[] = [];
      for (let timer = heap.pop(); timer !== undefined; timer = heap.pop()) popped.push(timer.seq);
      expect(popped).toEqual(expected);
    }),
  ));
