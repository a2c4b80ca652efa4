import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignCandles, asOf, returnCorrelation } from '../../src/market/align.js';

const MINUTE = 60_000;
const column = (...values: readonly number[]): Float64Array => Float64Array.from(values);

test('candles of the rows’ own length: each row gets the one that opened a step before it', () => {
  const candles = {
    time: column(0, 1, 3).map((minute) => minute * MINUTE),
    stepMs: MINUTE,
    open: column(10, 11, 13),
    high: column(12, 13, 15),
    low: column(9, 10, 12),
    close: column(11, 12, 14),
    volume: column(1, 2, 3),
  };
  const rows = column(1, 2, 3, 4).map((minute) => minute * MINUTE);
  const { open, close, volume } = alignCandles(rows, MINUTE, candles);
  expect([...open]).toEqual([10, 11, Number.NaN, 13]);
  expect([...close]).toEqual([11, 12, Number.NaN, 14]);
  expect([...volume]).toEqual([1, 2, Number.NaN, 3]);
});

test('any finer candles with holes: a row joins those of its own step and nothing else', () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { maxLength: 60 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }),
      (opens, ends) => {
        const minutes = opens.toSorted((a, b) => a - b);
        const base = Float64Array.from(minutes);
        const candles = {
          time: base.map((minute) => minute * MINUTE),
          stepMs: MINUTE,
          open: base.map((minute) => 100 + (minute % 7)),
          high: base.map((minute) => 110 + (minute % 5)),
          low: base.map((minute) => 90 - (minute % 3)),
          close: base.map((minute) => 100 + (minute % 4)),
          volume: base.map((minute) => minute + 1),
        };
        const rows = Float64Array.from(
          ends.toSorted((a, b) => a - b),
          (end) => end * 5 * MINUTE,
        );
        const joined = alignCandles(rows, 5 * MINUTE, candles);
        rows.forEach((end, row) => {
          const own = minutes.filter((minute) => minute * MINUTE >= end - 5 * MINUTE && minute * MINUTE < end);
          const expected =
            own.length === 0
              ? Array<number>(5).fill(Number.NaN)
              : [
                  100 + ((own[0] ?? 0) % 7),
                  Math.max(...own.map((minute) => 110 + (minute % 5))),
                  Math.min(...own.map((minute) => 90 - (minute % 3))),
                  100 + ((own.at(-1) ?? 0) % 4),
                  own.reduce((sum, minute) => sum + minute + 1, 0),
                ];
          expect([joined.open, joined.high, joined.low, joined.close, joined.volume].map((values) => values[row])).toEqual(expected);
        });
      },
    ),
  ));

test('last known value: never one of the future, never one too old', () => {
  const { value, knownAt } = asOf(column(0, 10, 19, 20, 25, 31), { knownAt: column(10, 20), value: column(1, 2) }, 10);
  expect([...value]).toEqual([Number.NaN, 1, 1, 2, 2, Number.NaN]);
  expect([...knownAt]).toEqual([Number.NaN, 10, 10, 20, 20, Number.NaN]);
});

test('correlation of returns: finds the lag of a series that follows another, and does not reach over a gap', () => {
  const steps = Array.from({ length: 400 }, (_, row) => Math.sin(row * row * 0.7) * 0.01);
  const leader = Float64Array.from(steps.keys(), (row) => Math.exp(steps.slice(0, row + 1).reduce((sum, step) => sum + step, 0)));
  const follower = Float64Array.from(leader.keys(), (row) => leader[Math.max(0, row - 1)] ?? 1);
  const noGap = new Uint8Array(400);
  expect(returnCorrelation(follower, leader, 1, noGap)).toBeGreaterThan(0.999);
  expect(Math.abs(returnCorrelation(follower, leader, 0, noGap))).toBeLessThan(0.3);
  expect(Math.abs(returnCorrelation(follower, leader, -1, noGap))).toBeLessThan(0.3);
  // A move that lies in a gap of both would correlate perfectly and drown the rest.
  const torn = leader.map((price, row) => (row >= 200 ? price * 3 : price));
  const gap = noGap.map((_, row) => (row === 200 ? 1 : 0));
  expect(returnCorrelation(torn, leader, 0, gap)).toBeGreaterThan(0.999);
  expect(returnCorrelation(torn, leader, 0, noGap)).toBeLessThan(0.5);
});
