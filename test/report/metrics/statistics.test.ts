import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxDrawdown, returnFigures } from '../../../src/report/metrics/returns.js';
import { successRate } from '../../../src/report/metrics/success-rate.js';
import { expectedShortfall, tailsOf } from '../../../src/report/metrics/tails.js';
import { money, round } from '../../../src/report/figures.js';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => n - index);

describe('tails', () => {
  test('of 1..100: every quantile is the value of that rank', () => {
    expect(tailsOf(upTo(100))).toEqual({ n: 100, censored: 0, mean: 50.5, p50: 50, p95: 95, p99: 99, max: 100 });
  });

  test('of 1..20: p95 is the 19th although 0.95 * 20 is not whole in floating point', () => {
    expect(tailsOf(upTo(20)).p95).toBe(19);
  });

  test('of nothing but censored cases: nulls, never zeros', () => {
    expect(tailsOf([], 3)).toEqual({ n: 0, censored: 3, mean: null, p50: null, p95: null, p99: null, max: null });
  });

  test('any sample: quantiles are seen values and ascend to the maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 300 }), (values) => {
        const { p50, p95, p99, max } = tailsOf(values);
        for (const quantile of [p50, p95, p99, max]) expect(values).toContain(quantile);
        expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((a, b) => Number(a) - Number(b)));
        expect(values.filter((value) => value <= Number(p95)).length).toBeGreaterThanOrEqual(Math.floor(0.95 * values.length));
      }),
    );
  });
});

test.each([
  { alpha: 0.05, costs: upTo(40), mean: 39.5 },
  { alpha: 0.05, costs: [7], mean: 7 },
  { alpha: 0.5, costs: [1, 2, 3, 10], mean: 6.5 },
])('expected shortfall at $alpha is the mean of the worst, at least one', ({ alpha, costs, mean }) => {
  expect(expectedShortfall(costs, alpha)).toBe(mean);
});

describe('success rate', () => {
  // Wilson intervals from Newcombe (1998), Stat. Med. 17, table I: 81/263 is 0.2553..0.3662, 0/20 is 0..0.1611.
  test.each([
    { successes: 81, n: 263, low: 0.2553, high: 0.3662 },
    { successes: 15, n: 148, low: 0.0624, high: 0.1605 },
    { successes: 0, n: 20, low: 0, high: 0.1611 },
    { successes: 29, n: 29, low: 0.883, high: 1 },
  ])('$successes of $n has the published Wilson interval', ({ successes, n, low, high }) => {
    expect(successRate(successes, n)).toMatchObject({ low: expect.closeTo(low, 4) as number, high: expect.closeTo(high, 4) as number });
  });

  test('without a failure in 60 tries: failures below 5 % by the rule of three', () => {
    expect(successRate(60, 60)).toMatchObject({ rate: 1, failureBoundRuleOfThree: 0.05 });
  });

  test('with a failure, or with too few tries, there is no rule of three', () => {
    expect(successRate(59, 60)).toMatchObject({ failureBoundRuleOfThree: null });
    expect(successRate(3, 3)).toMatchObject({ failureBoundRuleOfThree: null });
  });

  test('of nothing tried is not available', () => expect(successRate(0, 0)).toEqual({ na: 'nothing was tried' }));
});

describe('returns', () => {
  test('largest drawdown is the deepest fall from an earlier peak', () => {
    expect(maxDrawdown([100, 120, 90, 130, 104])).toBeCloseTo(0.25, 12);
  });

  test.each([
    { days: 29, trades: 50, reason: 'no annual figure under 30 daily returns (this run: 29)' },
    { days: 30, trades: 9, reason: 'no annual figure under 10 trades (this run: 9)' },
  ])('$days days and $trades trades: no annual figure', ({ days, trades, reason }) => {
    const figures = returnFigures(
      Array.from({ length: days + 1 }, (_, day) => 100 + (day % 3)),
      trades,
    );
    expect(figures.sharpe).toEqual({ na: reason });
    expect(figures.maxDrawdown).toBeCloseTo(2 / 102, 12);
  });

  test('alternating +1 % and -1 % for 30 days: mean 0, so Sharpe and Sortino are 0', () => {
    const equity = [100];
    for (let day = 0; day < 30; day += 1) equity.push((equity.at(-1) ?? 0) * (day % 2 === 0 ? 1.01 : 0.99));
    const figures = returnFigures(equity, 10);
    expect(figures.sharpe).toBeCloseTo(0, 10);
    expect(figures.sortino).toBeCloseTo(0, 10);
    // Of 30 alternating returns 29 neighbours have opposite signs.
    expect(figures.autocorrelation).toBeCloseTo(-29 / 30, 10);
  });

  test('+2 % and 0 % in turn: Sharpe is mean 1 % over its deviation, times the root of 365', () => {
    const equity = [100];
    for (let day = 0; day < 40; day += 1) equity.push((equity.at(-1) ?? 0) * (day % 2 === 0 ? 1.02 : 1));
    const deviation = Math.sqrt((40 * 0.01 ** 2) / 39);
    expect(returnFigures(equity, 10).sharpe).toBeCloseTo((0.01 / deviation) * Math.sqrt(365), 8);
    expect(returnFigures(equity, 10).sortino).toEqual({ na: 'no day lost money' });
  });
});

test.each([
  { value: 1.005, decimals: 1, rounded: 1 },
  { value: -2.5, decimals: 0, rounded: -3 },
  { value: -0.0001, decimals: 2, rounded: 0 },
])('round($value, $decimals) is half away from zero and never -0', ({ value, decimals, rounded }) => {
  expect(Object.is(round(value, decimals), rounded)).toBe(true);
});

test('money is KRW with two places and no sign on zero', () => {
  expect([money(-0.001), money(-1234.5), money(1e12)]).toEqual(['0.00', '-1234.50', '1000000000000.00']);
});
