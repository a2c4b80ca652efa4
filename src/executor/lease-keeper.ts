import type { Clock } from '../clock/clock.js';
import { Stop } from '../clock/stop.js';
import { durationMs, type MonotonicMs } from '../core/units.js';
import type { Lease } from './ports.js';

/**
 * Where instances agree on who may trade: one row that all of them can reach. Each holder gets a larger token than any
 * before, and the journal refuses appends under an older one (fencing): what cannot be journaled is not sent.
 */
export interface LeaseStore {
  /** Takes the lease when it is free, has run out, or was this owner's; undefined: somebody else holds it. */
  acquire(owner: string, termMs: number): Promise<number | undefined>;
  /** False: it has run out and somebody else has taken it. */
  renew(token: number, termMs: number): Promise<boolean>;
}

export interface LeaseTerms {
  readonly owner: string;
  /** How long a lease lasts without being renewed; it is renewed three times as often. */
  readonly termMs: number;
}

/**
 * Keeps the lease of one instance. Validity is measured from before each request to the store, on the clock that never
 * jumps, so that this side gives up before the other side may begin. A lease that was lost once stays lost: what this
 * instance knew is old then, and only a new life that reads the journal may trade again.
 */
export class LeaseKeeper implements Lease {
  readonly #store: LeaseStore;
  readonly #clock: Clock;
  readonly #terms: LeaseTerms;
  readonly #onLost: () => void;
  readonly #stop = new Stop();
  #token: number | undefined;
  #validUntil = Number.NEGATIVE_INFINITY as MonotonicMs;

  /** @param onLost - called once, when it is first noticed that the lease is gone. */
  constructor(store: LeaseStore, clock: Clock, terms: LeaseTerms, onLost: () => void) {
    this.#store = store;
    this.#clock = clock;
    this.#terms = terms;
    this.#onLost = onLost;
  }

  /** The token under which this instance may write; undefined: it has no lease. */
  get token(): number | undefined {
    return this.#token;
  }

  /** Takes the lease and begins to renew it. @returns false when another instance holds it. */
  async acquire(): Promise<boolean> {
    const { owner, termMs } = this.#terms;
    const asked = this.#clock.monotonic();
    const token = await this.#store.acquire(owner, termMs);
    if (token === undefined) return false;
    this.#token = token;
    this.#validUntil = (asked + termMs) as MonotonicMs;
    void this.#keep(token);
    return true;
  }

  held(): boolean {
    if (this.#token === undefined) return false;
    if (this.#clock.monotonic() < this.#validUntil) return true;
    this.#lose();
    return false;
  }

  /** No more renewals: the lease runs out by itself. */
  stop(): void {
    this.#stop.abort();
  }

  async #keep(token: number): Promise<void> {
    const { termMs } = this.#terms;
    for (;;) {
      await this.#clock.sleep(durationMs(Math.floor(termMs / 3)), this.#stop);
      if (this.#stop.aborted || !this.held()) return;
      const asked = this.#clock.monotonic();
      // A store that fails to answer proves nothing: the term decides.
      const renewed = await this.#store.renew(token, termMs).catch(() => undefined);
      if (renewed === true) this.#validUntil = (asked + termMs) as MonotonicMs;
      if (renewed === false) {
        this.#lose();
        return;
      }
    }
  }

  #lose(): void {
    if (this.#token === undefined) return;
    this.#token = undefined;
    this.#stop.abort();
    this.#onLost();
  }
}
