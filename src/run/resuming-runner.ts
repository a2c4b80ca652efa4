import type { Runner } from '../drill/explore/explore.js';
import type { ExploredRun } from '../drill/explore/explored-run.js';
import { planId, type Plan } from '../drill/explore/planned-fault.js';
import { RunLog } from './run-log.js';

/**
 * Keeps every finished run in a file as it comes and, when started again, runs only what is missing there. Written
 * synchronously: asynchronous I/O would meet the virtual time of the next run in this thread.
 */
export class ResumingRunner implements Runner {
  readonly #inner: Runner;
  readonly #log: RunLog;
  readonly #isOver: () => boolean;
  /** Runs taken over from an earlier start. */
  readonly resumed: number;
  #skipped = 0;

  /** @param isOver - true once nothing new is to be begun, such as after the minutes that were allowed. */
  constructor(inner: Runner, file: string, isOver: () => boolean = () => false) {
    this.#inner = inner;
    this.#log = new RunLog(file);
    this.resumed = this.#log.size;
    this.#isOver = isOver;
  }

  /** Finished runs in the file. */
  get finished(): number {
    return this.#log.size;
  }

  /** Plans that were not begun, because the time was over. */
  get skipped(): number {
    return this.#skipped;
  }

  run(plan: Plan): Promise<ExploredRun> {
    const known = this.#log.get(planId(plan));
    return known === undefined ? this.#inner.run(plan) : Promise.resolve(known);
  }

  async runAll(plans: Iterable<Plan>, each: (run: ExploredRun) => void): Promise<void> {
    const missing: Plan[] = [];
    for (const plan of plans) {
      // A canary that sang yesterday proves nothing about the oracle of today.
      const known = plan.canary === true ? undefined : this.#log.get(planId(plan));
      // The level is no part of a plan's identity: the same faults may be planned by two of them.
      if (known === undefined) missing.push(plan);
      else each({ ...known, plan });
    }
    await this.#inner.runAll(this.#whileTime(missing), (run) => {
      this.#log.add(run);
      each(run);
    });
  }

  *#whileTime(plans: readonly Plan[]): Generator<Plan> {
    for (const [index, plan] of plans.entries()) {
      if (this.#isOver()) {
        this.#skipped += plans.length - index;
        return;
      }
      yield plan;
    }
  }

  close(): void {
    this.#log.close();
  }
}
