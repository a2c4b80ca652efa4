import type { Clock } from '../clock/clock.js';

/** Rations the calls of background work after a lock: each one costs its time, so that no more than a few go out a minute. */
export class Pace {
  readonly #clock: Clock;
  readonly #costMs: number;
  #freeAt = 0;

  constructor(clock: Clock, costMs: number) {
    this.#clock = clock;
    this.#costMs = costMs;
  }

  /** Whole milliseconds until what was spent is worked off: a timer may ring a fraction of one too early. */
  get waitMs(): number {
    return Math.max(0, Math.floor(this.#freeAt - this.#clock.monotonic()));
  }

  spend(calls: number): void {
    this.#freeAt = Math.max(this.#freeAt, this.#clock.monotonic()) + calls * this.#costMs;
  }
}
