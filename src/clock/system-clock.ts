import type { DurationMs, EpochMs, MonotonicMs } from '../core/units.js';
import type { Clock } from './clock.js';
import type { StopSignal } from './stop.js';

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
      const timer = setTimeout(done, delay);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}
