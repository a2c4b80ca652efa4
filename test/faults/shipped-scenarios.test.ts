import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { lintScenario, listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import { scenarioJsonSchema } from '../../src/faults/scenario-schema.js';

const scenariosDir = fileURLToPath(new URL('../../scenarios', import.meta.url));
const examplesDir = fileURLToPath(new URL('./examples', import.meta.url));
const shipped = await listScenarios(scenariosDir);
const examples = await listScenarios(examplesDir);

test('the shipped scenarios: cover every story that the README promises', () => {
  expect(shipped.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'case-a-spot-filled-perp-refused',
      'case-b-perp-filled-spot-dies',
      'case-c-both-legs-fail',
      'lost-reply-after-fill',
      'partial-then-timeouts',
      'ban-during-rollback',
      'slow-venue',
      'crash-day-mix',
      'real-outages',
      'rollback-order-itself-fails',
      'crash-between-legs',
      'kill-switch-during-entry',
      'exit-one-leg-halted',
      'duel-lost-reply',
      'monitor-adl',
      'monitor-liquidation',
      'monitor-margin-floor',
      'monitor-closed-by-hand',
      'monitor-stop',
      'monitor-max-hold',
    ]),
  );
});

test.each(shipped)('$file: has no problem, is named like its file, and its resolved text gives the same scenario', async ({ file, id, trades }) => {
  const path = join(scenariosDir, file);
  expect((await lintScenario(path, { scenariosDir })).map((issue) => issue.message)).toEqual([]);
  expect(basename(file)).toBe(`${id}.yaml`);
  const scenario = await loadScenario(path, { scenariosDir });
  expect(scenario.trades).toBe(trades);
  const again = parse(scenario.text) as Record<string, unknown>;
  expect(again['include']).toBeUndefined();
  expect(scenario.text).not.toMatch(/\$\{|\.csv/);
});

test('the shipped scenarios: run both order styles and all leg orders', async () => {
  const policies = await Promise.all(
    shipped.map(async ({ file }) => (await loadScenario(join(scenariosDir, file), { scenariosDir })).executor.policy),
  );
  const styles = new Set(policies.map((policy) => policy['orderStyle'] ?? 'ioc'));
  const legs = new Set(policies.map((policy) => policy['legs'] ?? 'parallel'));
  expect([...styles].sort()).toEqual(['ioc', 'market']);
  expect([...legs].sort()).toEqual(['parallel', 'perp-first', 'spot-first']);
});

test.each(['lib/venues.yaml', 'lib/latency.yaml', 'lib/bundles.yaml'])('%s: has no problem', async (file) => {
  expect((await lintScenario(join(scenariosDir, file), { scenariosDir })).map((issue) => issue.message)).toEqual([]);
});

test.each([
  { name: 'calm', id: 'duel-lost-reply', p50Ms: 12 },
  { name: 'evening-tail', id: 'slow-venue', p50Ms: 25 },
  { name: 'crash', id: 'crash-hour', p50Ms: 120 },
])('the world $name, as $id has it: both venues have latency, balances and bounded requests', async ({ id, p50Ms }) => {
  const { world } = await loadScenario(join(scenariosDir, `${id}.yaml`), { scenariosDir });
  const { request } = world.venues.upbit.latency;
  expect(request['*']).toMatchObject({ kind: 'mixture', parts: [{ of: { kind: 'lognormal', p50Ms } }, {}, ...(id === 'crash-hour' ? [{}] : [])] });
  expect(world.venues.upbit.balances['KRW']).toBe('100000000');
  expect(world.venues.binance.recvWindowMs).toBe(2_000);
});

test.each(examples.filter(({ id }) => id !== 'crash-between-legs'))('the worked example $id: loads', async ({ file }) => {
  await expect(loadScenario(join(examplesDir, file), { scenariosDir })).resolves.toMatchObject({ trades: false });
});

test('the worked example with parts that are not built: is refused for each of them, by line', async () => {
  const issues = await lintScenario(join(examplesDir, 'crash-between-legs.yaml'), { scenariosDir });
  expect(issues.map(({ place, message }) => `${place.line}: ${/"[^"]+" is not built yet/.exec(message)?.[0] ?? message}`)).toEqual([]);
});

test('the JSON Schema: takes every shipped file as an editor shows it, and refuses a misspelt key', () => {
  const schema = z.fromJSONSchema(scenarioJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  for (const file of [...shipped.map((scenario) => scenario.file), 'lib/venues.yaml', 'lib/latency.yaml', 'lib/bundles.yaml']) {
    const result = schema.safeParse(parse(readFileSync(join(scenariosDir, file), 'utf8')));
    expect({ file, problems: result.error?.issues ?? [] }).toEqual({ file, problems: [] });
  }
  const broken = { ...(parse(readFileSync(join(scenariosDir, 'case-a-spot-filled-perp-refused.yaml'), 'utf8')) as object), falts: [] };
  expect(schema.safeParse(broken).success).toBe(false);
});
