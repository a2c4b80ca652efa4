import { beforeAll, describe, expect, test } from 'vitest';
import { singleFaults } from '../../../src/drill/explore/fault-kinds.js';
import { LONE_KINDS } from '../../../src/drill/explore/lone-kinds.js';
import { pairsAfter } from '../../../src/drill/explore/levels/pairs.js';
import { permanentLosses } from '../../../src/drill/explore/levels/permanent.js';
import { singles } from '../../../src/drill/explore/levels/singles.js';
import { watchedMs, withPlan, type Plan } from '../../../src/drill/explore/planned-fault.js';
import { STEP_KINDS } from '../../../src/drill/explore/step-kinds.js';
import type { ExploredRun } from '../../../src/drill/explore/explored-run.js';
import type { ResolvedScenario } from '../../../src/faults/resolved-scenario.js';
import { executorNamed } from '../../../src/run/executors.js';
import { flowVariants, isOfFlow } from '../../../src/run/explore-flows.js';
import { exploreRun, type ExploreContext } from '../../../src/run/explore-run.js';

let context: ExploreContext;
const clean = (flow: string): Plan => ({ level: 'singles', flow, seed: 1, faults: [] });
const kindOf = (plan: Plan | undefined): string => plan?.faults[0]?.id.replace(/-\d+$/, '') ?? '';

beforeAll(async () => {
  const flows = new Map((await flowVariants('scenarios', [])).map(({ id, scenario }) => [id, scenario]));
  context = { executor: await executorNamed('reference'), flows };
});

async function planOf(run: ExploredRun, kind: string, at: string): Promise<Plan> {
  const plan = singles(run).find((each) => kindOf(each) === kind && each.faults[0]?.when.point?.includes(at) === true);
  expect(plan, `${kind} at ${at}`).toBeDefined();
  return Promise.resolve(plan as Plan);
}

describe('single faults at steps of the process', () => {
  test('disk: strikes every write of the flow and no other step; each exclusion says why', async () => {
    const run = await exploreRun(context, clean('enter-parallel'));
    const { singles: planned, excluded } = singleFaults(run.points);
    const writes = run.points.filter(({ id }) => id.includes('/journal.append(') && id.endsWith('.before')).map(({ id }) => id);
    for (const kind of ['disk-busy-1s', 'disk-full-20s', 'disk-stalls-60s', 'torn-write'])
      expect(planned.filter((single) => single.kind === kind).map(({ point }) => point.id)).toEqual(writes);
    const everywhere = planned.length + excluded.length;
    const calls = run.points.filter(({ kind }) => kind === 'call').length;
    const steps = run.points.filter(({ kind }) => kind === 'step').length;
    expect(everywhere).toBeGreaterThanOrEqual(calls * LONE_KINDS.length + steps * STEP_KINDS.length);
    for (const { reason } of excluded) expect(reason).toMatch(/\w+ \w+/);
  });

  test('streams: only where the flow has some, each kind at each order', async () => {
    const streams = STEP_KINDS.filter(({ name }) => name.startsWith('stream-')).map(({ name }) => name);
    const without = singleFaults((await exploreRun(context, clean('enter-parallel'))).points).singles;
    expect(without.filter(({ kind }) => streams.includes(kind))).toEqual([]);
    const run = await exploreRun(context, clean('enter-streams'));
    const planned = singleFaults(run.points).singles.filter(({ kind }) => streams.includes(kind));
    expect(planned).toHaveLength(streams.length * 2);
    for (const kind of ['stream-message-lost', 'stream-reordered', 'stream-key-expired']) {
      const struck = await exploreRun(context, await planOf(run, kind, 'binance.createOrder#1.sent'));
      expect([kind, struck.fired, struck.broken]).toEqual([kind, [`${kind}-1`], []]);
    }
  });

  test('a lease that is taken while an order is on its way: both faults of the one cause fire, and only the successor trades on', async () => {
    const run = await exploreRun(context, clean('enter-spot-first'));
    const struck = await exploreRun(context, await planOf(run, 'lease-taken', 'upbit.createOrder#1.sent'));
    expect(struck.fired).toEqual(['lease-taken-1', 'lease-taken-2']);
    expect(struck.broken).toEqual([]);
  });

  test('a freeze at the intent of the second leg: nothing is sent until it is lifted, and then the leg is brought home', async () => {
    const run = await exploreRun(context, clean('enter-spot-first'));
    const struck = await exploreRun(context, await planOf(run, 'halt-freeze', 'upbit.createOrder#1.sent'));
    expect(struck.broken).toEqual([]);
    expect(struck.outcomes).toEqual(['locked']);
  });
});

