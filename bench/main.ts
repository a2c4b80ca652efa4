/**
 * `npm run bench`: the figures of our speed goals, each with what it is compared with in the same run. CPU time, medians of
 * interleaved rounds; ratios can be quoted, absolute figures belong to this machine.
 *
 *   npm run bench -- --check          exit 1 when a goal is missed (a third of slack on what is timed)
 *   npm run bench -- --only load,bars rows by name
 *   npm run bench -- --quick          less work, rougher ratios
 *   npm run bench -- --record LABEL   also writes bench/history/LABEL.json
 *   npm run bench -- --strategy [DIR] the tables of docs/strategy.md from the real data instead
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { barsRow } from './rows/bars.js';
import { ccxtRow } from './rows/ccxt.js';
import { drillRow } from './rows/drill.js';
import { failureRow } from './rows/failure.js';
import { loadRow } from './rows/load.js';
import { memoryRow } from './rows/memory.js';
import { productRow } from './rows/product.js';
import { rollingRow } from './rows/rolling.js';
import { schedulerRow } from './rows/scheduler.js';
import { misses } from './support/measure.js';
import type { Figure } from './support/measure.js';

const ROWS = [schedulerRow, failureRow, drillRow, barsRow, loadRow, rollingRow, memoryRow, productRow, ccxtRow];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    record: { type: 'string' },
    strategy: { type: 'boolean', default: false },
  },
});

function formatValue(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (Math.abs(value) >= 1_000) return String(Math.round(value));
  return Math.abs(value) < 0.01 ? value.toExponential(1) : value.toFixed(2);
}

function formatGoal({ least, most }: Figure): string {
  if (least !== undefined && least === most) return formatValue(least);
  return [least === undefined ? '' : `>= ${formatValue(least)}`, most === undefined ? '' : `<= ${formatValue(most)}`].join('');
}

function print(figures: readonly Figure[]): void {
  const cells = figures.map((figure) => [
    figure.row,
    figure.figure,
    `${formatValue(figure.value)} ${figure.unit}`.trim(),
    formatGoal(figure),
    misses(figure) ? 'MISSED' : '',
  ]);
  const table = [['row', 'figure', 'value', 'goal', ''], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

/** The rows that `--only` names, all of them by default. */
function chosenRows(): typeof ROWS {
  const names = values.only?.split(',');
  const unknown = names?.find((name) => !ROWS.some((row) => row.name.replace(' ', '-') === name));
  if (unknown !== undefined) throw new Error(`no such row: ${unknown}; there are ${ROWS.map((row) => row.name.replace(' ', '-')).join(', ')}`);
  return ROWS.filter((row) => names?.includes(row.name.replace(' ', '-')) ?? true);
}

if (values.strategy) {
  const { printStrategyTables } = await import('./strategy-grid.js');
  await printStrategyTables(positionals[0]);
} else {
  const figures: Figure[] = [];
  for (const row of chosenRows()) figures.push(...(await row.run(values.quick)));
  print(figures);
  if (values.record !== undefined) {
    const file = new URL(`./history/${values.record.replaceAll(/[^\w.-]/g, '-')}.json`, import.meta.url);
    await mkdir(new URL('.', file), { recursive: true });
    await writeFile(file, `${JSON.stringify({ node: process.version, figures }, null, 2)}\n`);
  }
  if (values.check && figures.some(misses)) process.exitCode = 1;
}
