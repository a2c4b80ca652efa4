/**
 * Replays tokens from standard input, one a line, and prints the tape hash that each gives: what a second process, or
 * another Node, is asked to say. Reads the tokens only; what it knows comes from them.
 */
import { readFileSync } from 'node:fs';
import { withPlan } from '../src/drill/explore/planned-fault.js';
import { drill } from '../src/run/drill.js';
import { executorNamed } from '../src/run/executors.js';
import { shippedScenario } from '../src/run/replay-command.js';
import { decodeToken } from '../src/run/replay-token.js';

const scenarios = new Map<string, Awaited<ReturnType<typeof shippedScenario>>>();
const hashes: string[] = [];
for (const line of readFileSync(0, 'utf8')
  .split('\n')
  .filter((text) => text !== '')) {
  const { payload, seed } = decodeToken(line);
  const scenario = scenarios.get(payload.scenario) ?? (await shippedScenario(payload.scenario));
  scenarios.set(payload.scenario, scenario);
  const run = await drill({
    scenario: payload.faults === undefined ? scenario : withPlan(scenario, payload.faults),
    executor: await executorNamed(payload.executor),
    seed,
    withFaults: true,
    shuffled: payload.shuffled,
  });
  hashes.push(run.tape.hash());
}
console.log(hashes.join('\n'));