describe('single faults that last', () => {
  test('a run is watched until they have ended: a short one changes nothing', () => {
    const rule = (inject: unknown): never => [{ inject }] as never;
    const outage = (length: unknown): never => rule({ kind: 'window', action: { kind: 'outage' }, for: length });
    expect(watchedMs(outage(30_000), 60_000)).toBe(60_000);
    expect(watchedMs(outage(300_000), 60_000)).toBe(360_000);
    expect(watchedMs(outage('forever'), 60_000)).toBe(660_000);
    expect(watchedMs(rule({ kind: 'instant', action: { kind: 'disk', for: 120_000 } }), 60_000)).toBe(180_000);
  });

  test('a venue that is away for five minutes: the flow locks, the venue comes back, and the run still sees the repair', async () => {
    const run = await exploreRun(context, clean('rollback'));
    const plan = await planOf(run, 'outage-5m', 'rollback/upbit.createOrder#1');
    const struck = await exploreRun(context, plan);
    expect(struck.locked).toBe(true);
    expect(struck.virtualMs).toBeGreaterThan(360_000);
    expect(struck.broken).toEqual([]);
    expect(withPlan(context.flows.get('rollback') as ResolvedScenario, plan.faults).clock.quietPeriodMs).toBe(360_000);
  });

  test('pairs are planned behind short faults at calls only', async () => {
    const run = await exploreRun(context, clean('rollback'));
    const lone = await exploreRun(context, await planOf(run, 'ban-2m', 'rollback/upbit.createOrder#1'));
    expect(pairsAfter(lone, run)).toEqual([]);
    const short = await exploreRun(context, await planOf(run, 'ban-20s', 'rollback/upbit.createOrder#1'));
    expect(pairsAfter(short, run).length).toBeGreaterThan(0);
  });
});

test('permanent losses: venues from each call on, the disk from each write on, people from the start', async () => {
  const run = await exploreRun(context, clean('kill-switch'));
  const plans = permanentLosses(run);
  const of = (id: string): number => plans.filter(({ faults }) => faults[0]?.id === id).length;
  expect(of('lost-disk-1')).toBe(run.points.filter(({ id }) => id.includes('/journal.append(') && id.endsWith('.before')).length);
  expect(of('lost-people-1')).toBe(1);
  const silent = await exploreRun(context, plans.find(({ faults }) => faults[0]?.id === 'lost-people-1') as Plan);
  expect(silent.fired).toEqual(['lost-people-1']);
  expect(silent.broken).toEqual([]);
});

test('explore tags: a flow, a life, or the points whose names begin so', () => {
  const tagged = (...tags: string[]): ResolvedScenario => ({ tags }) as never;
  expect(isOfFlow(tagged('explore:f2'), 'e0/f2/open/upbit.createOrder#1')).toBe(true);
  expect(isOfFlow(tagged('explore:e1'), 'e0/f2/open/upbit.createOrder#1')).toBe(false);
  expect(isOfFlow(tagged('explore:e0/f1/journal'), 'e0/f1/journal.append(mark)#1.before')).toBe(true);
  expect(isOfFlow(tagged('explore:e0/f1/journal'), 'e0/f1/open/upbit.createOrder#1')).toBe(false);
  expect(isOfFlow(tagged(), 'e0/f0/precheck/upbit.fetchBalance#1')).toBe(true);
});
