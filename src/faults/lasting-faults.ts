import type { FaultRule } from './fault-rule.js';

/** Whether a fault that has struck never ends: a venue lost for good, an order that stays stuck, a dead disk. */
export function neverEnds({ inject }: Pick<FaultRule, 'inject'>): boolean {
  if (inject.kind === 'window') return inject.for === 'forever' && inject.action.kind === 'outage';
  if (inject.kind === 'instant') return inject.action.kind === 'disk' && inject.action.for === 'forever' && inject.action.error !== 'fsync-lies';
  // Upbit's `prevented` stays, and no client can know it as an end.
  if (inject.action.kind === 'fill') return inject.action.then === 'prevent';
  return inject.action.kind === 'stuck' && inject.action.for === 'forever';
}
