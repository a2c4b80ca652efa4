import { withPlan } from '../drill/explore/planned-fault.js';
import { drillWithControl } from '../run/drill.js';
import { brokenOf } from '../run/explore-run.js';
import { shippedScenario, tokenDifferences } from '../run/replay-command.js';
import { decodeToken } from '../run/replay-token.js';
import { barsFor } from '../run/scenario-bars.js';
import { chooseExecutor, type ExecutorOptions } from './executor-choice.js';
import { oneAtATime } from './one-at-a-time.js';
import { replayWords } from './replay-words.js';
import { chooseScenario, type ScenarioChoice } from './scenario-choice.js';
import { verdictOf, type Verdict } from './verdict.js';

export interface ReplayOptions extends Partial<ExecutorOptions> {
  readonly token: string;
  /** Where the token comes from a scenario of your own. */
  readonly scenario?: ScenarioChoice | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly data?: string | undefined;
}

/** A run that was made again. */
export interface Replayed {
  readonly verdict: Verdict;
  /** Whether truth is the same to the byte. */
  readonly isSameRun: boolean;
  /** What is not as it was when the token was made: code, scenario, data or executor. */
  readonly differences: readonly string[];
}

/**
 * Runs once more exactly what a token was printed for.
 *
 * @param options.executor - by default the one that the token names.
 * @throws InputError for a token that cannot be read, and for what it names and is not there.
 */
export function replay({ token: text, executor, executorFile, scenario, params, data }: ReplayOptions): Promise<Replayed> {
  return oneAtATime(async () => {
    const token = decodeToken(text);
    const { payload, seed } = token;
    const chosenExecutor = await chooseExecutor({ executor: executor ?? payload.executor, executorFile });
    const chosen =
      scenario === undefined
        ? { scenario: await shippedScenario(payload.scenario), origin: 'shipped' as const }
        : await chooseScenario(scenario, params);
    const bars = await barsFor([chosen.scenario], data);
    const { faults, level } = payload;
    const drilled = await drillWithControl({
      scenario: faults === undefined ? chosen.scenario : withPlan(chosen.scenario, faults),
      executor: chosenExecutor.named,
      seed,
      bars,
      shuffled: payload.shuffled,
    });
    const plan = faults === undefined || level === undefined ? undefined : { faults, level, shuffled: payload.shuffled };
    const tapeHash = drilled.run.tape.hash();
    const words = replayWords({ chosen, executor: chosenExecutor, seed, tapeHash, dataHash: bars?.source.hash, plan });
    const broken = plan && brokenOf(drilled.run.findings, plan);
    return {
      verdict: verdictOf({ drilled, executor: chosenExecutor.named.name, words, broken }),
      isSameRun: tapeHash.startsWith(token.tapeHash),
      differences: tokenDifferences(token, chosen.scenario, bars, chosenExecutor.hash),
    };
  });
}
