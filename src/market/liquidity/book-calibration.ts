import type { VenueId } from '../../core/units.js';
import type { LevelSpec } from './ladder.js';

/** A venue's calm book and how it varies; every figure says where it was read. */
export interface BookCalibration {
  readonly levels: readonly LevelSpec[];
  /** The price the samples were taken at, quote per BTC. */
  readonly referencePrice: number;
  /** Volatility of the venue's mid around the samples, bp a square-root minute: at or below it the book is calm. */
  readonly calmVolatility: number;
  /** Log-sd of a side's distances, and how long one draw of it lasts. */
  readonly offsetLogSd: number;
  readonly offsetHoldMs: number;
  /** Log-sd of a side's depth, and how long one draw of it lasts. */
  readonly depthLogSd: number;
  readonly depthHoldMs: number;
}

/** A stretch of equal levels: `count` of them from the previous stretch's end to `toBp`, `btc` in all. */
interface Stretch {
  readonly toBp: number;
  readonly count: number;
  readonly btc: number;
  readonly spread: number | 'exp';
}

/**
 * Upbit BTC/KRW: 8 snapshots of 20 levels, 2025-08-23 21:03-21:05 UTC (upbit-btc-krw-l2-20250823): spread 0.44-0.94 bp,
 * best level 0.06 BTC, 0.55 BTC within 1 bp and 1.2 BTC within 5 bp of the mid on the ask side, log-sd of a level's
 * size 2.5; a market buy costs 0.40 / 0.63 / 1.14 bp for 0.1 / 0.5 / 1 BTC. The bid side of those two minutes was
 * thinner (1.2 / 2.3 / 2.7 bp): sides are modelled alike on the ask's figures and vary one by one. The levels are
 * fitted to the three mean costs under chance; since costs rise more in a thin moment than they fall in a deep one,
 * the mean depth within 5 bp comes out at twice the samples' (2.5 BTC). Beyond 6 bp no sample reaches: about 0.33 BTC a
 * bp to 300 bp is an assumption. The wandering of spread and depth is kept below what 3,764 snapshots of Upbit ETH/KRW
 * and 3,840 of Bithumb BTC/KRW show (log-sd 0.63 and 1.35 of the spread, 0.50 and 0.71 of the depth, mostly forgotten
 * after a minute), since a part of that is volatility, which the model adds by itself.
 */
const UPBIT: BookCalibration = {
  levels: stretches(0.34, [
    { toBp: 1, count: 5, btc: 0.9, spread: 1 },
    { toBp: 2.2, count: 4, btc: 0.55, spread: 1 },
    { toBp: 6, count: 8, btc: 0.9, spread: 1 },
    { toBp: 12, count: 4, btc: 2, spread: 0.7 },
    { toBp: 40, count: 6, btc: 9.4, spread: 0.4 },
    { toBp: 110, count: 6, btc: 24, spread: 0.4 },
    { toBp: 300, count: 5, btc: 64, spread: 0.4 },
  ]),
  referencePrice: 160_000_000,
  calmVolatility: 3,
  offsetLogSd: 0.45,
  offsetHoldMs: 30_000,
  depthLogSd: 0.35,
  depthHoldMs: 60_000,
};

/**
 * Binance BTCUSDT perpetual: 345 seconds of 2024-08-08 (binance-futures-btcusdt-top20-1s-20240808), BTC at 61.8k: one
 * tick of spread in 99 % of seconds, best level 3.4 BTC in the median with an exponential's quantiles and no memory
 * from second to second, 9.3 BTC within 1 bp; a market buy costs 0.06 bp for 1 BTC and 0.16 for 5. From 2 to
 * 28 bp: the feed's one REST snapshot of 1,000 levels a side (25 / 55 / 130 / 300 BTC within 3 / 5 / 10 / 20 bp);
 * beyond, the same density. Fitted to the two costs, so that the mean depth within 1 bp comes out at twice the sample's
 * (20 BTC). Quantities in BTC are taken to hold at other prices and dates.
 */
const BINANCE: BookCalibration = {
  levels: [
    { offsetBp: 0.004, meanBtc: 4, spread: 'exp' },
    ...stretches(0.27, [
      { toBp: 0.4, count: 2, btc: 0.8, spread: 1 },
      { toBp: 0.55, count: 4, btc: 12, spread: 0.6 },
      { toBp: 3, count: 7, btc: 13, spread: 0.8 },
      { toBp: 10, count: 6, btc: 105, spread: 0.4 },
      { toBp: 30, count: 5, btc: 270, spread: 0.3 },
      { toBp: 100, count: 5, btc: 900, spread: 0.3 },
    ]),
  ],
  referencePrice: 61_800,
  calmVolatility: 9,
  offsetLogSd: 0.3,
  offsetHoldMs: 30_000,
  depthLogSd: 0.3,
  depthHoldMs: 60_000,
};

export const BOOK_CALIBRATIONS: Readonly<Record<VenueId, BookCalibration>> = { upbit: UPBIT, binance: BINANCE };

function stretches(fromBp: number, parts: readonly Stretch[]): LevelSpec[] {
  let start = fromBp;
  return parts.flatMap(({ toBp, count, btc, spread }) => {
    const width = (toBp - start) / count;
    const first = start;
    start = toBp;
    return Array.from({ length: count }, (_, index) => ({ offsetBp: first + width * index, meanBtc: btc / count, spread }));
  });
}
