import { InputError } from '../../core/input-error.js';
import { isDecimal } from '../../core/money.js';
import type { RandomStreams } from '../../core/random.js';
import { addMs } from '../../core/units.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import type { BookSnapshot, MarketView } from '../market-view.js';
import { buildLadder } from './ladder.js';
import { BOOK_GRIDS } from './venue-grids.js';

/** One venue's constant book, as in a scenario file's `world.books`. */
export interface StaticBookSpec {
  readonly mid: string;
  readonly spreadBp: number;
  /** BTC a side within about 5 bp of the mid. */
  readonly depth: string;
}

/** What a static market needs of a scenario's world. */
export interface StaticWorld {
  readonly start: EpochMs;
  readonly books?: Readonly<Record<VenueId, StaticBookSpec>> | undefined;
  /** KRW per USD; when absent, the rate at which the two mids have no premium. */
  readonly usdKrw?: string | undefined;
}

/** A side is two equal stretches of this width: the stated depth in the first, as much again in the second, then nothing. */
const STRETCH_BP = 5;
const LEVELS_PER_STRETCH = 20;
const CENTURY_MS = 100 * 365 * 86_400_000;
const AS_IT_IS = { offset: 1, depth: 1 };

/** A market that never moves is the same for every run in a world: an explorer asks for it thousands of times. */
const MADE = new WeakMap<StaticWorld, MarketView>();

/**
 * A market that never moves, for drills that need no data: what a fault costs is then the fault's doing alone. It
 * draws nothing; `seeds` is taken so that every market is made alike. The same world, which must not be changed, gets
 * the same market.
 *
 * @throws InputError when the world has no books, or a mid, depth, spread or rate is not a positive number.
 */
export function createStaticMarket(world: StaticWorld, seeds: RandomStreams): MarketView {
  const known = MADE.get(world);
  if (known !== undefined) return known;
  const market = staticMarket(world, seeds);
  MADE.set(world, market);
  return market;
}

function staticMarket(world: StaticWorld, seeds: RandomStreams): MarketView {
  const { books } = world;
  if (books === undefined) {
    throw new InputError(
      'expected a book for each venue, found none',
      { key: 'world.books' },
      'give both venues a mid, spreadBp and depth, or run the scenario on data',
    );
  }
  const mids = { upbit: positive(books.upbit.mid, 'world.books.upbit.mid'), binance: positive(books.binance.mid, 'world.books.binance.mid') };
  const usdKrw = world.usdKrw === undefined ? mids.upbit / mids.binance : positive(world.usdKrw, 'world.usdKrw');
  const key = seeds.key('market/static');
  const ladder = (venue: VenueId): BookSnapshot =>
    buildLadder(mids[venue], levelsOf(books[venue], venue), BOOK_GRIDS[venue], { bid: AS_IT_IS, ask: AS_IT_IS }, key, 0);
  const ladders: Readonly<Record<VenueId, BookSnapshot>> = { upbit: ladder('upbit'), binance: ladder('binance') };
  const from = world.start;
  const to = addMs(world.start, CENTURY_MS);
  const inside = (at: EpochMs): boolean => at >= from && at <= to;
  return {
    mid: (venue, at) => (inside(at) ? mids[venue] : undefined),
    book: (venue, at) => (inside(at) ? ladders[venue] : undefined),
    usdKrw: (at) => (inside(at) ? usdKrw : undefined),
    usdtKrw: () => undefined,
    nextFunding: () => undefined,
    highestMark: (start, end) => (start < end && end >= from && start < to ? mids.binance : undefined),
    from,
    to,
    card: [
      'No market data: both mids and books stand still, so waiting costs nothing and what is lost was lost to fees, the book and the faults.',
      'Queue position is not modelled, and the book does not remember what was taken from it. There is no funding and no KRW-USDT rate.',
    ],
  };
}

function levelsOf(spec: StaticBookSpec, venue: VenueId): { offsetBp: number; meanBtc: number; spread: 0 }[] {
  const depth = positive(spec.depth, `world.books.${venue}.depth`);
  if (!(spec.spreadBp >= 0))
    throw new InputError(`expected a spread of 0 bp or more, found ${spec.spreadBp}`, { key: `world.books.${venue}.spreadBp` });
  return Array.from({ length: LEVELS_PER_STRETCH * 2 }, (_, index) => ({
    offsetBp: spec.spreadBp / 2 + (STRETCH_BP * index) / LEVELS_PER_STRETCH,
    meanBtc: depth / LEVELS_PER_STRETCH,
    spread: 0,
  }));
}

function positive(text: string, key: string): number {
  const value = isDecimal(text) ? Number(text) : Number.NaN;
  if (!(value > 0)) throw new InputError(`expected a positive decimal, found "${text}"`, { key });
  return value;
}
