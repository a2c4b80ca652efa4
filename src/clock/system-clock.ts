import type { DurationMs, EpochMs, MonotonicMs } from '../core/units.js';
import type { Clock } from './clock.js';
import type { StopSignal } from './stop.js';

/** Node fires a timer that is set for longer at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Real time, for paper and live runs. */
export class SystemClock implements Clock {
  now(): EpochMs {
    return Date.now() as EpochMs;
  }

  monotonic(): MonotonicMs {
    return Math.round(performance.now()) as MonotonicMs;
  }

  sleep(delay: DurationMs, signal?: StopSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const wait = (leftMs: number): NodeJS.Timeout =>
        leftMs <= TIMER_MS_MAX
          ? setTimeout(done, leftMs)
          : setTimeout(() => {
              timer = wait(leftMs - TIMER_MS_MAX);
            }, TIMER_MS_MAX);
      let timer = wait(delay);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}
