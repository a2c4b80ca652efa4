import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runBacktest } from '../../src/run/backtest.js';

const require = createRequire(import.meta.url);
const tableLibraryIsLoaded = (): boolean => Object.keys(require.cache).some((file) => file.includes('danfojs-node'));

test('the result is on the screen before the table library is loaded and the report is written', async () => {
  const out = mkdtempSync(join(tmpdir(), 'hedgedrill-first-'));
  const said: { readonly text: string; readonly loaded: boolean; readonly written: boolean }[] = [];
  const say = (text: string): void => {
    said.push({ text, loaded: tableLibraryIsLoaded(), written: existsSync(out) && readdirSync(out).length > 0 });
  };
  try {
    await runBacktest({
      from: '2025-03-05',
      to: '2025-03-05T02:00Z',
      sensitivity: false,
      out,
      json: false,
      observer: { progress: () => undefined, notice: () => undefined, problem: () => undefined, say },
    });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  expect(said).toMatchObject([
    { loaded: false, written: false },
    { loaded: true, written: true },
  ]);
  expect(said[0]?.text).toMatch(/^Earned /m);
  expect(said[0]?.text).toMatch(/^Hashes +tape [0-9a-f]{16} {2}journal [0-9a-f]{16}$/m);
  expect(said[1]?.text).toMatch(/^Report +\S+\/report\.html$/);
});
