import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { ORACLE_DOCUMENT, oracleDocument } from '../../scripts/oracle-doc.js';
import { INVARIANTS } from '../../src/drill/oracle/judge-run.js';

const document = readFileSync(ORACLE_DOCUMENT, 'utf8');

test('docs/oracle.md: is what the oracle does, byte by byte', async () => {
  expect(document).toBe(await oracleDocument());
});

test('every invariant but the one of the reports: is held against something in one of the runs it shows, and breaks in none', () => {
  const [, shown = ''] = document.split('## Judged runs');
  const counts = new Map(
    shown.split('\n').flatMap((row) => (/^\| [IL]\d+ /.test(row) ? [[row.split('|')[1]?.trim(), row]] : [])) as [string, string][],
  );
  expect([...counts.keys()]).toEqual(INVARIANTS.map(({ id }) => id));
  expect([...counts].filter(([, row]) => !/\| *\d/.test(row)).map(([id]) => id)).toEqual(['I16']);
  expect(shown).not.toContain('broken');
});

test('what the oracle asks of an executor: money is judged of a black box, belief of none', () => {
  const needs = (id: string): string => new RegExp(`^\\| ${id} .*$`, 'm').exec(document)?.[0].split('|')[4]?.trim() ?? 'no row';
  for (const id of ['I2', 'I3', 'I4', 'I5', 'I6', 'I15', 'L1', 'L6']) expect(needs(id), id).toMatch(/^black box/);
  for (const id of ['I1', 'I7', 'I8', 'L3', 'L4']) expect(needs(id), id).toBe('needs journal');
});
