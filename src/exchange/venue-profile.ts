import type { Btc, Fixed } from '../core/money.js';
import type { EpochMs, VenueId } from '../core/units.js';
import type { WireMethod } from './wire-endpoints.js';

/** One counter of a venue. `counts`: what a call adds to it. */
export interface RateLimitRule {
  readonly name: string;
  /** Which calls it counts: `orders` creates (and on Upbit cancel_and_new), `queries` private reads and cancels, `market` public data, `all` everything;
   * `apart`: private calls that have a counter of their own and no other. */
  readonly scope: 'orders' | 'queries' | 'market' | 'apart' | 'all';
  readonly limit: number;
  readonly windowMs: number;
  readonly counts: 'calls' | 'weight';
  /** Counts these calls only; absent: every call of its scope. */
  readonly methods?: readonly WireMethod[] | undefined;
}

/** What happens to a client that goes on after a 429: 418 for this long, growing with repeats. */
export interface BanRule {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Rules that only a perpetual has. Fractions in parts per million. */
export interface FuturesRules {
  /** A buy limit may lie at most this far above the mark, a sell limit at most this far below it (PERCENT_PRICE). */
  readonly percentPricePpm: bigint;
  /** The farthest from the mark that a market order takes; the rest of it expires. */
  readonly marketTakeBoundPpm: bigint;
  /** Of the liquidated notional, besides the trading fee. */
  readonly liquidationFeePpm: bigint;
  /** PRICE_FILTER, in USDT per BTC. */
  readonly priceMin: Fixed<'USDT/BTC'>;
  readonly priceMax: Fixed<'USDT/BTC'>;
  readonly maxQuantity: Btc;
  readonly maxOpenOrders: number;
  readonly fundingIntervalMs: number;
  /** A request is taken if its timestamp is at most this far ahead of the venue's clock ... */
  readonly timestampAheadMaxMs: number;
  /** ... and at most `recvWindow` behind it; this is the venue's default (ccxt sends 10 s of its own). */
  readonly recvWindowDefaultMs: number;
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
  /** Counters of requests that no call of an executor makes. */
  readonly wireLimits: readonly RateLimitRule[];
  readonly ban?: BanRule | undefined;
  readonly futures?: FuturesRules | undefined;
  /** A market order larger than what this many levels hold is refused (Upbit). */
  readonly marketOrderLevels?: number | undefined;
  readonly sources: readonly SourcedRule[];
  /** Sentences for the honesty card, e.g. that a date lies before the first sourced rule. */
  readonly caveats: readonly string[];
}

/** Finds the rules of `venue` in force at `at`; implemented in `venue-profiles.ts`. */
export type ProfileAt = (venue: VenueId, at: EpochMs) => VenueProfile;
