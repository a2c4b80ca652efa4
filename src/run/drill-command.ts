import { join } from 'node:path';
import { parse } from 'yaml';
import type { OracleReport, OracleVerdict } from '../drill/oracle/oracle-report.js';
import { InputError } from '../core/input-error.js';
import { formatFixed, add } from '../core/money.js';
import { loadScenario, listScenarios } from '../faults/load-scenario.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { PremiumBars } from '../market/bars.js';
import { loadBars } from '../market/load-bars.js';
import { runId } from '../report/run-id.js';
import { writeReport } from '../report/write-report.js';
import { caughtBy } from './caught-by.js';
import { drillWithControl, type DrillVerdict } from './drill.js';
import { executorNamed, type NamedExecutor } from './executors.js';
import { sampleFile, scenarioPath, scenariosDir } from './package-paths.js';
import { packageVersion } from './package-version.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';

export interface DrillCommandOptions {
  readonly files: readonly string[];
  readonly executor?: string | undefined;
  readonly seed?: string | undefined;
  /** `name=value` each. */
  readonly params: readonly string[];
  readonly data?: string | undefined;
  readonly out: string;
  readonly json: boolean;
  readonly observer: RunObserver;
}

/** `hedgedrill drill`: each scenario file with each of its seeds, beside its fault-free control. */
export async function runDrills(options: DrillCommandOptions): Promise<ExitCode> {
  const { observer } = options;
  const dir = scenariosDir();
  const params = Object.fromEntries(options.params.map(parameter));
  const files = options.files.length > 0 ? options.files.map(scenarioPath) : (await listScenarios(dir)).map(({ file }) => join(dir, file));
  // All files are read before the first one runs: a typo in the last must not come after minutes of the others.
  const scenarios = await Promise.all(files.map((file) => loadScenario(file, { scenariosDir: dir, params })));
  const bars = scenarios.some(({ trades }) => trades) ? (await loadBars({ data: options.data ?? sampleFile() })).bars : undefined;
  const verdicts: DrillVerdict[] = [];
  for (const scenario of scenarios) {
    const executor = await executorNamed(options.executor ?? scenario.executor.preset);
    const seeds = options.seed === undefined ? scenario.seeds.map(String) : [options.seed];
    for (const seed of seeds) {
      observer.progress('drills', verdicts.length, Math.max(scenarios.length, verdicts.length + 1));
      const verdict = await drillWithControl({ scenario, executor, seed, bars });
      verdicts.push(verdict);
      if (!options.json) observer.say(rowOf(verdict, scenario.seeds.length > 1));
      if (scenarios.length === 1 && seeds.length === 1) await writeDrillReport(verdict, executor, options, bars);
    }
  }
  if (options.json) observer.say(JSON.stringify(verdicts.map(jsonOf), undefined, 2));
  else observer.say(closing(verdicts));
  return verdicts.every(({ isPassed }) => isPassed) ? EXIT.ok : EXIT.promiseBroken;
}

function parameter(text: string): [string, string] {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InputError(`expected name=value, found "${text}"`, { key: '--param' });
  return [name, value];
}

function rowOf(verdict: DrillVerdict, showSeed: boolean): string {
  const { scenario, run, isPassed, control, broken } = verdict;
  const { facts } = run;
  const name = showSeed ? `${scenario.id} #${verdict.seed}` : scenario.id;
  const outcomes = [...new Set(facts.flows.map(({ outcome }) => outcome ?? 'never ended'))].join(', ');
  if (verdict.notJudged !== undefined) return `--    ${name.padEnd(44)} not judged: ${verdict.notJudged}`;
  const head = `${isPassed ? 'pass' : 'FAIL'}  ${name.padEnd(44)} ${outcomes.padEnd(22)}`;
  const figures = `delta ${formatFixed(add(facts.spot, facts.perp))} BTC  naked ${(facts.longestUnhedgedMs / 1_000).toFixed(1)} s  ${facts.orders} orders  control ${control}`;
  const why = broken.map(({ key, expected, found }) => `      ${key}: expected ${expected}, found ${found}`);
  const honest = isPassed && control === 'passed' ? [] : [`      ${whyNotCounted(verdict)}`];
  const threw = run.thrown.slice(0, 2).map((text) => `      ${text}`);
  return [`${head} ${figures}`, ...why, ...threw, ...honest].join('\n');
}

