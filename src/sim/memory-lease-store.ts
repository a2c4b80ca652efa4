import type { MonotonicMs } from '../core/units.js';

/** The row in which simulated instances keep their lease. Its time is true time: a store is not one of the processes. */
export class MemoryLeaseStore {
  readonly #monotonic: () => MonotonicMs;
  #owner: string | undefined;
  #token = 0;
  #until = Number.NEGATIVE_INFINITY;

  constructor(monotonic: () => MonotonicMs) {
    this.#monotonic = monotonic;
  }

  acquire(owner: string, termMs: number): Promise<number | undefined> {
    if (this.#owner !== owner && this.#monotonic() < this.#until) return Promise.resolve(undefined);
    this.#owner = owner;
    this.#token += 1;
    this.#until = this.#monotonic() + termMs;
    return Promise.resolve(this.#token);
  }

  renew(token: number, termMs: number): Promise<boolean> {
    if (token !== this.#token) return Promise.resolve(false);
    this.#until = this.#monotonic() + termMs;
    return Promise.resolve(true);
  }

  /** Whether this is the newest token given out: what the journal's store asks before it takes an append. */
  isNewest(token: number | undefined): boolean {
    return token === this.#token;
  }
}
