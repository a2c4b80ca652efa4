import { basename, join } from 'node:path';
import { InputError } from '../core/input-error.js';
import { listScenarios, loadScenario } from '../faults/load-scenario.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { PremiumBars } from '../market/bars.js';
import { withPlan } from '../drill/explore/planned-fault.js';
import { failureLanes } from '../report/failure/failure-text.js';
import { drill } from './drill.js';
import { exchangeNamed } from './exchange-choice.js';
import { executorHash } from './executor-hash.js';
import { executorNamed } from './executors.js';
import { failureInput, writeFailure } from './failure-files.js';
import { scenarioPath, scenariosDir } from './package-paths.js';
import { replayLine } from './replay-line.js';
import { barsFor } from './scenario-bars.js';
import { parameter } from './scenario-files.js';
import { codeVersion, decodeToken, scenarioHash, type ReplayToken } from './replay-token.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';

export interface ReplayOptions {
  readonly token: string;
  /** In place of the executor that the token names: a token of a test knows no file. */
  readonly executor?: string | undefined;
  /** The scenario's file, where it is none of the shipped ones. */
  readonly file?: string | undefined;
  /** `name=value` each, as the run that printed the token had them. */
  readonly params?: readonly string[] | undefined;
  readonly data?: string | undefined;
  /** Gets a folder with the timeline when the run fails. */
  readonly out: string;
  readonly observer: RunObserver;
}

/** Moments of the timeline that the terminal shows. */
const TERMINAL_ROWS = 20;

/** `hedgedrill drill --token T`: the very run that printed the token, and whether it is still the same to the byte. */
export async function replayToken({ token: text, executor: choice, file, params = [], data, out, observer }: ReplayOptions): Promise<ExitCode> {
  const token = decodeToken(text);
  const { payload } = token;
  const asked = { scenariosDir: scenariosDir(), params: Object.fromEntries(params.map(parameter)) };
  const path = file === undefined ? await shippedFile(payload.scenario) : scenarioPath(file);
  const scenario = await loadScenario(path, asked);
  const bars = await barsFor([scenario], data);
  const named = choice ?? payload.executor;
  for (const difference of tokenDifferences(token, scenario, bars, executorHash(named))) observer.problem(difference);
  // The name is part of the run, and the token's run had the name that the token holds.
  const executor = { ...(await executorNamed(named)), name: basename(payload.executor) };
  const run = await drill({
    scenario: payload.faults === undefined ? scenario : withPlan(scenario, payload.faults),
    executor,
    seed: token.seed,
    withFaults: true,
    bars,
    shuffled: payload.shuffled,
    exchange: await exchangeNamed(payload.exchange ?? 'object'),
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
  if (broken.length === 0) return EXIT.ok;
  const replay = replayLine({ token: text, file, params, data });
  const failure = failureInput({ scenario, seed: token.seed, executor: executor.name, run, broken, replay });
  observer.say(`\n${failureLanes(failure, TERMINAL_ROWS)}\n`);
  observer.say(`timeline ${await writeFailure(join(out, `replay-${run.tape.hash().slice(0, 12)}`, scenario.id), failure)}`);
  return EXIT.promiseBroken;
}

/** The shipped scenario with an id. @throws InputError when there is none. */
export async function shippedScenario(id: string): Promise<ResolvedScenario> {
  return loadScenario(await shippedFile(id), { scenariosDir: scenariosDir() });
}

async function shippedFile(id: string): Promise<string> {
  const dir = scenariosDir();
  const listed = (await listScenarios(dir)).find((scenario) => scenario.id === id);
  if (listed === undefined)
    throw new InputError(
      `no shipped scenario has the id "${id}"`,
      { key: '--token' },
      'the token comes from another version or from a file of your own: name the file before --token',
    );
  return `${dir}/${listed.file}`;
}

/** What is not as it was when the token was made; the run is made all the same. */
export function tokenDifferences(
  token: ReplayToken,
  scenario: ResolvedScenario,
  bars: PremiumBars | undefined,
  executor = executorHash(token.payload.executor),
): readonly string[] {
  const rows = [
    { what: 'the code', was: token.git, is: codeVersion() },
    { what: 'the scenario', was: token.scenarioHash, is: scenarioHash(scenario) },
    { what: 'the data', was: token.dataHash, is: bars === undefined ? '-' : bars.source.hash.slice(0, 12) },
    { what: 'the executor', was: token.executorHash, is: executor },
  ];
  const dirty = token.git.endsWith('+dirty') ? ["the token's tree held changes that no commit has: its code cannot be had again for certain"] : [];
  return [
    ...dirty,
    ...rows.filter(({ was, is }) => was !== is).map(({ what, was, is }) => `${what} differs from the token's: ${was} then, ${is} now`),
  ];
}
