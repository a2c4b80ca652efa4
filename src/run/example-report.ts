import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runBacktest } from './backtest.js';
import { scenarioPath } from './package-paths.js';

/** Where the example lies in the repository. */
export const EXAMPLE_DIR = 'reports/example';
/** The tape is 8 MB; its hash stands in report.json. */
const LEFT_OUT: ReadonlySet<string> = new Set(['tape.jsonl']);

/**
 * Writes the report of the tour (`npm start`: the sample month under the crash-day mix) into `directory`, without its
 * tape. The example in the repository is made by this, and a test compares the two byte by byte.
 */
export async function writeExampleReport(directory: string, scratch: string): Promise<readonly string[]> {
  await runBacktest({
    seed: '1',
    scenario: scenarioPath('crash-day-mix'),
    out: scratch,
    json: false,
    observer: { progress: () => undefined, notice: () => undefined, problem: () => undefined, say: () => undefined },
  });
  const [run] = await readdir(scratch);
  const from = join(scratch, run ?? '');
  const files = (await readdir(from)).filter((file) => !LEFT_OUT.has(file)).sort();
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  for (const file of files) await cp(join(from, file), join(directory, file));
  return files;
}
