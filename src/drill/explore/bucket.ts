import { isBroken, type ExploredRun } from './explored-run.js';
import { kindOfFault } from './fault-kinds.js';
import { phaseOf } from './fault-point.js';
import type { PlannedFault } from './planned-fault.js';

/** Failures that are one bug as far as can be told from outside: same promise, same stage, same sorts of faults. */
export interface Bucket {
  readonly key: string;
  /** The promise that is broken first. */
  readonly promise: string;
  readonly runs: number;
  /** The run with the fewest faults; of those the one planned first. */
  readonly example: ExploredRun;
}

/** @throws Error for a run that broke nothing. */
export function bucketKey(run: ExploredRun): string {
  const [first] = run.broken;
  if (first === undefined) throw new Error(`run ${run.id} broke nothing`);
  const kinds = [...new Set(run.plan.faults.map(({ id }) => kindOfFault(id)))].sort();
  return [first.key, run.plan.flow, phaseOfFault(run.plan.faults[0]), kinds.join('+')].join(' | ');
}

function phaseOfFault(fault: PlannedFault | undefined): string {
  const point = fault?.when.point;
  return point === undefined ? 'whole run' : phaseOf(point);
}

/** Groups failing runs, most frequent first. */
export function bucketsOf(runs: Iterable<ExploredRun>): readonly Bucket[] {
  const buckets = new Map<string, { promise: string; runs: number; example: ExploredRun }>();
  for (const run of runs) {
    if (!isBroken(run)) continue;
    const key = bucketKey(run);
    const known = buckets.get(key);
    if (known === undefined) buckets.set(key, { promise: run.broken[0]?.key ?? '', runs: 1, example: run });
    else {
      known.runs += 1;
      if (run.plan.faults.length < known.example.plan.faults.length) known.example = run;
    }
  }
  return [...buckets].map(([key, rest]) => ({ key, ...rest })).sort((a, b) => b.runs - a.runs || (a.key < b.key ? -1 : 1));
}
