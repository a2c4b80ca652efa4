import { expect, test } from 'vitest';
import { durationMs, epochMs } from '../../src/core/units.js';
import { CcxtThrottler } from '../../src/sim/ccxt-throttler.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

const costs = [4, 1, 5, 1, 1, 0.67, 2.5, 2.5, 40, 1];
const pausesMs = [0, 0, 0, 1_000, 0, 0, 30, 0, 0, 60_000];

async function admissions(clock: VirtualClock, throttle: (cost: number) => Promise<unknown>): Promise<number[]> {
  const from = clock.now();
  return clock.run(async () => {
    const admitted: number[] = [];
    const calls: Promise<unknown>[] = [];
    for (const [index, cost] of costs.entries()) {
      await clock.sleep(durationMs(pausesMs[index] ?? 0));
      calls.push(throttle(cost).then(() => admitted.push(clock.now() - from)));
    }
    await Promise.all(calls);
    return admitted;
  });
}

/** ccxt's real limiter takes its clock and timer when its modules are imported: they are on virtual time by then. */
async function realThrottler(clock: VirtualClock): Promise<(cost: number) => Promise<unknown>> {
  const real = { now: Date.now, setTimeout: globalThis.setTimeout };
  Date.now = () => clock.now();
  globalThis.setTimeout = ((act: () => void, delay = 0) => clock.schedule(epochMs(clock.now() + delay), act)) as unknown as typeof setTimeout;
  try {
    const { default: ccxt } = await import('ccxt');
    const exchange = new ccxt.binanceusdm();
    return (cost) => exchange.throttle(cost) as Promise<unknown>;
  } finally {
    Date.now = real.now;
    globalThis.setTimeout = real.setTimeout;
  }
}

test("calls of many costs with pauses between them: admitted at the very milliseconds of ccxt's own limiter", async () => {
  const realClock = new VirtualClock(epochMs(1_767_225_600_000));
  const expected = await admissions(realClock, await realThrottler(realClock));
  const clock = new VirtualClock(epochMs(1_767_225_600_000));
  const throttler = new CcxtThrottler(clock);
  expect(await admissions(clock, (cost) => throttler.throttle(cost))).toEqual(expected);
  expect(clock.steps).toBeLessThan(realClock.steps / 20);
});

test('an idle hour after an order: earns no credit, the next call still pays for that order', async () => {
  const clock = new VirtualClock(epochMs(0));
  const throttler = new CcxtThrottler(clock);
  const waited = await clock.run(async () => {
    await throttler.throttle(4);
    await clock.sleep(durationMs(3_600_000));
    const from = clock.now();
    await throttler.throttle(1);
    return clock.now() - from;
  });
  expect(waited).toBe(200);
});
