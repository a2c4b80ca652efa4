import { fixed, fixedFromNumber, floorTo, type Fixed } from '../../core/money.js';
import { uniformAt, type RandomStreams } from '../../core/random.js';
import { epochMs, type EpochMs, type VenueId } from '../../core/units.js';
import type { World } from '../../faults/world.js';
import { createStaticMarket } from '../../market/liquidity/static-market.js';
import type { BookLevel, BookSnapshot, MarketView } from '../../market/market-view.js';

/** A price stands still for so long; then it jumps. */
export const STAND_MS = 7_000;
const FUNDING_MS = 8 * 3_600_000;
const TICK: Readonly<Record<VenueId, bigint>> = { upbit: 1_000n * 100_000_000n, binance: 10_000_000n };
/** No jump goes higher than this, so that a position of little leverage is never liquidated. */
const HIGHEST = 1.025;

/** A book that jumps about its first place every seven seconds, and funding of either sign every eight hours. */
export function wanderingMarket(world: World, seeds: RandomStreams): MarketView {
  const still = createStaticMarket(world, seeds);
  const key = seeds.key('wandering');
  const factorOf = (at: number): number => {
    const stand = Math.floor((at - world.start) / STAND_MS);
    if (stand <= 0) return 1;
    const reach = uniformAt(key, `reach/${stand}`) < 0.15 ? 0.02 : 0.002;
    return 1 + (uniformAt(key, `place/${stand}`) * 2 - 1) * reach;
  };
  const midOf = (venue: VenueId, at: EpochMs): number | undefined => {
    const mid = still.mid(venue, at);
    return mid === undefined ? undefined : Math.round(mid * factorOf(at) * 100) / 100;
  };
  const moved = (levels: readonly BookLevel[], venue: VenueId, at: EpochMs): BookLevel[] => {
    const ppm = BigInt(Math.round(factorOf(at) * 1e6));
    return levels.map(({ price, quantity }) => ({ price: fixed<Fixed<string>>(floorTo((price * ppm) / 1_000_000n, TICK[venue])), quantity }));
  };
  let last: { readonly venue: VenueId; readonly stand: number; readonly book: BookSnapshot } | undefined;
  return {
    ...still,
    mid: midOf,
    book: (venue, at) => {
      const stand = Math.floor((at - world.start) / STAND_MS);
      if (last?.venue === venue && last.stand === stand) return last.book;
      const book = still.book(venue, at);
      if (book === undefined) return undefined;
      last = { venue, stand, book: { bids: moved(book.bids, venue, at), asks: moved(book.asks, venue, at) } };
      return last.book;
    },
    nextFunding: (at) => {
      const next = epochMs((Math.floor(at / FUNDING_MS) + 1) * FUNDING_MS);
      return { at: next, rate: Math.round((uniformAt(key, `funding/${next}`) - 0.4) * 6_000) / 1e7 };
    },
    highestMark: (from, to) => {
      const mid = still.mid('binance', to);
      return from < to && mid !== undefined ? Number(fixedFromNumber(mid * HIGHEST)) / 1e8 : undefined;
    },
  };
}
