import { beforeAll, expect, test } from 'vitest';
import { epochMs } from '../../src/core/units.js';
import type { PremiumBars } from '../../src/market/bars.js';
import { loadBars } from '../../src/market/load-bars.js';
import { VolatilityTrack } from '../../src/market/realised-volatility.js';
import { sampleFile } from '../../src/run/package-paths.js';

let bars: PremiumBars;
beforeAll(async () => {
  bars = (await loadBars({ data: sampleFile(), to: epochMs(Date.UTC(2025, 2, 5)) })).bars;
});

const at = (row: number): ReturnType<typeof epochMs> => epochMs(bars.time[row] ?? 0);
/** The same bars, all of them from `row` on changed by a tenth. */
const changedFrom = (row: number): PremiumBars => ({
  ...bars,
  binanceUsdt: bars.binanceUsdt.map((price, index) => (index >= row ? price * 1.1 : price)),
});

test('a bar that has not closed yet changes nothing', () => {
  const [real, changed] = [new VolatilityTrack(bars), new VolatilityTrack(changedFrom(1_000))];
  for (const row of [10, 500, 998, 999]) expect(changed.at(at(row))).toEqual(real.at(at(row)));
  expect(changed.at(epochMs(at(1_000) - 1))).toEqual(real.at(at(999)));
  expect(changed.at(at(1_000))?.world).toBeGreaterThan((real.at(at(1_000))?.world ?? 0) * 10);
});

test('the estimate of a steady series is its own volatility, and a jump is forgotten by half in ten minutes', () => {
  const length = 200;
  const steady = Float64Array.from({ length }, (_, index) => 100_000 * Math.exp((index % 2) * 0.0005));
  const jumped = steady.map((price, index) => (index >= 100 ? price * 1.01 : price));
  const track = (prices: Float64Array): VolatilityTrack =>
    new VolatilityTrack({
      ...bars,
      length,
      time: bars.time.slice(0, length),
      upbitKrw: prices.map((price) => price * 1_450),
      binanceUsdt: prices,
      afterGap: new Uint8Array(length),
    });
  expect(track(steady).at(at(90))?.world).toBeCloseTo(5, 6);
  expect(track(steady).at(at(90))?.premium).toBeCloseTo(0, 6);
  const over = (row: number): number => (track(jumped).at(at(row))?.world ?? 0) ** 2 - 25;
  expect(over(120) / over(110)).toBeCloseTo(0.5, 1);
});

test('a gap forgets what was before it', () => {
  const afterGap = bars.afterGap.slice();
  afterGap[500] = 1;
  const track = new VolatilityTrack({ ...bars, afterGap });
  expect(track.at(at(499))).toBeDefined();
  expect(track.at(at(500))).toBeUndefined();
  expect(track.at(at(501))).toBeDefined();
});
