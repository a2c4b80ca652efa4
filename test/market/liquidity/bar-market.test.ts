import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStreams } from '../../../src/core/random.js';
import { epochMs } from '../../../src/core/units.js';
import type { VenueId } from '../../../src/core/units.js';
import type { PremiumBars } from '../../../src/market/bars.js';
import { createBarMarket } from '../../../src/market/liquidity/bar-market.js';
import { barsOf } from './real-bars.js';
import type { BarRow } from './real-bars.js';
import { sd } from './statistics.js';

const START = 1_756_684_860_000;
const venues: readonly VenueId[] = ['upbit', 'binance'];

/** A made-up series: no promise about the market, only prices that move. */
function series(times: readonly number[], gaps: readonly number[] = []): BarRow[] {
  return times.map((time, row) => ({
    time,
    upbit: 150_000_000 + 60_000 * Math.sin(row * 1.7) + 20_000 * row,
    binance: 108_000 + 40 * Math.sin(row * 1.7 + 0.3) + 12 * row,
    usdKrw: 1_390 + (row >= 5 ? 3 : 0),
    usdtKrw: 1_400 + row,
    afterGap: gaps.includes(row),
  }));
}

const regular = (stepMs: number, count: number): number[] => Array.from({ length: count }, (_, row) => START + row * stepMs);
const shapes = [
  { name: '1 minute', times: regular(60_000, 12), gaps: [7] },
  { name: '5 minutes', times: regular(300_000, 8), gaps: [] },
  { name: '1 hour', times: regular(3_600_000, 6), gaps: [3] },
  { name: 'irregular', times: [0, 61, 200, 4_000, 9_100, 40_000].map((seconds) => START + seconds * 1_000), gaps: [] },
];

function candlesFor(bars: PremiumBars, close: Float64Array, widthBp: number): NonNullable<PremiumBars['upbitOhlc']> {
  const open = close.map((value, row) => (close[row - 1] ?? value) * (1 + (widthBp / 40_000) * Math.sin(row)));
  const high = close.map((value, row) => Math.max(value, open[row] ?? value) * (1 + (widthBp / 10_000) * (row % 3)));
  const low = close.map((value, row) => Math.min(value, open[row] ?? value) * (1 - (widthBp / 10_000) * ((row + 1) % 3)));
  return { open, high, low, close, volume: new Float64Array(bars.length).fill(1) };
}

