import type { Plan } from '../drill/explore/planned-fault.js';
import { codeVersion, encodeToken, scenarioHash } from '../run/replay-token.js';
import type { ChosenExecutor } from './executor-choice.js';
import type { ChosenScenario } from './scenario-choice.js';

/** A run's token, and the line that runs it again. */
export interface ReplayWords {
  readonly token: string;
  readonly replay: string;
}

export interface ReplayWordsParts {
  readonly chosen: ChosenScenario;
  readonly executor: ChosenExecutor;
  readonly seed: string;
  readonly tapeHash: string;
  /** Of market data, where the scenario trades on some. */
  readonly dataHash?: string | undefined;
  /** What an explorer planned on top of the scenario. */
  readonly plan?: Pick<Plan, 'level' | 'faults' | 'shuffled'> | undefined;
}

export function replayWords({ chosen, executor, seed, tapeHash, dataHash, plan }: ReplayWordsParts): ReplayWords {
  const { scenario } = chosen;
  const name = executor.choice ?? executor.named.name;
  const planned = plan === undefined ? {} : { faults: [...plan.faults], level: plan.level, shuffled: plan.shuffled };
  const token = encodeToken({
    git: codeVersion(),
    scenarioHash: scenarioHash(scenario),
    dataHash: dataHash?.slice(0, 12) ?? '-',
    executorHash: executor.hash,
    seed,
    tapeHash: tapeHash.slice(0, 12),
    payload: { scenario: scenario.id, ...planned, executor: name },
  });
  return { token, replay: replayLine(token, chosen, executor) };
}

/** A command where everything it needs is named; else the call that is given what is not. */
function replayLine(token: string, { scenario, origin }: ChosenScenario, { choice }: ChosenExecutor): string {
  if (origin === 'inline') return `await replay({ token: '${token}', executor, scenario })`;
  const file = origin === 'file' ? ` ${scenario.file}` : '';
  if (choice === undefined) return `npx hedgedrill drill${file} --token ${token} --executor <the file that default-exports it>`;
  return `npx hedgedrill drill${file} --token ${token}`;
}
