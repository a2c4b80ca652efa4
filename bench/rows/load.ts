import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { parse } from 'csv-parse';

import { readTable } from '../../src/market/read-table.js';
import { race, ratio, speed, timingOf } from '../support/measure.js';
import type { BenchRow } from '../support/measure.js';
import { syntheticBars } from '../support/synthetic-bars.js';

async function writeSample(file: string, rows: number): Promise<void> {
  const bars = syntheticBars(rows);
  const lines = ['timestamp,upbit_krw,binance_usdt,usdkrw,premium'];
  for (let row = 0; row < rows; row += 1) {
    const [upbit, dollars, rate] = [bars.upbitKrw[row] ?? 0, bars.binanceUsdt[row] ?? 0, bars.usdKrw[row] ?? 0];
    lines.push(
      `${bars.time[row] ?? 0},${Math.round(upbit / 1_000) * 1_000},${dollars.toFixed(2)},${rate.toFixed(2)},${(bars.premium[row] ?? 0).toFixed(8)}`,
    );
  }
  await writeFile(file, `${lines.join('\n')}\n`);
}

/** What everybody writes: csv-parse's stream, a number a cell, a typed array a column. */
async function plainCsvParse(file: string, rows: number): Promise<void> {
  const columns = Array.from({ length: 5 }, () => new Float64Array(rows));
  let row = -1;
  await pipeline(createReadStream(file), parse(), async (records: AsyncIterable<string[]>) => {
    for await (const record of records) {
      if (row >= 0) for (const [index, cell] of record.entries()) (columns[index] as Float64Array)[row] = Number(cell);
      row += 1;
    }
  });
  if (row !== rows) throw new Error(`csv-parse read ${row} rows of ${rows}`);
}

/** Rows a second into typed columns: csv-parse, the first load (parsed, checked, cached) and the second (from the cache). */
export const loadRow: BenchRow = {
  name: 'load',
  async run(quick) {
    const rows = quick ? 100_000 : 500_000;
    const folder = await mkdtemp(join(tmpdir(), 'hedgedrill-bench-'));
    try {
      const file = join(folder, 'minutes.csv');
      const cache = join(folder, 'cache');
      await writeSample(file, rows);
      let cold = 0;
      const load = async (dir: string, from: 'cache' | 'csv'): Promise<void> => {
        const read = await readTable(file, 'premium', dir);
        if (read.from !== from) throw new Error(`read from ${read.from}, expected ${from}`);
      };
      await load(cache, 'csv');
      const timings = await race(
        [
          { name: 'csv-parse stream', units: rows, run: () => plainCsvParse(file, rows) },
          { name: 'first load', units: rows, run: () => load(join(folder, `cold-${(cold += 1)}`), 'csv') },
          { name: 'cached load', units: rows, run: () => load(cache, 'cache') },
        ],
        3,
      );
      const stream = timingOf(timings, 'csv-parse stream');
      return [
        ...timings.map((timing) => speed('load', timing, 'rows')),
        ratio('load', 'cached load / csv-parse', timingOf(timings, 'cached load') / stream, 30),
        { row: 'load', figure: 'first load / csv-parse', value: timingOf(timings, 'first load') / stream, unit: 'x', timed: true },
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
