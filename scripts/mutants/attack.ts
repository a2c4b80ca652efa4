import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import { withPointsOf, type ExploredRun } from '../../src/drill/explore/explored-run.js';
import type { Plan } from '../../src/drill/explore/planned-fault.js';
import { runRandomClient } from '../../src/drill/random-client.js';
import { drill } from '../../src/run/drill.js';
import { executorNamed, type NamedExecutor } from '../../src/run/executors.js';
import { flowMap, flowVariants, isOfFlow, type FlowVariant } from '../../src/run/explore-flows.js';
import { exploreRun } from '../../src/run/explore-run.js';
import { boundaryPlans, crashPlans, gridPlans, pairPlans, permanentPlans, singlePlans, swarmPlans } from './levels.js';
import type { AttackLevel, AttackResult, Break, Kill, Target } from './verdict.js';

const SCENARIOS = fileURLToPath(new URL('../../scenarios', import.meta.url));
const CLIENT_SEEDS = 30;
const CLIENT_STEPS = 100;

const seconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Attacks the program that it is part of: level after level until a promise breaks, the time is up or nothing is left. */
export class Attack {
  readonly #executor: NamedExecutor;
  readonly #variants: readonly FlowVariant[];
  readonly #flows: ReturnType<typeof flowMap>;
  readonly #limit: number;
  readonly #levels: readonly AttackLevel[];
  readonly #startedAt = seconds();
  #runs = 0;
  #level: AttackLevel = 'clean';
  #kill: Kill | undefined;

  private constructor(executor: NamedExecutor, variants: readonly FlowVariant[], limit: number, levels: readonly AttackLevel[]) {
    this.#executor = executor;
    this.#variants = variants;
    this.#flows = flowMap(variants);
    this.#limit = limit;
    this.#levels = levels;
  }

  static async begin(limitSeconds: number, levels: readonly AttackLevel[]): Promise<Attack> {
    return new Attack(await executorNamed('reference'), await flowVariants(SCENARIOS, []), limitSeconds, levels);
  }

