import { describe, expect, test } from 'vitest';
import { impliedPremiumChangeSdBp, legCovariances, premiumChangeVariance, stepLaw } from '../../../src/market/liquidity/premium-model.js';
import { absent, hasData, readPremium } from './real-bars.js';
import { laggedCorrelation, sd } from './statistics.js';

const MINUTES = 'premium/premium-1m-spot-2025-09.csv.gz';

describe('covariances of the legs', () => {
  test.each([0.01, 1 / 6, 1, 5, 60, 480])('over %f minutes: the premium they imply has the variance of its closed form', (minutes) => {
    const { worldWorld, worldUpbit, upbitWorld, upbitUpbit } = legCovariances(minutes, minutes);
    expect(worldUpbit).toBeCloseTo(upbitWorld, 10);
    expect(worldWorld + upbitUpbit - 2 * worldUpbit).toBeCloseTo(premiumChangeVariance(minutes), 8);
  });

  test('increments after time 0 and before it: the law does not depend on where time 0 is', () => {
    // Var(u(t+1) - u(t)) from covariances of u(t) and u(t+1) with the origin elsewhere.
    const change = (from: number): number => {
      const at = (s: number, t: number): number => legCovariances(s, t).upbitUpbit;
      return at(from + 1, from + 1) + at(from, from) - 2 * at(from, from + 1);
    };
    for (const from of [-7, -2.5, -1, -0.4, 0.3, 2, 9]) expect(change(from)).toBeCloseTo(legCovariances(1, 1).upbitUpbit, 8);
  });

  test('world moves after an instant: they say nothing about Upbit before it', () => {
    const { worldUpbit } = legCovariances(3, -2);
    const before = legCovariances(-3, -2).worldUpbit;
    // u(-2) - u(0) holds -m(0) + m(-2): only world moves up to 0 are in it.
    expect(worldUpbit).toBeCloseTo(0, 12);
    expect(before).toBeGreaterThan(0);
  });
});

test('a step law, applied twice: equals the law of the step twice as long', () => {
  const half = stepLaw(0.5);
  const whole = stepLaw(1);
  expect(half.decay ** 2).toBeCloseTo(whole.decay, 12);
  expect(2 * half.worldSd ** 2).toBeCloseTo(whole.worldSd ** 2, 12);
  const transient = (law: typeof half): number => law.transientOwnSd ** 2 + law.lagRestSd ** 2 + (law.transientFromWorld * law.worldSd) ** 2;
  expect(transient(half) * (1 + half.decay ** 2)).toBeCloseTo(transient(whole), 10);
});

describe.skipIf(!hasData(MINUTES))(`the model against the real minutes (${absent(MINUTES)} when skipped)`, () => {
  const bars = hasData(MINUTES) ? readPremium(MINUTES, 60_000) : undefined;
  const change = (values: Float64Array, lag: number): number[] =>
    Array.from(values, (value, row) => {
      const whole = (bars?.time[row] ?? 0) - (bars?.time[row - lag] ?? 0) === lag * 60_000;
      return whole ? Math.log(value / (values[row - lag] ?? Number.NaN)) * 10_000 : Number.NaN;
    });
  const upbit = bars?.upbitKrw ?? new Float64Array();
  const world = bars?.binanceUsdt ?? new Float64Array();
  const ratio = upbit.map((krw, row) => krw / (world[row] ?? Number.NaN));

  test.each([1, 2, 3, 5, 10])('premium over %i minutes: its sd is the data within 3 %', (lag) => {
    const real = sd(change(ratio, lag).filter((value) => !Number.isNaN(value)));
    expect(impliedPremiumChangeSdBp(lag * 60) / real).toBeGreaterThan(0.97);
    expect(impliedPremiumChangeSdBp(lag * 60) / real).toBeLessThan(1.03);
  });

  test('lead and lag: correlations of 1-minute returns are the data within 0.03', () => {
    const law = legCovariances(1, 1);
    // Upbit's return of minute j against the world's of minute 0.
    const model = (j: number): number => {
      const cross = legCovariances(1, j + 1).worldUpbit - (j === 0 ? 0 : legCovariances(1, j).worldUpbit);
      return cross / Math.sqrt(law.worldWorld * law.upbitUpbit);
    };
    for (const lag of [0, 1, 2]) expect(Math.abs(model(lag) - laggedCorrelation(change(upbit, 1), change(world, 1), lag))).toBeLessThan(0.03);
  });
});
