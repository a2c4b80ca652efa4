import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toNumber } from '../../../src/core/money.js';
import { RandomStreams } from '../../../src/core/random.js';
import type { VenueId } from '../../../src/core/units.js';
import { BOOK_CALIBRATIONS } from '../../../src/market/liquidity/book-calibration.js';
import { bookStress, CALM, modelledBook, modelledTakeCostBp } from '../../../src/market/liquidity/book-model.js';
import type { BookStress } from '../../../src/market/liquidity/book-model.js';
import { takeCostBp } from '../../../src/market/liquidity/ladder.js';
import { BOOK_GRIDS } from '../../../src/market/liquidity/venue-grids.js';
import type { BookSnapshot } from '../../../src/market/market-view.js';
import { absent, hasData, readRows, readText } from './real-bars.js';
import { mean, quantile } from './statistics.js';

const key = new RandomStreams(11).key('book');
const L2 = 'orderbook/upbit-btc-krw-l2-20250823.jsonl';
const BITHUMB = 'orderbook/bithumb-btc-krw-book5-20240428.csv.gz';

/** Mean cost of a market order over many instants and places of the mid within a tick, both sides. */
function meanCost(venue: VenueId, price: number, btc: number, stress: BookStress = CALM, depthFactor = 1): number {
  const costs = Array.from({ length: 1_500 }, (_, index) => {
    const mid = price + BOOK_GRIDS[venue].tick * ((index * 0.618) % 1);
    const book = modelledBook(venue, key, index * 97_003, mid, stress, depthFactor);
    return takeCostBp(index % 2 === 0 ? book.asks : book.bids, mid, btc) ?? Number.NaN;
  });
  return mean(costs);
}

describe('calm books', () => {
  test.each([
    { venue: 'upbit', price: 159_511_000, btc: 0.1, bp: 0.4 },
    { venue: 'upbit', price: 159_511_000, btc: 0.5, bp: 0.63 },
    { venue: 'upbit', price: 159_511_000, btc: 1, bp: 1.14 },
    { venue: 'binance', price: 61_800, btc: 1, bp: 0.06 },
    { venue: 'binance', price: 61_800, btc: 5, bp: 0.16 },
  ] as const)('$venue, taking $btc BTC: costs the measured $bp bp within 25 %', ({ venue, price, btc, bp }) => {
    expect(meanCost(venue, price, btc) / bp).toBeGreaterThan(0.75);
    expect(meanCost(venue, price, btc) / bp).toBeLessThan(1.25);
  });

  test.each([
    { venue: 'upbit', btc: 0.1 },
    { venue: 'upbit', btc: 1 },
    { venue: 'binance', btc: 1 },
    { venue: 'binance', btc: 5 },
  ] as const)('$venue, $btc BTC: the cost told to strategies is the mean cost of the books', ({ venue, btc }) => {
    const told = modelledTakeCostBp(venue, btc) ?? Number.NaN;
    expect(told / meanCost(venue, BOOK_CALIBRATIONS[venue].referencePrice, btc)).toBeGreaterThan(0.85);
    expect(told / meanCost(venue, BOOK_CALIBRATIONS[venue].referencePrice, btc)).toBeLessThan(1.15);
  });

  test('an order beyond the modelled book: no cost is told', () => {
    expect(modelledTakeCostBp('upbit', 500)).toBeUndefined();
    expect(modelledTakeCostBp('binance', 5_000)).toBeUndefined();
    expect(modelledTakeCostBp('upbit', 0.0001)).toBeGreaterThan(0.2);
    expect(modelledTakeCostBp('upbit', 0.5, 0.5)).toBeCloseTo(modelledTakeCostBp('upbit', 1) ?? Number.NaN, 12);
  });

  test('20 BTC on Upbit and 120 on the perpetual: the book is deep enough, and each further BTC costs more', () => {
    for (const [venue, price, sizes] of [
      ['upbit', 159_511_000, [0.1, 1, 5, 10, 20]],
      ['binance', 61_800, [0.1, 1, 10, 40, 120]],
    ] as const) {
      const costs = sizes.map((btc) => meanCost(venue, price, btc));
      for (let index = 1; index < costs.length; index += 1) expect(costs[index]).toBeGreaterThan(costs[index - 1] ?? Number.NaN);
    }
  });

  test('the perpetual: one tick of spread nearly always', () => {
    const spreads = Array.from({ length: 1_000 }, (_, index) =>
      spreadTicks('binance', modelledBook('binance', key, index * 1_013, 61_800.03, CALM, 1)),
    );
    expect(spreads.filter((ticks) => ticks === 1).length).toBeGreaterThan(980);
  });
});

