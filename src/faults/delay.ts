import { assert, assertNever } from '../core/assert.js';
import { normalFromUniform } from '../core/random.js';
import type { DelayDistribution } from './fault-action.js';

/** The 99 % point of the standard normal distribution. */
const Z99 = 2.326_347_874_040_841;

/**
 * One draw from `distribution`.
 *
 * @param uniform - the n-th independent uniform number in [0, 1) of this draw's position; called with 0, 1, ...
 * @returns whole milliseconds, at least 0.
 */
export function sampleDelayMs(distribution: DelayDistribution, uniform: (n: number) => number): number {
  return Math.round(Math.max(0, draw(distribution, uniform, 0)));
}

function draw(distribution: DelayDistribution, uniform: (n: number) => number, n: number): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.ms;
    case 'uniform':
      return distribution.fromMs + (distribution.toMs - distribution.fromMs) * uniform(n);
    case 'lognormal':
      return lognormal(distribution, uniform(n));
    case 'pareto':
      return Math.min(distribution.capMs, distribution.minMs / (1 - uniform(n)) ** (1 / distribution.alpha));
    case 'empirical': {
      // Sequential replay depends on the order of draws, which a draw by position does not know; scenario files refuse it.
      assert(distribution.mode === 'bootstrap', 'an empirical distribution is drawn by bootstrap');
      const samples = distribution.samplesMs;
      return samples[Math.min(samples.length - 1, Math.floor(uniform(n) * samples.length))] ?? 0;
    }
    case 'mixture': {
      const total = distribution.parts.reduce((sum, part) => sum + part.weight, 0);
      let left = uniform(n) * total;
      const chosen = distribution.parts.find((part) => (left -= part.weight) < 0) ?? distribution.parts.at(-1);
      return chosen === undefined ? 0 : draw(chosen.of, uniform, n + 1);
    }
    default:
      return assertNever(distribution);
  }
}

/** Half of the draws lie below `p50Ms` and 99 % below `p99Ms`, exactly: ln(delay) is normal. */
function lognormal(shape: { readonly p50Ms: number; readonly p99Ms: number; readonly capMs: number }, uniform: number): number {
  const sigma = Math.log(shape.p99Ms / shape.p50Ms) / Z99;
  return Math.min(shape.capMs, shape.p50Ms * Math.exp(sigma * normalFromUniform(uniform)));
}

/** The same distribution with every delay multiplied by `factor`. */
export function scaleDelay(distribution: DelayDistribution, factor: number): DelayDistribution {
  switch (distribution.kind) {
    case 'fixed':
      return { kind: 'fixed', ms: distribution.ms * factor };
    case 'uniform':
      return { kind: 'uniform', fromMs: distribution.fromMs * factor, toMs: distribution.toMs * factor };
    case 'lognormal':
      return { kind: 'lognormal', p50Ms: distribution.p50Ms * factor, p99Ms: distribution.p99Ms * factor, capMs: distribution.capMs * factor };
    case 'pareto':
      return { kind: 'pareto', minMs: distribution.minMs * factor, alpha: distribution.alpha, capMs: distribution.capMs * factor };
    case 'empirical':
      return { kind: 'empirical', samplesMs: distribution.samplesMs.map((ms) => ms * factor), mode: distribution.mode };
    case 'mixture':
      return { kind: 'mixture', parts: distribution.parts.map((part) => ({ weight: part.weight, of: scaleDelay(part.of, factor) })) };
    default:
      return assertNever(distribution);
  }
}
