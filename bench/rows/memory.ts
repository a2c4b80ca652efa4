import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { BenchRow } from '../support/measure.js';

interface Reading {
  readonly before: number;
  readonly after: number;
  readonly columns: number;
  readonly peak: number;
}

const CHILD = fileURLToPath(new URL('../memory-child.ts', import.meta.url));

async function measure(work: 'scenarios' | 'bars', amount: number): Promise<Reading> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', CHILD, work, String(amount)]);
  return JSON.parse(stdout) as Reading;
}

/** Memory of a process that runs many scenarios (flat, whatever their number) and of one that scans many bars (columns and little else). */
export const memoryRow: BenchRow = {
  name: 'memory',
  async run(quick) {
    const row = 'memory';
    const few = quick ? 1_000 : 5_000;
    const [some, many] = [await measure('scenarios', few), await measure('scenarios', few * 10)];
    const scan = await measure('bars', quick ? 400_000 : 2_000_000);
    const mib = (figure: string, value: number, most?: number) => ({ row, figure, value, unit: 'MiB', most, timed: false });
    return [
      mib(`resident after ${few} failure scenarios`, some.after),
      mib(`resident after ${few * 10}`, many.after, 150),
      mib('growth from the first to the second', many.after - some.after, 30),
      mib('bars: peak above the start', scan.peak - scan.before),
      mib('bars: their columns alone', scan.columns),
      { row, figure: 'bars: growth / columns', value: (scan.after - scan.before) / scan.columns, unit: 'x', most: 1.5, timed: true },
    ];
  },
};
