import { columnOf, type ColumnTable } from './column-table.js';
import { peekKind } from './csv-peek.js';
import { openCsvSource } from './csv-source.js';
import { statisticsOf, type DataStatistics } from './data-statistics.js';
import { gapFlags, gapsOf, usualStep, type Gap } from './gaps.js';
import { loadBars, type LoadBarsOptions } from './load-bars.js';
import { readTable } from './read-table.js';
import { momentsOf, quantileOf } from './series-statistics.js';
import type { TableKind } from './table-schema.js';

/** What goes for every kind of file. */
interface CheckedFile {
  readonly file: string;
  readonly hash: string;
  readonly synthetic: boolean;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** 0: irregular. */
  readonly stepMs: number;
  readonly gaps: readonly Gap[];
  readonly notices: readonly string[];
}

/** Figures with their names and units, in the order they are shown in. */
type Figures = readonly { readonly name: string; readonly value: number; readonly unit: string; readonly decimals: number }[];

/** What `hedgedrill data check` found out about a sound file. */
export type DataCheckReport = CheckedFile &
  (
    | { readonly kind: 'premium'; readonly statistics: DataStatistics; readonly foreignLeg: string; readonly notes: readonly string[] }
    | { readonly kind: Exclude<TableKind, 'premium'>; readonly figures: Figures }
  );

/**
 * Reads a file of any known kind and checks every cell.
 *
 * @param options - as for `loadBars`; only a premium table has companions.
 * @throws InputError for the first thing that is wrong, with file, line and column.
 */
export async function dataCheck(file: string, options: Omit<LoadBarsOptions, 'data'> = {}): Promise<DataCheckReport> {
  const kind = await peekKind(await openCsvSource(file));
  if (kind === 'premium') return checkPremium(file, options);
  const { table, notices } = await readTable(file, kind, options.cacheDir);
  const time = columnOf(table, 'timestamp');
  const stepMs = usualStep(time);
  return {
    file,
    kind,
    hash: table.hash,
    synthetic: table.comments.some((comment) => /synthetic/i.test(comment)),
    from: time[0] ?? Number.NaN,
    to: time.at(-1) ?? Number.NaN,
    rows: table.rows,
    stepMs,
    gaps: gapsOf(time, gapFlags(time, stepMs)),
    notices,
    figures: figuresOf(kind, table),
  };
}

async function checkPremium(file: string, options: Omit<LoadBarsOptions, 'data'>): Promise<DataCheckReport> {
  const { bars, notices } = await loadBars({ ...options, data: file });
  const statistics = statisticsOf(bars);
  const { from, to, rows, stepMs, gaps } = statistics;
  const { hash, synthetic, foreignLeg, notes } = bars.source;
  return { file, kind: 'premium', hash, synthetic, from, to, rows, stepMs, gaps, notices, statistics, foreignLeg, notes };
}

function figuresOf(kind: Exclude<TableKind, 'premium'>, table: ColumnTable): Figures {
  switch (kind) {
    case 'upbit-candles':
    case 'binance-candles':
    case 'usdt-candles':
      return candleFigures(table, kind === 'usdt-candles' ? 'USDT' : 'BTC');
    case 'fx':
      return fxFigures(table.columns.get('usdkrw') ?? columnOf(table, 'close'));
    case 'funding':
      return fundingFigures(columnOf(table, 'funding_rate'));
    default:
      return kind satisfies never;
  }
}

/** Changes of a price from row to row, as fractions, zeros left out. */
const changesOf = (price: Float64Array): Float64Array =>
  price
    .subarray(1)
    .map((value, row) => value / (price[row] ?? Number.NaN) - 1)
    .filter((change) => change !== 0);

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function candleFigures(table: ColumnTable, base: string): Figures {
  const close = columnOf(table, 'close');
  const [high, low] = [columnOf(table, 'high'), columnOf(table, 'low')];
  const volume = table.columns.get('volume')?.filter((amount) => !Number.isNaN(amount));
  const figures = [
    { name: 'lowest price', value: low.reduce((a, b) => Math.min(a, b)), unit: '', decimals: 1 },
    { name: 'highest price', value: high.reduce((a, b) => Math.max(a, b)), unit: '', decimals: 1 },
    { name: 'largest move of a close', value: largest(changesOf(close)) * 100, unit: '%', decimals: 2 },
    { name: 'largest range of a candle', value: largest(high.map((top, row) => top / (low[row] ?? Number.NaN) - 1)) * 100, unit: '%', decimals: 2 },
  ];
  if (volume === undefined || volume.length === 0) return figures;
  const sorted = volume.sort();
  return [
    ...figures,
    { name: 'volume, 5 %', value: quantileOf(sorted, 0.05), unit: base, decimals: 2 },
    { name: 'volume, median', value: quantileOf(sorted, 0.5), unit: base, decimals: 2 },
    { name: 'volume, 95 %', value: quantileOf(sorted, 0.95), unit: base, decimals: 2 },
    { name: 'candles without volume', value: sorted.filter((amount) => amount === 0).length, unit: '', decimals: 0 },
  ];
}

function fxFigures(rate: Float64Array): Figures {
  const changes = changesOf(rate);
  return [
    { name: 'lowest rate', value: rate.reduce((a, b) => Math.min(a, b)), unit: 'KRW', decimals: 2 },
    { name: 'highest rate', value: rate.reduce((a, b) => Math.max(a, b)), unit: 'KRW', decimals: 2 },
    { name: 'changes', value: changes.length, unit: '', decimals: 0 },
    {
      name: 'size of a change, mean',
      value: (changes.reduce((sum, change) => sum + Math.abs(change), 0) / changes.length) * 100,
      unit: '%',
      decimals: 3,
    },
    { name: 'size of a change, largest', value: largest(changes) * 100, unit: '%', decimals: 3 },
  ];
}

function fundingFigures(rate: Float64Array): Figures {
  const { mean } = momentsOf(rate);
  return [
    { name: 'mean per settlement', value: mean * 100, unit: '%', decimals: 4 },
    { name: 'mean a year, received by the short', value: mean * 3 * 365 * 100, unit: '%', decimals: 1 },
    { name: 'settlements the short pays', value: (rate.filter((value) => value < 0).length / rate.length) * 100, unit: '%', decimals: 1 },
    { name: 'lowest', value: rate.reduce((a, b) => Math.min(a, b)) * 100, unit: '%', decimals: 4 },
    { name: 'highest', value: rate.reduce((a, b) => Math.max(a, b)) * 100, unit: '%', decimals: 4 },
  ];
}
