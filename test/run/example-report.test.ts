import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXAMPLE_DIR, writeExampleReport } from '../../src/run/example-report.js';

test('example report in the repository: is what the code writes, byte by byte (else run `npx tsx scripts/example-report.ts` and read the difference)', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'hedgedrill-example-test-'));
  try {
    const files = await writeExampleReport(join(dir, 'example'), join(dir, 'scratch'));
    expect(files).toContain('report.html');
    expect(readdirSync(EXAMPLE_DIR).sort()).toEqual(files);
    for (const file of files)
      expect(readFileSync(join(dir, 'example', file), 'utf8') === readFileSync(join(EXAMPLE_DIR, file), 'utf8'), file).toBe(true);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 300_000);
