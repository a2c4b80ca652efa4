import type { DelayDistribution } from './fault-action.js';
import { parseDurationMs } from './scenario-time.js';
import type { DistributionText } from './schema-scalars.js';

/** Says what is wrong with the value at `path`. */
export type Report = (path: readonly PropertyKey[], problem: string, hint?: string) => void;

/** A distribution of a scenario file, with its numbers checked against each other. */
export function compileDelay(text: DistributionText, report: Report, path: readonly PropertyKey[] = []): DelayDistribution {
  if (typeof text === 'string') return { kind: 'fixed', ms: parseDurationMs(text) };
  if (text.uniform !== undefined) {
    const [fromMs, toMs] = text.uniform.map(parseDurationMs);
    if ((fromMs ?? 0) > (toMs ?? 0)) report([...path, 'uniform'], `the shorter delay comes first, found ${text.uniform.join(' before ')}`);
    return { kind: 'uniform', fromMs: fromMs ?? 0, toMs: toMs ?? 0 };
  }
  if (text.lognormal !== undefined) {
    const [p50Ms, p99Ms] = [parseDurationMs(text.lognormal.p50), parseDurationMs(text.lognormal.p99)];
    const capMs = text.lognormal.cap === undefined ? Infinity : parseDurationMs(text.lognormal.cap);
    if (p50Ms <= 0) report([...path, 'lognormal', 'p50'], 'a lognormal delay has a median above 0');
    if (p99Ms < p50Ms) report([...path, 'lognormal', 'p99'], `p99 is at least p50 (${text.lognormal.p50}), found ${text.lognormal.p99}`);
    if (capMs < p50Ms) report([...path, 'lognormal', 'cap'], `the cap is at least p50 (${text.lognormal.p50}), found ${text.lognormal.cap ?? ''}`);
    return { kind: 'lognormal', p50Ms, p99Ms, capMs };
  }
  if (text.pareto !== undefined) {
    const [minMs, capMs] = [parseDurationMs(text.pareto.min), parseDurationMs(text.pareto.cap)];
    if (capMs < minMs) report([...path, 'pareto', 'cap'], `the cap is at least min (${text.pareto.min}), found ${text.pareto.cap}`);
    return { kind: 'pareto', minMs, alpha: text.pareto.alpha, capMs };
  }
  if (text.empirical !== undefined) {
    return { kind: 'empirical', samplesMs: 'samples' in text.empirical ? text.empirical.samples : [], mode: text.empirical.mode };
  }
  return compileMixture(text.mixture ?? [], report, path);
}

function compileMixture(
  mixture: readonly { readonly w: number; readonly d: DistributionText }[],
  report: Report,
  path: readonly PropertyKey[],
): DelayDistribution {
  for (const [index, { d }] of mixture.entries()) {
    if (typeof d !== 'string' && d.empirical?.mode === 'sequential')
      report(
        [...path, 'mixture', index, 'd', 'empirical', 'mode'],
        'a part of a mixture is drawn at random, so its samples have no order',
        'use bootstrap',
      );
  }
  return { kind: 'mixture', parts: mixture.map(({ w, d }, index) => ({ weight: w, of: compileDelay(d, report, [...path, 'mixture', index, 'd']) })) };
}
