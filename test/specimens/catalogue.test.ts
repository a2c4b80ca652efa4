import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { loadScenario } from '../../src/faults/load-scenario.js';
import { caughtBy } from '../../src/run/caught-by.js';
import { drillWithControl, type DrillVerdict } from '../../src/run/drill.js';
import { runDrills } from '../../src/run/drill-command.js';
import { executorNamed } from '../../src/run/executors.js';
import { scenarioPath, scenariosDir } from '../../src/run/package-paths.js';
import { SPECIMENS } from '../../src/specimens/catalogue.js';

/** These fail without faults already, so that no fault can be said to catch them. */
const UNSOUND = new Set(['letter', 'null']);
const scenarios = [...new Set(SPECIMENS.map(({ card }) => card.scenario))];

async function verdictOf(executor: string, name: string): Promise<DrillVerdict> {
  const scenario = await loadScenario(scenarioPath(name), { scenariosDir: scenariosDir() });
  return drillWithControl({ scenario, executor: await executorNamed(executor), seed: String(scenario.seeds[0]) });
}

describe('the small executor, sound', () => {
  // Whatever catches a defect must spare the executor that the defect was made from, or the catch proves nothing about it.
  test.each(scenarios)('%s: passes, as does its control', async (scenario) => {
    const { broken, controlBroken } = await verdictOf('small', scenario);
    expect(broken).toEqual([]);
    expect(controlBroken).toEqual([]);
  });
});

describe('specimens', () => {
  test('have names of their own', () => {
    const ids = SPECIMENS.map(({ card }) => card.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has an executor for every seeded bug of the fault study', () => {
    const numbers = [1, 2, 3, 4, 5, 7, 8, 11, 13, 15, 16, 18, 19, 20, 22, 24, 25, 26, 27, 28, 29, 31, 32, 33, 34, 35, 37, 39, 40, 44, 47];
    const ids = new Set(SPECIMENS.map(({ card }) => card.id));
    expect(numbers.map((number) => `bug-b${String(number).padStart(2, '0')}`).filter((id) => !ids.has(id))).toEqual([]);
  });

  test.each(SPECIMENS.filter(({ card }) => !UNSOUND.has(card.id)).map(({ card }) => card))(
    '$id in $scenario: caught by money or the final state, and right without the faults',
    async ({ id, scenario }) => {
      const verdict = await verdictOf(id, scenario);
      expect(verdict.controlBroken).toEqual([]);
      expect(caughtBy(verdict)).toBeDefined();
    },
    60_000,
  );

  test('null: fails with and without the faults, for want of a hedge, and is not called a catch', async () => {
    const verdict = await verdictOf('null', 'duel-lost-reply');
    expect(verdict.isPassed).toBe(false);
    expect(verdict.controlBroken.map(({ key, found }) => `${key}: ${found}`)).toEqual(['outcome: flow 1 (enter): aborted']);
    expect(verdict.controlOrders).toBe(0);
    expect(caughtBy(verdict)).toBeUndefined();
  });

  test('panic: its only fault is to give up, both legs are off in the end', async () => {
    const { run } = await verdictOf('panic', 'bugs/one-overload');
    expect(run.facts.flows.map(({ outcome }) => outcome)).toEqual(['locked']);
    expect([run.facts.spot, run.facts.perp, run.facts.openOrders]).toEqual([0n, 0n, 0]);
  });
});

test('drills of the null executor: say that it never trades', async () => {
  const lines: string[] = [];
  const nothing = (): void => undefined;
  const observer = { say: (text: string) => void lines.push(text), progress: nothing, notice: nothing, problem: nothing };
  const files = ['duel-lost-reply', 'case-a-spot-filled-perp-refused'];
  const out = mkdtempSync(join(tmpdir(), 'hedgedrill-null-'));
  const exit = await runDrills({ files, executor: 'null', params: [], out, json: false, observer });
  rmSync(out, { recursive: true });
  expect(exit).toBe(1);
  const rows = lines.filter((text) => text.startsWith('FAIL'));
  expect(rows).toHaveLength(2);
  expect(rows.every((text) => text.includes('it sends no order, with or without the faults'))).toBe(true);
  expect(lines.at(-1)).toMatch(/2 failed \(0 of them caught.*\nthis executor never trades: it sent no order in any run/);
});

test.each(['bug-b0l', 'nul'])('an executor called %s: is refused, with the name that was meant', async (name) => {
  await expect(executorNamed(name)).rejects.toThrow(/did you mean "(bug-b01|null)"/);
});
