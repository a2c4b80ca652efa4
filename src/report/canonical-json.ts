import { formatFixed } from '../core/money.js';

/**
 * JSON with object keys in code-unit order and amounts as decimal strings, so that equal values give
 * equal bytes whatever the order they were built in. Keys whose value is undefined are left out.
 */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(sorted(value), undefined, indent);
}

function sorted(value: unknown): unknown {
  if (typeof value === 'bigint') return formatFixed(value);
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
