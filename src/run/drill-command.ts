import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { InputError } from '../core/input-error.js';
import { loadScenario } from '../faults/load-scenario.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { PremiumBars } from '../market/bars.js';
import { refuseUnwritable, writeFileWhole } from '../report/atomic-folder.js';
import type { FailureInput } from '../report/failure/failure-input.js';
import { failureLanes } from '../report/failure/failure-text.js';
import { runId } from '../report/run-id.js';
import { writeReport } from '../report/write-report.js';
import { drillWithControl, type DrillVerdict } from './drill.js';
import { canaryClosing, canaryJson, canaryReported, canaryText } from './drill-canary.js';
import { type DrillRow, drillJson, drillRow } from './drill-row.js';
import { closing, type Paint, PLAIN, scenarioText, type ScenarioResult, tableHead } from './drill-table.js';
import { exchangeNamed, namedExchange, type ExchangeName, type OpenExchange } from './exchange-choice.js';
import { executorHash } from './executor-hash.js';
import { executorNamed, type NamedExecutor } from './executors.js';
import { failureInput, writeFailure } from './failure-files.js';
import { junitXml } from './junit.js';
import { scenariosDir } from './package-paths.js';
import { packageVersion } from './package-version.js';
import { isShipped, replayLine, runToken } from './replay-line.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';
import { barsFor } from './scenario-bars.js';
import { parameter, scenarioFiles } from './scenario-files.js';
import { scenarioHash } from './replay-token.js';

export interface DrillCommandOptions {
  readonly files: readonly string[];
  readonly executor?: string | undefined;
  readonly seed?: string | undefined;
  /** `name=value` each. */
  readonly params: readonly string[];
  readonly data?: string | undefined;
  readonly exchange?: ExchangeName | undefined;
  readonly out: string;
  /** File for JUnit XML. */
  readonly junit?: string | undefined;
  /** Plants an oracle that always breaks in every run, and asks of each that it be reported. */
  readonly canary?: boolean | undefined;
  readonly json: boolean;
  readonly observer: RunObserver;
  readonly paint?: Paint | undefined;
  /** Wall time in ms, which JUnit wants; without it every case takes none. */
  readonly stopwatch?: (() => number) | undefined;
}

/** Moments of the first failure that the terminal shows. */
const TERMINAL_ROWS = 14;
/** The same in a JUnit file, for each failure. */
const JUNIT_ROWS = 40;

/** A scenario file as it was read: a scenario, or why it is none. */
interface Job {
  readonly file: string;
  readonly scenario?: ResolvedScenario | undefined;
  readonly problem?: string | undefined;
}

/**
 * `hedgedrill drill`: each scenario with each of its seeds, beside its fault-free control. A failing one leaves a
 * timeline in the output folder.
 *
 * @throws InputError for a name that is no scenario, for a place that cannot be written, and when no file can be read;
 *   one bad file among many is told, the others run, and the exit code is that of bad input.
 */
export async function runDrills(options: DrillCommandOptions): Promise<ExitCode> {
  const { observer, json, paint = PLAIN } = options;
  await refuseUnwritable(options.out);
  if (options.junit !== undefined) await refuseUnwritable(dirname(options.junit));
  const jobs = await readJobs(options);
  const scenarios = jobs.flatMap(({ scenario }) => scenario ?? []);
  const bars = await barsFor(scenarios, options.data);
  const drill = new Drill(options, scenarios, bars, await exchangeNamed(options.exchange ?? 'object'));
  if (options.canary === true) return canaryDrill(drill, jobs, options);
  if (!json) observer.say(tableHead(paint));
  for (const job of jobs) {
    const result = await drill.run(job);
    if (!json) observer.say(scenarioText(result, jobs.length === 1, paint));
  }
  const { results, lanes, report } = drill;
  if (json) observer.say(JSON.stringify(results.flatMap(resultJson), undefined, 2));
  else {
    if (lanes !== undefined) observer.say(`\n${lanes}\n`);
    if (report !== undefined) observer.say(report);
    observer.say(closing(results, paint));
  }
  if (options.junit !== undefined) await writeFileWhole(options.junit, junitXml(drill.executorName, drill.cases));
  if (results.some(({ problem }) => problem !== undefined)) return EXIT.badInput;
  return results.every(({ rows }) => rows.every(({ passed }) => passed)) ? EXIT.ok : EXIT.promiseBroken;
}

