import type { Runner } from '../drill/explore/explore.js';
import type { ExploredRun } from '../drill/explore/explored-run.js';
import type { Plan } from '../drill/explore/planned-fault.js';

/** Carries out at most so many plans; where a level has more, some of each part of it instead of its beginning. */
export class LimitedRunner implements Runner {
  readonly #inner: Runner;
  #left: number;
  /** Plans that were left out. */
  skipped = 0;

  constructor(inner: Runner, limit: number) {
    this.#inner = inner;
    this.#left = limit;
  }

  /** Single runs (a flow without faults, the shrinker's tries) are not counted. */
  run(plan: Plan): Promise<ExploredRun> {
    return this.#inner.run(plan);
  }

  async runAll(plans: Iterable<Plan>, each: (run: ExploredRun) => void): Promise<void> {
    const all = [...plans];
    const count = Math.min(all.length, this.#left);
    this.#left -= count;
    this.skipped += all.length - count;
    await this.#inner.runAll(
      all.filter((_, index) => Math.floor(((index + 1) * count) / all.length) > Math.floor((index * count) / all.length)),
      each,
    );
  }
}
