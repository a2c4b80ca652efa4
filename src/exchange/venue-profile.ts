import type { Btc, Fixed } from '../core/money.js';
import type { EpochMs, VenueId } from '../core/units.js';

/** One counter of a venue. `counts`: what a call adds to it. */
export interface RateLimitRule {
  readonly name: string;
  /** Which calls it counts: `orders` creates (and on Upbit cancel_and_new), `queries` private reads and cancels, `market` public data, `all` everything. */
  readonly scope: 'orders' | 'queries' | 'market' | 'all';
  readonly limit: number;
  readonly windowMs: number;
  readonly counts: 'calls' | 'weight';
}

/** A rule with where and when it was read; before its date the earliest known one applies and the card says so. */
export interface SourcedRule {
  readonly rule: string;
  readonly value: string;
  readonly from: string;
  readonly source: string;
}

/** A venue's rules on a date. Fees are in parts per million of the notional. */
export interface VenueProfile {
  readonly venue: VenueId;
  readonly quantityStep: Btc;
  /** The tick at this price, in quote per BTC at 1e-8. */
  priceTick(price: Fixed<string>): Fixed<string>;
  readonly minQuantity: Btc;
  readonly minNotional: Fixed<string>;
  readonly maxNotional: Fixed<string> | undefined;
  readonly maxMarketQuantity: Btc | undefined;
  readonly makerFeePpm: bigint;
  readonly takerFeePpm: bigint;
  readonly limits: readonly RateLimitRule[];
  readonly sources: readonly SourcedRule[];
  /** Sentences for the honesty card, e.g. that a date lies before the first sourced rule. */
  readonly caveats: readonly string[];
}

/** Finds the rules of `venue` in force at `at`; implemented in `venue-profiles.ts`. */
export type ProfileAt = (venue: VenueId, at: EpochMs) => VenueProfile;