/** Whether the executor keeps its promises is not asked here: only whether a broken one would be told. */
async function canaryDrill(drill: Drill, jobs: readonly Job[], { observer, json, paint = PLAIN }: DrillCommandOptions): Promise<ExitCode> {
  for (const job of jobs) {
    const result = await drill.run(job);
    if (!json) observer.say(canaryText(result, paint));
  }
  const { results } = drill;
  observer.say(json ? JSON.stringify(results.flatMap(canaryJson), undefined, 2) : canaryClosing(results, paint));
  if (results.some(({ problem }) => problem !== undefined)) return EXIT.badInput;
  return canaryReported(results) ? EXIT.ok : EXIT.promiseBroken;
}

/** All files are read before the first one runs: a typo in the last must not come after minutes of the others. */
async function readJobs({ files: given, params: texts }: DrillCommandOptions): Promise<readonly Job[]> {
  const params = Object.fromEntries(texts.map(parameter));
  const files = await scenarioFiles(given);
  const jobs = await Promise.all(
    files.map(async (file): Promise<Job> => {
      try {
        return { file, scenario: await loadScenario(file, { scenariosDir: scenariosDir(), params }) };
      } catch (error) {
        // With nothing else to run there is nothing to go on with.
        if (!(error instanceof InputError) || files.length === 1) throw error;
        return { file, problem: error.message };
      }
    }),
  );
  const [first] = jobs;
  if (first?.problem !== undefined && jobs.every(({ problem }) => problem !== undefined))
    throw new InputError(`none of ${jobs.length} files is a sound scenario; the first problem:\n  ${first.problem}`, { key: 'drill' });
  return jobs;
}

function resultJson({ rows, file, problem }: ScenarioResult): readonly object[] {
  return problem === undefined ? rows.map(drillJson) : [{ file, problem }];
}

/** Runs scenario after scenario and keeps of each what is told at the end. */
class Drill {
  readonly results: ScenarioResult[] = [];
  readonly cases: { readonly result: ScenarioResult; readonly timeline: string | undefined }[] = [];
  readonly executorName: string;
  /** The two lanes of the first failure. */
  lanes: string | undefined;
  /** Where the report of a single run lies, and its hashes. */
  report: string | undefined;
  readonly #options: DrillCommandOptions;
  readonly #bars: PremiumBars | undefined;
  readonly #exchange: OpenExchange | undefined;
  readonly #unlisted = new Set<string>();
  readonly #folder: string;
  readonly #total: number;
  #done = 0;

