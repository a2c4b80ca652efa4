import { expect, test } from 'vitest';
import type { ExploredRun } from '../../../src/drill/explore/explored-run.js';
import type { Plan, PlannedFault } from '../../../src/drill/explore/planned-fault.js';
import { shrink } from '../../../src/drill/explore/shrink.js';

const at = (id: string, point: string): PlannedFault => ({ id, when: { point }, inject: { reject: { http: 503 } } });
const plan = (faults: readonly PlannedFault[]): Plan => ({ level: 'swarm', flow: 'any', seed: 1, faults });

/** A world in which a promise breaks as soon as `needed` faults are planned, wherever they strike. */
const brokenBy =
  (needed: number) =>
  (tried: Plan): Promise<ExploredRun> =>
    Promise.resolve({
      plan: tried,
      broken: tried.faults.length >= needed ? [{ key: 'oracle.L4', verdict: 'broken', expected: '', found: '' }] : [],
      strikes: [],
    } as unknown as ExploredRun);

test('two faults at calls of the same name: widened only as far as a file can hold them side by side', async () => {
  const runPlan = brokenBy(2);
  const failing = await runPlan(
    plan([at('aa', 'e0/f0/hedge/upbit.createOrder#1'), at('bb', 'e0/f0/hedge/upbit.createOrder#2'), at('cc', 'e0/f1/hedge/upbit.createOrder#1')]),
  );
  const { run, shrunkFrom } = await shrink(failing, runPlan);
  expect(shrunkFrom).toBe(3);
  const whens = run.plan.faults.map(({ when }) => when);
  expect(whens).toHaveLength(2);
  expect(whens[0]).toEqual({ venue: 'upbit', method: 'createOrder', purpose: 'hedge' });
  expect(whens[1]).not.toEqual(whens[0]);
  expect(whens[1]).toMatchObject({ venue: 'upbit', method: 'createOrder', nth: expect.any(Number) as number });
});

test('faults that do the same to calls of one name: one fault that does it as often', async () => {
  const twice = (tried: Plan): Promise<ExploredRun> =>
    brokenBy(1)({ ...tried, faults: sumOf(tried) >= 2 ? tried.faults : [] }).then((run) => ({ ...run, plan: tried }));
  const failing = await twice(
    plan([at('aa', 'e0/f0/poll/upbit.fetchOrder#1'), at('bb', 'e0/f0/poll/upbit.fetchOrder#7'), at('cc', 'e0/f0/poll/upbit.fetchOrder#9')]),
  );
  const { run } = await shrink(failing, twice);
  expect(run.plan.faults).toEqual([
    { id: 'aa', when: { venue: 'upbit', method: 'fetchOrder', purpose: 'poll' }, inject: { reject: { http: 503 } }, limit: { times: 2 } },
  ]);
});

/** How often the faults of a plan can strike in all. */
const sumOf = ({ faults }: Plan): number => faults.reduce((sum, { limit }) => sum + (limit?.times ?? 1), 0);
