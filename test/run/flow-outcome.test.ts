import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/executor/reference-executor.js';
import { loadScenario } from '../../src/faults/load-scenario.js';
import { drill } from '../../src/run/drill.js';

const dir = mkdtempSync(join(tmpdir(), 'hedgedrill-outcome-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('entry for less than a lot: nothing is sent and it is aborted, not hedged', async () => {
  const file = join(dir, 'tiny.yaml');
  writeFileSync(
    file,
    `apiVersion: scenario/v1
kind: Scenario
id: tiny
title: An entry that is too small
include: [lib/venues.yaml#calm]
flow: [{ do: enter, qty: "0.00001" }]
expect: { outcome: aborted, within: 1m }
`,
  );
  const scenario = await loadScenario(file, { scenariosDir: 'scenarios' });
  const run = await drill({ scenario, executor: { name: 'reference', factory: createReferenceExecutor }, seed: '1', withFaults: false });
  expect(run.facts.orders).toBe(0);
  expect(run.facts.flows.map(({ outcome }) => outcome)).toEqual(['aborted']);
});
