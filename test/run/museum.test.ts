import { beforeAll, describe, expect, test } from 'vitest';

import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import { caughtBy } from '../../src/run/caught-by.js';
import { drillWithControl, type DrillVerdict } from '../../src/run/drill.js';
import { executorNamed, type NamedExecutor } from '../../src/run/executors.js';
import { scenariosDir } from '../../src/run/package-paths.js';

const dir = `${scenariosDir()}/museum`;
const incidents = await listScenarios(dir);

let naive: NamedExecutor;
let reference: NamedExecutor;
beforeAll(async () => {
  naive = await executorNamed('naive');
  reference = await executorNamed('reference');
});

async function verdictOf(file: string, executor: NamedExecutor): Promise<DrillVerdict> {
  const scenario = await loadScenario(`${dir}/${file}`, { scenariosDir: scenariosDir() });
  return drillWithControl({ scenario, executor, seed: String(scenario.seeds[0]) });
}

describe('the museum of public incidents', () => {
  test('holds at least eighteen, each named after its source', () => {
    expect(incidents.length).toBeGreaterThanOrEqual(18);
    expect(incidents.filter(({ id, tags }) => !tags.includes('museum') || !tags.includes(`museum:${id}`))).toEqual([]);
  });

  test.each(incidents)('$id: the naive executor loses by it, and only by it', async ({ file }) => {
    const verdict = await verdictOf(file, naive);
    expect(verdict.controlBroken).toEqual([]);
    expect(caughtBy(verdict)).toBeDefined();
  });

  test.each(incidents)('$id: the reference executor comes through', async ({ file }) => {
    const verdict = await verdictOf(file, reference);
    expect(verdict.broken).toEqual([]);
    expect(verdict.controlBroken).toEqual([]);
  });
});
