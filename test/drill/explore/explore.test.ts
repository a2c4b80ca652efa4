import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bucketKey } from '../../../src/drill/explore/bucket.js';
import { explore, type ExploreOptions } from '../../../src/drill/explore/explore.js';
import type { ExploredRun } from '../../../src/drill/explore/explored-run.js';
import { foundScenario } from '../../../src/drill/explore/found-scenario.js';
import { pairsAfter } from '../../../src/drill/explore/levels/pairs.js';
import { swarmPlan } from '../../../src/drill/explore/levels/swarm.js';
import { singles } from '../../../src/drill/explore/levels/singles.js';
import { planId, type Plan } from '../../../src/drill/explore/planned-fault.js';
import { shrink } from '../../../src/drill/explore/shrink.js';
import { loadScenario } from '../../../src/faults/load-scenario.js';
import type { ResolvedScenario } from '../../../src/faults/resolved-scenario.js';
import { drill } from '../../../src/run/drill.js';
import { executorNamed } from '../../../src/run/executors.js';
import { flowVariants, isOfFlow, plainFlow } from '../../../src/run/explore-flows.js';
import { exploreRun, type ExploreContext } from '../../../src/run/explore-run.js';
import { inlineRunner } from '../../../src/run/explore-runner.js';
import { ResumingRunner } from '../../../src/run/resuming-runner.js';

