import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cellOf, CLIENTS, ERRANDS, headOf, VERDICTS_DOCUMENT, verdictOf, type Errand, type ForeignClient } from '../../scripts/example-verdicts.js';
import { loadScenario } from '../../src/faults/load-scenario.js';
import { scenarioPath, scenariosDir } from '../../src/run/package-paths.js';
import { servedFaults } from '../../src/run/served-faults.js';

const isMissing = (program: string): boolean => spawnSync(program, ['--version']).error !== undefined;
const isOnCi = process.env['CI'] !== undefined;

const errand = (wanted: string): Errand => {
  const found = ERRANDS.find(({ id }) => id === wanted);
  if (found === undefined) throw new Error(`there is no errand ${wanted}`);
  return found;
};

/** The lines of the published table, without the padding of its columns. */
const published = readFileSync(VERDICTS_DOCUMENT, 'utf8')
  .split('\n')
  .map((line) => line.replace(/ +/g, ' '));

describe.each(CLIENTS)('$folder', (client) => {
  const [program] = client.command;
  const isSkipped = isMissing(program) && !isOnCi;
  const why = isSkipped ? ` (skipped: there is no ${program} on this machine)` : '';
  const drilled = (name: string, run: () => Promise<void>): void =>
    test.skipIf(isSkipped)(`${name}${why}`, async () => {
      if (isMissing(program)) throw new Error(`${client.folder} needs ${program}, and CI must have it: put it on the PATH`);
      await run();
    });

  drilled('enters on a calm day with an amount that fits to the won: hedged, and nothing is broken', async () => {
    const verdict = await verdictOf(client, errand('control'));
    expect(verdict).toMatchObject({ verdict: 'held', flows: [{ kind: 'enter', outcome: 'hedged' }], unlisted: [], final: { openOrders: 0 } });
    expect([Number(verdict.final.residualBtc), verdict.said]).toEqual([0, 'entered']);
  });

  drilled('raises for a buy that ended with 40 % filled and takes the whole short off: caught by I4 and I15, as published', async () => {
    const partial = errand('case-b-perp-filled-spot-dies');
    const verdict = await verdictOf(client, partial);
    expect(verdict).toMatchObject({ verdict: 'broken', broken: ['I4', 'I15'], flows: [{ kind: 'enter', outcome: 'naked' }], unlisted: [] });
    expect(verdict.faults).toContainEqual({ fault: 'spot-partial-then-canceled', fired: 1 });
    expect(Number(verdict.final.residualBtc)).toBeCloseTo(0.02, 6);
    expect(verdict.said).toContain('hedge entry failed: Upbit buy failed');
    // The published run also waited until what was left naked was over its time.
    expect(publishedCell(partial, client)).toBe(cellOf({ ...verdict, broken: ['I3', ...verdict.broken] }));
  });
});

function publishedCell(of: Errand, client: ForeignClient): string | undefined {
  const head = `| ${headOf(of).join(' | ')} |`;
  const cells =
    published
      .find((line) => line.startsWith(head))
      ?.slice(head.length)
      .split('|') ?? [];
  return cells[CLIENTS.indexOf(client)]?.trim();
}

test('VERDICTS.md: has a row of every errand, with a verdict of every client', () => {
  const rows = published.filter((line) => line.startsWith('| ['));
  expect(rows.map((line) => line.split(' | ').length)).toEqual(ERRANDS.map(() => 2 + CLIENTS.length));
  for (const each of ERRANDS) expect(published.some((line) => line.startsWith(`| ${headOf(each).join(' | ')} |`))).toBe(true);
});

test.each(ERRANDS)('$id: all faults of $scenario are ones that a server can make', async ({ scenario }) => {
  const { faults, clock } = await loadScenario(scenarioPath(scenario), { scenariosDir: scenariosDir() });
  expect(servedFaults(faults, clock.start, clock.start).remarks).toEqual([]);
});
