import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../core/input-error.js';
import { parseYamlInput } from '../core/yaml-input.js';
import { isTimeZone } from './import-time.js';

/** Name of the file that each series is written to. */
export const IMPORTED_FILES = {
  premium: 'premium.csv',
  'upbit-candles': 'upbit-btc-krw.csv',
  'binance-candles': 'binance-btcusdt-perp.csv',
  'usdt-candles': 'upbit-usdt-krw.csv',
  funding: 'binance-funding.csv',
  fx: 'usdkrw.csv',
} as const;

const SERIES = Object.keys(IMPORTED_FILES) as (keyof typeof IMPORTED_FILES)[];

/** Their lengths in milliseconds. */
export const LENGTHS = {
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
} as const;

const mapSchema = z
  .strictObject({
    series: z.enum(SERIES).describe('what the files hold'),
    symbol: z
      .strictObject({ column: z.string().min(1), is: z.union([z.string(), z.number()]).transform(String) })
      .optional()
      .describe('rows whose cell in `column` is anything else are left out'),
    time: z.union(
      [
        z.strictObject({ column: z.string().min(1), unit: z.enum(['s', 'ms', 'us', 'ns']) }),
        z.strictObject({
          column: z.string().min(1),
          format: z.string().min(1),
          zone: z.string().refine(isTimeZone, 'expected a zone such as UTC, Asia/Seoul or UTC+9').optional(),
        }),
      ],
      'expected {column, unit: s|ms|us|ns} for numbers or {column, format, zone} for texts',
    ),
    label: z.enum(['open', 'close']).default('open').describe('which moment of a candle its time is'),
    length: z
      .enum(Object.keys(LENGTHS) as (keyof typeof LENGTHS)[])
      .optional()
      .describe('of the candles; needed with label: close'),
    columns: z.record(z.string(), z.string().min(1)).describe('our column: the name of yours'),
    multiply: z.record(z.string(), z.number().positive()).default({}).describe('our column: what its figures are multiplied by'),
    separator: z.string().length(1).default(','),
    decimal: z.enum(['.', ',']).default('.'),
  })
  .refine(({ label, length }) => label === 'open' || length !== undefined, {
    path: ['length'],
    message: 'label: close needs the length of the candles',
  })
  .refine(({ decimal, separator }) => decimal !== separator, { path: ['decimal'], message: 'the decimal sign and the separator are the same' });

/** How a user's CSV becomes one of our files. */
export type ImportMap = z.output<typeof mapSchema>;

/** @throws InputError with file, line and column of what is wrong. */
export async function loadImportMap(file: string): Promise<ImportMap> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(`cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`, { file });
  });
  return parseYamlInput(text, file, mapSchema as z.ZodType<ImportMap>);
}
