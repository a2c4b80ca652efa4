import { describe, expect, test } from 'vitest';
import { durationMs, epochMs } from '../../src/core/units.js';
import { installAmbientGuard } from '../../src/sim/ambient-guard.js';
import { ProcessLife, WallClock } from '../../src/sim/process-life.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

const START = epochMs(Date.UTC(2026, 0, 5));

function bench() {
  const clock = new VirtualClock(START, { maxVirtualMs: 3_600_000 });
  const wall = new WallClock(clock);
  const life = new ProcessLife(0, clock, wall);
  return { clock, wall, life, wait: (ms: number): Promise<void> => clock.sleep(durationMs(ms)) };
}

describe('process life', () => {
  test('event loop that stands still: timers and deliveries wait, then come at once in the order they were due', async () => {
    const { clock, life, wait } = bench();
    await clock.run(async () => {
      const log: string[] = [];
      const note = (what: string) => (): void => void log.push(`${what} ${clock.now() - START}`);
      void life.sleep(durationMs(3_000)).then(note('late timer'));
      void life.sleep(durationMs(1_000)).then(note('early timer'));
      life.stall(epochMs(START + 5_000));
      await wait(2_000);
      life.deliver(note('answer'));
      await wait(10_000);
      expect(log).toEqual(['early timer 5000', 'answer 5000', 'late timer 5000']);
    });
  });

  test('a timer that is aborted while its loop stands still never fires, and its sleep resolves once', async () => {
    const { clock, life, wait } = bench();
    await clock.run(async () => {
      let fired = 0;
      const timer = life.after(1_000, () => (fired += 1));
      life.stall(epochMs(START + 5_000));
      await wait(2_000);
      timer.cancel();
      await wait(10_000);
      expect(fired).toBe(0);
    });
  });

  test('a dead process: nothing reaches it any more', async () => {
    const { clock, life, wait } = bench();
    await clock.run(async () => {
      let reached = 0;
      void life.sleep(durationMs(1_000)).then(() => (reached += 1));
      life.kill();
      life.deliver(() => (reached += 1));
      await wait(5_000);
      expect(reached).toBe(0);
    });
  });

  test('wall clock: jumps and drifts, while the monotonic clock and the length of a sleep stay', async () => {
    const { clock, wall, life, wait } = bench();
    await clock.run(async () => {
      wall.jump(30_000);
      wall.drift(1_000);
      await wait(10_000);
      expect([life.now() - START, life.monotonic()]).toEqual([40_010, 10_000]);
      wall.drift(0);
      wall.jump(-30_000);
      await life.sleep(durationMs(1_000));
      expect([life.now() - START, life.monotonic(), clock.now() - START]).toEqual([11_010, 11_000, 11_000]);
    });
  });

  test('code that reads time ambiently: sees the wrong clock and stands still with its process', async () => {
    installAmbientGuard();
    const { clock, wall, life, wait } = bench();
    await clock.run(async () => {
      clock.ambient = life;
      wall.jump(60_000);
      life.stall(epochMs(START + 5_000));
      let firedAt = 0;
      setTimeout(() => (firedAt = Date.now()), 1_000);
      await wait(10_000);
      expect(firedAt - START).toBe(65_000);
    });
  });
});
