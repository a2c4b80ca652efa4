/** A thread of the explorer: gets plans, answers with what became of them. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ExploredRun } from '../drill/explore/explored-run.js';
import type { Plan } from '../drill/explore/planned-fault.js';
import { loadScenario } from '../faults/load-scenario.js';
import { executorNamed } from './executors.js';
import { exploreRun } from './explore-run.js';

/** What a thread is started with. */
export interface WorkerTask {
  readonly executor: string;
  readonly scenariosDir: string;
  /** The files of the flow variants, by id: to look for them among all scenarios takes a second. */
  readonly flows: Readonly<Record<string, string>>;
}

/** What became of a chunk of plans: every run, or the error of the first that could not be carried out. */
export type WorkerAnswer = { readonly runs: readonly ExploredRun[] } | { readonly failed: string };

if (parentPort !== null) {
  const port = parentPort;
  const { executor, scenariosDir, flows } = workerData as WorkerTask;
  const scenarios = Object.entries(flows).map(async ([id, file]) => [id, await loadScenario(file, { scenariosDir })] as const);
  const context = Promise.all([executorNamed(executor), Promise.all(scenarios)]).then(([named, loaded]) => ({
    executor: named,
    flows: new Map(loaded),
  }));
  let queue = Promise.resolve();
  port.on('message', (plans: readonly Plan[]) => {
    queue = queue.then(async () => {
      const runs = [];
      try {
        const ready = await context;
        for (const plan of plans) runs.push(await exploreRun(ready, plan));
        port.postMessage({ runs } satisfies WorkerAnswer);
      } catch (error) {
        const at = JSON.stringify(plans[runs.length]);
        port.postMessage({
          failed: `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nin the run ${at}`,
        } satisfies WorkerAnswer);
      }
    });
  });
}
