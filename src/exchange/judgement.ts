import type { EpochMs } from '../core/units.js';

/**
 * What an answer proves about the order it speaks of. `refused`: the venue did not take it and never
 * will. `unknown`: anything else, also "nobody answered, and it might still arrive".
 *
 * For a cancel it speaks of the cancel request: `accepted` means taken, not done; the order may still
 * fill, so it is read until it is terminal. For a read `accepted` means that the order was shown; an
 * error of a read is always `unknown`, a "not found" included, since one may be the venue's lag.
 */
export type Certainty = 'accepted' | 'refused' | 'unknown';
export type OrderOperation = 'createOrder' | 'cancelOrder' | 'fetchOrder';

export interface Judgement {
  readonly certainty: Certainty;
  /** The row of the table that decided, e.g. `binance -1006` or `upbit http 500`. */
  readonly row: string;
  /** What the caller should do besides believing `certainty`. */
  readonly advice:
    'none' | 'back-off' | 'resync-clock' | 'look-up' | 'halt' | 'reduce-only-regime' | 'already-flat' | 'insufficient-funds' | 'invalid-order';
  /**
   * How long the venue asked us to stay away, where it said so; never negative. It is read from the text of
   * the body: Binance's "banned until" needs `now` to become a length of time, Upbit's block length is read
   * where the text gives seconds. ccxt drops the `Retry-After` header; only a guarded client keeps it.
   */
  readonly retryAfterMs?: number | undefined;
  /** The end of a ban that the venue named as an instant. */
  readonly bannedUntil?: EpochMs | undefined;
}
