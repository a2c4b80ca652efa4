import { abs, add, formatFixed } from '../core/money.js';
import type { RandomStreams } from '../core/random.js';
import type { Finding } from '../faults/expectation.js';
import type { ProcessStep } from '../faults/fault-session.js';
import type { Need, ResolvedScenario } from '../faults/resolved-scenario.js';
import { createStaticMarket } from '../market/liquidity/static-market.js';
import type { MarketView } from '../market/market-view.js';
import type { PremiumBars } from '../market/bars.js';
import { resolveConfigText } from '../config/resolve-config.js';
import type { OpenExchange } from './exchange-choice.js';
import type { NamedExecutor } from './executors.js';
import { CANARY_KEY } from '../drill/oracle/canary.js';
import { LOT } from '../drill/oracle/oracle-context.js';
import { passed, simulatedRun, type SimulatedRun } from './simulated-run.js';
import { strategyMaker, tradingRun } from './trading-run.js';

export interface DrillOptions {
  readonly scenario: ResolvedScenario;
  readonly executor: NamedExecutor;
  readonly seed: string;
  readonly withFaults: boolean;
  /** For scenarios whose flow is `trade`. */
  readonly bars?: PremiumBars | undefined;
  readonly mode?: 'drill' | 'duel';
  readonly shuffled?: boolean | undefined;
  readonly onStep?: ((step: ProcessStep) => void) | undefined;
  /** Makes the executor's clients; the object-level ones when absent. */
  readonly exchange?: OpenExchange | undefined;
  /** Plants an oracle that always breaks. */
  readonly canary?: boolean | undefined;
}

/**
 * One scenario, one seed, one executor. What the scenario needs and the executor does not declare makes its findings read
 * `not judged`, here, so that the command line, the tests' verdict and a replay say the same. A planted
 * oracle is broken all the same.
 */
export async function drill(options: DrillOptions): Promise<SimulatedRun> {
  const run = await ran(options);
  const lacking = lackingOf(options.scenario, run);
  if (lacking.length === 0) return run;
  const needs: Finding = { key: 'needs', verdict: 'not judged', expected: lacking.join(' and '), found: 'this executor declares no journal' };
  const findings = run.findings.map((each): Finding =>
    each.verdict === 'broken' && each.key !== CANARY_KEY ? { ...each, verdict: 'not judged' } : each,
  );
  return { ...run, findings: [needs, ...findings] };
}

async function ran(options: DrillOptions): Promise<SimulatedRun> {
  const { scenario, executor, seed, withFaults, bars } = options;
  if (scenario.trades) {
    if (bars === undefined) throw new Error('a scenario that trades needs bars');
    const config = resolveConfigText('', 'hedge.yaml', { seed, executor: executor.name === 'reference' ? 'reference' : undefined });
    return tradingRun({
      mode: 'drill',
      config,
      bars,
      executor,
      strategy: await strategyMaker(config, bars),
      scenario,
      seed,
      withFaults,
      depthFactor: 1,
      exchange: options.exchange,
      canary: options.canary,
    });
  }
  return simulatedRun({
    mode: options.mode ?? 'drill',
    seed,
    executor,
    policy: scenario.executor.policy,
    world: scenario.world,
    market: (seeds: RandomStreams): MarketView => createStaticMarket(scenario.world, seeds),
    scenario,
    withFaults,
    start: scenario.clock.start,
    maxVirtualMs: scenario.clock.maxVirtualMs,
    onStep: options.onStep,
    shuffled: options.shuffled,
    exchange: options.exchange,
    canary: options.canary,
  });
}

/** The capability by which an executor declares what a scenario needs: its steps are seen through its journal. */
const CAPABILITY_OF: Readonly<Record<Need, string>> = { journal: 'journal', step: 'journal' };

const lackingOf = ({ needs }: ResolvedScenario, { capabilities }: SimulatedRun): readonly Need[] =>
  needs.filter((need) => !capabilities.includes(CAPABILITY_OF[need]));

/** What a drill of one scenario and seed says about an executor. */
export interface DrillVerdict {
  readonly scenario: ResolvedScenario;
  readonly seed: string;
  readonly run: SimulatedRun;
  readonly isPassed: boolean;
  /** The same executor and seed with the faults removed; a scenario that fails counts only when this passes. */
  readonly control: 'passed' | 'failed';
  readonly broken: readonly Finding[];
  readonly controlBroken: readonly Finding[];
  readonly controlOrders: number;
  /** Why it says nothing about this executor: what the scenario needs and the executor does not declare. */
  readonly notJudged: string | undefined;
}

export async function drillWithControl(options: Omit<DrillOptions, 'withFaults'>): Promise<DrillVerdict> {
  const run = await drill({ ...options, withFaults: true });
  const lacking = lackingOf(options.scenario, run);
  const notJudged = lacking.length === 0 ? undefined : `needs ${lacking.join(' and ')}`;
  const control = await drill({ ...options, withFaults: false, canary: false });
  const controlBroken = controlFindings(options.scenario, control);
  return {
    scenario: options.scenario,
    seed: options.seed,
    run,
    isPassed: passed(run),
    notJudged,
    control: controlBroken.length === 0 ? 'passed' : 'failed',
    broken: run.findings.filter(({ verdict }) => verdict === 'broken'),
    controlBroken,
    controlOrders: control.facts.orders,
  };
}

/**
 * What a run without faults broke. It must end hedged or flat, whatever the scenario allows under faults, and what
 * `expect` says about the faults' effects does not apply.
 */
function controlFindings(scenario: ResolvedScenario, control: SimulatedRun): readonly Finding[] {
  // A step that says how its flow may end (behind a kill switch, say) means it without faults as well, and an entry that
  // sends nothing is harmless where the scenario's own world is bad enough to allow it.
  const { expect } = scenario;
  const isAllowed = (outcome: string | undefined, ends: readonly string[] = []): boolean =>
    outcome === 'hedged' ||
    outcome === 'flat' ||
    ends.some((end) => end === outcome) ||
    (outcome === 'aborted' && expect.outcome.includes('aborted'));
  const wrong = control.facts.flows.filter(({ outcome, ends }) => !isAllowed(outcome, ends));
  const residual = add(control.facts.spot, control.facts.perp);
  const [first] = wrong;
  const flows: Finding[] =
    first === undefined
      ? []
      : [
          {
            key: 'outcome',
            verdict: 'broken',
            expected: 'hedged or flat without faults',
            found: `flow ${first.flow} (${first.kind}): ${first.outcome ?? 'never ended'}`,
          },
        ];
  const naked: Finding[] =
    abs(residual) < LOT || wrong.length > 0
      ? []
      : [{ key: 'final.netDelta', verdict: 'broken', expected: 'less than one lot', found: `${formatFixed(residual)} BTC` }];
  return [...flows, ...naked, ...control.findings.filter(({ key }) => key === 'run')];
}
