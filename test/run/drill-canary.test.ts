import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { canary } from '../../src/drill/oracle/canary.js';
import { type DrillCommandOptions, runDrills } from '../../src/run/drill-command.js';

const dir = mkdtempSync(join(tmpdir(), 'hedgedrill-drill-canary-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

async function drilled(given: Partial<DrillCommandOptions>): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const observer = { progress: () => undefined, notice: () => undefined, problem: () => undefined, say: (text: string) => said.push(text) };
  const code = await runDrills({ files: [], params: [], out: join(dir, 'out'), json: false, observer, canary: true, ...given });
  return { code, said: said.join('\n') };
}

test.each([
  { name: 'an executor that keeps its promises', executor: 'reference', files: ['lost-request', 'late-arrival'] },
  { name: 'one that breaks them anyway', executor: 'naive', files: ['lost-request', 'late-arrival'] },
  { name: 'one that the scenario does not judge', executor: 'naive', files: ['families/p2-torn-record', 'late-arrival'] },
  { name: 'a run over data', executor: 'null', files: ['stress/crash-over-data', 'late-arrival'] },
])(
  '$name: every scenario reports the canary, and the exit is 0',
  async ({ executor, files }) => {
    const { code, said } = await drilled({ executor, files });
    expect(said).toMatch(/^2 scenarios, \d+ runs: every one reported the canary$/m);
    expect(said.match(/^reported /gm)).toHaveLength(2);
    expect(code).toBe(0);
    // Nothing has failed that a timeline or a report would be about.
    expect(existsSync(join(dir, 'out'))).toBe(false);
  },
  120_000,
);

test('an oracle that is deaf in one of the seeds: that scenario has swallowed the canary, and the exit is 1', async () => {
  const watch = canary.watch.bind(canary);
  let runs = 0;
  // A run and its control for each seed; only the third run of all has no ear.
  vi.spyOn(canary, 'watch').mockImplementation((scene, probe) => ((runs += 1) === 3 ? {} : watch(scene, probe)));
  const { code, said } = await drilled({ executor: 'reference', files: ['crash-in-flight', 'lost-request'] });
  expect(said).toContain('SWALLOWED crash-in-flight, seed 3: its oracle does not work, and nothing that it says counts');
  expect(said).toContain('reported lost-request');
  expect(said).toMatch(/2 scenarios, 11 runs: 1 did not report the canary$/);
  expect(code).toBe(1);
  // The canary is planted in the runs with faults, not in their controls.
  expect(runs).toBe(11);
});

test('in JSON: one row a run', async () => {
  vi.spyOn(canary, 'watch').mockReturnValue({});
  const { code, said } = await drilled({ executor: 'reference', files: ['lost-request'], json: true });
  expect(JSON.parse(said)).toEqual([{ scenario: 'lost-request', seed: '1', canary: 'swallowed' }]);
  expect(code).toBe(1);
});

test('a file that is no sound scenario: its silence is not taken for a report', async () => {
  const file = join(dir, 'broken.yaml');
  writeFileSync(file, 'kind: Scenario\n');
  const { code, said } = await drilled({ executor: 'reference', files: [file, 'lost-request'] });
  expect(said).toMatch(/^LINT .*broken\.yaml was not run$/m);
  expect(said).toContain('1 did not report the canary');
  expect(code).toBe(2);
});
