import { basename, dirname, join } from 'node:path';
import type { BarsSource } from './bars.js';

/** What goes with a table: where its legs, funding and rates lie, and how its rows are labelled. */
export interface Dataset {
  /** File name of the table, without a folder. */
  readonly file: string;
  /** Candle files of the legs, funding and KRW-USDT, relative to the table's folder, oldest first. */
  readonly upbit: readonly string[];
  readonly binance: readonly string[];
  readonly usdtKrw: readonly string[];
  readonly funding: readonly string[];
  /** Added to a row's timestamp to get the moment at which the row could be observed. */
  readonly labelShiftMs: number;
  readonly foreignLeg: BarsSource['foreignLeg'];
  /** The perpetual's mid is the foreign price times (1 + this). */
  readonly perpBasis: number;
  /** undefined: told by the file's own content. */
  readonly fxKind: BarsSource['fxKind'] | undefined;
  readonly notes: readonly string[];
}

/** Mean of the perpetual over Binance spot, 5-minute closes of 2025-01..09: -4.2 bp, sd 1.3 bp (../shared/data/README.md). */
const SPOT_TO_PERP_BASIS = -0.0004;
const DAY_MS = 86_400_000;

const FUNDING = ['../binance-funding/binance-btcusdt-funding-8h-2019-to-2026.csv'];
const UPBIT_1H = ['../upbit-btc-krw/upbit-btc-krw-1h-2017-to-2025.csv.gz'];
const PERP_1H = ['../binance-btcusdt-perp/binance-btcusdt-perp-1h-2019-to-2026.csv.gz'];
const UPBIT_1M_2025_09 = ['../upbit-btc-krw/upbit-btc-krw-1m-2025-09.csv.gz'];
const USDT_KRW_1H_2025 = ['../upbit-usdt-krw/upbit-usdt-krw-1h-2025.csv'];
const spot1m = (part: string): string => `../binance-btcusdt-spot/binance-btcusdt-spot-1m-${part}.csv.gz`;

const SPOT_NOTE =
  'The foreign leg is Binance spot. The perpetual is taken 4 bp below it (mean of 2025-01..09 is -4.2 bp, sd 1.3 bp): premium and z-score are those of spot.';

const BASE = { upbit: [], binance: [], usdtKrw: [], funding: FUNDING, labelShiftMs: 0, perpBasis: 0, notes: [] } as const;

const DATASETS: readonly Dataset[] = [
  {
    ...BASE,
    file: 'premium-1m-spot-2025-09.csv.gz',
    upbit: UPBIT_1M_2025_09,
    binance: [spot1m('2025-q3')],
    usdtKrw: USDT_KRW_1H_2025,
    foreignLeg: 'binance-spot',
    perpBasis: SPOT_TO_PERP_BASIS,
    fxKind: 'daily',
    notes: [SPOT_NOTE],
  },
  {
    ...BASE,
    file: 'premium-1m-spot-blocks-2024-08-to-2025-08.csv.gz',
    upbit: ['../upbit-btc-krw/upbit-btc-krw-1m-blocks-2024-08-to-2025-08.csv.gz'],
    binance: ['2024-08', '2024-q4', '2025-q1', '2025-q2', '2025-q3'].map(spot1m),
    usdtKrw: USDT_KRW_1H_2025,
    foreignLeg: 'binance-spot',
    perpBasis: SPOT_TO_PERP_BASIS,
    fxKind: 'daily',
    notes: [SPOT_NOTE, 'The table is 528 blocks of about 200 minutes: no window reaches over a block edge.'],
  },
  {
    ...BASE,
    file: 'premium-5m-perp-2025-09.csv',
    upbit: UPBIT_1M_2025_09,
    binance: ['../binance-btcusdt-perp/binance-btcusdt-perp-5m-2023-to-2026.csv.gz'],
    usdtKrw: USDT_KRW_1H_2025,
    foreignLeg: 'binance-perp',
    fxKind: 'daily',
  },
  { ...BASE, file: 'premium-1h-perp-2019-to-2025.csv.gz', upbit: UPBIT_1H, binance: PERP_1H, foreignLeg: 'binance-perp', fxKind: 'daily' },
  { ...BASE, file: 'premium-1h-perp-with-usdtkrw-2025.csv', upbit: UPBIT_1H, binance: PERP_1H, foreignLeg: 'binance-perp', fxKind: 'daily' },
  {
    ...BASE,
    file: 'premium-snapshots-2026.csv',
    foreignLeg: 'binance-spot',
    perpBasis: SPOT_TO_PERP_BASIS,
    fxKind: 'live',
    notes: [SPOT_NOTE, 'Irregular snapshots: there are no candles of these moments, so what lies between two rows is unknown.'],
  },
  {
    ...BASE,
    file: 'premium-1d-bitstamp-2017-to-2026.csv',
    labelShiftMs: DAY_MS,
    foreignLeg: 'bitstamp',
    fxKind: 'daily',
    notes: [
      'Rows are labelled by the start of their day; they are read 24 h later, when their closes are known.',
      "Each row's USD/KRW is that of the same day, published at about 15:00 UTC: it looks ahead within the day.",
      'The foreign leg is Bitstamp BTC/USD, not Binance: figures of the Binance leg are those of a stand-in.',
    ],
  },
];

