import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Where the real data lies, by the project's convention. */
export const DATA_DIR = process.env['HEDGEDRILL_DATA'] ?? '../shared/data';

/** A folder of its own for a test file, removed when the file is done. */
export async function tempFolder(): Promise<{ readonly dir: string; file(name: string, content: string | Uint8Array): Promise<string> }> {
  const dir = await mkdtemp(join(tmpdir(), 'market-test-'));
  afterAll(() => rm(dir, { recursive: true, force: true }));
  return {
    dir,
    file: async (name, content) => {
      const path = join(dir, name);
      await writeFile(path, content);
      return path;
    },
  };
}
