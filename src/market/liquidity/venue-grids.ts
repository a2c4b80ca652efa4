import type { VenueId } from '../../core/units.js';

/** The steps a venue's book stands on. */
export interface BookGrid {
  /** Price tick in whole quote units per BTC, for arithmetic; `tickUnits` is the same at 1e-8. */
  readonly tick: number;
  readonly tickUnits: bigint;
  /** Quantity step in 1e-8 BTC. */
  readonly stepUnits: number;
}

/**
 * Upbit BTC/KRW has a tick of 1,000 KRW at every price of 2 million KRW and up in each of its tick tables
 * (all of its BTC prices in
 * the recorded data are multiples of it), quantities of 1e-8. Binance BTC/USDT:USDT: 0.1 USDT and 0.001 BTC (PRICE_FILTER, LOT_SIZE).
 */
export const BOOK_GRIDS: Readonly<Record<VenueId, BookGrid>> = {
  upbit: { tick: 1_000, tickUnits: 100_000_000_000n, stepUnits: 1 },
  binance: { tick: 0.1, tickUnits: 10_000_000n, stepUnits: 100_000 },
};
