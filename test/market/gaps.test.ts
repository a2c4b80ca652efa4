import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gapFlags, gapsOf, usualStep } from '../../src/market/gaps.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const minutes = (...at: readonly number[]): Float64Array => Float64Array.from(at, (minute) => minute * MINUTE);

test.each([
  { name: 'every minute', time: minutes(1, 2, 3, 4, 5), step: MINUTE },
  { name: 'one hole among many', time: minutes(1, 2, 3, 4, 5, 90, 91, 92, 93), step: MINUTE },
  { name: 'blocks', time: minutes(...[0, 500, 900].flatMap((start) => Array.from({ length: 20 }, (_, minute) => start + minute))), step: MINUTE },
  { name: 'three steps in four equal', time: minutes(0, 5, 10, 15, 17), step: 5 * MINUTE },
  { name: 'fewer than three in four equal', time: minutes(0, 5, 10, 17, 21), step: 0 },
  { name: 'a single row', time: minutes(7), step: 0 },
])('usual step of $name', ({ time, step }) => {
  expect(usualStep(time)).toBe(step);
});

test.each([
  { name: 'regular, 1.5 steps apart', step: MINUTE, apart: 1.5 * MINUTE, gap: 0 },
  { name: 'regular, more than 1.5 steps apart', step: MINUTE, apart: 1.5 * MINUTE + 1, gap: 1 },
  { name: 'regular hours, 90 minutes apart', step: HOUR, apart: 90 * MINUTE, gap: 0 },
  { name: 'regular hours, 2 hours apart', step: HOUR, apart: 2 * HOUR, gap: 1 },
  { name: 'irregular, 24 h apart', step: 0, apart: 24 * HOUR, gap: 0 },
  { name: 'irregular, more than 24 h apart', step: 0, apart: 24 * HOUR + 1, gap: 1 },
])('rows $name: gap $gap', ({ step, apart, gap }) => {
  expect([...gapFlags(Float64Array.of(1_000, 1_000 + apart), step)]).toEqual([0, gap]);
});

test('any holes in a regular series: each is one gap with the rows on its two sides', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 60 }), (steps) => {
      const at = [0];
      for (const step of steps) at.push((at.at(-1) ?? 0) + step);
      const time = minutes(...at);
      const gaps = gapsOf(time, gapFlags(time, MINUTE));
      const expected = steps.flatMap((step, row) => (step > 1 ? [{ from: time[row], to: time[row + 1], row: row + 1 }] : []));
      expect(gaps).toEqual(expected);
    }),
  ));
