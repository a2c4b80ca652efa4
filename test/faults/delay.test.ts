import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { DelayDistribution } from '../../src/faults/fault-action.js';
import { sampleDelayMs, scaleDelay } from '../../src/faults/delay.js';

const LOGNORMAL: DelayDistribution = { kind: 'lognormal', p50Ms: 1_000, p99Ms: 8_000, capMs: 60_000 };
/** 10,000 evenly spread uniform numbers: quantiles without luck. */
const GRID = Array.from({ length: 10_000 }, (_, index) => (index + 0.5) / 10_000);
const always =
  (...uniforms: readonly number[]) =>
  (n: number): number =>
    uniforms[n] ?? uniforms.at(-1) ?? 0;

test.each([
  { name: 'fixed gives its length', of: { kind: 'fixed', ms: 250 }, u: [0.3], ms: 250 },
  { name: 'uniform begins at its lower end', of: { kind: 'uniform', fromMs: 100, toMs: 300 }, u: [0], ms: 100 },
  { name: 'uniform has its mean in the middle', of: { kind: 'uniform', fromMs: 100, toMs: 300 }, u: [0.5], ms: 200 },
  { name: 'lognormal has its p50 at one half', of: LOGNORMAL, u: [0.5], ms: 1_000 },
  { name: 'lognormal has its p99 at 99 %', of: LOGNORMAL, u: [0.99], ms: 8_000 },
  { name: 'lognormal is symmetric in its logarithm: p1 is p50 squared over p99', of: LOGNORMAL, u: [0.01], ms: 125 },
  { name: 'lognormal stops at its cap', of: { ...LOGNORMAL, capMs: 9_000 }, u: [0.999_999], ms: 9_000 },
  { name: 'pareto begins at its minimum', of: { kind: 'pareto', minMs: 500, alpha: 2, capMs: 90_000 }, u: [0], ms: 500 },
  { name: 'pareto with alpha 2 doubles at 75 %', of: { kind: 'pareto', minMs: 500, alpha: 2, capMs: 90_000 }, u: [0.75], ms: 1_000 },
  { name: 'pareto stops at its cap', of: { kind: 'pareto', minMs: 500, alpha: 2, capMs: 90_000 }, u: [0.999_999_9], ms: 90_000 },
  { name: 'empirical takes one of its samples', of: { kind: 'empirical', samplesMs: [5, 7, 11, 13], mode: 'bootstrap' }, u: [0.6], ms: 11 },
] as const)('a delay: $name', ({ of, u, ms }) => {
  expect(sampleDelayMs(of, always(...u))).toBe(ms);
});

test('a mixture: each part is chosen as often as its weight says and drawn with a uniform of its own', () => {
  const mixture: DelayDistribution = {
    kind: 'mixture',
    parts: [
      { weight: 3, of: { kind: 'fixed', ms: 10 } },
      { weight: 1, of: { kind: 'uniform', fromMs: 1_000, toMs: 2_000 } },
    ],
  };
  const draws = GRID.map((u) => sampleDelayMs(mixture, always(u, 0.25)));
  expect(draws.filter((ms) => ms === 10)).toHaveLength(7_500);
  expect(new Set(draws)).toEqual(new Set([10, 1_250]));
});

test('a lognormal: half of evenly spread draws lie below p50 and 1 % above p99', () => {
  const slow: DelayDistribution = { kind: 'lognormal', p50Ms: 1e6, p99Ms: 8e6, capMs: 1e9 };
  const draws = GRID.map((u) => sampleDelayMs(slow, always(u)));
  expect(draws.filter((ms) => ms < 1e6)).toHaveLength(5_000);
  expect(draws.filter((ms) => ms > 8e6)).toHaveLength(100);
});

test('a replayed sequence, drawn by position: refused, since positions have no order', () => {
  expect(() => sampleDelayMs({ kind: 'empirical', samplesMs: [1], mode: 'sequential' }, always(0))).toThrow(/bootstrap/);
});

const part = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), ms: fc.nat(10_000) }),
  fc.record({ kind: fc.constant('uniform' as const), fromMs: fc.nat(500), toMs: fc.integer({ min: 500, max: 5_000 }) }),
  fc.record({
    kind: fc.constant('lognormal' as const),
    p50Ms: fc.integer({ min: 1, max: 500 }),
    p99Ms: fc.integer({ min: 500, max: 5_000 }),
    capMs: fc.constant(20_000),
  }),
  fc.record({ kind: fc.constant('pareto' as const), minMs: fc.integer({ min: 1, max: 500 }), alpha: fc.constant(1.5), capMs: fc.constant(9_000) }),
);

test('any delay: a draw is a whole number of milliseconds, never negative, and grows with its uniform', () =>
  fc.assert(
    fc.property(part, fc.double({ min: 0, max: 0.999_999, noNaN: true }), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (of, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((u) => sampleDelayMs(of, always(u)));
      expect(low).toBeGreaterThanOrEqual(0);
      expect(Number.isSafeInteger(low)).toBe(true);
      expect(high ?? 0).toBeGreaterThanOrEqual(low ?? 0);
    }),
  ));

test('any delay: half the distribution draws half the delay', () =>
  fc.assert(
    fc.property(part, fc.double({ min: 0, max: 0.999_999, noNaN: true }), (of, u) => {
      const whole = sampleDelayMs(of, always(u));
      expect(Math.abs(sampleDelayMs(scaleDelay(of, 0.5), always(u)) - whole / 2)).toBeLessThanOrEqual(1);
    }),
  ));
