import { DISTRIBUTION_KEYS } from './schema-scalars.js';

export type Raw = Readonly<Record<string, unknown>>;

export const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps are merged key by key, lists and everything else replaced by `over`; a distribution is replaced as a whole. */
function deepMerge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isRaw(base) || !isRaw(over) || isDistribution(base) || isDistribution(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = deepMerge(base[key], value);
  return merged;
}

const isDistribution = (value: Raw): boolean => Object.keys(value).some((key) => DISTRIBUTION_KEYS.has(key));

/** Keys that are done with once a scenario is put together. */
const RESOLVED_KEYS: ReadonlySet<string> = new Set(['include', 'params', 'faults']);

/** Fragments first, in order, the scenario last; faults of all of them one after the other. */
export function mergeScenario(parts: readonly Raw[]): Raw {
  let merged: Raw = {};
  const faults: unknown[] = [];
  for (const part of parts) {
    if (Array.isArray(part['faults'])) faults.push(...(part['faults'] as unknown[]));
    const rest = Object.fromEntries(Object.entries(part).filter(([key]) => !RESOLVED_KEYS.has(key)));
    merged = deepMerge(merged, rest) as Raw;
  }
  return { ...merged, faults };
}
