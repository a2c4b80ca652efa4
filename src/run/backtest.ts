import { join } from 'node:path';
import { parse } from 'yaml';
import { printConfig } from '../config/print-config.js';
import { assertModeIsBuilt, resolveConfig, type ConfigOverrides, type ResolvedConfig } from '../config/resolve-config.js';
import { InputError } from '../core/input-error.js';
import { DEFAULT_POLICY } from '../executor/policy.js';
import { epochMs } from '../core/units.js';
import { profileAt } from '../exchange/venue-profiles.js';
import { loadScenario } from '../faults/load-scenario.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { PremiumBars } from '../market/bars.js';
import { loadBars } from '../market/load-bars.js';
import { summarise } from '../report/build-report.js';
import { oneScreen, reportRow } from '../report/console-summary.js';
import type { ReportInput } from '../report/report-input.js';
import { runId } from '../report/run-id.js';
import type { Summary } from '../report/report-json.js';
import { writeReport } from '../report/write-report.js';
import { executorNamed } from './executors.js';
import { loadRecordings } from './load-recordings.js';
import { packageVersion } from './package-version.js';
import { sampleFile, scenarioPath, scenariosDir } from './package-paths.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';
import { passed } from './simulated-run.js';
import { strategyMaker, tradingRun, type TradingRun, type TradingRunOptions } from './trading-run.js';

export interface BacktestOptions extends ConfigOverrides {
  readonly config?: string | undefined;
  readonly cache?: string | undefined;
  readonly out: string;
  readonly json: boolean;
  readonly observer: RunObserver;
}

/** `hedgedrill backtest`: history through strategy, executor and simulated venues, and a report folder. */
export async function runBacktest(options: BacktestOptions): Promise<ExitCode> {
  const { observer } = options;
  const asked = await resolveConfig(options.config, options);
  assertModeIsBuilt(asked.mode);
  const scenario = asked.scenario === undefined ? undefined : await tradingScenario(asked.scenario);
  const loaded = await loadBars({
    ...asked.data,
    data: asked.data.file ?? sampleFile(),
    cacheDir: options.cache,
  });
  const { bars, books, notices } = await loadRecordings(asked.data, loaded.bars);
  for (const notice of [...loaded.notices, ...notices]) observer.notice(notice);
  const config = pacedMonitor(asked, bars, observer);
  const common = {
    mode: 'backtest',
    config,
    bars,
    books,
    executor: await executorNamed(config.executor),
    strategy: await strategyMaker(config, bars),
    scenario,
    seed: config.seed,
  } as const;
  const main = await tradingRun({
    ...common,
    withFaults: true,
    depthFactor: 1,
    onProgress: (done, total) => observer.progress('trading', done, total),
  });
  if (main.stopped !== undefined) observer.problem(`the run stopped early: ${main.stopped}`);
  for (const thrown of main.thrown.slice(0, 3)) observer.notice(`the executor threw: ${thrown}`);
  const input = await reportInput(main, common, observer);
  const directory = join(options.out, input.runId);
  // The result first: writing the report loads the table library, which takes a second.
  if (!options.json) observer.say(oneScreen(summarise(input)));
  const summary = await writeReport(directory, input);
  observer.say(options.json ? JSON.stringify(summary, undefined, 2) : reportRow(directory));
  return passed(main) && main.stopped === undefined ? EXIT.ok : EXIT.promiseBroken;
}

const MONITOR_MS = DEFAULT_POLICY.monitorMs;
const COARSE_BAR_MS = 5 * MONITOR_MS;

/**
 * Over coarse bars the monitor looks twelve times a bar, unless the config says how often: the data resolve nothing
 * finer, and years of looking once a minute would be minutes of computing.
 */
