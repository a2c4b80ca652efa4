import { access } from 'node:fs/promises';
import { InputError } from '../core/input-error.js';
import { alignCandles, returnCorrelation, type Candles } from './align.js';
import type { Ohlc } from './bars.js';
import { columnOf, type ColumnTable } from './column-table.js';
import { usualStep } from './gaps.js';
import { readTable } from './read-table.js';
import { instantText } from './row-rules.js';
import type { TableKind } from './table-schema.js';

/** Collects what is read on the way to the bars: hashes, notices for the user, notes for the card. */
export class Reading {
  readonly hashes: string[] = [];
  readonly notices: string[] = [];
  readonly notes: string[] = [];
  readonly #cacheDir: string | undefined;

  constructor(cacheDir: string | undefined) {
    this.#cacheDir = cacheDir;
  }

  async read(file: string, kind: TableKind): Promise<ColumnTable> {
    const { table, notices } = await readTable(file, kind, this.#cacheDir);
    this.hashes.push(table.hash);
    for (const notice of notices) if (!this.notices.includes(notice)) this.notices.push(notice);
    if (table.ignored.length > 0 && kind !== 'fx') this.notices.push(`${file}: ignored columns: ${table.ignored.join(', ')}.`);
    return table;
  }
}

/** Files of one role: those that lie beside a known table, or the one that the user named. */
export interface CompanionFiles {
  readonly files: readonly string[];
  /** The user named it: what cannot be used is an error, not a note. */
  readonly explicit: boolean;
}

/** Leaves out the files that do not exist beside the table; a file that the user named stays, and fails when it is read. */
export async function presentFiles(companion: CompanionFiles): Promise<CompanionFiles> {
  if (companion.explicit) return companion;
  const present = await Promise.all(
    companion.files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return { files: companion.files.filter((_file, index) => present[index]), explicit: false };
}

/**
 * Reads candle files as one series.
 * @throws InputError when they overlap or have no usual step.
 */
export async function readCandles(reading: Reading, files: readonly string[], kind: TableKind): Promise<Candles> {
  const tables: ColumnTable[] = [];
  for (const file of files) tables.push(await reading.read(file, kind));
  tables.forEach((table, index) => {
    const before = tables[index - 1];
    const start = columnOf(table, 'timestamp')[0] ?? Number.NaN;
    if (before !== undefined && start <= (columnOf(before, 'timestamp').at(-1) ?? Number.NaN)) {
      throw new InputError(
        `begins at ${instantText(start)}, before the end of ${files[index - 1]}`,
        { file: files[index] },
        'Give the files in order, without overlap.',
      );
    }
  });
  const join = (name: string): Float64Array =>
    concatenate(tables.map((table) => table.columns.get(name) ?? new Float64Array(table.rows).fill(Number.NaN)));
  const time = join('timestamp');
  const stepMs = usualStep(time);
  if (stepMs === 0) throw new InputError('the candles have no usual length (their steps differ)', { file: files[0] }, 'Give candles of one length.');
  return { time, stepMs, open: join('open'), high: join('high'), low: join('low'), close: join('close'), volume: join('volume') };
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The rows that candles are to be laid beside. */
export interface LegRows {
  readonly time: Float64Array;
  readonly stepMs: number;
  readonly afterGap: Uint8Array;
  /** The table's own price of this leg. */
  readonly price: Float64Array;
  /** For messages: `Upbit`. */
  readonly leg: string;
}

export interface AlignedLeg {
  readonly ohlc: Ohlc;
  /** Rows that have a candle. */
  readonly covered: number;
  /** Median of candle close over the table's price, minus 1. */
  readonly deviation: number;
}

/** Beyond this the candles are of another market. */
const DEVIATION_MAX = 0.02;
/** Fewer common rows say nothing about a shifted label. */
const SHIFT_ROWS_MIN = 200;
const SHIFT_MARGIN = 0.05;

/**
 * Lays a leg's candles beside the rows and checks that they belong there: same market, labelled by their open.
 * @returns undefined when they cannot be used; the reason is among `reading.notes`.
 * @throws InputError when the user named the files, or when they contradict the table.
 */
export function alignLeg(reading: Reading, companion: CompanionFiles, candles: Candles, rows: LegRows): AlignedLeg | undefined {
  const file = companion.files[0];
  const refuse = (reason: string, hint: string): undefined => {
    if (companion.explicit) throw new InputError(reason, { file }, hint);
    reading.notes.push(`${rows.leg} candles are not used: ${reason}.`);
    return undefined;
  };
  if (rows.stepMs === 0) return refuse('the table has irregular rows', 'Candles need a table with a fixed step.');
  if (candles.stepMs > rows.stepMs || rows.stepMs % candles.stepMs !== 0) {
    return refuse(
      `candles of ${candles.stepMs / 60_000} min do not divide rows of ${rows.stepMs / 60_000} min`,
      'Give candles of the same length or finer.',
    );
  }
  const ohlc = alignCandles(rows.time, rows.stepMs, candles);
  const ratios = ohlc.close.map((close, row) => close / (rows.price[row] ?? Number.NaN) - 1).filter((ratio) => !Number.isNaN(ratio));
  const period = `${instantText(candles.time[0] ?? Number.NaN)} .. ${instantText(candles.time.at(-1) ?? Number.NaN)}`;
  if (ratios.length === 0) return refuse(`they cover ${period}, no row of the table`, 'Give the candles of the same days.');
  const deviation = ratios.sort()[ratios.length >> 1] ?? Number.NaN;
  if (Math.abs(deviation) > DEVIATION_MAX) {
    throw new InputError(
      `${rows.leg} candle closes lie ${(deviation * 100).toFixed(2)} % from the table's prices in the median`,
      { file },
      'They are of another market, another time zone or another unit.',
    );
  }
  rejectShift(file, ohlc, rows, ratios.length);
  return { ohlc, covered: ratios.length, deviation };
}

/** Candles labelled by their close, or in another time zone, correlate better one bar off. */
function rejectShift(file: string | undefined, ohlc: Ohlc, rows: LegRows, common: number): void {
  if (common < SHIFT_ROWS_MIN) return;
  const correlation = (lag: number): number => returnCorrelation(rows.price, ohlc.close, lag, rows.afterGap);
  const [early, same, late] = [correlation(-1), correlation(0), correlation(1)];
  if (Math.max(early, late) <= same + SHIFT_MARGIN) return;
  throw new InputError(
    `${rows.leg} candles run one bar ${late > early ? 'ahead of' : 'behind'} the table (return correlation ${same.toFixed(2)} in place, ${Math.max(early, late).toFixed(2)} shifted)`,
    { file },
    'Candle files are labelled by the open, tables by the moment a row could be observed (open + length): shift the timestamps.',
  );
}
