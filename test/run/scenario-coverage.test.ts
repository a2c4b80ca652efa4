import { expect, test } from 'vitest';
import { listScenarios } from '../../src/faults/load-scenario.js';
import { coverageOf } from '../../src/run/scenario-coverage.js';
import { scenariosDir } from '../../src/run/package-paths.js';

const summary = (id: string, tags: readonly string[]) => ({ file: `${id}.yaml`, id, title: id, tags, trades: false });

test('coverage: a row for each of the 87 families and 65 modes, with the scenarios that name it and the reason where none can', () => {
  const { rows, unknown } = coverageOf([summary('a', ['family:X1', 'mode:X-01', 'must-pass']), summary('b', ['family:X1'])], {
    'family:S1': 'needs real sockets',
  });
  expect(rows).toHaveLength(87 + 65);
  const row = (tag: string) => rows.find((candidate) => candidate.tag === tag);
  expect(row('family:X1')?.scenarios).toEqual(['a', 'b']);
  // The same letters name something else in the other list.
  expect(row('mode:X-01')?.scenarios).toEqual(['a']);
  expect(row('family:S1')).toMatchObject({ scenarios: [], open: 'needs real sockets' });
  expect(row('family:R1')).toMatchObject({ scenarios: [], open: undefined });
  expect(unknown).toEqual([]);
});

test('a tag that names nothing: is reported with its scenario', () => {
  expect(coverageOf([summary('a', ['family:R99', 'mode:U-1', 'rollback'])]).unknown).toEqual([
    { scenario: 'a', tag: 'family:R99' },
    { scenario: 'a', tag: 'mode:U-1' },
  ]);
});

test('the shipped scenarios: cover every family and every mode but those that no scenario can hold, each with its reason', async () => {
  const { rows, unknown } = coverageOf(await listScenarios(scenariosDir()));
  expect(unknown).toEqual([]);
  const uncovered = rows.filter(({ scenarios }) => scenarios.length === 0);
  expect(uncovered.map(({ tag }) => tag)).toEqual(['family:P10', 'family:P14']);
  for (const { open } of uncovered) expect(open).toMatch(/\w+ \w+/);
});
