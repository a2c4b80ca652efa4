import { formatFixed } from '../core/money.js';
import type { ExecutorPolicy } from '../executor/policy.js';

/** The policy as a config file would write it: amounts as decimal strings. Parsing it again gives the same policy. */
export function policyAsInput(policy: ExecutorPolicy): Record<string, unknown> {
  return Object.fromEntries(Object.entries(policy).map(([key, value]) => [key, typeof value === 'bigint' ? formatFixed(value) : value]));
}
