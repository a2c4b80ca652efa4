import { describe, expect, test } from 'vitest';
import { StepSeries } from '../../../src/report/facts/step-series.js';
import { exposure } from '../../../src/report/metrics/exposure.js';
import { hedgeSlippageBps, legMatchingRatio, premium, premiumSlippageBps } from '../../../src/report/metrics/hedge-quality.js';

function prices(...points: readonly (readonly [number, number])[]): StepSeries {
  const series = new StepSeries();
  for (const [t, value] of points) series.push(t, value);
  return series;
}

describe('exposure of 0.5 BTC for 2 s and 0.2 BTC for 3 s while the mid falls from 100 to 90 after 1 s', () => {
  const steps = [
    { t: 1_000, residual: 0.5 },
    { t: 3_000, residual: -0.2 },
    { t: 6_000, residual: 0 },
  ];
  const result = exposure(steps, prices([0, 100], [2_000, 90], [4_000, 95]), 1_000, 6_000);

  test('time and BTC seconds', () => {
    expect(result.seconds).toBe(5);
    expect(result.btcSeconds).toBeCloseTo(0.5 * 2 + 0.2 * 3, 12);
  });

  test('KRW seconds follow the mid', () => {
    expect(result.krwSeconds).toBeCloseTo(0.5 * 100 + 0.5 * 90 + 0.2 * 90 + 0.2 * 95 * 2, 10);
  });

  test('peaks are the largest size and the largest value', () => {
    expect(result.peakBtc).toBe(0.5);
    expect(result.peakKrw).toBe(50);
  });

  test('drift is signed: the long lost 10, the short lost 5', () => {
    expect(result.driftKrw).toBeCloseTo(0.5 * -10 + -0.2 * 5, 12);
  });
});

test('a move at the very end of an episode still hits the quantity that was naked', () => {
  const steps = [
    { t: 0, residual: 1 },
    { t: 1_000, residual: 0 },
  ];
  expect(exposure(steps, prices([0, 100], [1_000, 80]), 0, 1_000).driftKrw).toBe(-20);
});

describe('step series', () => {
  const series = prices([10, 1], [20, 2], [20, 3], [40, 4]);

  test.each([
    { t: 9, at: undefined, nearest: 1 },
    { t: 10, at: 1, nearest: 1 },
    { t: 39, at: 3, nearest: 3 },
    { t: 99, at: 4, nearest: 4 },
  ])('at $t', ({ t, at, nearest }) => {
    expect(series.at(t)).toBe(at);
    expect(series.nearest(t)).toBe(nearest);
  });

  test('a value that is written down late is put in its place', () => {
    const late = prices([10, 1], [40, 4], [20, 2]);
    expect([late.at(15), late.at(25), late.at(45)]).toEqual([1, 2, 4]);
  });

  test('an observation counts for a horizon only when it is near it and after the fill', () => {
    expect(series.observedNear(41, 5, 35)).toBe(4);
    expect(series.observedNear(38, 5, 35)).toBe(4);
    expect(series.observedNear(41, 5, 40)).toBeUndefined();
    expect(series.observedNear(30, 5, 0)).toBeUndefined();
  });
});

test('premium is the ratio of the two prices in won', () => {
  expect(premium(101_000_000, 72_000, 1_400)).toBeCloseTo(101 / 100.8 - 1, 12);
});

test.each([
  { kind: 'enter', captured: 0.011, bps: 10 },
  { kind: 'exit', captured: 0.011, bps: -10 },
] as const)('premium slippage of an $kind at a higher premium', ({ kind, captured, bps }) => {
  expect(premiumSlippageBps(kind, 0.01, captured)).toBeCloseTo(bps, 9);
});

test.each([
  { spot: 0.5, perp: -0.5, ratio: 1 },
  { spot: 0.5, perp: -0.2, ratio: 0.4 },
  { spot: 0.5, perp: 0, ratio: 0 },
  { spot: 0, perp: 0, ratio: 1 },
])('leg matching of $spot and $perp', ({ spot, perp, ratio }) => {
  expect(legMatchingRatio(spot, perp)).toBeCloseTo(ratio, 12);
});

test('hedge slippage of a short sold below its mid at the first fill is a cost', () => {
  expect(hedgeSlippageBps('sell', 99.9, 100)).toBeCloseTo(10, 9);
});
