import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { readSuite, SPECIMENS_DOCUMENT, specimensDocument } from '../../scripts/specimens-doc.js';
import { SPECIMENS } from '../../src/specimens/catalogue.js';

test('docs/specimens.md: is what the specimens do, byte by byte', async () => {
  expect(readFileSync(SPECIMENS_DOCUMENT, 'utf8')).toBe(await specimensDocument());
}, 120_000);

test('the suite catches every specimen that is right without faults, also in the scenario of its card', () => {
  const { caughtIn } = readSuite();
  const missed = SPECIMENS.filter(({ card }) => caughtIn[card.id]?.includes(card.scenario) !== true).map(({ card }) => card.id);
  expect(missed).toEqual(['letter', 'null']);
});
