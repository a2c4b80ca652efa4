/** A thread of the explorer: gets plans, answers with what became of them. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Plan } from '../drill/explore/planned-fault.js';
import { executorNamed } from './executors.js';
import { flowMap, flowVariants } from './explore-flows.js';
import { exploreRun } from './explore-run.js';

/** What a thread is started with. */
export interface WorkerTask {
  readonly executor: string;
  readonly scenariosDir: string;
}

if (parentPort !== null) {
  const port = parentPort;
  const { executor, scenariosDir } = workerData as WorkerTask;
  const context = Promise.all([executorNamed(executor), flowVariants(scenariosDir, [])]).then(([named, variants]) => ({
    executor: named,
    flows: flowMap(variants),
  }));
  let queue = Promise.resolve();
  port.on('message', (plans: readonly Plan[]) => {
    queue = queue.then(async () => {
      const ready = await context;
      const runs = [];
      for (const plan of plans) runs.push(await exploreRun(ready, plan));
      port.postMessage(runs);
    });
  });
}
