import { Worker } from 'node:worker_threads';
import type { Runner } from '../drill/explore/explore.js';
import type { ExploredRun } from '../drill/explore/explored-run.js';
import type { Plan } from '../drill/explore/planned-fault.js';
import { exploreRun, type ExploreContext } from './explore-run.js';
import type { WorkerTask } from './explore-worker.js';

/** Plans that go to a thread at once: few enough for an even end, enough for cheap messages. */
const CHUNK = 16;

/** Everything in this thread, in order. */
export function inlineRunner(context: ExploreContext): Runner {
  return {
    run: (plan) => exploreRun(context, plan),
    async runAll(plans, each) {
      for (const plan of plans) each(await exploreRun(context, plan));
    },
  };
}

/** A thread cannot load TypeScript under Node 20, whatever loader the main thread has: from source there is one thread. */
export const THREADS_WORK = !import.meta.url.endsWith('.ts');

/** Spreads plans over threads; each keeps one chunk in hand and gets the next when it answers. */
export class WorkerRunner implements Runner {
  readonly #workers: readonly Worker[];
  readonly #inline: Runner;

  /** @param context - for single runs, which stay in this thread. */
  constructor(threads: number, task: WorkerTask, context: ExploreContext) {
    const entry = new URL('./explore-worker.js', import.meta.url);
    this.#workers = Array.from({ length: threads }, () => new Worker(entry, { workerData: task }));
    this.#inline = inlineRunner(context);
  }

  run(plan: Plan): Promise<ExploredRun> {
    return this.#inline.run(plan);
  }

  async runAll(plans: Iterable<Plan>, each: (run: ExploredRun) => void): Promise<void> {
    const source = plans[Symbol.iterator]();
    const take = (): Plan[] => {
      const chunk: Plan[] = [];
      while (chunk.length < CHUNK) {
        const next = source.next();
        if (next.done === true) break;
        chunk.push(next.value);
      }
      return chunk;
    };
    await Promise.all(this.#workers.map((worker) => work(worker, take, each)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function work(worker: Worker, take: () => Plan[], each: (run: ExploredRun) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const chunk = take();
      if (chunk.length > 0) {
        worker.postMessage(chunk);
        return;
      }
      worker.off('message', onRuns);
      worker.off('error', onError);
      resolve();
    };
    const onRuns = (runs: readonly ExploredRun[]): void => {
      for (const run of runs) each(run);
      next();
    };
    const onError = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)));
    worker.on('message', onRuns);
    worker.once('error', onError);
    next();
  });
}
