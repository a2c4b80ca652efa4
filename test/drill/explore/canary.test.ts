import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { explore, type Exploration, type Runner } from '../../../src/drill/explore/explore.js';
import type { ExploredRun } from '../../../src/drill/explore/explored-run.js';
import type { Level } from '../../../src/drill/explore/planned-fault.js';
import { canary } from '../../../src/drill/oracle/canary.js';
import { executorNamed } from '../../../src/run/executors.js';
import { runExplore } from '../../../src/run/explore-command.js';
import { flowVariants } from '../../../src/run/explore-flows.js';
import { inlineRunner } from '../../../src/run/explore-runner.js';
import { ResumingRunner } from '../../../src/run/resuming-runner.js';

const dir = mkdtempSync(join(tmpdir(), 'hedgedrill-canary-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const flows = new Map((await flowVariants('scenarios', [])).map(({ id, scenario }) => [id, scenario]));
const inline = inlineRunner({ executor: await executorNamed('reference'), flows });

/** Levels over the first of their plans only: the canary is what is looked at. */
const few: Runner = {
  run: inline.run,
  runAll: (plans, each) =>
    inline.runAll(
      [...plans].filter((plan, index) => index < 3 || plan.canary === true),
      each,
    ),
};

const exploreWith = (runner: Runner, levels: readonly Level[]): Promise<Exploration> =>
  explore(
    {
      flows: ['enter-parallel'],
      swarmFlows: ['swarm-calm'],
      levels,
      seed: 1,
      bounds: [{ name: 'request-timeout', ms: 2_500 }],
      swarm: { from: 1, count: 2 },
      isOfFlow: () => true,
      canary: true,
    },
    runner,
    () => undefined,
  );

test('a canary in every level: each reports it, and it counts as no failure of the executor', async () => {
  const levels = ['singles', 'crash', 'boundaries', 'permanent', 'pairs', 'swarm'] as const;
  const { canaries, failing, buckets } = await exploreWith(few, levels);
  expect(Object.fromEntries(canaries)).toEqual(Object.fromEntries(levels.map((level) => [level, true])));
  expect([failing, buckets]).toEqual([0, []]);
}, 120_000);

test.each<{ readonly name: string; readonly change: (run: ExploredRun) => readonly ExploredRun[] }>([
  { name: 'filters every finding out', change: (run) => [{ ...run, broken: [] }] },
  { name: 'loses a run', change: (run) => (run.plan.canary === true ? [] : [run]) },
  { name: 'finds something else', change: (run) => [{ ...run, broken: [{ key: 'outcome', expected: 'hedged', found: 'naked' }] }] },
])('a runner that $name: swallows the canary, and the exploration says so', async ({ change }) => {
  const swallowing: Runner = { run: few.run, runAll: (plans, each) => few.runAll(plans, (run) => change(run).forEach(each)) };
  expect((await exploreWith(swallowing, ['singles'])).canaries.get('singles')).toBe(false);
});

test('runs that are taken from a file: never the canary', async () => {
  const file = join(dir, 'runs.jsonl');
  const first = new ResumingRunner(few, file);
  await exploreWith(first, ['singles']);
  first.close();
  const canaries: boolean[] = [];
  const counting: Runner = {
    run: few.run,
    runAll: (plans, each) =>
      few.runAll(
        [...plans].filter((plan) => canaries.push(plan.canary === true) > 0 && plan.canary === true),
        each,
      ),
  };
  const second = new ResumingRunner(counting, file);
  expect((await exploreWith(second, ['singles'])).canaries.get('singles')).toBe(true);
  second.close();
  expect(canaries.filter(Boolean)).toHaveLength(1);
});

const command = (problems: string[], said: string[]): Promise<number> =>
  runExplore({
    flows: ['exit'],
    levels: ['permanent'],
    executor: 'reference',
    seed: 1,
    swarm: 1,
    swarmFrom: 1,
    canary: true,
    found: join(dir, 'found'),
    out: mkdtempSync(join(dir, 'out-')),
    json: false,
    observer: {
      say: (text) => void said.push(text),
      problem: (text) => void problems.push(text),
      progress: () => undefined,
      notice: () => undefined,
    },
  });

test('hedgedrill explore --canary: exits with 0 when the canary is reported, with 1 when the oracle is deaf', async () => {
  const said: string[] = [];
  expect(await command([], said)).toBe(0);
  expect(said.join('\n')).toContain('canary: permanent reported');
  const problems: string[] = [];
  vi.spyOn(canary, 'watch').mockReturnValue({});
  expect(await command(problems, [])).toBe(1);
  vi.restoreAllMocks();
  expect(problems.join('\n')).toContain('the canary of level permanent was not reported');
}, 60_000);
