import { beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../src/clock/clock.js';
import type { StopSignal } from '../../src/clock/stop.js';
import { durationMs, epochMs, type DurationMs, type EpochMs, type MonotonicMs } from '../../src/core/units.js';
import { RealTimePacer } from '../../src/sim/real-time-pacer.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

/** A machine's clock in our hands: sleeps last as long as they should, whatever its wall time does. */
class HandClock implements Clock {
  wall = 1_000;
  #passed = 0;
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  now(): EpochMs {
    return epochMs(this.wall);
  }
  monotonic(): MonotonicMs {
    return this.#passed as MonotonicMs;
  }
  sleep(delay: DurationMs, signal?: StopSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { until: this.#passed + delay, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        resolve();
      });
    });
  }

  /** Lets time pass, a millisecond at a time. */
  async pass(forMs: number): Promise<void> {
    for (let step = 0; step < forMs; step += 1) {
      this.wall += 1;
      this.#passed += 1;
      await this.#wakeDue();
    }
  }
  /** The process stands still: whatever is due is late. */
  async stall(forMs: number): Promise<void> {
    this.wall += forMs;
    this.#passed += forMs;
    await this.#wakeDue();
  }

  get asleep(): number {
    return this.#sleepers.length;
  }

  async #wakeDue(): Promise<void> {
    const due = this.#sleepers.filter(({ until }) => until <= this.#passed);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#passed);
    for (const { wake } of due) wake();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

let wall: HandClock;
let clock: VirtualClock;
let pacer: RealTimePacer;
let errors: unknown[];
let fired: string[];
const note = (name: string) => (): void => void fired.push(`${name} at ${clock.now()}, wall ${wall.wall}`);

beforeEach(() => {
  wall = new HandClock();
  clock = new VirtualClock(wall.now());
  errors = [];
  fired = [];
  pacer = new RealTimePacer(clock, wall, (error) => errors.push(error));
  pacer.start();
});

test('a timer fires when the wall says so; one set later that is due sooner fires first', async () => {
  pacer.after(100, note('a'));
  pacer.after(20, note('b'));
  await wall.pass(150);
  expect(fired).toEqual(['b at 1020, wall 1020', 'a at 1100, wall 1100']);
  // Nothing is due, and nothing is waited for.
  expect(wall.asleep).toBe(0);
});

test('a clock that is set back holds time until it has caught up, and nothing fires twice or is lost', async () => {
  pacer.after(100, note('a'));
  await wall.pass(50);
  wall.wall -= 500;
  await wall.pass(60);
  pacer.enter(note('asked'));
  pacer.after(10, note('b'));
  expect(fired).toEqual(['asked at 1000, wall 610']);
  await wall.pass(600);
  expect(fired.slice(1)).toEqual(['b at 1010, wall 1010', 'a at 1100, wall 1100']);
});

test('a clock that is set forward fires what has become due, each timer at its own instant', async () => {
  pacer.after(100, note('a'));
  pacer.after(200, note('b'));
  wall.wall += 3_600_000;
  pacer.enter(note('asked'));
  expect(fired).toEqual(['a at 1100, wall 3601000', 'b at 1200, wall 3601000', 'asked at 3601000, wall 3601000']);
});

test('timers that are late because the process stood still fire in their order, at their own instants, before what comes from outside', async () => {
  pacer.after(10, () => {
    note('a')();
    clock.after(5, note('a then'));
  });
  pacer.after(30, note('b'));
  const stalled = wall.stall(400);
  pacer.enter(note('asked'));
  await stalled;
  expect(fired).toEqual(['a at 1010, wall 1400', 'a then at 1015, wall 1400', 'b at 1030, wall 1400', 'asked at 1400, wall 1400']);
});

test('what a timer throws is told, and nothing fires on its own afterwards', async () => {
  pacer.after(10, () => {
    throw new Error('a bug');
  });
  pacer.after(20, note('b'));
  await wall.pass(100);
  expect(errors).toEqual([new Error('a bug')]);
  expect(fired).toEqual([]);
});

test('what a timer throws while something comes from outside is told and thrown there, and that does not act', () => {
  pacer.after(10, () => {
    throw new Error('a bug');
  });
  wall.wall += 50;
  expect(() => pacer.enter(note('asked'))).toThrow('a bug');
  expect([fired, errors]).toEqual([[], [new Error('a bug')]]);
});

test('once it is stopped nothing fires and nothing is waited for', async () => {
  pacer.after(10, note('a'));
  pacer.stop();
  clock.after(5, note('b'));
  await wall.pass(durationMs(50));
  expect([fired, wall.asleep]).toEqual([[], 0]);
});
