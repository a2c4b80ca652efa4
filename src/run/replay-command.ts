import { basename } from 'node:path';
import { InputError } from '../core/input-error.js';
import { listScenarios, loadScenario } from '../faults/load-scenario.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { PremiumBars } from '../market/bars.js';
import { loadBars } from '../market/load-bars.js';
import { withPlan } from '../drill/explore/planned-fault.js';
import { drill } from './drill.js';
import { executorHash } from './executor-hash.js';
import { executorNamed } from './executors.js';
import { sampleFile, scenariosDir } from './package-paths.js';
import { codeVersion, decodeToken, scenarioHash, type ReplayToken } from './replay-token.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';

export interface ReplayOptions {
  readonly token: string;
  /** In place of the executor that the token names: a token of a test knows no file. */
  readonly executor?: string | undefined;
  /** The scenario's file, where it is none of the shipped ones. */
  readonly file?: string | undefined;
  readonly data?: string | undefined;
  readonly observer: RunObserver;
}

/** `hedgedrill drill --token T`: the very run that printed the token, and whether it is still the same to the byte. */
export async function replayToken({ token: text, executor: choice, file, data, observer }: ReplayOptions): Promise<ExitCode> {
  const token = decodeToken(text);
  const { payload } = token;
  const scenario = file === undefined ? await shippedScenario(payload.scenario) : await loadScenario(file, { scenariosDir: scenariosDir() });
  const bars = scenario.trades ? (await loadBars({ data: data ?? sampleFile() })).bars : undefined;
  const executor = choice ?? payload.executor;
  for (const difference of tokenDifferences(token, scenario, bars, executorHash(executor))) observer.problem(difference);
  const run = await drill({
    scenario: payload.faults === undefined ? scenario : withPlan(scenario, payload.faults),
    // The name is part of the run, and the token's run had the name that the token holds.
    executor: { ...(await executorNamed(executor)), name: basename(payload.executor) },
    seed: token.seed,
    withFaults: true,
    bars,
    shuffled: payload.shuffled,
  });
  const broken = run.findings.filter(({ verdict }) => verdict === 'broken');
  const tape = run.tape.hash().slice(0, token.tapeHash.length);
  observer.say(
    [
      `${broken.length === 0 ? 'pass' : 'FAIL'}  ${payload.scenario}, seed ${token.seed}, ${payload.executor}`,
      ...broken.map(({ key, expected, found }) => `      ${key}: expected ${expected}, found ${found}`),
      tape === token.tapeHash ? `      the same run to the byte: tape ${tape}` : `      another run: tape ${tape}, the token's is ${token.tapeHash}`,
    ].join('\n'),
  );
  return broken.length === 0 ? EXIT.ok : EXIT.promiseBroken;
}

/** The shipped scenario with an id. @throws InputError when there is none. */
export async function shippedScenario(id: string): Promise<ResolvedScenario> {
  const dir = scenariosDir();
  const listed = (await listScenarios(dir)).find((scenario) => scenario.id === id);
  if (listed === undefined)
    throw new InputError(
      `no shipped scenario has the id "${id}"`,
      { key: '--token' },
      'the token comes from another version or from a file of your own: name the file before --token',
    );
  return loadScenario(`${dir}/${listed.file}`, { scenariosDir: dir });
}

/** What is not as it was when the token was made; the run is made all the same. */
export function tokenDifferences(token: ReplayToken, scenario: ResolvedScenario, bars: PremiumBars | undefined, executor: string): readonly string[] {
  const rows = [
    { what: 'the code', was: token.git, is: codeVersion() },
    { what: 'the scenario', was: token.scenarioHash, is: scenarioHash(scenario) },
    { what: 'the data', was: token.dataHash, is: bars === undefined ? '-' : bars.source.hash.slice(0, 12) },
    { what: 'the executor', was: token.executorHash, is: executor },
  ];
  return rows.filter(({ was, is }) => was !== is).map(({ what, was, is }) => `${what} differs from the token's: ${was} then, ${is} now`);
}
