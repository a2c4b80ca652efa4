import type { ExploredRun } from '../explored-run.js';
import { applicable, faultAt, isPaired } from '../fault-kinds.js';
import type { Plan } from '../planned-fault.js';

/**
 * A second fault at each later call of the run that the first one made: the calls that matter (look-ups, cancels,
 * rollbacks) exist only there. Plans whose second call is new against the fault-free run, or changes something, come first.
 */
export function pairsAfter(single: ExploredRun, clean: ExploredRun): readonly Plan[] {
  const { flow, seed, faults } = single.plan;
  if (!faults.every(isPaired)) return [];
  const known = new Set(clean.points.map(({ id }) => id));
  const later = single.points.slice(single.lastStruck + 1).filter((point) => point.kind === 'call');
  const plans = applicable(later).pairs.map(({ point, kind }) => ({
    isUrgent: !known.has(point.id) || point.method === 'createOrder' || point.method === 'cancelOrder',
    plan: { level: 'pairs', flow, seed, faults: [...faults, faultAt(point, kind, 2)] } satisfies Plan,
  }));
  return [...plans.filter(({ isUrgent }) => isUrgent), ...plans.filter(({ isUrgent }) => !isUrgent)].map(({ plan }) => plan);
}
