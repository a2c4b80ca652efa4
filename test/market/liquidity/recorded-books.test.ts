import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/core/input-error.js';
import { RandomStreams } from '../../../src/core/random.js';
import { epochMs } from '../../../src/core/units.js';
import { createStaticMarket } from '../../../src/market/liquidity/static-market.js';
import { takeCostBp } from '../../../src/market/liquidity/ladder.js';
import { loadRecordedBook, parseRecordedBook, recordedMid } from '../../../src/market/liquidity/recorded-books.js';
import { withRecordedBooks } from '../../../src/market/liquidity/with-recorded-books.js';
import { absent, DATA_DIR, hasData } from './real-bars.js';
import { mean } from './statistics.js';

const START = 1_750_000_000_000;
const line = (second: number, bid: number, ask = bid + 1): string =>
  JSON.stringify({
    timestamp: START + second * 1_000,
    bids: [
      [bid, 0.5],
      [bid - 2, 1.25],
    ],
    asks: [[ask, 0.7]],
  });
const sample = [line(0, 100), line(4, 110), line(30, 90)].join('\n');
const book = parseRecordedBook(sample, 'book.jsonl');
const at = (second: number) => epochMs(START + second * 1_000);

describe('a recording', () => {
  test('between snapshots: the newest stands; older than the maximum age, before and after: nothing', () => {
    const mid = (second: number): number | undefined => {
      const seen = book.at(at(second));
      return seen === undefined ? undefined : recordedMid(seen);
    };
    expect([-1, 0, 3.999, 4, 13.999, 14, 29, 30, 39.999, 40].map(mid)).toEqual([
      undefined,
      100.5,
      100.5,
      110.5,
      110.5,
      undefined,
      undefined,
      90.5,
      90.5,
      undefined,
    ]);
  });

  test('its levels: exact amounts at 1e-8', () => {
    expect(book.at(at(0))).toEqual({
      bids: [
        { price: 10_000_000_000n, quantity: 50_000_000n },
        { price: 9_800_000_000n, quantity: 125_000_000n },
      ],
      asks: [{ price: 10_100_000_000n, quantity: 70_000_000n }],
    });
  });

  test('coverage: joined snapshots are one stretch', () => {
    expect(book.coverage).toEqual([
      { from: START, to: START + 14_000 },
      { from: START + 30_000, to: START + 40_000 },
    ]);
  });

  test('a shorter maximum age: covers less', () => {
    expect(parseRecordedBook(sample, 'book.jsonl', { maxAgeMs: 1_000 }).at(at(1))).toBeUndefined();
  });
});

