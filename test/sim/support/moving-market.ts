import { createStaticMarket } from '../../../src/market/liquidity/static-market.js';
import { RandomStreams } from '../../../src/core/random.js';
import { fixedFromNumber, type Fixed } from '../../../src/core/money.js';
import type { BookLevel, MarketView } from '../../../src/market/market-view.js';
import { epochMs } from '../../../src/core/units.js';
import { START, worldWith } from './world.js';

const HOUR = 3_600_000;

export interface MovingMarket {
  /** The perpetual's mid at so many milliseconds after the start. */
  readonly perp?: (elapsedMs: number) => number;
  /** Funding rate at every eighth hour, UTC. */
  readonly fundingRate?: number;
}

/** The static market with a perpetual that moves and funding at 00, 08 and 16 UTC. `highestMark` looks at every second. */
export function movingMarket({ perp, fundingRate }: MovingMarket): MarketView {
  const still = createStaticMarket(worldWith(), new RandomStreams('moving'));
  const midAt = (at: number): number => perp?.(at - START) ?? 89_500;
  const shift = (levels: readonly BookLevel[], at: number): BookLevel[] =>
    levels.map((level) => {
      const moved = fixedFromNumber<Fixed<string>>(Math.round(((Number(level.price) / 1e8) * midAt(at) * 10) / 89_500) / 10);
      return { price: moved, quantity: level.quantity };
    });
  return {
    ...still,
    mid: (venue, at) => (venue === 'upbit' ? still.mid(venue, at) : midAt(at)),
    book: (venue, at) => {
      const book = still.book(venue, at);
      return venue === 'upbit' || book === undefined ? book : { bids: shift(book.bids, at), asks: shift(book.asks, at) };
    },
    nextFunding: (at) => (fundingRate === undefined ? undefined : { at: epochMs((Math.floor(at / (8 * HOUR)) + 1) * 8 * HOUR), rate: fundingRate }),
    highestMark: (from, to) => {
      let highest = midAt(to);
      for (let at = from + 1_000; at < to; at += 1_000) highest = Math.max(highest, midAt(at));
      return highest;
    },
  };
}