/** The embedded sample (`sample/write-sample.ts` writes it). */
const SAMPLE: Dataset = {
  ...BASE,
  file: 'premium-1m.csv',
  upbit: ['upbit-btc-krw-1m.csv'],
  binance: ['binance-btcusdt-perp-1m.csv'],
  usdtKrw: ['upbit-usdt-krw-1h.csv'],
  funding: ['binance-funding-8h.csv'],
  foreignLeg: 'binance-perp',
  fxKind: 'daily',
};

/** How the first comment of every file begins that `hedgedrill data fetch` wrote. */
export const FETCHED_MARK = 'Fetched by hedgedrill';

/** Names of the files of one fetch, by the length of its candles; KRW-USDT is hourly beside anything finer. */
export function fetchedNames(timeframe: string): Readonly<Record<'premium' | 'upbit' | 'binance' | 'usdtKrw' | 'funding' | 'fx', string>> {
  return {
    premium: `premium-${timeframe}.csv`,
    upbit: `upbit-btc-krw-${timeframe}.csv`,
    binance: `binance-btcusdt-perp-${timeframe}.csv`,
    usdtKrw: `upbit-usdt-krw-${usdtTimeframe(timeframe)}.csv`,
    funding: 'binance-funding.csv',
    fx: 'usdkrw-1d.csv',
  };
}

export const usdtTimeframe = (timeframe: string): string => (timeframe.endsWith('m') ? '1h' : timeframe);

/** A fetched table; undefined for a name that a fetch does not give. */
function fetchedDataset(file: string): Dataset | undefined {
  const timeframe = /^premium-(\d+[mhd])\.csv$/.exec(basename(file))?.[1];
  if (timeframe === undefined) return undefined;
  const { premium, upbit, binance, usdtKrw, funding } = fetchedNames(timeframe);
  return {
    ...BASE,
    file: premium,
    upbit: [upbit],
    binance: [binance],
    usdtKrw: [usdtKrw],
    funding: [funding],
    foreignLeg: 'binance-perp',
    fxKind: 'daily',
  };
}

/**
 * What is known of a table by its file name; undefined for a file of the user's own.
 * @param synthetic - whether the file says so: the sample's name alone is too plain to be told by; so with `fetched`.
 */
export function knownDataset(file: string, { synthetic, fetched }: { readonly synthetic: boolean; readonly fetched: boolean }): Dataset | undefined {
  if (fetched) return fetchedDataset(file);
  if (synthetic) return basename(file) === SAMPLE.file ? SAMPLE : undefined;
  return DATASETS.find((dataset) => dataset.file === basename(file));
}

/** How a table of the user's own is taken: rows labelled by the moment they could be observed, nothing beside it. */
export function unknownDataset(file: string, columns: readonly string[]): Dataset {
  const bitstamp = columns.includes('bitstamp_usd') && !columns.includes('binance_usdt');
  return {
    ...BASE,
    file: basename(file),
    funding: [],
    foreignLeg: bitstamp ? 'bitstamp' : 'unknown',
    fxKind: undefined,
    notes: [
      'The table is not a known data set: its timestamps are taken as the moments at which the rows could be observed.',
      ...(bitstamp ? [] : ['Whether binance_usdt is the perpetual or spot is not known: it is taken as the perpetual.']),
    ],
  };
}

/** A companion's path, from the table's. */
export const besideTable = (table: string, companion: string): string => join(dirname(table), companion);
