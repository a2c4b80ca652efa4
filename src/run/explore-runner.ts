import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Runner } from '../drill/explore/explore.js';
import type { ExploredRun } from '../drill/explore/explored-run.js';
import type { Plan } from '../drill/explore/planned-fault.js';
import { executorNamed } from './executors.js';
import { flowMap, type FlowVariant } from './explore-flows.js';
import { exploreRun, type ExploreContext } from './explore-run.js';
import type { WorkerAnswer, WorkerTask } from './explore-worker.js';
import { scenariosDir } from './package-paths.js';

/** Plans that go to a thread at once: few enough for an even end, enough for cheap messages. */
const CHUNK = 8;
/** Chunks that each thread has in hand: one is run while the answer to the other is read. */
const IN_HAND = 2;

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
const THREADS_WORK = !import.meta.url.endsWith('.ts');

/** Runs plans, and lets go of its threads when it is closed. */
export interface RunnerPool {
  readonly runner: Runner;
  readonly threads: number;
  close(): Promise<void>;
}

/**
 * One thread for each processor, as far as threads work here.
 *
 * @param choice - the executor as it was chosen: a name or a path.
 * @param asked - for another number of threads.
 */
export async function openRunners(choice: string, variants: readonly FlowVariant[], asked: number | undefined): Promise<RunnerPool> {
  const context = { executor: await executorNamed(choice), flows: flowMap(variants) };
  const threads = THREADS_WORK ? (asked ?? availableParallelism()) : 1;
  if (threads <= 1) return { runner: inlineRunner(context), threads, close: () => Promise.resolve() };
  const flows = Object.fromEntries(variants.map(({ id, file }) => [id, file]));
  const pool = new WorkerRunner(threads, { executor: choice, scenariosDir: scenariosDir(), flows }, context);
  return { runner: pool, threads, close: () => pool.close() };
}

/** Spreads plans over threads; each gets another chunk for every one that it answers. */
class WorkerRunner implements Runner {
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
    let inHand = 0;
    const fill = (): void => {
      while (inHand < IN_HAND) {
        const chunk = take();
        if (chunk.length === 0) return;
        worker.postMessage(chunk);
        inHand += 1;
      }
    };
    const end = (): void => {
      worker.off('message', onRuns);
      worker.off('error', onError);
      resolve();
    };
    const onRuns = (answer: WorkerAnswer): void => {
      // An error that is thrown in a thread's promise would only leave it silent.
      if ('failed' in answer) {
        reject(new Error(answer.failed));
        return;
      }
      inHand -= 1;
      fill();
      for (const run of answer.runs) each(run);
      if (inHand === 0) end();
    };
    const onError = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)));
    worker.on('message', onRuns);
    worker.once('error', onError);
    fill();
    if (inHand === 0) end();
  });
}
