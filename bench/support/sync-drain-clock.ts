import type { Clock } from '../../src/clock/clock.js';
import { epochMs } from '../../src/core/units.js';
import type { DurationMs, EpochMs, MonotonicMs } from '../../src/core/units.js';
import { TimerHeap } from '../../src/sim/timer-heap.js';

/**
 * The limit for native promises: a synchronous loop that drains ticks and microtasks in place after each timer, through
 * a deprecated alias of Node (DEP0134). It is here to be compared with, and for nothing else.
 */
export class SyncDrainClock implements Clock {
  readonly #timers = new TimerHeap();
  #now = 0;

  now(): EpochMs {
    return epochMs(this.#now);
  }

  monotonic(): MonotonicMs {
    return this.#now as MonotonicMs;
  }

  sleep(delay: DurationMs): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.add(this.#now + delay, resolve);
    });
  }

  /** Runs `main` to its end; the loop starts in a turn of its own, since a drain cannot be nested in another. */
  run<T>(main: () => Promise<T>): Promise<T> {
    const node = process as unknown as { _tickCallback(): void };
    const drain = (): void => node._tickCallback();
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        let settled = false;
        const end = main().finally(() => {
          settled = true;
        });
        end.then(resolve, reject);
        drain();
        for (let timer = this.#timers.pop(); !settled && timer !== undefined; timer = this.#timers.pop()) {
          this.#now = timer.at;
          timer.act();
          drain();
        }
      });
    });
  }
}