describe.each(shapes)('bars of $name', ({ times, gaps }) => {
  const bars = barsOf(series(times, gaps), {}, -0.0004);
  const view = createBarMarket(bars, new RandomStreams(7));

  test('at every row: the mids are the closes, the perpetual with its basis', () => {
    times.forEach((time, row) => {
      expect(view.mid('upbit', epochMs(time))).toBe(bars.upbitKrw[row]);
      expect(view.mid('binance', epochMs(time))).toBe((bars.binanceUsdt[row] ?? 0) * 0.9996);
    });
  });

  test('any instants in any order: a fresh view gives the same answers', () => {
    const first = times[0] ?? 0;
    const span = (times.at(-1) ?? 0) - first;
    const instant = fc.integer({ min: -1_000, max: span + 1_000 }).map((offset) => epochMs(first + offset));
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1, maxLength: 25 }), (instants) => {
        const fresh = createBarMarket(bars, new RandomStreams(7));
        for (const at of [...instants].reverse()) {
          for (const venue of venues) {
            expect(fresh.mid(venue, at)).toBe(view.mid(venue, at));
            expect(fresh.book(venue, at)).toEqual(view.book(venue, at));
          }
          expect(fresh.highestMark(at, epochMs(at + 30_000))).toBe(view.highestMark(at, epochMs(at + 30_000)));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('inside a gap, before the first row and after the last: no market at all', () => {
    const inside = gaps.map((row) => epochMs(((times[row - 1] ?? 0) + (times[row] ?? 0)) / 2));
    const edges = gaps.flatMap((row) => [epochMs((times[row - 1] ?? 0) + 1), epochMs((times[row] ?? 0) - 1)]);
    for (const at of [...inside, ...edges, epochMs((times[0] ?? 0) - 1), epochMs((times.at(-1) ?? 0) + 1)]) {
      for (const venue of venues) {
        expect(view.mid(venue, at)).toBeUndefined();
        expect(view.book(venue, at)).toBeUndefined();
      }
      expect(view.usdKrw(at)).toBeUndefined();
      expect(view.usdtKrw(at)).toBeUndefined();
    }
  });

  test('the highest mark of a stretch: no mid of it is higher, and one comes within a hair', () => {
    const first = times[0] ?? 0;
    const span = (times.at(-1) ?? 0) - first;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: span }), fc.integer({ min: 1, max: span }), (offset, length) => {
        const [from, to] = [first + offset, Math.min(first + offset + length, first + span)];
        let highest: number | undefined;
        const step = Math.max(1, Math.floor((to - from) / 4_000));
        for (let at = to; at > from; at -= step) {
          const mid = view.mid('binance', epochMs(at));
          if (mid !== undefined) highest = Math.max(highest ?? 0, mid);
        }
        const mark = view.highestMark(epochMs(from), epochMs(to));
        if (highest === undefined) return;
        expect(mark).toBeGreaterThanOrEqual(highest);
        expect((mark ?? 0) / highest).toBeLessThan(1.002);
      }),
      { numRuns: 30 },
    );
  });

  test('with candles on both legs: the path touches high and low inside each bar, opens at the open and never leaves them', () => {
    const upbitOhlc = candlesFor(bars, bars.upbitKrw, 8);
    const binanceOhlc = candlesFor(bars, bars.binanceUsdt, 12);
    const seen = createBarMarket({ ...bars, upbitOhlc, binanceOhlc }, new RandomStreams(3));
    times.forEach((end, row) => {
      if (row === 0 || gaps.includes(row)) return;
      const start = times[row - 1] ?? 0;
      const stepMs = (end - start) / Math.min(3_600, Math.max(8, Math.round((end - start) / 1_000)));
      for (const [venue, candles, factor] of [
        ['upbit', upbitOhlc, 1],
        ['binance', binanceOhlc, 0.9996],
      ] as const) {
        const [high, low] = [(candles.high[row] ?? 0) * factor, (candles.low[row] ?? 0) * factor];
        const mids: number[] = [];
        for (let at = start + stepMs; at <= end; at += stepMs) mids.push(seen.mid(venue, epochMs(Math.round(at))) ?? Number.NaN);
        for (let at = start + 1; at < start + 3_000 && at < end; at += 97) mids.push(seen.mid(venue, epochMs(at)) ?? Number.NaN);
        const slack = (high - low) * 0.02 + high * 1e-12;
        expect(Math.max(...mids)).toBeLessThanOrEqual(high * (1 + 1e-12));
        expect(Math.min(...mids)).toBeGreaterThanOrEqual(low * (1 - 1e-12));
        expect(Math.max(...mids)).toBeGreaterThanOrEqual(high - slack);
        expect(Math.min(...mids)).toBeLessThanOrEqual(low + slack);
        const open = (candles.open[row] ?? 0) * factor;
        expect(Math.abs((seen.mid(venue, epochMs(start + 1)) ?? 0) - open)).toBeLessThan((high - low) * 0.02 + open * 1e-9);
      }
      expect(seen.highestMark(epochMs(start), epochMs(end))).toBe((binanceOhlc.high[row] ?? 0) * 0.9996);
    });
  });
});

describe('what is known at an instant', () => {
  const times = regular(60_000, 10);
  const funding = { time: Float64Array.from([times[2] ?? 0, times[6] ?? 0]), rate: Float64Array.from([0.0001, -0.0002]) };
  const view = createBarMarket(barsOf(series(times), { funding }), new RandomStreams(1));

  test('FX inside a bar: the value of the row before; a row has its own', () => {
    const step = times[5] ?? 0;
    expect([-1, 0, 1].map((offset) => view.usdKrw(epochMs(step + offset)))).toEqual([1_390, 1_393, 1_393]);
    expect([-1, 0, 1].map((offset) => view.usdtKrw(epochMs(step + offset)))).toEqual([1_404, 1_405, 1_405]);
  });

  test('the next funding: strictly after the instant, undefined when the series ends', () => {
    expect(view.nextFunding(epochMs((times[2] ?? 0) - 1))).toEqual({ at: times[2], rate: 0.0001 });
    expect(view.nextFunding(epochMs(times[2] ?? 0))).toEqual({ at: times[6], rate: -0.0002 });
    expect(view.nextFunding(epochMs(times[6] ?? 0))).toBeUndefined();
  });

  test('the highest mark of a stretch without a market: undefined', () => {
    expect(view.highestMark(epochMs((times.at(-1) ?? 0) + 1), epochMs((times.at(-1) ?? 0) + 60_000))).toBeUndefined();
    expect(view.highestMark(epochMs(times[3] ?? 0), epochMs(times[3] ?? 0))).toBeUndefined();
  });
});

