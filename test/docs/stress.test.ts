import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { STRESS_DOCUMENT, stressDocument } from '../../scripts/stress-doc.js';

// Everything is measured again: a preset, an effect or the executor that changed without the document fails here.
test('docs/stress.md is what the presets do today', { timeout: 300_000 }, async () => {
  expect(readFileSync(STRESS_DOCUMENT, 'utf8')).toBe(await stressDocument());
});

/** The figures of one row of the first table, a list for each preset; `no answer` is longer than anything. */
function row(name: string): readonly (readonly number[])[] {
  const line = readFileSync(STRESS_DOCUMENT, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`| ${name}`));
  const cells = (line ?? '').split('|').slice(2, -1);
  return cells.map((cell) => cell.split('/').map((text) => (text.includes('no answer') ? Infinity : Number(text.replace(/[,%\s]/g, '')))));
}

const WORSE = ['level', 'spread bp', 'latency of a read', 'visibility lag', '5xx', '429 and 418', 'no answer', 'outages an hour', 'down'];

test.each(['Upbit', 'Binance'].flatMap((venue) => WORSE.map((figure) => `${venue}: ${figure}`)))('%s is worse from preset to preset', (name) => {
  const [none = [], calm = [], rough = [], crash = []] = row(name);
  expect(crash.length).toBeGreaterThan(0);
  crash.forEach((worst, index) => {
    expect([none[index], calm[index], rough[index], worst]).toEqual([none[index], calm[index], rough[index], worst].sort((a = 0, b = 0) => a - b));
    expect(worst).toBeGreaterThan(rough[index] ?? 0);
  });
});
