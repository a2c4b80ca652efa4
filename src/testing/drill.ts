import type { PremiumBars } from '../market/bars.js';
import { drillWithControl } from '../run/drill.js';
import { barsFor } from '../run/scenario-bars.js';
import { chooseExecutor, type ChosenExecutor, type ExecutorOptions } from './executor-choice.js';
import { oneAtATime } from './one-at-a-time.js';
import { replayWords } from './replay-words.js';
import { chooseScenario, type ChosenScenario, type ScenarioChoice } from './scenario-choice.js';
import { verdictOf, type Verdict } from './verdict.js';

interface CommonOptions extends ExecutorOptions {
  /** Seed of every random draw. */
  readonly seed?: number | string | undefined;
  /** Values for the scenario's `params`, as text. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** For scenarios whose flow is `trade`; by default the embedded sample. */
  readonly data?: string | undefined;
}

export interface DrillOptions extends CommonOptions {
  /** Runs with `seed`, or with the scenario's first. */
  readonly scenario: ScenarioChoice;
}

export interface DrillsOptions extends CommonOptions {
  /** Each runs with `seed`, or with every seed of its own, as on the command line. */
  readonly scenarios: readonly ScenarioChoice[];
}

/**
 * Runs an executor through a scenario of failures on simulated venues under virtual time, beside the same run without
 * the faults, and judges both. The same arguments give the same verdict.
 *
 * @returns the verdict; with `scenarios` one for each scenario and seed. A broken promise is a verdict, not an error.
 * @throws InputError for an executor or scenario that does not exist or is not sound, and while fake timers are on.
 */
export function drill(options: DrillOptions): Promise<Verdict>;
export function drill(options: DrillsOptions): Promise<readonly Verdict[]>;
export function drill(options: DrillOptions | DrillsOptions): Promise<Verdict | readonly Verdict[]> {
  return oneAtATime(async () => {
    const executor = await chooseExecutor(options);
    if ('scenario' in options) {
      const chosen = await chooseScenario(options.scenario, options.params);
      return one(chosen, executor, String(options.seed ?? chosen.scenario.seeds[0] ?? 1), await barsFor([chosen.scenario], options.data));
    }
    // All are read before the first one runs: a typo in the last must not come after minutes of the others.
    const all: ChosenScenario[] = [];
    for (const choice of options.scenarios) all.push(await chooseScenario(choice, options.params));
    const bars = await barsFor(
      all.map(({ scenario }) => scenario),
      options.data,
    );
    const verdicts: Verdict[] = [];
    for (const chosen of all) {
      const seeds = options.seed === undefined ? chosen.scenario.seeds : [options.seed];
      for (const seed of seeds) verdicts.push(await one(chosen, executor, String(seed), bars));
    }
    return verdicts;
  });
}

async function one(chosen: ChosenScenario, executor: ChosenExecutor, seed: string, loaded: PremiumBars | undefined): Promise<Verdict> {
  const bars = chosen.scenario.trades ? loaded : undefined;
  const drilled = await drillWithControl({ scenario: chosen.scenario, executor: executor.named, seed, bars });
  const words = replayWords({ chosen, executor, seed, tapeHash: drilled.run.tape.hash(), dataHash: bars?.source.hash });
  return verdictOf({ drilled, executor: executor.named.name, words });
}
