/**
 * What an answer proves about the order it speaks of. `refused`: the venue did not take it and never
 * will. `unknown`: anything else, also "nobody answered, and it might still arrive".
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
  /** How long the venue asked us to stay away, where it said so. */
  readonly retryAfterMs?: number | undefined;
}
