import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Runner } from '../drill/explore/explore.js';
import type { ExploredRun } from '../drill/explore/explored-run.js';
import { planId, type Plan } from '../drill/explore/planned-fault.js';

/** Keeps every finished run in a file as it comes and, when started again, runs only what is missing there. */
export class ResumingRunner implements Runner {
  readonly #inner: Runner;
  readonly #known: Map<string, ExploredRun>;
  /** Written synchronously: asynchronous I/O would meet the virtual time of the next run in this thread. */
  readonly #file: number;

  constructor(inner: Runner, file: string) {
    this.#inner = inner;
    this.#known = readRuns(file);
    this.#file = openSync(file, 'a');
  }

  /** Runs taken over from an earlier start. */
  get resumed(): number {
    return this.#known.size;
  }

  run(plan: Plan): Promise<ExploredRun> {
    const known = this.#known.get(planId(plan));
    return known === undefined ? this.#inner.run(plan) : Promise.resolve(known);
  }

  async runAll(plans: Iterable<Plan>, each: (run: ExploredRun) => void): Promise<void> {
    const missing: Plan[] = [];
    for (const plan of plans) {
      // A canary that sang yesterday proves nothing about the oracle of today.
      const known = plan.canary === true ? undefined : this.#known.get(planId(plan));
      // The level is no part of a plan's identity: the same faults may be planned by two of them.
      if (known === undefined) missing.push(plan);
      else each({ ...known, plan });
    }
    await this.#inner.runAll(missing, (run) => {
      writeSync(this.#file, `${JSON.stringify(run)}\n`);
      each(run);
    });
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** A last line that was cut off by a crash is a run that has to be made again. */
function readRuns(file: string): Map<string, ExploredRun> {
  const runs = new Map<string, ExploredRun>();
  if (!existsSync(file)) return runs;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    try {
      if (line !== '') {
        const run = JSON.parse(line) as ExploredRun;
        runs.set(run.id, run);
      }
    } catch {
      continue;
    }
  }
  return runs;
}
