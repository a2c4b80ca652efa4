/** What the bank's rate is worth at a bar. */
export type FxState = 'ok' | 'stale' | 'jumped';

export interface FxGuardOptions {
  /** A daily fixing older than this is stale: 120 h is a long weekend. */
  readonly ageMsMax: number;
  /** The same for a rate quoted at the row's own moment. */
  readonly liveAgeMsMax: number;
  /** A move of more than this fraction between two values is an error until the next value confirms it. */
  readonly jumpMax: number;
}

/**
 * Watches USD/KRW as a strategy sees it, bar by bar. A frozen rate looks like the trade of the year: one public
 * data set shows a premium of 16.2 % where the truth was 1.5 %, because its rate never moved (venues 3.3).
 *
 * Where the data do not say since when a value has been known, its age counts from when it was first seen.
 * Limits: design decision 10.
 */
export class FxGuard {
  readonly #options: FxGuardOptions;
  #value = NaN;
  #seenAt = 0;
  /** The last value that was believed. */
  #good = NaN;
  #jumped = false;

  constructor(options: FxGuardOptions) {
    this.#options = options;
  }

  observe(time: number, usdKrw: number, live: boolean, since?: number): FxState {
    if (usdKrw !== this.#value) this.#change(time, usdKrw);
    if (this.#jumped) return 'jumped';
    const age = time - (since === undefined || Number.isNaN(since) ? this.#seenAt : since);
    const limit = live ? this.#options.liveAgeMsMax : this.#options.ageMsMax;
    return age > limit || !(usdKrw > 0) ? 'stale' : 'ok';
  }

  #change(time: number, usdKrw: number): void {
    // An absent value is no news: the one before goes on ageing.
    if (Number.isNaN(usdKrw)) return;
    const near = (reference: number): boolean => Math.abs(usdKrw / reference - 1) <= this.#options.jumpMax;
    const believed = Number.isNaN(this.#good) || near(this.#good) || (this.#jumped && near(this.#value));
    this.#jumped = !believed;
    if (believed) this.#good = usdKrw;
    this.#value = usdKrw;
    this.#seenAt = time;
  }
}
