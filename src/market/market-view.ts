import type { Btc, Fixed } from '../core/money.js';
import type { EpochMs, VenueId } from '../core/units.js';
import type { RealisedVolatility } from './realised-volatility.js';

/** One price level; price in quote per BTC at 1e-8, on the venue's tick. */
export interface BookLevel {
  readonly price: Fixed<string>;
  readonly quantity: Btc;
}

/** A book as it stands at one instant: best level first, never crossed, never empty. */
export interface BookSnapshot {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** A bar of the data as the venue's candle of (from, to], in its own price. */
export interface MarketBar {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** BTC traded in it; undefined where the data does not say. */
  readonly volume: number | undefined;
}

/**
 * The world that both simulated venues trade in, as a function of time: the same instant always gives
 * the same answer, whatever was asked before. `undefined` means a gap in the data: nothing is
 * interpolated and nothing trades.
 */
export interface MarketView {
  /** Mid price in the venue's quote currency (KRW per BTC, USDT per BTC). */
  mid(venue: VenueId, at: EpochMs): number | undefined;
  book(venue: VenueId, at: EpochMs): BookSnapshot | undefined;
  /** KRW per USD of the FX source that was known at `at`. */
  usdKrw(at: EpochMs): number | undefined;
  /** KRW per USDT on Upbit, where the data has it. */
  usdtKrw(at: EpochMs): number | undefined;
  /** The next funding settlement after `at`, rate as a fraction (> 0: the short receives); undefined when the data ends. */
  nextFunding(at: EpochMs): { readonly at: EpochMs; readonly rate: number } | undefined;
  /** The highest perpetual mark in (from, to], for liquidation checks without walking the path. */
  highestMark(from: EpochMs, to: EpochMs): number | undefined;
  /** How much prices moved in the bars that had closed by `at`, bp a square-root minute; absent or undefined where there are none. */
  realisedVolatility?(at: EpochMs): RealisedVolatility | undefined;
  /**
   * The bars of the data that closed in (from, to], oldest first; what is not covered is a gap, or has no bar of its own and is known
   * by `mid` alone. Absent where the market has no bars.
   */
  bars?(venue: VenueId, from: EpochMs, to: EpochMs): readonly MarketBar[];
  /** First and last instant at which the view can answer. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** What was modelled and how, one sentence each, for the honesty card. */
  readonly card: readonly string[];
}
