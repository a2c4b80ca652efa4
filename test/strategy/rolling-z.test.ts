import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RollingZ } from '../../src/strategy/rolling-z.js';

const MINUTE = 60_000;

/** The definition itself: two passes over everything inside the window, at every bar. */
function twoPassZ(times: readonly number[], values: readonly number[], windowMs: number): number[] {
  return values.map((value, index) => {
    const now = times[index] ?? NaN;
    const window = values.filter((_, other) => other <= index && (times[other] ?? NaN) > now - windowMs);
    const anchor = window[0] ?? NaN;
    // Distances from the first value: at a level of 1.4e8 a mean itself is only known to 3e-8.
    const mean = window.reduce((sum, x) => sum + (x - anchor), 0) / window.length;
    const squares = window.reduce((sum, x) => sum + (x - anchor - mean) ** 2, 0);
    const flat = window.every((x) => x === anchor);
    return flat || window.length < 2 ? NaN : (value - anchor - mean) / Math.sqrt(squares / (window.length - 1));
  });
}

function zOf(times: readonly number[], values: readonly number[], windowMs: number, stepMs: number): number[] {
  const rolling = new RollingZ({ windowMs, stepMs });
  return values.map((value, index) => rolling.push(times[index] ?? NaN, value));
}

const minuteTimes = (length: number): number[] => Array.from({ length }, (_, index) => index * MINUTE);

/** A KRW price at 1.4e8 on its tick, a spike of 30 %, noise, then 400 bars that do not move. */
function hardCase(): number[] {
  let state = 12_345;
  const noise = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
  const values: number[] = [];
  let price = 140_000_000;
  for (let bar = 0; bar < 600; bar += 1) {
    price = Math.round((price * (1 + 0.0004 * noise())) / 1_000) * 1_000;
    values.push(bar === 480 ? price * 1.3 : price);
  }
  for (let bar = 0; bar < 400; bar += 1) values.push(price);
  for (let bar = 0; bar < 200; bar += 1) values.push(price + 1_000 * (bar % 2));
  return values;
}

describe('rolling z-score', () => {
  test.each([60, 240])(
    'hard case (KRW level, spike, 400 flat bars), window of %i bars: no bar is off by more than 1e-9 and none of the flat ones has a z',
    (bars) => {
      const values = hardCase();
      const times = minuteTimes(values.length);
      const z = zOf(times, values, bars * MINUTE, MINUTE);
      const exact = twoPassZ(times, values, bars * MINUTE);
      const judged = z.map((value, index) => ({ value, exact: exact[index] ?? NaN })).slice(bars - 1);
      const off = judged.filter(({ value, exact: right }) => (Number.isNaN(right) ? !Number.isNaN(value) : !(Math.abs(value - right) <= 1e-9)));
      expect(off).toEqual([]);
      const flat = z.slice(600 + bars, 1_000);
      expect(flat.every(Number.isNaN)).toBe(true);
      expect(flat.length).toBe(400 - bars);
    },
  );

  test('a window fills after exactly its duration: the first z is at the observation that completes it', () => {
    const values = [1, 2, 4, 7, 11];
    expect(zOf(minuteTimes(5), values, 4 * MINUTE, MINUTE).map(Number.isNaN)).toEqual([true, true, true, false, false]);
    // Without a step the window is full only once its whole length has passed.
    expect(zOf(minuteTimes(5), values, 4 * MINUTE, 0).map(Number.isNaN)).toEqual([true, true, true, true, false]);
  });

  test('an observation as old as the window has left it', () => {
    const rolling = new RollingZ({ windowMs: 3 * MINUTE, stepMs: MINUTE });
    [100, 1, 2, 3].forEach((value, index) => rolling.push(index * MINUTE, value));
    expect(rolling.count).toBe(3);
    expect(rolling.mean).toBeCloseTo(2, 12);
    expect(rolling.sd).toBeCloseTo(1, 12);
  });

  test('after a restart nothing of the past is left: the same input gives the same z as a new window', () => {
    const rolling = new RollingZ({ windowMs: 5 * MINUTE, stepMs: MINUTE });
    for (let bar = 0; bar < 40; bar += 1) rolling.push(bar * MINUTE, Math.sin(bar) * 1e6);
    rolling.restart();
    const fresh = new RollingZ({ windowMs: 5 * MINUTE, stepMs: MINUTE });
    for (let bar = 100; bar < 120; bar += 1) {
      const value = Math.cos(bar);
      expect(rolling.push(bar * MINUTE, value)).toBe(fresh.push(bar * MINUTE, value));
    }
  });

  test('an absent observation has no z and does not enter the window', () => {
    const rolling = new RollingZ({ windowMs: 3 * MINUTE, stepMs: MINUTE });
    expect([1, 2, NaN, 4, 6].map((value, index) => rolling.push(index * MINUTE, value)).map(Number.isNaN)).toEqual([true, true, true, false, false]);
    expect(rolling.count).toBe(2);
  });

  test('too few observations in an irregular series give no z however long they span', () => {
    const rolling = new RollingZ({ windowMs: 60 * MINUTE, samplesMin: 4 });
    const z = [0, 10, 20, 60, 65, 119, 121].map((minute, index) => rolling.push(minute * MINUTE, index % 3));
    expect(z.map(Number.isNaN)).toEqual([true, true, true, true, false, true, true]);
  });

  test('any irregular series at any level: equal to the definition within 1e-6', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: -1_000, max: 1_000 })), { minLength: 2, maxLength: 200 }),
        fc.integer({ min: 5, max: 400 }),
        fc.constantFrom(0, 1, 1.4e8),
        fc.constantFrom(1e-4, 1, 1e3),
        (rows, windowMs, level, scale) => {
          let now = 0;
          const times = rows.map(([step]) => (now += step));
          const values = rows.map(([, move]) => level + move * scale);
          const z = zOf(times, values, windowMs, 0);
          const exact = twoPassZ(times, values, windowMs);
          z.forEach((value, index) => {
            const right = exact[index] ?? NaN;
            const full = (times[index] ?? NaN) - (times[0] ?? NaN) >= windowMs;
            if (!full || Number.isNaN(right)) expect(value).toBeNaN();
            else expect(Math.abs(value - right)).toBeLessThan(1e-6);
          });
        },
      ),
    );
  });
});