  constructor(
    options: DrillCommandOptions,
    scenarios: readonly ResolvedScenario[],
    bars: PremiumBars | undefined,
    exchange: OpenExchange | undefined,
  ) {
    this.#options = options;
    this.#exchange = exchange;
    this.#bars = bars;
    this.#total = scenarios.reduce((sum, scenario) => sum + this.#seedsOf(scenario).length, 0);
    const choices = [...new Set(scenarios.map((scenario) => this.#choiceFor(scenario)))];
    this.executorName = choices.length === 1 ? fileName(choices[0] ?? '') : 'several';
    this.#folder = join(options.out, `drill-${this.executorName}-${this.#identity(scenarios, choices)}`);
  }

  async run({ file, scenario, problem }: Job): Promise<ScenarioResult> {
    const begun = this.#now();
    const { rows, failure } = scenario === undefined ? { rows: [], failure: undefined } : await this.#seeds(scenario);
    const result = { file, scenario: scenario?.id ?? fileName(file), rows, problem, elapsedMs: this.#now() - begun };
    this.results.push(result);
    if (failure !== undefined) this.lanes ??= `${result.scenario}, seed ${failure.seed}\n${failureLanes(failure, TERMINAL_ROWS)}`;
    const timeline = failure === undefined || this.#options.junit === undefined ? undefined : failureLanes(failure, JUNIT_ROWS);
    this.cases.push({ result, timeline });
    return result;
  }

  /** A row for each seed, and the first failure among them. */
  async #seeds(scenario: ResolvedScenario): Promise<{ readonly rows: readonly DrillRow[]; readonly failure: FailureInput | undefined }> {
    const { canary } = this.#options;
    const choice = this.#choiceFor(scenario);
    const executor = await executorNamed(choice);
    const rows: DrillRow[] = [];
    let failure: FailureInput | undefined;
    for (const seed of this.#seedsOf(scenario)) {
      this.#options.observer.progress('drills', this.#done, this.#total);
      const verdict = await drillWithControl({ scenario, executor, seed, bars: this.#bars, canary, exchange: this.#exchange });
      this.#tellUnlisted(verdict);
      const row = drillRow(verdict, executor.name, this.#replayOf(verdict, choice), this.#bars);
      if (!row.passed && failure === undefined && canary !== true) {
        failure = failureInput({ ...verdict, executor: executor.name, replay: row.replay });
        row.timeline = await this.#write(scenario.id, failure);
      }
      rows.push(row);
      this.#done += 1;
      if (this.#total === 1 && canary !== true) this.report = await writeDrillReport(verdict, executor, this.#options, this.#bars);
    }
    return { rows, failure };
  }

  /** Once for each path: what the executor asked a wire for that is not emulated. */
  #tellUnlisted({ run }: DrillVerdict): void {
    for (const path of run.unlisted) {
      if (this.#unlisted.has(path)) continue;
      this.#unlisted.add(path);
      this.#options.observer.problem(`${path} is not emulated: it was answered as the venue answers an unknown path`);
    }
  }

  /** A full disk loses the timeline and not the drill. */
  async #write(scenario: string, failure: FailureInput): Promise<string | undefined> {
    const taken = this.results.filter((result) => result.scenario === scenario).length;
    try {
      return await writeFailure(join(this.#folder, taken === 0 ? scenario : `${scenario}-${taken + 1}`), failure);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#options.observer.problem(error.message);
      return undefined;
    }
  }

  #replayOf({ scenario, seed, run }: DrillVerdict, choice: string): string {
    const { params, data, exchange } = this.#options;
    const bars = scenario.trades ? this.#bars : undefined;
    const token = runToken({
      scenario,
      seed,
      executor: choice,
      executorHash: executorHash(choice),
      tapeHash: run.tape.hash(),
      dataHash: bars?.source.hash,
      exchange,
    });
    return replayLine({ token, file: isShipped(scenario.file) ? undefined : scenario.file, params, data: bars === undefined ? undefined : data });
  }

  #now(): number {
    return this.#options.stopwatch?.() ?? 0;
  }

  #seedsOf(scenario: ResolvedScenario): readonly string[] {
    return this.#options.seed === undefined ? scenario.seeds.map(String) : [this.#options.seed];
  }

  #choiceFor(scenario: ResolvedScenario): string {
    return this.#options.executor ?? scenario.executor.preset;
  }

  /** Another executor, scenario or seed is another drill: its timelines never lie among those of this one. */
  #identity(scenarios: readonly ResolvedScenario[], choices: readonly string[]): string {
    const asked = scenarios.map((scenario) => [scenario.id, scenarioHash(scenario), this.#seedsOf(scenario)]);
    const { exchange } = this.#options;
    const through = namedExchange(exchange);
    const config = { mode: 'drill', ...through, executors: choices.map((choice) => [fileName(choice), executorHash(choice)]), scenarios: asked };
    return runId({ config, dataHash: this.#bars?.source.hash ?? '', seed: this.#options.seed ?? '', version: packageVersion() });
  }
}

/** The last part of a path, fit for the name of a folder. */
const fileName = (path: string): string =>
  path
    .replace(/^.*[/\\]/, '')
    .replace(/\.\w+$/, '')
    .replace(/[^\w.-]+/g, '-');

/** A single scenario gets a whole report, with its timeline. */
async function writeDrillReport(
  verdict: DrillVerdict,
  executor: NamedExecutor,
  options: DrillCommandOptions,
  bars: PremiumBars | undefined,
): Promise<string> {
  const { scenario, run, seed } = verdict;
  const through = namedExchange(options.exchange);
  const config = { mode: 'drill', ...through, executor: executor.name, seed, scenario: parse(scenario.text) as unknown };
  const id = runId({ config, dataHash: bars?.source.hash ?? '', seed, version: packageVersion() });
  const summary = await writeReport(join(options.out, id), {
    runId: id,
    tape: run.tape.events,
    journal: run.journal,
    config,
    card: run.card,
    data: drillData(scenario, bars),
    scenario: {
      name: scenario.id,
      verdict: verdict.notJudged !== undefined ? 'not judged' : verdict.isPassed ? 'passed' : 'failed',
      control: verdict.control,
      findings: verdict.broken.map(({ key, expected, found }) => `${key}: expected ${expected}, found ${found}`),
    },
  });
  return `report: ${summary.directory}/report.html\nhashes: tape ${summary.hashes.tape}\n        journal ${summary.hashes.journal}`;
}

function drillData(
  scenario: ResolvedScenario,
  bars: PremiumBars | undefined,
): { name: string; hash: string; synthetic: boolean; notes: readonly string[] } {
  if (scenario.trades && bars !== undefined)
    return { name: bars.source.name, hash: bars.source.hash, synthetic: bars.source.synthetic, notes: bars.source.notes };
  return {
    name: 'constant books of the scenario',
    hash: '',
    synthetic: true,
    notes: ['Mids stand still in a drill without data: what a fault costs is its own doing.'],
  };
}