  async run(group: 'executor' | 'venues'): Promise<AttackResult> {
    const finished = await this.#allLevels(group);
    return {
      kill: this.#kill,
      runs: this.#runs,
      seconds: Math.round((seconds() - this.#startedAt) * 10) / 10,
      stoppedIn: finished || this.#kill !== undefined ? undefined : this.#level,
    };
  }

  /** Makes one run and tells what it broke: on the unchanged program that must be nothing. */
  async breakOf(target: Target): Promise<Break | undefined> {
    return this.#broken(target).catch(thrown);
  }

  async #broken(target: Target): Promise<Break | undefined> {
    switch (target.kind) {
      case 'plan':
        return firstOf((await this.#explored(target.plan)).broken);
      case 'scenario':
        return this.#drilled(target.file, target.seed);
      case 'client':
        return clientBreak(target.venue, target.seed);
    }
  }

  /** @returns false when the time is up or the mutant dead. */
  async #allLevels(group: 'executor' | 'venues'): Promise<boolean> {
    const flows = this.#variants.filter(({ isSwarm }) => !isSwarm).map(({ id }) => id);
    const clean = await this.#plans('clean', flows.map(cleanPlan));
    if (clean === undefined) return false;
    if (group === 'venues' && !(await this.#clients())) return false;
    const { atOrders, others } = singlePlans(clean);
    const struck = await this.#plans('singles', atOrders);
    if (struck === undefined) return false;
    if (!(await this.#scenarios())) return false;
    if ((await this.#plans('grid', gridPlans(clean))) === undefined) return false;
    if ((await this.#plans('crash', crashPlans(clean))) === undefined) return false;
    if ((await this.#plans('permanent', permanentPlans(clean))) === undefined) return false;
    if ((await this.#plans('singles', others)) === undefined) return false;
    if ((await this.#plans('boundaries', boundaryPlans(clean))) === undefined) return false;
    const swarm = this.#variants.filter(({ isSwarm }) => isSwarm).map(({ id }) => id);
    if ((await this.#plans('swarm', swarmPlans(swarm))) === undefined) return false;
    return (await this.#plans('pairs', pairPlans(struck, clean))) !== undefined;
  }

  async #plans(level: AttackLevel, plans: readonly Plan[]): Promise<readonly ExploredRun[] | undefined> {
    const runs: ExploredRun[] = [];
    if (!this.#levels.includes(level)) return runs;
    for (const plan of plans) {
      const where = `${plan.flow}: ${plan.faults.map(({ id, when }) => `${id}${when.point === undefined ? '' : ` at ${when.point}`}`).join(', ') || 'no fault'}`;
      const isAlive = await this.#try(level, { kind: 'plan', plan }, where, async () => {
        const run = await this.#explored(plan);
        runs.push(run);
        return firstOf(run.broken);
      });
      if (!isAlive) return undefined;
    }
    return runs;
  }

  async #scenarios(): Promise<boolean> {
    if (!this.#levels.includes('scenarios')) return true;
    const listed = (await listScenarios(SCENARIOS)).filter(({ trades, tags }) => !trades && !tags.includes('flow') && !tags.includes('swarm'));
    for (const { file } of listed) {
      const [seed = 1] = (await loadScenario(join(SCENARIOS, file), { scenariosDir: SCENARIOS })).seeds;
      const target: Target = { kind: 'scenario', file, seed: String(seed) };
      if (!(await this.#try('scenarios', target, `${file}, seed ${seed}`, () => this.#drilled(file, String(seed))))) return false;
    }
    return true;
  }

  async #clients(): Promise<boolean> {
    if (!this.#levels.includes('random-client')) return true;
    for (let seed = 1; seed <= CLIENT_SEEDS; seed += 1)
      for (const venue of ['upbit', 'binance'] as const)
        if (!(await this.#try('random-client', { kind: 'client', venue, seed }, `${venue}, seed ${seed}`, () => clientBreak(venue, seed))))
          return false;
    return true;
  }

  /** @returns whether the mutant is alive and there is time left. */
  async #try(level: AttackLevel, target: Target, where: string, run: () => Promise<Break | undefined>): Promise<boolean> {
    this.#level = level;
    if (seconds() - this.#startedAt > this.#limit) return false;
    this.#runs += 1;
    const broken = await run().catch(thrown);
    if (broken !== undefined) this.#kill = { level, target, where, ...broken };
    return broken === undefined;
  }

  async #explored(plan: Plan): Promise<ExploredRun> {
    const run = await exploreRun({ executor: this.#executor, flows: this.#flows }, plan);
    const scenario = this.#flows.get(plan.flow);
    return scenario === undefined ? run : withPointsOf(run, (point) => isOfFlow(scenario, point));
  }

  async #drilled(file: string, seed: string): Promise<Break | undefined> {
    const scenario = await loadScenario(join(SCENARIOS, file), { scenariosDir: SCENARIOS });
    const { findings } = await drill({ scenario, executor: this.#executor, seed, withFaults: true });
    // A fault that never fires says that the run took another way; that alone is not a wrong one.
    return firstOf(findings.filter(({ key, verdict }) => verdict === 'broken' && !/^(faults|groups)\b/.test(key)));
  }
}

const cleanPlan = (flow: string): Plan => ({ level: 'singles', flow, seed: 1, faults: [] });

const firstOf = ([first]: readonly { readonly key: string; readonly expected: string; readonly found: string }[]): Break | undefined =>
  first === undefined ? undefined : { promise: first.key, expected: first.expected, found: first.found };

/** The simulator's own books did not add up, or the code under attack broke it. */
function thrown(error: unknown): Break {
  const name = error instanceof Error ? error.name : typeof error;
  return { promise: `threw ${name}`, expected: 'the run comes to its end', found: error instanceof Error ? error.message : String(error) };
}

async function clientBreak(venue: 'upbit' | 'binance', seed: number): Promise<Break | undefined> {
  const { violations } = await runRandomClient({ venue, seed: String(seed), steps: CLIENT_STEPS, shrink: false });
  const [first] = violations;
  return first === undefined ? undefined : { promise: first.rule, expected: first.expected, found: `${first.found}, after step ${first.step}` };
}
