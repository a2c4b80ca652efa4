import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { STRESS_DOCUMENT, stressDocument } from '../../scripts/stress-doc.js';

// Everything is measured again: a preset, an effect or the executor that changed without the document fails here.
test('docs/stress.md is what the presets do today', { timeout: 300_000 }, async () => {
  expect(readFileSync(STRESS_DOCUMENT, 'utf8')).toBe(await stressDocument());
});
