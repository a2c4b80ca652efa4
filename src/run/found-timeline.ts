import type { ExploredRun } from '../drill/explore/explored-run.js';
import { withPlan } from '../drill/explore/planned-fault.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import { drill } from './drill.js';
import { executorNamed } from './executors.js';
import { failureInput, writeFailure } from './failure-files.js';
import { replayLine } from './replay-line.js';

/**
 * Makes a shrunk run once more and writes its timeline: what an explorer keeps of a run draws no picture.
 *
 * @param flow - the flow variant, without the plan's faults.
 * @returns the path of the page.
 */
export async function writeFoundTimeline(
  directory: string,
  { plan, broken }: ExploredRun,
  flow: ResolvedScenario,
  choice: string,
  token: string,
): Promise<string> {
  const executor = await executorNamed(choice);
  const seed = String(plan.seed);
  const scenario = withPlan(flow, plan.faults);
  const run = await drill({ scenario, executor, seed, withFaults: true, shuffled: plan.shuffled });
  return writeFailure(directory, failureInput({ scenario, seed, executor: executor.name, run, broken, replay: replayLine({ token }) }));
}
