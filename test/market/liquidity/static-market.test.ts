import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/core/input-error.js';
import { toNumber } from '../../../src/core/money.js';
import { RandomStreams } from '../../../src/core/random.js';
import { addMs, epochMs } from '../../../src/core/units.js';
import { createStaticMarket } from '../../../src/market/liquidity/static-market.js';
import type { StaticBookSpec } from '../../../src/market/liquidity/static-market.js';
import { takeCostBp } from '../../../src/market/liquidity/ladder.js';
import type { World } from '../../../src/faults/world.js';

const start = epochMs(1_750_000_000_000);
const upbit: StaticBookSpec = { mid: '160000000', spreadBp: 0.6, depth: '2' };
const binance: StaticBookSpec = { mid: '110000', spreadBp: 0.01, depth: '30' };
const seeds = new RandomStreams(1);
const view = createStaticMarket({ start, books: { upbit, binance }, usdKrw: '1390.5' }, seeds);

test("a scenario's world: fits as it is", () => {
  const books: World['books'] = { upbit, binance };
  const world: Pick<World, 'start' | 'books' | 'usdKrw'> = { start, books, usdKrw: '1390' };
  expect(createStaticMarket(world, seeds).mid('upbit', start)).toBe(160_000_000);
});

test('an hour later: the same mid and book, and no market before the start', () => {
  const later = addMs(start, 3_600_000);
  expect(view.mid('binance', later)).toBe(110_000);
  expect(view.book('upbit', later)).toEqual(view.book('upbit', start));
  expect(view.usdKrw(later)).toBe(1_390.5);
  expect(view.highestMark(start, later)).toBe(110_000);
  expect(view.mid('upbit', epochMs(start - 1))).toBeUndefined();
});

test('the book: has the stated spread, the stated depth within 5 bp beyond it, and as much again behind', () => {
  const book = view.book('upbit', start);
  const bp = (price: bigint): number => ((toNumber(price) - 160_000_000) / 160_000_000) * 10_000;
  expect(bp(book?.asks[0]?.price ?? 0n)).toBeCloseTo(0.3, 1);
  expect(bp(book?.bids[0]?.price ?? 0n)).toBeCloseTo(-0.3, 1);
  const within = (book?.asks ?? []).filter((level) => bp(level.price) < 5.2).reduce((sum, level) => sum + toNumber(level.quantity), 0);
  expect(within).toBeCloseTo(2, 6);
  expect(takeCostBp(book?.asks ?? [], 160_000_000, 4)).toBeDefined();
  expect(takeCostBp(book?.asks ?? [], 160_000_000, 4.001)).toBeUndefined();
});

test('a tight spread on the perpetual: one tick', () => {
  const book = view.book('binance', start);
  expect(toNumber(book?.asks[0]?.price ?? 0n) - toNumber(book?.bids[0]?.price ?? 0n)).toBeCloseTo(0.1, 9);
});

test('without a rate: the one at which there is no premium', () => {
  expect(createStaticMarket({ start, books: { upbit, binance } }, seeds).usdKrw(start)).toBeCloseTo(160_000_000 / 110_000, 9);
});

describe('bad worlds: refused with the key', () => {
  test.each([
    { name: 'no books', books: undefined, key: 'world.books' },
    { name: 'a mid that is no number', books: { upbit: { ...upbit, mid: '1.6e8' }, binance }, key: 'world.books.upbit.mid' },
    { name: 'no depth', books: { upbit, binance: { ...binance, depth: '0' } }, key: 'world.books.binance.depth' },
    { name: 'a negative spread', books: { upbit: { ...upbit, spreadBp: -1 }, binance }, key: 'world.books.upbit.spreadBp' },
  ])('$name', ({ books, key }) => {
    let caught: unknown;
    try {
      createStaticMarket({ start, books }, seeds);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InputError);
    expect(caught).toMatchObject({ place: { key } });
  });
});
