import type { Bucket } from '../drill/explore/bucket.js';
import type { Measure } from '../drill/explore/coverage.js';
import { explore as exploreFlows, type Slice } from '../drill/explore/explore.js';
import type { GridCell } from '../drill/explore/explored-run.js';
import { foundScenario } from '../drill/explore/found-scenario.js';
import { type Level, withPlan } from '../drill/explore/planned-fault.js';
import { shrink } from '../drill/explore/shrink.js';
import { drillWithControl } from '../run/drill.js';
import { levelNamed, timeBounds } from '../run/explore-command.js';
import { flowMap, flowOptions, flowVariants, plainFlow } from '../run/explore-flows.js';
import { brokenOf } from '../run/explore-run.js';
import { inlineRunner } from '../run/explore-runner.js';
import { scenariosDir } from '../run/package-paths.js';
import { codeVersion } from '../run/replay-token.js';
import { chooseExecutor, type ChosenExecutor, type ExecutorOptions } from './executor-choice.js';
import { LimitedRunner } from './limited-runner.js';
import { oneAtATime } from './one-at-a-time.js';
import { replayWords } from './replay-words.js';
import { chooseScenario, type ChosenScenario, type ScenarioChoice } from './scenario-choice.js';
import { verdictOf, type BrokenPromise, type Verdict } from './verdict.js';

export interface ExploreOptions extends ExecutorOptions {
  /** Shipped flow variants by name (`enter-parallel`, `exit`, `recovery`, ...), or scenarios of your own; by default every shipped one. */
  readonly flows?: readonly ScenarioChoice[] | undefined;
  /** By default `singles`: every call of every flow with every kind of fault that applies to it. */
  readonly levels?: readonly Level[] | undefined;
  /** Seed of the flows; runs of the swarm have seeds of their own. */
  readonly seed?: number | undefined;
  /** At most so many runs, spread over each level; `skipped` says how many were left out. */
  readonly limit?: number | undefined;
  /** Of the pairs every `of`-th, beginning with `take`. */
  readonly slice?: Slice | undefined;
  /** Runs of the level `swarm`, and its first seed. */
  readonly swarm?: { readonly from?: number | undefined; readonly count: number } | undefined;
  /** Runs that may be spent on making each bucket's example smaller; 0: leave it as it was found. */
  readonly shrinkRuns?: number | undefined;
}

/** Failures that are one bug as far as can be told from outside. */
export interface FoundBug {
  /** Promise, flow, stage and kinds of faults. */
  readonly key: string;
  /** The promise that breaks first. */
  readonly promise: string;
  readonly runs: number;
  /** How many faults the smallest example has left, of how many. */
  readonly faults: number;
  readonly shrunkFrom: number;
  /** The smallest example as a run of its own, with token and timeline. */
  readonly verdict: Verdict;
  /** The same as a scenario file: write it beside your tests, and it is a regression test. */
  readonly scenarioText: string;
}

/** What an exploration found and how far it came. Plain data but for the verdicts' runs. */
export interface Exploration {
  readonly executor: string;
  readonly flows: readonly string[];
  readonly levels: readonly Level[];
  readonly runs: number;
  /** Planned runs beyond `limit`. */
  readonly skipped: number;
  readonly distinctBehaviours: number;
  /** Runs that broke a promise. */
  readonly failing: number;
  /** Flows that fail without any fault; nothing is explored from them. */
  readonly unsound: readonly { readonly flow: string; readonly broken: readonly BrokenPromise[] }[];
  /** Most frequent first. */
  readonly buckets: readonly FoundBug[];
  /** C1 to C7, seen of possible. */
  readonly coverage: readonly Measure[];
  /** Single faults after which the flow still ended as asked, by kind of fault. */
  readonly endedAsAsked: Readonly<Record<string, { readonly hit: number; readonly of: number }>>;
  /** What the first orders of both legs came to, and how often. */
  readonly grid: readonly (GridCell & { readonly visits: number; readonly reason?: string | undefined })[];
  /** One for each bucket, in its order. */
  readonly tokens: readonly string[];
}

/** A flow to explore from, and whether it is a world of the swarm. */
interface ChosenFlow {
  readonly id: string;
  readonly chosen: ChosenScenario;
  readonly isSwarm: boolean;
}

