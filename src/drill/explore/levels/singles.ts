import type { ExploredRun } from '../explored-run.js';
import { singleFaults } from '../fault-kinds.js';
import type { CallPoint } from '../fault-point.js';
import type { Plan } from '../planned-fault.js';

export const callsOf = (run: ExploredRun): readonly CallPoint[] => run.points.filter((point) => point.kind === 'call');

/** Each applicable kind at each call and each step of the fault-free run. */
export function singles(clean: ExploredRun): readonly Plan[] {
  const { flow, seed } = clean.plan;
  return singleFaults(clean.points).singles.map(({ faults }) => ({ level: 'singles', flow, seed, faults }));
}
