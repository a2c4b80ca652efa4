import { expect, test } from 'vitest';
import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import { MARKS, ORACLE_MARKS, type Mark } from '../../src/journal/marks.js';
import { drill } from '../../src/run/drill.js';
import { executorNamed } from '../../src/run/executors.js';
import { scenariosDir } from '../../src/run/package-paths.js';

/** Marks of the executor that no shipped scenario and no level of the explorer passes through, each with its reason. There is none. */
const NEVER_HIT: Readonly<Partial<Record<Mark, string>>> = {};

test('every mark of the executor: is hit by a shipped scenario that asks for it, and what is asked for is hit', async () => {
  const dir = scenariosDir();
  const reference = await executorNamed('reference');
  const hit = new Set<string>();
  const asked = new Set<string>();
  for (const { file, trades } of await listScenarios(dir)) {
    if (trades) continue;
    const scenario = await loadScenario(`${dir}/${file}`, { scenariosDir: dir });
    const { facts } = await drill({ scenario, executor: reference, seed: String(scenario.seeds[0]), withFaults: true });
    const marks = facts.marks ?? [];
    for (const mark of marks) hit.add(mark);
    for (const mark of scenario.expect.sometimes) if (marks.includes(mark)) asked.add(mark);
  }
  const own = Object.keys(MARKS).filter((mark) => !ORACLE_MARKS.has(mark as Mark));
  expect(own.filter((mark) => !hit.has(mark))).toEqual(Object.keys(NEVER_HIT));
  // One that no `sometimes` asks for could fall silent without anybody noticing.
  expect(own.filter((mark) => !asked.has(mark))).toEqual([]);
  // What is hit and declared nowhere could be named by no scenario.
  expect([...hit].filter((mark) => !(mark in MARKS))).toEqual([]);
}, 120_000);