/**
 * Runs flows again and again, each time with other faults put in at other calls, and sorts what breaks into buckets. In
 * this process and thread: for hundreds of thousands of runs there is `hedgedrill explore`.
 *
 * @returns what was found; a broken promise is a result, not an error.
 * @throws InputError for an executor, flow or level that does not exist, and while fake timers are on.
 */
export function explore(options: ExploreOptions): Promise<Exploration> {
  return oneAtATime(async () => {
    const executor = await chooseExecutor(options);
    const levels = (options.levels ?? ['singles']).map((level) => levelNamed(level, 'levels'));
    const flows = await chosenFlows(options.flows ?? []);
    const variants = flows.map(({ id, chosen, isSwarm }) => ({ id, scenario: chosen.scenario, isSwarm }));
    const runner = new LimitedRunner(inlineRunner({ executor: executor.named, flows: flowMap(variants) }), options.limit ?? Infinity);
    const startingFrom = flowOptions(variants);
    const found = await exploreFlows(
      {
        ...startingFrom,
        levels,
        seed: options.seed ?? 1,
        bounds: timeBounds(),
        swarm: { from: options.swarm?.from ?? 1, count: options.swarm?.count ?? 0 },
        slice: options.slice,
      },
      runner,
      () => undefined,
    );
    const buckets: FoundBug[] = [];
    for (const bucket of found.buckets) buckets.push(await foundBug(bucket, flows, executor, runner, options.shrinkRuns));
    return {
      executor: executor.named.name,
      flows: startingFrom.flows,
      levels,
      runs: found.coverage.runs,
      skipped: runner.skipped,
      distinctBehaviours: found.coverage.distinctBehaviours,
      failing: found.failing,
      unsound: found.unsound.map(({ plan, broken }) => ({ flow: plan.flow, broken })),
      buckets,
      coverage: found.coverage.measures(),
      endedAsAsked: Object.fromEntries(found.coverage.efficacy),
      grid: found.coverage.grid,
      tokens: buckets.map(({ verdict }) => verdict.token),
    };
  });
}

async function chosenFlows(choices: readonly ScenarioChoice[]): Promise<readonly ChosenFlow[]> {
  const isName = (choice: ScenarioChoice): choice is string => typeof choice === 'string' && !/\.ya?ml$/.test(choice);
  const own: ChosenFlow[] = [];
  for (const choice of choices) {
    if (isName(choice)) continue;
    const chosen = await chooseScenario(choice);
    own.push({ id: chosen.scenario.id, chosen, isSwarm: chosen.scenario.tags.includes('swarm') });
  }
  const names = choices.filter(isName);
  if (names.length === 0 && own.length > 0) return own;
  const shipped = await flowVariants(scenariosDir(), names);
  return [...shipped.map(({ id, scenario, isSwarm }): ChosenFlow => ({ id, chosen: { scenario, origin: 'shipped' }, isSwarm })), ...own];
}

/** A bucket with its example made as small as it gets, and that example run once more for its verdict. */
async function foundBug(
  bucket: Bucket,
  flows: readonly ChosenFlow[],
  executor: ChosenExecutor,
  runner: LimitedRunner,
  shrinkRuns: number | undefined,
): Promise<FoundBug> {
  const { run, shrunkFrom } = await shrink(bucket.example, (plan) => runner.run(plan), shrinkRuns);
  const { plan } = run;
  const flow = flows.find(({ id }) => id === plan.flow);
  if (flow === undefined) throw new Error(`no flow variant ${plan.flow}`);
  const { chosen } = flow;
  const drilled = await drillWithControl({
    scenario: withPlan(chosen.scenario, plan.faults),
    executor: executor.named,
    seed: String(plan.seed),
    shuffled: plan.shuffled,
  });
  const words = replayWords({ chosen, executor, seed: String(plan.seed), tapeHash: drilled.run.tape.hash(), plan });
  const broken = brokenOf(drilled.run.findings, plan);
  return {
    key: bucket.key,
    promise: bucket.promise,
    runs: bucket.runs,
    faults: plan.faults.length,
    shrunkFrom,
    verdict: verdictOf({ drilled, executor: executor.named.name, words, broken }),
    scenarioText: foundScenario(run, plainFlow(chosen.scenario), { commit: codeVersion(), shrunkFrom }),
  };
}
