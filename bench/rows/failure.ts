import FakeTimers from '@sinonjs/fake-timers';
import { Effect, Fiber } from 'effect';
import { TestClock } from 'effect/testing';

import { durationMs, epochMs } from '../../src/core/units.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';
import { failureScenarioEffect } from '../support/failure-scenario-effect.js';
import { failureScenario } from '../support/failure-scenario.js';
import type { ScenarioResult } from '../support/failure-scenario.js';
import { race, ratio, speed, timingOf } from '../support/measure.js';
import type { BenchRow } from '../support/measure.js';

/** One clock for many runs, as a worker has: what is left of a block of immediates serves the next run. */
async function withPump(clock: VirtualClock): Promise<ScenarioResult> {
  return clock.run(() =>
    failureScenario(
      (ms) => clock.sleep(durationMs(ms)),
      () => clock.now(),
    ),
  );
}

async function withSinon(): Promise<ScenarioResult> {
  const clock = FakeTimers.install({ now: 0 });
  try {
    const running = failureScenario(
      (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
      () => Date.now(),
    );
    await clock.runAllAsync();
    return await running;
  } finally {
    clock.uninstall();
  }
}

const effectProgram = Effect.gen(function* () {
  const fiber = yield* Effect.forkChild(failureScenarioEffect);
  yield* TestClock.adjust('13 seconds');
  return yield* Fiber.join(fiber);
}).pipe(Effect.provide(TestClock.layer()));

async function times(count: number, run: () => Promise<ScenarioResult>, expected: ScenarioResult): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const result = await run();
    if (result.calls !== expected.calls || result.sleeps !== expected.sleeps || result.virtualMs !== expected.virtualMs) {
      throw new Error(`an engine saw another run: ${JSON.stringify(result)} against ${JSON.stringify(expected)}`);
    }
  }
}

/** The time-out and rollback scenario under three virtual clocks; bare of any framework of ours, so that only clocks differ. */
export const failureRow: BenchRow = {
  name: 'failure',
  async run(quick) {
    const clock = new VirtualClock(epochMs(0));
    const expected = await withPump(clock);
    const units = quick ? 100 : 400;
    const withEffect = (): Promise<ScenarioResult> => Effect.runPromise(effectProgram);
    const timings = await race(
      [
        { name: 'pump', units: units * 10, run: () => times(units * 10, () => withPump(clock), expected) },
        { name: '@sinonjs/fake-timers runAllAsync', units, run: () => times(units, withSinon, expected) },
        { name: 'Effect TestClock', units, run: () => times(units, withEffect, expected) },
      ],
      5,
    );
    const pump = timingOf(timings, 'pump');
    const row = 'failure scenario';
    return [
      { row, figure: 'API calls', value: expected.calls, unit: '', least: 29, most: 29, timed: false },
      { row, figure: 'sleeps', value: expected.sleeps, unit: '', least: 50, most: 50, timed: false },
      { row, figure: 'virtual time', value: expected.virtualMs / 1_000, unit: 's', timed: false },
      ...timings.map((timing) => speed(row, timing, 'scenarios')),
      ratio(row, 'pump / fake-timers', pump / timingOf(timings, '@sinonjs/fake-timers runAllAsync'), 5),
      ratio(row, 'pump / Effect TestClock', pump / timingOf(timings, 'Effect TestClock'), 8),
      ratio(row, 'virtual time / CPU time', (pump * expected.virtualMs) / 1_000, 100_000),
    ];
  },
};
