import { CANARY_KEY } from '../oracle/canary.js';
import { bucketsOf, type Bucket } from './bucket.js';
import { Coverage } from './coverage.js';
import { isBroken, withPointsOf, type ExploredRun } from './explored-run.js';
import { boundaries, type TimeBound } from './levels/boundaries.js';
import { crashes, crashesAgain, recoverySignature } from './levels/crash.js';
import { gridPairs } from './levels/grid-pairs.js';
import { machineCellPlans } from './levels/machine-cells.js';
import { pairsAfter } from './levels/pairs.js';
import { permanentLosses } from './levels/permanent.js';
import { callsOf, singles } from './levels/singles.js';
import { swarmPlan } from './levels/swarm.js';
import { planId, type Level, type Plan } from './planned-fault.js';
import type { RunPlan } from './shrink.js';

/** Which part of a level's plans is run: every `of`-th, beginning with `take`. */
export interface Slice {
  readonly take: number;
  readonly of: number;
}

export interface ExploreOptions {
  /** Ids of the flow variants; `swarmFlows` are the worlds of the swarm. */
  readonly flows: readonly string[];
  readonly swarmFlows: readonly string[];
  readonly levels: readonly Level[];
  readonly seed: number;
  readonly bounds: readonly TimeBound[];
  /** Runs of the swarm, and the seed it begins with. */
  readonly swarm: { readonly from: number; readonly count: number };
  /** Of the pairs only a part, when the whole takes too long. */
  readonly slice?: Slice | undefined;
  /** The same for second crashes. */
  readonly secondCrashSlice?: Slice | undefined;
  /** Plants, in each level, one run whose oracle always breaks: a level that does not report it has no working oracle. */
  readonly canary?: boolean | undefined;
  /** Points of a flow variant that count; the others belong to the way there. */
  readonly isOfFlow: (flow: string, point: string) => boolean;
}

/** Carries out plans, several at once where it can; results may come in any order. */
export interface Runner {
  runAll(plans: Iterable<Plan>, each: (run: ExploredRun) => void): Promise<void>;
  run: RunPlan;
}

export interface Exploration {
  readonly coverage: Coverage;
  readonly buckets: readonly Bucket[];
  readonly failing: number;
  /** Flow variants that fail without any planned fault, and how; nothing is explored from them. */
  readonly unsound: readonly ExploredRun[];
  /** By level that had a canary: whether it came back as a broken promise. Empty when none was planted. */
  readonly canaries: ReadonlyMap<Level, boolean>;
}

/** How far an exploration is, for whoever draws it. */
export type Progress = (level: Level, done: number, total: number, failing: number) => void;

/**
 * Runs every plan of the chosen levels over every flow variant. Levels that build on the traces of others (second
 * crashes, pairs) plan as those come in. The outcome does not depend on the order in which runs finish.
 */
export async function explore(options: ExploreOptions, runner: Runner, progress: Progress): Promise<Exploration> {
  const exploration = new Explorer(options, runner, progress);
  return exploration.explore();
}

class Explorer {
  readonly #options: ExploreOptions;
  readonly #runner: Runner;
  readonly #progress: Progress;
  readonly #coverage = new Coverage();
  readonly #failing: ExploredRun[] = [];
  readonly #canaries = new Map<Level, boolean>();

  constructor(options: ExploreOptions, runner: Runner, progress: Progress) {
    this.#options = options;
    this.#runner = runner;
    this.#progress = progress;
  }