describe('bad input: refused with file and line', () => {
  test.each([
    { name: 'not JSON', text: `${line(0, 100)}\n{"timestamp": 17`, place: { line: 2 } },
    { name: 'not an object', text: '[1, 2]', place: { line: 1 } },
    { name: 'no time', text: '{"bids": [[1, 1]], "asks": [[2, 1]]}', place: { line: 1, key: 'timestamp' } },
    { name: 'time running backwards', text: `${line(5, 100)}\n\n${line(4, 100)}`, place: { line: 3, key: 'timestamp' } },
    { name: 'an empty side', text: '{"timestamp": 1, "bids": [], "asks": [[2, 1]]}', place: { line: 1, key: 'bids' } },
    {
      name: 'a level without a quantity',
      text: '{"timestamp": 1, "bids": [[1]], "asks": [[2, 1]]}',
      place: { line: 1, key: 'bids', column: 'level 1' },
    },
    {
      name: 'a quantity of 0',
      text: '{"timestamp": 1, "bids": [[1, 1]], "asks": [[2, 1], [3, 0]]}',
      place: { line: 1, key: 'asks', column: 'level 2' },
    },
    {
      name: 'levels out of order',
      text: '{"timestamp": 1, "bids": [[1, 1], [1.5, 1]], "asks": [[2, 1]]}',
      place: { line: 1, key: 'bids', column: 'level 2' },
    },
    { name: 'a crossed book', text: line(0, 100, 100), place: { line: 1 } },
    { name: 'nothing at all', text: '\n\n', place: {} },
  ])('$name', ({ text, place }) => {
    let caught: unknown;
    try {
      parseRecordedBook(text, 'book.jsonl');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InputError);
    expect(caught).toMatchObject({ place: { file: 'book.jsonl', ...place } });
  });

  test('a file that is not there, and a gzip file cut short', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'recorded-'));
    try {
      await expect(loadRecordedBook(join(folder, 'none.jsonl'))).rejects.toThrow(InputError);
      const cut = join(folder, 'cut.jsonl.gz');
      await writeFile(cut, gzipSync(sample).subarray(0, 40));
      await expect(loadRecordedBook(cut)).rejects.toThrow('damaged or cut');
      const whole = join(folder, 'whole.jsonl.gz');
      await writeFile(whole, gzipSync(sample));
      expect((await loadRecordedBook(whole)).snapshots).toBe(3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a view with recorded books', () => {
  const still = createStaticMarket(
    { start: at(0), books: { upbit: { mid: '160000000', spreadBp: 0.6, depth: '2' }, binance: { mid: '100', spreadBp: 0.01, depth: '30' } } },
    new RandomStreams(1),
  );
  const view = withRecordedBooks(still, { binance: book });

  test('where a recording covers the instant: its book and mid; elsewhere and on the other venue the view below', () => {
    expect(view.mid('binance', at(5))).toBe(110.5);
    expect(view.book('binance', at(5))).toBe(book.at(at(5)));
    expect(view.mid('binance', at(20))).toBe(100);
    expect(view.book('upbit', at(5))).toEqual(still.book('upbit', at(5)));
  });

  test('the highest mark: of the recording where it covers, of the view in the hole between', () => {
    expect(view.highestMark(at(0), at(39))).toBe(110.5);
    expect(view.highestMark(at(0), at(3))).toBe(100.5);
    expect(view.highestMark(at(15), at(20))).toBe(100);
    expect(view.highestMark(at(32), at(38))).toBe(90.5);
    // Also at the very edges of a stretch.
    expect(view.highestMark(at(13), at(14))).toBe(110.5);
    expect(view.highestMark(epochMs(at(14) - 1), at(14))).toBe(100);
    expect(view.highestMark(epochMs(at(30) - 2), epochMs(at(30) - 1))).toBe(100);
  });

  test('the card: says that recorded books stand in', () => {
    expect(view.card.some((sentence) => sentence.includes('Recorded binance books (3 snapshots)'))).toBe(true);
  });
});

const UPBIT = 'orderbook/upbit-btc-krw-l2-20250823.jsonl';
const PERP = 'orderbook/binance-futures-btcusdt-top20-1s-20240808.jsonl.gz';
describe.skipIf(!hasData(UPBIT) || !hasData(PERP))(`the real recordings (${absent(UPBIT, PERP)} when skipped)`, () => {
  test('both are read whole, and a market buy costs what the data description says', async () => {
    const upbit = await loadRecordedBook(join(DATA_DIR, UPBIT), { maxAgeMs: 20_000 });
    expect(upbit.snapshots).toBe(8);
    const seen = upbit.at(upbit.from);
    const costs = [0.1, 0.5, 1].map((btc) => takeCostBp(seen?.asks ?? [], seen === undefined ? 0 : recordedMid(seen), btc));
    expect(costs.map((cost) => cost?.toFixed(2))).toEqual(['0.59', '0.65', '1.24']);
    const perp = await loadRecordedBook(join(DATA_DIR, PERP));
    expect(perp.snapshots).toBe(345);
    const perpCosts = Array.from({ length: 345 }, (_, second) => {
      const snapshot = perp.at(epochMs(perp.from + second * 1_000));
      return snapshot === undefined ? Number.NaN : (takeCostBp(snapshot.asks, recordedMid(snapshot), 1) ?? Number.NaN);
    }).filter((cost) => !Number.isNaN(cost));
    expect(mean(perpCosts)).toBeGreaterThan(0.05);
    expect(mean(perpCosts)).toBeLessThan(0.07);
  });
});