let flows: ReadonlyMap<string, ResolvedScenario>;
const dir = mkdtempSync(join(tmpdir(), 'hedgedrill-explore-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

beforeAll(async () => {
  flows = new Map((await flowVariants('scenarios', [])).map(({ id, scenario }) => [id, scenario]));
});

const contextOf = async (executor: string): Promise<ExploreContext> => ({ executor: await executorNamed(executor), flows });

const optionsOf = (names: readonly string[], levels: ExploreOptions['levels']): ExploreOptions => ({
  flows: names,
  swarmFlows: ['swarm-calm'],
  levels,
  seed: 1,
  bounds: [{ name: 'request-timeout', ms: 2_500 }],
  swarm: { from: 1, count: 3 },
  isOfFlow: (flow, point) => isOfFlow(flows.get(flow) as ResolvedScenario, point),
});

const quiet = (): void => undefined;
const clean = (flow: string): Plan => ({ level: 'singles', flow, seed: 1, faults: [] });

describe('coverage gate', () => {
  test('the grid of two flows: no cell of entry and rollback is left, and without an exit its cells are gaps', async () => {
    const runner = inlineRunner(await contextOf('reference'));
    const result = await explore(optionsOf(['enter-parallel', 'rollback'], ['grid']), runner, quiet);
    expect(result.failing).toBe(0);
    const gaps = result.coverage.gaps(['grid']);
    expect(gaps.filter((gap) => /^grid: (entry|rollback)/.test(gap))).toEqual([]);
    expect(gaps.filter((gap) => gap.startsWith('grid: exit'))).toHaveLength(16);
    expect(result.coverage.gaps(['singles'])).toEqual([]);
  }, 240_000);
});

describe('reference executor', () => {
  test('every single fault and every crash of a spot-first entry: nothing is broken, and every one of them fired', async () => {
    const runner = inlineRunner(await contextOf('reference'));
    const result = await explore({ ...optionsOf(['enter-spot-first'], ['singles', 'crash']), secondCrashSlice: { take: 0, of: 40 } }, runner, quiet);
    expect(result.buckets).toEqual([]);
    expect(result.unsound).toEqual([]);
    const measures = new Map(result.coverage.measures().map((measure) => [measure.id, measure]));
    expect(measures.get('C1')).toMatchObject({ missing: [] });
    expect(measures.get('C1')?.seen).toBe(measures.get('C1')?.of);
    expect(measures.get('C3')?.seen).toBe(measures.get('C3')?.of);
    expect(measures.get('C1')?.seen).toBeGreaterThan(150);
    // Giving up is safe, but a fault that passes should not cost the trade.
    const passing = ['reply-lost', 'reply-reset', 'reply-4s-late', '503-processed', '429', 'not-found-3s'];
    for (const kind of passing) {
      const { hit, of } = result.coverage.efficacy.get(kind) ?? { hit: 0, of: 0 };
      expect([kind, hit, of > 0]).toEqual([kind, of, true]);
    }
  }, 120_000);

  test('permanent losses of an exit: locked with its alarm or done, never a broken promise', async () => {
    const runner = inlineRunner(await contextOf('reference'));
    const result = await explore(optionsOf(['exit'], ['permanent']), runner, quiet);
    expect(result.buckets.map(({ key }) => key)).toEqual([]);
    expect(result.coverage.runs).toBeGreaterThanOrEqual(10);
  }, 120_000);

  test('one plan: two runs write the same tape', async () => {
    const context = await contextOf('reference');
    const base = await exploreRun(context, clean('enter-parallel'));
    const plan = singles(base)[57];
    expect(plan).toBeDefined();
    const [first, second] = [await exploreRun(context, plan as Plan), await exploreRun(context, plan as Plan)];
    expect(second).toEqual(first);
    expect(first.tapeHash).not.toBe(base.tapeHash);
  });

  test('pairs: their second call lies behind the first in the faulted run, and new calls come first', async () => {
    const context = await contextOf('reference');
    const base = await exploreRun(context, clean('enter-spot-first'));
    const plan = singles(base).find(({ faults }) => faults[0]?.id === 'reply-lost-1' && faults[0].when.point?.includes('/hedge/') === true) as Plan;
    const single = await exploreRun(context, plan);
    const pairs = pairsAfter(single, base);
    const struck = single.points.findIndex(({ id }) => id === plan.faults[0]?.when.point);
    for (const { faults } of pairs) {
      expect(faults).toHaveLength(2);
      expect(single.points.findIndex(({ id }) => id === faults[1]?.when.point)).toBeGreaterThan(struck);
    }
    const known = new Set(base.points.map(({ id }) => id));
    expect(known.has(pairs[0]?.faults[1]?.when.point ?? '')).toBe(false);
  });
});

describe('naive executor', () => {
  test('a lost reply among three faults: shrinks to that one, in words, and the file it is written to fails alike', async () => {
    const context = await contextOf('naive');
    const plan: Plan = {
      level: 'swarm',
      flow: 'enter-parallel',
      seed: 1,
      faults: [
        {
          id: 'request-4s-late-1',
          when: { venue: 'upbit', method: 'fetchBalance' },
          inject: { delay: { part: 'request', by: '4s' } },
          required: false,
        },
        { id: 'reply-lost-2', when: { point: 'e0/f1/open/binance.createOrder#1' }, inject: { lose: { part: 'response' } } },
        { id: '503-unprocessed-3', when: { venue: 'upbit', method: 'fetchBalance', nth: 2 }, inject: { reject: { http: 503 } }, required: false },
      ],
    };
    const failing = await exploreRun(context, plan);
    expect(failing.broken.map(({ key }) => key)).toContain('outcome');
    const { run, tries } = await shrink(failing, (smaller) => exploreRun(context, smaller));
    expect(tries).toBeLessThan(50);
    expect(run.plan.faults).toEqual([
      { id: 'reply-lost-2', when: { venue: 'binance', method: 'createOrder', purpose: 'open' }, inject: { lose: { part: 'response' } } },
    ]);
    const file = join(dir, 'found.yaml');
    writeFileSync(file, foundScenario(run, plainFlow(flows.get('enter-parallel') as ResolvedScenario), { commit: 'abc', shrunkFrom: 3 }));
    const scenario = await loadScenario(file, { scenariosDir: 'scenarios' });
    const again = await drill({ scenario, executor: context.executor, seed: '1', withFaults: true });
    expect(again.findings.find(({ verdict }) => verdict === 'broken')?.key).toBe(run.broken[0]?.key);
  }, 60_000);

  test('failures of random plans with several faults: each shrinks to at most three at exact or readable places, and replays alike', async () => {
    const context = await contextOf('naive');
    const failing: ExploredRun[] = [];
    for (let seed = 1; failing.length < 6 && seed < 200; seed += 1) {
      const run = await exploreRun(context, swarmPlan(['enter-parallel', 'enter-spot-first', 'exit'], seed));
      if (run.broken.length === 0 || run.plan.faults.length < 2) continue;
      // What this executor breaks in that world by itself is no failure of a plan.
      if ((await exploreRun(context, { ...run.plan, faults: [] })).broken.length === 0) failing.push(run);
    }
    expect(failing).toHaveLength(6);
    for (const whole of failing) {
      const { run, tries } = await shrink(whole, (smaller) => exploreRun(context, smaller));
      expect(run.plan.faults.length, JSON.stringify(run.plan.faults)).toBeLessThanOrEqual(3);
      expect(tries).toBeLessThanOrEqual(300);
      expect(run.broken[0]?.key).toBe(whole.broken[0]?.key);
      for (const { when } of run.plan.faults) expect(when.probability).toBeUndefined();
      expect((await exploreRun(context, run.plan)).tapeHash).toBe(run.tapeHash);
    }
  }, 120_000);

  test('explored twice, once with every run taken from the file of the first: the same buckets, and nothing is run again', async () => {
    const context = await contextOf('naive');
    const options = optionsOf(['enter-perp-first'], ['singles']);
    const file = join(dir, 'runs.jsonl');
    const first = new ResumingRunner(inlineRunner(context), file);
    const result = await explore(options, first, quiet);
    first.close();
    expect(result.failing).toBeGreaterThan(0);
    const refusing = {
      run: (plan: Plan): Promise<ExploredRun> => (plan.faults.length === 0 ? exploreRun(context, plan) : Promise.reject(new Error('run again'))),
      runAll: async (plans: Iterable<Plan>): Promise<void> => expect([...plans]).toEqual([]),
    };
    const resumed = new ResumingRunner(refusing, file);
    const again = await explore(options, resumed, quiet);
    resumed.close();
    expect(again.buckets).toEqual(result.buckets);
    expect(again.coverage.measures()).toEqual(result.coverage.measures());
  }, 60_000);
});

test('bucket and id of a run: tell what broke, where and by what; another seed is another plan', () => {
  const plan: Plan = {
    level: 'singles',
    flow: 'exit',
    seed: 1,
    faults: [{ id: 'reply-lost-1', when: { point: 'e0/f2/close/binance.createOrder#1' }, inject: { lose: { part: 'response' } } }],
  };
  const run = { plan, id: planId(plan), broken: [{ key: 'oracle.I2', expected: 'once', found: 'twice' }] } as unknown as ExploredRun;
  expect(bucketKey(run)).toBe('oracle.I2 | exit | f2/close | reply-lost');
  expect(planId({ ...plan, seed: 2 })).not.toBe(planId(plan));
  expect(planId({ ...plan, level: 'pairs' })).toBe(planId(plan));
});