function pacedMonitor(config: ResolvedConfig, bars: PremiumBars, observer: RunObserver): ResolvedConfig {
  const isCoarse = bars.stepMs === 0 || bars.stepMs > COARSE_BAR_MS;
  if (!isCoarse || config.policy['monitorMs'] !== MONITOR_MS) return config;
  const monitorMs = bars.stepMs === 0 ? COARSE_BAR_MS : Math.max(MONITOR_MS, Math.round(bars.stepMs / 12));
  observer.notice(`coarse bars: the monitor looks every ${Math.round(monitorMs / 60_000)} min instead of every minute (policy.monitorMs)`);
  return { ...config, policy: { ...config.policy, monitorMs } };
}

/** @throws InputError when the scenario does not trade on data: a drill runs those. */
async function tradingScenario(given: string): Promise<ResolvedScenario> {
  const file = scenarioPath(given);
  const scenario = await loadScenario(file, { scenariosDir: scenariosDir() });
  if (!scenario.trades) {
    throw new InputError(
      'this scenario has steps of its own and cannot run over history',
      { file, key: 'flow' },
      `run it with \`hedgedrill drill ${given}\`, or give a scenario whose flow is [{do: trade}]`,
    );
  }
  return scenario;
}

type Common = Omit<TradingRunOptions, 'withFaults' | 'depthFactor' | 'onProgress'> & { readonly config: ResolvedConfig };

async function reportInput(main: TradingRun, common: Common, observer: RunObserver): Promise<ReportInput> {
  const { config, bars, scenario } = common;
  const plain: unknown = {
    ...(parse(printConfig(config)) as object),
    ...(scenario === undefined ? {} : { resolvedScenario: parse(scenario.text) as unknown }),
  };
  const identity = { config: plain, dataHash: bars.source.hash, seed: config.seed, version: packageVersion() };
  const base: ReportInput = {
    runId: runId(identity),
    tape: main.tape.events,
    journal: main.journal,
    config: plain,
    whyNoTrade: main.whyNothing,
    card: cardOf(main, bars),
    data: { name: bars.source.name, hash: bars.source.hash, synthetic: bars.source.synthetic, notes: bars.source.notes },
  };
  const control = scenario === undefined ? undefined : await tradingRun({ ...common, withFaults: false, depthFactor: 1 });
  const verdict = (run: TradingRun): 'passed' | 'failed' => (passed(run) && run.stopped === undefined ? 'passed' : 'failed');
  const judged: ReportInput =
    scenario === undefined
      ? base
      : {
          ...base,
          scenario: {
            name: scenario.id,
            verdict: verdict(main),
            control: control === undefined ? undefined : controlVerdict(control),
            findings: main.findings
              .filter(({ verdict: each }) => each === 'broken')
              .map(({ key, expected, found }) => `${key}: expected ${expected}, found ${found}`),
          },
        };
  if (!config.report.sensitivity) return judged;
  const summaryAt = async (depthFactor: number): Promise<Summary> => {
    observer.progress(`depth x ${depthFactor}`, 0, 1);
    const run = await tradingRun({ ...common, withFaults: true, depthFactor });
    return summarise({ ...base, tape: run.tape.events, journal: run.journal });
  };
  return { ...judged, sensitivity: { half: await summaryAt(0.5), double: await summaryAt(2) } };
}

/** The control has no faults, so only what does not speak of them is judged. */
function controlVerdict(control: TradingRun): 'passed' | 'failed' {
  const broken = control.findings.filter(({ key, verdict }) => verdict === 'broken' && !/^(faults|groups|sometimes|alerts)\b/.test(key));
  return broken.length === 0 && control.stopped === undefined ? 'passed' : 'failed';
}

function cardOf(run: TradingRun, bars: PremiumBars): readonly string[] {
  const at = epochMs(bars.time[0] ?? 0);
  return [
    ...run.card,
    ...profileAt('upbit', at).caveats,
    ...profileAt('binance', at).caveats,
    'Queue position is not modelled: the executor takes liquidity and never rests in the book.',
    'Nothing here met a real venue: latencies, refusals and books are models of documented and measured behaviour.',
  ];
}
