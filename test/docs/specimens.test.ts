import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { brokenPromises, readSuite, SPECIMENS_DOCUMENT, specimensDocument, WHOLES } from '../../scripts/specimens-doc.js';
import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import { drillWithControl } from '../../src/run/drill.js';
import { scenarioPath, scenariosDir } from '../../src/run/package-paths.js';
import { SPECIMENS } from '../../src/specimens/catalogue.js';

test('docs/specimens.md: is what the specimens do, byte by byte', async () => {
  expect(readFileSync(SPECIMENS_DOCUMENT, 'utf8')).toBe(await specimensDocument());
}, 120_000);

test('the suite catches every specimen that is right without faults, also in the scenario of its card', () => {
  const { caughtIn } = readSuite();
  const missed = SPECIMENS.filter(({ card }) => caughtIn[card.id]?.includes(card.scenario) !== true).map(({ card }) => card.id);
  expect(missed).toEqual(['letter', 'null']);
});

test('the suite was run over nearly all scenarios that are shipped, and over none that is gone', async () => {
  const shipped = (await listScenarios(scenariosDir())).filter(({ trades }) => !trades).map(({ file }) => file.replace(/\.yaml$/, ''));
  const { scenarios } = readSuite();
  expect(scenarios.filter((scenario) => !shipped.includes(scenario))).toEqual([]);
  expect(scenarios.length / shipped.length).toBeGreaterThan(0.9);
});

describe('executors that are wrong as a whole', () => {
  test('are letter, naive, null and panic', () => {
    expect(WHOLES.map(({ card }) => card.id)).toEqual(['letter', 'naive', 'null', 'panic']);
  });

  test.each(WHOLES)('$card.id: fails somewhere in the suite in a way that the others do not, and its card names one of these', ({ card, alone }) => {
    const { broken } = readSuite();
    const own = Object.entries(broken[card.id] ?? {}).flatMap(([scenario, promises]) =>
      promises
        .filter((promise) => WHOLES.every((other) => other.card.id === card.id || broken[other.card.id]?.[scenario]?.includes(promise) === false))
        .map((promise) => ({ scenario, promise })),
    );
    expect(own).toContainEqual(alone);
  });

  test.each(WHOLES)('$card.id in $alone.scenario: breaks $alone.promise, and no other of them does', async ({ card, alone }) => {
    const scenario = await loadScenario(scenarioPath(alone.scenario), { scenariosDir: scenariosDir() });
    const breakers: string[] = [];
    for (const whole of WHOLES) {
      const executor = { name: whole.card.id, factory: whole.factory };
      const verdict = await drillWithControl({ scenario, executor, seed: String(scenario.seeds[0]) });
      if (brokenPromises(verdict).includes(alone.promise)) breakers.push(whole.card.id);
    }
    expect(breakers).toEqual([card.id]);
  });
});
