import { replayLine, runToken, type TokenParts } from '../run/replay-line.js';
import type { ChosenExecutor } from './executor-choice.js';
import type { ChosenScenario } from './scenario-choice.js';

/** A run's token, and the line that runs it again. */
export interface ReplayWords {
  readonly token: string;
  readonly replay: string;
}

export interface ReplayWordsParts extends Pick<TokenParts, 'seed' | 'tapeHash' | 'dataHash' | 'plan'> {
  readonly chosen: ChosenScenario;
  readonly executor: ChosenExecutor;
}

export function replayWords({ chosen, executor, ...parts }: ReplayWordsParts): ReplayWords {
  const { scenario } = chosen;
  const token = runToken({ ...parts, scenario, executor: executor.choice ?? executor.named.name, executorHash: executor.hash });
  return { token, replay: replayText(token, chosen, executor) };
}

/** A command where everything it needs is named; else the call that is given what is not. */
function replayText(token: string, { scenario, origin }: ChosenScenario, { choice }: ChosenExecutor): string {
  if (origin === 'inline') return `await replay({ token: '${token}', executor, scenario })`;
  const line = replayLine({ token, file: origin === 'file' ? scenario.file : undefined });
  return choice === undefined ? `${line} --executor <the file that default-exports it>` : line;
}
