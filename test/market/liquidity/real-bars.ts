import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Ohlc, PremiumBars } from '../../../src/market/bars.js';

/** Where the real data lies; tests that need it say so when it is absent. */
export const DATA_DIR = process.env['HEDGEDRILL_DATA'] ?? '../shared/data';
export const hasData = (file: string): boolean => existsSync(join(DATA_DIR, file));
export const absent = (...files: readonly string[]): string =>
  `real data absent: ${files.filter((file) => !hasData(file)).join(', ')} in ${DATA_DIR}`;

export function readText(file: string): string {
  const bytes = readFileSync(join(DATA_DIR, file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

export function readRows(file: string): Record<string, string>[] {
  return parse<Record<string, string>>(readText(file), { columns: true, skip_empty_lines: true });
}

export interface BarRow {
  readonly time: number;
  readonly upbit: number;
  readonly binance: number;
  readonly usdKrw?: number;
  readonly usdtKrw?: number;
  readonly afterGap?: boolean;
}

/** Bars from rows, with what a test needs and nothing else. */
export function barsOf(rows: readonly BarRow[], extra: Partial<PremiumBars> = {}, perpBasis = 0): PremiumBars {
  const column = (pick: (row: BarRow) => number): Float64Array => Float64Array.from(rows, pick);
  const step = (rows[1]?.time ?? 0) - (rows[0]?.time ?? 0);
  return {
    time: column((row) => row.time),
    upbitKrw: column((row) => row.upbit),
    binanceUsdt: column((row) => row.binance),
    usdKrw: column((row) => row.usdKrw ?? 1_390),
    usdtKrw: column((row) => row.usdtKrw ?? Number.NaN),
    premium: column((row) => row.upbit / (row.binance * (row.usdKrw ?? 1_390)) - 1),
    afterGap: Uint8Array.from(rows, (row) => (row.afterGap === true ? 1 : 0)),
    fxStep: new Uint8Array(rows.length),
    length: rows.length,
    stepMs: step,
    funding: { time: new Float64Array(0), rate: new Float64Array(0) },
    source: {
      name: 'test',
      hash: '',
      synthetic: true,
      foreignLeg: perpBasis === 0 ? 'binance-perp' : 'binance-spot',
      perpBasis,
      fxKind: 'daily',
      notes: [],
    },
    ...extra,
  };
}

/** An aligned premium file; a row is after a gap when it follows by more than 1.5 of `stepMs`. */
export function readPremium(file: string, stepMs: number): PremiumBars {
  let last = Number.NaN;
  const rows = readRows(file).map((row): BarRow => {
    const time = Number(row['timestamp']);
    const afterGap = time - last > 1.5 * stepMs;
    last = time;
    return { time, upbit: Number(row['upbit_krw']), binance: Number(row['binance_usdt']), usdKrw: Number(row['usdkrw']), afterGap };
  });
  return barsOf(rows);
}

/** Candles aligned to the bars they close with; NaN where there is none. */
export function readCandles(file: string, bars: PremiumBars): Ohlc {
  const byClose = new Map(readRows(file).map((row) => [Number(row['timestamp']) + bars.stepMs, row]));
  const column = (name: string): Float64Array => bars.time.map((time) => Number(byClose.get(time)?.[name] ?? Number.NaN));
  return { open: column('open'), high: column('high'), low: column('low'), close: column('close'), volume: column('volume') };
}
