import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';

import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import { caughtBy } from '../../src/run/caught-by.js';
import { drillWithControl, type DrillVerdict } from '../../src/run/drill.js';
import { executorNamed, type NamedExecutor } from '../../src/run/executors.js';
import { scenariosDir } from '../../src/run/package-paths.js';

const dir = `${scenariosDir()}/museum`;
const incidents = await listScenarios(dir);

/** The public incidents that the studies of faults and venues ask for, by the name of the file that would show them. */
const ASKED_FOR = [
  'ccxt-1880',
  'ccxt-2599',
  'ccxt-6615',
  'catalyst-317',
  'nautilus-3493',
  'nautilus-3869',
  'nautilus-3870',
  'nautilus-4215',
  'nautilus-4411',
  'hummingbot-3103',
  'hummingbot-3374',
  'hummingbot-4191',
  'hummingbot-4316',
  'hummingbot-6901',
  'hummingbot-6960',
  'hummingbot-7294',
  'go-trader-1360',
  'hedgelab-148',
  'upbit-2020-02-14',
  'upbit-2024-08-19',
  'upbit-2024-12-03',
  'upbit-2025-01-03',
  'upbit-2025-03-21',
  'upbit-2025-11-27',
  'binance-2025-04-15',
  'binance-2025-08-29',
  'binance-2025-10-10',
];

/** Incidents by which the naive executor cannot lose, who does in its place, and why. */
const NOT_OF_NAIVE: Readonly<Record<string, { readonly loser: string; readonly because: string }>> = {
  'nautilus-3493': { loser: 'bug-b13', because: 'the naive executor reads no stream, so that nothing is told to it twice' },
  'upbit-2020-02-14': { loser: 'bug-b33', because: 'it sends no identifier, and takes a short off whose spot order was refused' },
};

let reference: NamedExecutor;
beforeAll(async () => {
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

  test('shows every incident that was asked for, or says why it cannot', () => {
    const shown = new Set(incidents.map(({ id }) => id));
    const leftOut = [...readFileSync(`${scenariosDir()}/README.md`, 'utf8').matchAll(/^- `([\w-]+)` is not shown: \w+/gm)].map(([, id]) => id);
    expect(leftOut.filter((id) => id === undefined || shown.has(id) || !ASKED_FOR.includes(id))).toEqual([]);
    expect(ASKED_FOR.filter((id) => !shown.has(id) && !leftOut.includes(id))).toEqual([]);
  });

  test.each(incidents)('$id: names its source', ({ file }) => {
    expect(readFileSync(`${dir}/${file}`, 'utf8')).toMatch(/^# Source: \S+\.\w+\/\S+/);
  });

  test.each(incidents.map(({ id, file }) => ({ id, file, loser: NOT_OF_NAIVE[id]?.loser ?? 'naive' })))(
    '$id: $loser loses by it, and only by it',
    async ({ file, loser }) => {
      const verdict = await verdictOf(file, await executorNamed(loser));
      expect(verdict.controlBroken).toEqual([]);
      expect(caughtBy(verdict)).toBeDefined();
    },
  );

  test.each(incidents.filter(({ id }) => id in NOT_OF_NAIVE))('$id: the naive executor does not lose by it', async ({ file }) => {
    const verdict = await verdictOf(file, await executorNamed('naive'));
    expect(caughtBy(verdict)).toBeUndefined();
  });

  test.each(incidents)('$id: the reference executor comes through', async ({ file }) => {
    const verdict = await verdictOf(file, reference);
    expect(verdict.broken).toEqual([]);
    expect(verdict.controlBroken).toEqual([]);
  });
});