const isCatch = (verdict: DrillVerdict): boolean => caughtBy(verdict) !== undefined;

const neverFired = ({ broken }: DrillVerdict): boolean => broken.every(({ key }) => /^(faults|groups)\b/.test(key));

function whyNotCounted(verdict: DrillVerdict): string {
  const [reason] = verdict.controlBroken;
  if (verdict.isPassed) return `the control fails: ${reason?.found ?? 'it did not end'}`;
  if (sentNothing(verdict)) return 'not counted as a catch: it sends no order, with or without the faults';
  if (verdict.control === 'failed') return 'not counted as a catch: this executor fails the same run without faults, too';
  if (isCatch(verdict)) return 'caught: the same run passes without the faults';
  return neverFired(verdict)
    ? 'not counted as a catch: the faults never fired'
    : 'not counted as a catch: neither money nor the final state is wrong';
}

const sentNothing = ({ run, controlOrders }: DrillVerdict): boolean => run.facts.orders === 0 && controlOrders === 0;

function closing(verdicts: readonly DrillVerdict[]): string {
  const failed = verdicts.filter(({ isPassed }) => !isPassed);
  const skipped = verdicts.filter(({ notJudged }) => notJudged !== undefined).length;
  const hollow = verdicts.filter(({ isPassed, control, notJudged }) => isPassed && control === 'failed' && notJudged === undefined).length;
  const silent = skipped === 0 ? '' : `, ${skipped} not judged`;
  const words = `${verdicts.length - failed.length - skipped} passed${hollow === 0 ? '' : ` (${hollow} with a failed control)`}, ${failed.length} failed${silent}`;
  if (failed.length === 0) return words;
  const caught = `${words} (${failed.filter(isCatch).length} of them caught by a fault: the same run passes without)`;
  return verdicts.every(sentNothing) ? `${caught}\nthis executor never trades: it sent no order in any run, with or without faults` : caught;
}

function jsonOf({ scenario, seed, run, isPassed, control, broken, notJudged }: DrillVerdict): object {
  return {
    scenario: scenario.id,
    seed,
    // An executor that the faults cannot reach has neither passed nor failed.
    passed: notJudged === undefined ? isPassed : null,
    notJudged,
    control,
    outcomes: run.facts.flows.map(({ outcome }) => outcome ?? null),
    netDeltaBtc: formatFixed(add(run.facts.spot, run.facts.perp)),
    longestNakedMs: run.facts.longestUnhedgedMs,
    orders: run.facts.orders,
    tapeHash: run.tape.hash(),
    broken,
    oracle: oracleOf(run.oracle),
  };
}

/** Every invariant by its verdict; what was not judged says why. */
function oracleOf({ results }: OracleReport): object {
  const named = (wanted: OracleVerdict): readonly string[] => results.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
  return {
    held: named('held'),
    vacuous: named('vacuous'),
    broken: results.flatMap(({ id, name, verdict, breaks, broken }) => (verdict === 'broken' ? [{ id, name, breaks, ...broken }] : [])),
    waived: results.flatMap(({ id, verdict, why, broken }) => (verdict === 'waived' ? [{ id, why, ...broken }] : [])),
    notJudged: results.flatMap(({ id, verdict, why }) => (verdict === 'not judged' ? [{ id, why }] : [])),
  };
}

/** A single scenario gets a whole report, with its timeline. */
async function writeDrillReport(
  verdict: DrillVerdict,
  executor: NamedExecutor,
  options: DrillCommandOptions,
  bars: PremiumBars | undefined,
): Promise<void> {
  const { scenario, run, seed } = verdict;
  const config = { mode: 'drill', executor: executor.name, seed, scenario: parse(scenario.text) as unknown };
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
  if (!options.json)
    options.observer.say(`report: ${summary.directory}/report.html\nhashes: tape ${summary.hashes.tape}\n        journal ${summary.hashes.journal}`);
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
