import type { Clock } from '../clock/clock.js';
import { durationMs } from '../core/units.js';

/** Milliseconds a unit of cost takes to come back: `rateLimit` of both ccxt classes. */
const RATE_LIMIT_MS = 50;

/**
 * ccxt's own limiter (4.5.84, `leakyBucket`): one queue for every call of a client, the cost of a call is paid by the
 * next one, and idle time is not credited. The real one looks at its clock every millisecond and adds
 * 1/50 of a token each time; the same additions are made here, so that admission times agree to the millisecond, but
 * one sleep covers them.
 */
export class CcxtThrottler {
  readonly #clock: Clock;
  readonly #queue: { readonly cost: number; readonly admit: () => void }[] = [];
  #tokens = 0;
  #running = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  throttle(cost: number): Promise<void> {
    return new Promise((admit) => {
      this.#queue.push({ cost, admit });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      let waitMs = 0;
      while (this.#tokens < 0) {
        waitMs += 1;
        this.#tokens = Math.min(this.#tokens + 1 / RATE_LIMIT_MS, 1);
      }
      if (waitMs > 0) await this.#clock.sleep(durationMs(waitMs));
      this.#tokens -= next.cost;
      next.admit();
      await Promise.resolve();
    }
    this.#running = false;
  }
}
