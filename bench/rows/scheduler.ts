import { durationMs, epochMs } from '../../src/core/units.js';
import type { Clock } from '../../src/clock/clock.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';
import { race, ratio, speed, timingOf } from '../support/measure.js';
import type { BenchRow } from '../support/measure.js';
import { SyncDrainClock } from '../support/sync-drain-clock.js';

const STEP = durationMs(7);

async function sleepALot(clock: Clock, sleeps: number): Promise<void> {
  for (let index = 0; index < sleeps; index += 1) await clock.sleep(STEP);
}

/** Sleeps a second of one task: the pump between a turn of the event loop for each timer and the limit of native promises. */
export const schedulerRow: BenchRow = {
  name: 'scheduler',
  async run(quick) {
    const units = quick ? 20_000 : 100_000;
    const timings = await race(
      [
        {
          name: 'pump',
          units,
          run: () => {
            const clock = new VirtualClock(epochMs(0));
            return clock.run(() => sleepALot(clock, units));
          },
        },
        {
          name: 'setImmediate per step',
          units,
          run: () => {
            const clock = new VirtualClock(epochMs(0), { driver: 'immediate' });
            return clock.run(() => sleepALot(clock, units));
          },
        },
        {
          name: 'synchronous drain',
          units,
          run: () => {
            const clock = new SyncDrainClock();
            return clock.run(() => sleepALot(clock, units));
          },
        },
      ],
      5,
    );
    const pump = timingOf(timings, 'pump');
    return [
      ...timings.map((timing) => speed('scheduler', timing, 'sleeps')),
      ratio('scheduler', 'pump / setImmediate per step', pump / timingOf(timings, 'setImmediate per step'), 4),
      ratio('scheduler', 'pump / synchronous drain', pump / timingOf(timings, 'synchronous drain'), 0.6),
    ];
  },
};