describe('any book', () => {
  const anyBook = fc.record({
    venue: fc.constantFrom<VenueId>('upbit', 'binance'),
    at: fc.integer({ min: 1_500_000_000_000, max: 1_800_000_000_000 }),
    relative: fc.double({ min: 0.03, max: 1.5, noNaN: true }),
    volatility: fc.double({ min: 0, max: 500, noNaN: true }),
    depthFactor: fc.constantFrom(0.01, 0.5, 1, 2),
  });

  test('stands on tick and step, ordered, never crossed, never empty, with the mid between its best levels', () => {
    fc.assert(
      fc.property(anyBook, ({ venue, at, relative, volatility, depthFactor }) => {
        const mid = BOOK_CALIBRATIONS[venue].referencePrice * relative;
        const { bids, asks } = modelledBook(venue, key, at, mid, bookStress(venue, volatility, volatility), depthFactor);
        const grid = BOOK_GRIDS[venue];
        for (const side of [bids, asks]) {
          expect(side.length).toBeGreaterThan(0);
          for (const { price, quantity } of side) {
            expect(price > 0n && price % grid.tickUnits === 0n).toBe(true);
            expect(quantity > 0n && quantity % BigInt(grid.stepUnits) === 0n).toBe(true);
          }
        }
        for (let level = 1; level < bids.length; level += 1) expect((bids[level]?.price ?? 0n) < (bids[level - 1]?.price ?? 0n)).toBe(true);
        for (let level = 1; level < asks.length; level += 1) expect((asks[level]?.price ?? 0n) > (asks[level - 1]?.price ?? 0n)).toBe(true);
        expect(toNumber(bids[0]?.price ?? 0n)).toBeLessThanOrEqual(mid * (1 + 1e-12));
        expect(toNumber(asks[0]?.price ?? 0n)).toBeGreaterThan(mid * (1 - 1e-12));
      }),
      { numRuns: 300 },
    );
  });

  test('the same instant: the same book; another second: other quantities', () => {
    const book = (at: number): BookSnapshot => modelledBook('upbit', key, at, 159_511_000, CALM, 1);
    expect(book(1_756_684_860_400)).toEqual(book(1_756_684_860_400));
    expect(book(1_756_684_861_400).asks[0]?.quantity).not.toBe(book(1_756_684_860_400).asks[0]?.quantity);
  });

  test('drifting spread and depth across the edge of a holding time: no jump beyond the levels of one tick', () => {
    const edge = 1_756_684_860_000;
    const before = modelledBook('upbit', key, edge - 1, 159_511_000, CALM, 1);
    const after = modelledBook('upbit', key, edge, 159_511_000, CALM, 1);
    expect(Math.abs(spreadTicks('upbit', before) - spreadTicks('upbit', after))).toBeLessThanOrEqual(1);
  });
});

describe('stress', () => {
  test('volatility above calm: a market order costs more the wilder it is, on both venues', () => {
    for (const [venue, price] of [
      ['upbit', 159_511_000],
      ['binance', 61_800],
    ] as const) {
      const costs = [1, 4, 16].map((times) => meanCost(venue, price, 1, bookStress(venue, BOOK_CALIBRATIONS[venue].calmVolatility * times, 3.4)));
      expect((costs[1] ?? 0) / (costs[0] ?? 1)).toBeGreaterThan(1.5);
      expect((costs[2] ?? 0) / (costs[1] ?? 1)).toBeGreaterThan(1.5);
    }
  });

  test('half and double depth: cost moves against depth', () => {
    const [half, one, twice] = [0.5, 1, 2].map((factor) => meanCost('upbit', 159_511_000, 1, CALM, factor));
    expect(half).toBeGreaterThan((one ?? 0) * 1.5);
    expect(twice).toBeLessThan((one ?? 0) * 0.75);
  });

  test('a premium in panic: strikes Upbit and leaves the perpetual alone', () => {
    expect(bookStress('upbit', 30, 50).offset).toBeGreaterThan(bookStress('upbit', 30, 3).offset * 1.5);
    expect(bookStress('binance', 30, 50)).toEqual(bookStress('binance', 30, 3));
  });
});

function spreadTicks(venue: VenueId, book: BookSnapshot): number {
  return Number((book.asks[0]?.price ?? 0n) - (book.bids[0]?.price ?? 0n)) / Number(BOOK_GRIDS[venue].tickUnits);
}

const upbitSpreads = (): number[] =>
  Array.from(
    { length: 2_000 },
    (_, index) => (spreadTicks('upbit', modelledBook('upbit', key, index * 5_003, 159_511_000, CALM, 1)) * 1_000) / 15_951.1,
  );

describe.skipIf(!hasData(L2))(`Upbit's recorded books (${absent(L2)} when skipped)`, () => {
  test('spreads: every recorded one lies in the middle 95 % of the model, and the means are within 25 %', () => {
    const recorded = readText(L2)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { bids: [number, number][]; asks: [number, number][] })
      .map(({ bids, asks }) => (((asks[0]?.[0] ?? 0) - (bids[0]?.[0] ?? 0)) / (bids[0]?.[0] ?? 1)) * 10_000);
    const modelled = upbitSpreads();
    expect(Math.min(...recorded)).toBeGreaterThan(quantile(modelled, 0.025));
    expect(Math.max(...recorded)).toBeLessThan(quantile(modelled, 0.975));
    expect(mean(modelled) / mean(recorded)).toBeGreaterThan(0.75);
    expect(mean(modelled) / mean(recorded)).toBeLessThan(1.25);
  });
});

describe.skipIf(!hasData(BITHUMB))(`a KRW book over five hours (${absent(BITHUMB)} when skipped)`, () => {
  test("the model's spread varies in time, though less than Bithumb's: 95 % over median", () => {
    const best = new Map<string, { bid: number; ask: number }>();
    for (const row of readRows(BITHUMB)) {
      const price = Number(row['price']);
      const seen = best.get(row['timestamp'] ?? '') ?? { bid: 0, ask: Number.POSITIVE_INFINITY };
      best.set(
        row['timestamp'] ?? '',
        row['side'] === 'bid' ? { ...seen, bid: Math.max(seen.bid, price) } : { ...seen, ask: Math.min(seen.ask, price) },
      );
    }
    const bithumb = [...best.values()].map(({ bid, ask }) => ((ask - bid) / bid) * 10_000).filter((bp) => bp > 0);
    const modelled = upbitSpreads();
    const width = (spreads: readonly number[]): number => quantile(spreads, 0.95) / quantile(spreads, 0.5);
    expect(width(modelled)).toBeGreaterThan(1.4);
    expect(width(modelled)).toBeLessThan(width(bithumb));
  });
});
