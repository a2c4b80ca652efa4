import { RollingZ } from '../../src/strategy/rolling-z.js';
import { race, ratio, speed, timingOf } from '../support/measure.js';
import type { BenchRow } from '../support/measure.js';
import { syntheticBars } from '../support/synthetic-bars.js';

const MINUTE = 60_000;

/** A KRW price at 1.4e8, a spike of 30 %, then 400 bars that do not move, over and over. */
function hardSeries(length: number): Float64Array {
  const noise = syntheticBars(length).premium;
  const values = new Float64Array(length);
  let price = 140_000_000;
  for (let index = 0; index < length; index += 1) {
    const phase = index % 1_000;
    if (phase < 600) price = Math.round((140_000_000 * (1 + (noise[index] ?? 0))) / 1_000) * 1_000;
    values[index] = phase === 560 ? price * 1.3 : price;
  }
  return values;
}

/** The definition at one bar; NaN for a flat window. */
function twoPass(values: Float64Array, end: number, window: number): number {
  const anchor = values[end - window + 1] ?? 0;
  let sum = 0;
  let flat = true;
  for (let index = end - window + 1; index <= end; index += 1) {
    sum += (values[index] ?? 0) - anchor;
    if (values[index] !== anchor) flat = false;
  }
  if (flat) return NaN;
  const mean = sum / window;
  let squares = 0;
  for (let index = end - window + 1; index <= end; index += 1) squares += ((values[index] ?? 0) - anchor - mean) ** 2;
  return ((values[end] ?? 0) - anchor - mean) / Math.sqrt(squares / (window - 1));
}

function rollingAll(values: Float64Array, window: number, into?: Float64Array): number {
  const rolling = new RollingZ({ windowMs: window * MINUTE, stepMs: MINUTE });
  let low = 0;
  for (let index = 0; index < values.length; index += 1) {
    const z = rolling.push(index * MINUTE, values[index] ?? 0);
    if (into !== undefined) into[index] = z;
    if (z <= -2.5) low += 1;
  }
  return low;
}

/** The rolling z-score against its definition: exact on the hard series, and how much faster. */
export const rollingRow: BenchRow = {
  name: 'rolling z',
  async run(quick) {
    const row = 'rolling z';
    const window = 60;
    const values = hardSeries(quick ? 100_000 : 1_000_000);
    const z = new Float64Array(values.length);
    rollingAll(values, window, z);
    let worst = 0;
    let falseFlat = 0;
    for (let index = window - 1; index < values.length; index += 1) {
      const exact = twoPass(values, index, window);
      const found = z[index] ?? NaN;
      if (Number.isNaN(exact)) falseFlat += Number.isNaN(found) ? 0 : 1;
      // A NaN where there is a z-score is an error beyond any bound.
      else worst = Math.max(worst, Number.isNaN(found) ? Infinity : Math.abs(found - exact));
    }
    const calm = syntheticBars(values.length).premium;
    const direct = calm.subarray(0, values.length / 10);
    const timings = await race(
      [
        { name: 'rolling, window of 60', units: calm.length, run: () => rollingAll(calm, 60) },
        { name: 'rolling, window of 2880', units: calm.length, run: () => rollingAll(calm, 2_880) },
        {
          name: 'two passes, window of 60',
          units: direct.length - 59,
          run: () => {
            let low = 0;
            for (let index = 59; index < direct.length; index += 1) if (twoPass(direct, index, 60) <= -2.5) low += 1;
            return low;
          },
        },
      ],
      5,
    );
    return [
      { row, figure: 'worst error on the hard series', value: worst, unit: '', most: 1e-6, timed: false },
      { row, figure: 'false z-scores on its flat windows', value: falseFlat, unit: '', most: 0, timed: false },
      ...timings.map((timing) => speed(row, timing, 'rows')),
      ratio(row, 'rolling / two passes, window of 60', timingOf(timings, 'rolling, window of 60') / timingOf(timings, 'two passes, window of 60'), 3),
      { row, figure: 'window of 2880', value: timingOf(timings, 'rolling, window of 2880'), unit: 'rows/s', least: 20_000_000, timed: true },
    ];
  },
};
