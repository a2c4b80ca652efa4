import type { Clock } from '../clock/clock.js';
import { durationMs } from '../core/units.js';

const WINDOW_MS = 1_000;

/** The quota manager of specification 6: at most so many calls within any second; further ones wait in turn. */
export class CallQuota {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** When each of the last `perSecond` admitted calls goes out, oldest first. */
  readonly #slots: number[] = [];

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Resolves when the next call may go out. */
  async wait(): Promise<void> {
    const now = this.#clock.monotonic();
    const blocking = this.#slots.length < this.#perSecond ? -Infinity : (this.#slots.shift() ?? -Infinity) + WINDOW_MS;
    const slot = Math.max(now, blocking);
    this.#slots.push(slot);
    if (slot > now) await this.#clock.sleep(durationMs(slot - now));
  }
}
