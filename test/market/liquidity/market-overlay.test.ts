import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toNumber } from '../../../src/core/money.js';
import { RandomStreams } from '../../../src/core/random.js';
import { addMs, epochMs } from '../../../src/core/units.js';
import { createBarMarket } from '../../../src/market/liquidity/bar-market.js';
import { overlayMarket } from '../../../src/market/liquidity/market-overlay.js';
import type { MarketWindow } from '../../../src/market/liquidity/market-overlay.js';
import { createStaticMarket } from '../../../src/market/liquidity/static-market.js';
import { BOOK_GRIDS } from '../../../src/market/liquidity/venue-grids.js';
import type { BookSnapshot } from '../../../src/market/market-view.js';
import { barsOf } from './real-bars.js';

const start = epochMs(1_750_000_000_000);
const still = createStaticMarket(
  { start, books: { upbit: { mid: '160000000', spreadBp: 0.6, depth: '2' }, binance: { mid: '110000', spreadBp: 0.01, depth: '30' } } },
  new RandomStreams(1),
);
const from = addMs(start, 10_000);
const until = addMs(start, 20_000);
const over = (window: Omit<MarketWindow, 'fromMs' | 'untilMs' | 'venue'>, venue: MarketWindow['venue'] = 'upbit') =>
  overlayMarket(still, [{ fromMs: from, untilMs: until, venue, ...window }]);
const bestSpreadBp = (book: BookSnapshot | undefined): number => {
  const [bid, ask] = [toNumber(book?.bids[0]?.price ?? 0n), toNumber(book?.asks[0]?.price ?? 0n)];
  return ((ask - bid) / ((ask + bid) / 2)) * 10_000;
};
const total = (book: BookSnapshot | undefined): number => (book?.asks ?? []).reduce((sum, level) => sum + toNumber(level.quantity), 0);

test('outside the window and on the other venue: the market below, untouched', () => {
  const view = over({ gapBp: -150, depthFactor: 0.1, halt: true });
  for (const at of [epochMs(from - 1), until]) {
    expect(view.mid('upbit', at)).toBe(still.mid('upbit', at));
    expect(view.book('upbit', at)).toEqual(still.book('upbit', at));
  }
  expect(view.book('binance', from)).toEqual(still.book('binance', from));
});

test('a halt: no book while the mid goes on', () => {
  const view = over({ halt: true });
  expect(view.book('upbit', from)).toBeUndefined();
  expect(view.mid('upbit', from)).toBe(160_000_000);
});

test('a gap of -150 bp: mid and book move together', () => {
  const view = over({ gapBp: -150 });
  expect(view.mid('upbit', from)).toBeCloseTo(157_600_000, 3);
  const book = view.book('upbit', from);
  expect(toNumber(book?.bids[0]?.price ?? 0n)).toBeLessThan(157_600_000);
  expect(toNumber(book?.asks[0]?.price ?? 0n)).toBeGreaterThan(157_600_000);
});

test('a tenth of the depth: a tenth of every quantity, same prices', () => {
  const [thin, full] = [over({ depthFactor: 0.1 }).book('upbit', from), still.book('upbit', from)];
  expect(total(thin) / total(full)).toBeCloseTo(0.1, 6);
  expect(thin?.asks.map((level) => level.price)).toEqual(full?.asks.map((level) => level.price));
});

test('a spread of 20 bp: at least that wide, around the same middle; a wider book stays', () => {
  const wide = over({ spreadBp: 20 }).book('upbit', from);
  expect(bestSpreadBp(wide)).toBeGreaterThanOrEqual(20);
  expect(bestSpreadBp(wide)).toBeLessThan(20.3);
  expect(over({ spreadBp: 0.1 }).book('upbit', from)).toEqual(still.book('upbit', from));
});

