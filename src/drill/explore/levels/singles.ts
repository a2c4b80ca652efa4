import type { ExploredRun } from '../explored-run.js';
import { applicable, faultAt } from '../fault-kinds.js';
import type { CallPoint } from '../fault-point.js';
import type { Plan } from '../planned-fault.js';

export const callsOf = (run: ExploredRun): readonly CallPoint[] => run.points.filter((point) => point.kind === 'call');

/** Each applicable kind at each call of the fault-free run. */
export function singles(clean: ExploredRun): readonly Plan[] {
  const { flow, seed } = clean.plan;
  return applicable(callsOf(clean)).pairs.map(({ point, kind }) => ({ level: 'singles', flow, seed, faults: [faultAt(point, kind)] }));
}
