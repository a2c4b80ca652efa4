import type { PremiumBars } from '../market/bars.js';
import { scanFrom } from '../strategy/scan.js';
import type { Strategy } from '../strategy/strategy.js';

const POINTS_MAX = 2_000;
const NOTHING_HELD = { openPositions: 0, oldestOpenedAt: undefined, entryPremium: undefined, lastExitAt: undefined } as const;

export interface PremiumSeries {
  readonly times: readonly number[];
  readonly premium: readonly number[];
  readonly z: readonly (number | null)[];
}

/**
 * The run's premium with its z-score, at most 2,000 points: of each stretch of bars its lowest and highest, so that no
 * extreme is lost. `strategy` is a fresh one, since it walks all the bars.
 */
export function premiumSeries(bars: PremiumBars, strategy: Strategy): PremiumSeries {
  const z = new Float64Array(bars.length);
  for (let row = 0; row < bars.length; row += 1) {
    scanFrom(bars, strategy, row, NOTHING_HELD, { until: row + 1 });
    z[row] = strategy.z;
  }
  const rows = extremeRows(bars.premium, POINTS_MAX);
  return {
    times: rows.map((row) => bars.time[row] ?? 0),
    premium: rows.map((row) => rounded(bars.premium[row] ?? 0, 8)),
    z: rows.map((row) => (Number.isFinite(z[row]) ? rounded(z[row] ?? 0, 4) : null)),
  };
}

/** Rows of the lowest and highest value of each of `most / 2` equal stretches, in order. */
function extremeRows(values: Float64Array, most: number): readonly number[] {
  if (values.length <= most) return Array.from(values, (_, row) => row);
  const stretches = most / 2;
  const rows: number[] = [];
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((stretch * values.length) / stretches);
    const to = Math.floor(((stretch + 1) * values.length) / stretches);
    let low = from;
    let high = from;
    for (let row = from; row < to; row += 1) {
      if ((values[row] ?? 0) < (values[low] ?? 0)) low = row;
      if ((values[row] ?? 0) > (values[high] ?? 0)) high = row;
    }
    rows.push(Math.min(low, high));
    if (low !== high) rows.push(Math.max(low, high));
  }
  return rows;
}

function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
