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

  /** Tells of the runs in the order of their plans, so that no result depends on which thread was faster or where an earlier start ended. */
  async runAll(plans: Iterable<Plan>, each: (run: ExploredRun) => void): Promise<void> {
    const all = [...plans].map((plan) => ({ plan, id: planId(plan) }));
    // A canary that sang yesterday proves nothing about the oracle of today.
    const missing = all.filter(({ plan, id }) => plan.canary === true || !this.#log.has(id));
    const awaited = new Set(missing.map(({ id }) => id));
    const arrived = new Map<string, ExploredRun>();
    let told = 0;
    const tell = (isOver: boolean): void => {
      for (; told < all.length; told += 1) {
        const { plan, id } = all[told] as (typeof all)[number];
        if (awaited.has(id) && !isOver) return;
        const run = awaited.has(id) ? undefined : (arrived.get(id) ?? this.#log.get(id));
        arrived.delete(id);
        // The level is no part of a plan's identity: the same faults may be planned by two of them.
        if (run !== undefined) each({ ...run, plan });
      }
    };
    tell(false);
    await this.#inner.runAll(this.#whileTime(missing.map(({ plan }) => plan)), (run) => {
      this.#log.add(run);
      arrived.set(run.id, run);
      awaited.delete(run.id);
      tell(false);
    });
    tell(true);
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