  async explore(): Promise<Exploration> {
    const { flows, levels, swarmFlows, swarm } = this.#options;
    const clean: ExploredRun[] = [];
    for (const flow of flows) clean.push(this.#limited(await this.#runner.run({ level: 'singles', flow, seed: this.#options.seed, faults: [] })));
    const unsound = clean.filter(isBroken);
    const sound = clean.filter((run) => !isBroken(run));
    for (const run of sound) this.#coverage.base(run);
    const needSingles = (['singles', 'grid', 'pairs'] as const).some((level) => levels.includes(level));
    const struck = needSingles ? await this.#level('singles', sound.flatMap(singles)) : [];
    if (levels.includes('crash')) await this.#crashLevel(sound);
    if (levels.includes('boundaries'))
      await this.#level(
        'boundaries',
        sound.flatMap((run) => boundaries(run, this.#options.bounds)),
      );
    if (levels.includes('permanent')) await this.#level('permanent', sound.flatMap(permanentLosses));
    if (levels.includes('grid')) await this.#gridLevel(sound, struck);
    if (levels.includes('pairs')) await this.#pairLevel(sound, struck);
    if (levels.includes('swarm') && swarmFlows.length > 0) {
      const plans = Array.from({ length: swarm.count }, (_, index) => swarmPlan(swarmFlows, swarm.from + index));
      await this.#level('swarm', plans, false);
    }
    return { coverage: this.#coverage, buckets: bucketsOf(this.#failing), failing: this.#failing.length, unsound, canaries: this.#canaries };
  }

  /** A second crash inside each recovery that differs from those seen; equal recoveries would be crashed in the same places. */
  async #crashLevel(clean: readonly ExploredRun[]): Promise<void> {
    const first = await this.#level('crash', clean.flatMap(crashes));
    const recoveries = new Map<string, ExploredRun>();
    for (const run of first) {
      const signature = `${run.plan.flow}\n${recoverySignature(run)}`;
      if (!recoveries.has(signature)) recoveries.set(signature, run);
    }
    const again = [...recoveries.values()].flatMap(crashesAgain);
    this.#coverage.plannedAgain(again.length);
    await this.#level('crash', sliced(again, this.#options.secondCrashSlice), false);
  }

  async #gridLevel(clean: readonly ExploredRun[], singleRuns: readonly ExploredRun[]): Promise<void> {
    const grid = await this.#level('grid', clean.flatMap(gridPairs));
    const runs = [...clean, ...singleRuns, ...grid];
    // These faults name a purpose and no point: where no order of a flow counts they would only strike the way there.
    const ordering = clean.filter((base) => callsOf(base).some(({ method }) => method === 'createOrder'));
    const plans = ordering.flatMap((base) => machineCellPlans(runs.filter(({ plan }) => plan.flow === base.plan.flow)));
    await this.#level('grid', plans, false);
  }

  async #pairLevel(clean: readonly ExploredRun[], singleRuns: readonly ExploredRun[]): Promise<void> {
    const byFlow = new Map(clean.map((run) => [run.plan.flow, run]));
    const plans = singleRuns.flatMap((run) => {
      const base = byFlow.get(run.plan.flow);
      return base === undefined ? [] : pairsAfter(run, base);
    });
    this.#coverage.plannedPairs(plans.length);
    await this.#level('pairs', sliced(plans, this.#options.slice), false);
  }

  /** @param keep - whether the runs are wanted; hundreds of thousands of pairs are not. */
  async #level(level: Level, plans: readonly Plan[], keep = true): Promise<readonly ExploredRun[]> {
    const runs: ExploredRun[] = [];
    let done = 0;
    await this.#runner.runAll(this.#withCanary(level, plans), (found) => {
      if (found.plan.canary === true) {
        this.#canaries.set(level, bucketsOf([found]).length > 0 && found.broken.some(({ key }) => key === CANARY_KEY));
        return;
      }
      const run = this.#limited(found);
      done += 1;
      this.#coverage.add(run);
      if (isBroken(run)) this.#failing.push(run);
      if (keep) runs.push(run);
      this.#progress(level, done, plans.length, this.#failing.length);
    });
    // Workers finish in any order; what is planned and reported from here on must not depend on it.
    this.#failing.sort((a, b) => (a.id < b.id ? -1 : 1));
    if (!keep) return [];
    const place = new Map(plans.map((plan, index) => [planId(plan), index]));
    return runs.sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
  }

  /** In the middle of the plans, where a thread that died or a filter that swallows everything would lose it. */
  #withCanary(level: Level, plans: readonly Plan[]): readonly Plan[] {
    const middle = plans.length >> 1;
    const plan = plans[middle];
    if (this.#options.canary !== true || plan === undefined) return plans;
    // Swallowed until it comes back: a run that is lost says nothing.
    if (!this.#canaries.has(level)) this.#canaries.set(level, false);
    return [...plans.slice(0, middle), { ...plan, canary: true }, ...plans.slice(middle)];
  }

  #limited(run: ExploredRun): ExploredRun {
    return withPointsOf(run, (point) => this.#options.isOfFlow(run.plan.flow, point));
  }
}

const sliced = (plans: readonly Plan[], slice: Slice | undefined): readonly Plan[] =>
  slice === undefined ? plans : plans.filter((_, index) => index % slice.of === slice.take % slice.of);
