import { runBacktest } from './backtest.js';
import { duelText, fightDuel } from './duel.js';
import { scenarioPath } from './package-paths.js';
import type { ExitCode, RunObserver } from './run-output.js';

export interface StartOptions {
  readonly seed?: string | undefined;
  readonly out: string;
  readonly json: boolean;
  readonly observer: RunObserver;
}

/** `npm start`: the duel, then the sample month under the crash-day mix. */
export async function runStart(options: StartOptions): Promise<ExitCode> {
  const { observer } = options;
  const seed = options.seed ?? '1';
  if (!options.json) observer.say(`${duelText(await fightDuel(seed))}\n`);
  if (!options.json) observer.say('BACKTEST  the embedded sample month (synthetic) under scenarios/crash-day-mix.yaml\n');
  return runBacktest({ ...options, seed, scenario: scenarioPath('crash-day-mix') });
}