test('an absent price: no market on either side of its row', () => {
  const times = regular(60_000, 6);
  const rows = series(times).map((row, index) => (index === 3 ? { ...row, upbit: Number.NaN } : row));
  const view = createBarMarket(barsOf(rows), new RandomStreams(1));
  const inside = [1, 2, 3, 4, 5].map((row) => view.mid('binance', epochMs((times[row] ?? 0) - 30_000)) !== undefined);
  expect(inside).toEqual([true, true, false, false, true]);
  expect(view.mid('upbit', epochMs(times[3] ?? 0))).toBeUndefined();
  expect(view.book('upbit', epochMs(times[3] ?? 0))).toBeUndefined();
});

test('a candle that does not hold its close: the bar follows its closes, and the card counts it', () => {
  const bars = barsOf(series(regular(60_000, 5)));
  const candles = candlesFor(bars, bars.upbitKrw, 5);
  candles.high[2] = (bars.upbitKrw[2] ?? 0) * 0.999;
  const view = createBarMarket({ ...bars, upbitOhlc: candles }, new RandomStreams(1));
  expect(view.mid('upbit', epochMs(bars.time[2] ?? 0))).toBe(bars.upbitKrw[2]);
  expect(view.card.some((line) => line.endsWith('filled in from closes alone: 1.'))).toBe(true);
});

test('another seed: other paths through the same closes', () => {
  const bars = barsOf(series(regular(60_000, 5)));
  const [one, two] = [1, 2].map((seed) => createBarMarket(bars, new RandomStreams(seed)));
  const half = epochMs((bars.time[2] ?? 0) + 30_000);
  expect(one?.mid('upbit', half)).not.toBe(two?.mid('upbit', half));
  expect(one?.mid('upbit', epochMs(bars.time[3] ?? 0))).toBe(two?.mid('upbit', epochMs(bars.time[3] ?? 0)));
});

test('half and double depth: the same mids, and quantities that follow the factor', () => {
  const bars = barsOf(series(regular(60_000, 5)));
  const at = epochMs((bars.time[2] ?? 0) + 12_345);
  const total = (depthFactor: number): number => {
    const book = createBarMarket(bars, new RandomStreams(1), { depthFactor }).book('binance', at);
    return (book?.asks ?? []).reduce((sum, level) => sum + Number(level.quantity), 0);
  };
  expect(createBarMarket(bars, new RandomStreams(1), { depthFactor: 0.5 }).mid('upbit', at)).toBe(
    createBarMarket(bars, new RandomStreams(1)).mid('upbit', at),
  );
  expect(total(0.5) / total(1)).toBeCloseTo(0.5, 2);
  expect(total(2) / total(1)).toBeCloseTo(2, 2);
});

test('one market under both venues: the premium inside flat bars stays within the noise of the model', () => {
  // Both legs stand still at the closes: independent paths of this volatility would invent a premium.
  const rows = regular(60_000, 400).map((time, row) => ({
    time,
    upbit: 150_000_000 * (1 + 0.0004 * (row % 2)),
    binance: 108_000 * (1 + 0.0004 * (row % 2)),
  }));
  const view = createBarMarket(barsOf(rows), new RandomStreams(5));
  const off = rows.slice(1).map(({ time }) => {
    const at = epochMs(time - 30_000);
    return Math.log((view.mid('upbit', at) ?? 0) / (view.mid('binance', at) ?? 0)) * 10_000;
  });
  const world = rows.slice(1).map(({ time }) => Math.log(view.mid('binance', epochMs(time - 30_000)) ?? 0) * 10_000);
  expect(sd(off)).toBeLessThan(sd(world));
});

test('more bars than are kept in memory: an early one still gives its first answer', () => {
  const bars = barsOf(series(regular(60_000, 300)));
  const view = createBarMarket(bars, new RandomStreams(1));
  const middle = (row: number) => epochMs((bars.time[row] ?? 0) - 17_000);
  const first = view.mid('upbit', middle(1));
  for (let row = 1; row < 300; row += 1) view.mid('binance', middle(row));
  expect(view.mid('upbit', middle(1))).toBe(first);
});

test('the card: says what is simulated, what is assumed and what is left out', () => {
  const bars = barsOf(series(regular(60_000, 5)), {}, -0.0004);
  const card = createBarMarket(bars, new RandomStreams(1), { depthFactor: 0.5 }).card.join('\n');
  for (const part of [
    'No candles were given',
    'Queue position is not modelled',
    'an assumption',
    'six-minute sample',
    'minus 4.0 bp',
    'multiplied by 0.5',
  ]) {
    expect(card).toContain(part);
  }
});