test('windows that overlap: moves and depths multiply, the widest spread wins', () => {
  const window = { fromMs: from, venue: 'upbit' } as const;
  const view = overlayMarket(still, [
    { ...window, gapBp: -100, depthFactor: 0.5, spreadBp: 5 },
    { ...window, gapBp: -100, depthFactor: 0.5, spreadBp: 9 },
  ]);
  expect(view.mid('upbit', from)).toBeCloseTo(160_000_000 * 0.99 * 0.99, 3);
  expect(total(view.book('upbit', from)) / total(still.book('upbit', from))).toBeCloseTo(0.25, 6);
  expect(bestSpreadBp(view.book('upbit', from))).toBeCloseTo(9, 0);
});

test('windows from a function: the ones it gives at the instant hold', () => {
  let open: MarketWindow[] = [];
  const view = overlayMarket(still, () => open);
  expect(view.mid('upbit', from)).toBe(160_000_000);
  open = [{ fromMs: from, venue: 'upbit', gapBp: 100 }];
  expect(view.mid('upbit', from)).toBeCloseTo(161_600_000, 3);
});

describe('the highest mark', () => {
  const rows = Array.from({ length: 10 }, (_, row) => ({ time: start + row * 60_000, upbit: 1.5e8 + row, binance: 108_000 + 30 * Math.sin(row) }));
  const moving = createBarMarket(barsOf(rows), new RandomStreams(2));

  test('any windows: is the highest of the moved mids', () => {
    const offset = fc.integer({ min: 0, max: 9 * 60_000 });
    const anyWindow = fc.record({ at: offset, length: fc.integer({ min: 1, max: 120_000 }), gapBp: fc.integer({ min: -200, max: 200 }) });
    fc.assert(
      fc.property(fc.array(anyWindow, { maxLength: 3 }), offset, fc.integer({ min: 1, max: 60_000 }), (drawn, first, length) => {
        const windows = drawn.map(({ at, length: span, gapBp }): MarketWindow => {
          return { fromMs: addMs(start, at), untilMs: addMs(start, at + span), venue: 'binance', gapBp };
        });
        const view = overlayMarket(moving, windows);
        const last = Math.min(first + length, 9 * 60_000);
        let highest = 0;
        for (let at = first + 1; at <= last; at += 1) highest = Math.max(highest, view.mid('binance', addMs(start, at)) ?? 0);
        if (highest === 0) return;
        const mark = view.highestMark(addMs(start, first), addMs(start, last)) ?? 0;
        expect(mark).toBeGreaterThanOrEqual(highest * (1 - 1e-12));
        // The path's own top may fall between two milliseconds.
        expect(mark).toBeLessThan(highest * (1 + 1e-6));
      }),
      { numRuns: 40 },
    );
  });
});

test('any effect: the book stays on tick, ordered, uncrossed and not empty', () => {
  const anyWindow = fc.record({
    gapBp: fc.double({ min: -5_000, max: 5_000, noNaN: true }),
    depthFactor: fc.double({ min: 0, max: 3, noNaN: true }),
    spreadBp: fc.double({ min: 0, max: 500, noNaN: true }),
    venue: fc.constantFrom('upbit' as const, 'binance' as const),
  });
  fc.assert(
    fc.property(anyWindow, ({ venue, ...effect }) => {
      const { bids, asks } = over(effect, venue).book(venue, from) ?? { bids: [], asks: [] };
      for (const { price, quantity } of [...bids, ...asks]) {
        expect(price > 0n && price % BOOK_GRIDS[venue].tickUnits === 0n && quantity > 0n).toBe(true);
      }
      expect((bids[0]?.price ?? 0n) < (asks[0]?.price ?? 0n)).toBe(true);
      for (let level = 1; level < asks.length; level += 1) expect((asks[level]?.price ?? 0n) > (asks[level - 1]?.price ?? 0n)).toBe(true);
      for (let level = 1; level < bids.length; level += 1) expect((bids[level]?.price ?? 0n) < (bids[level - 1]?.price ?? 0n)).toBe(true);
    }),
  );
});
