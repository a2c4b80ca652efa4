/** What a file holds; decides which columns it must have and what its cells may be. */
export type TableKind = 'premium' | 'upbit-candles' | 'binance-candles' | 'usdt-candles' | 'fx' | 'funding';

/** The values a column may take; outside of them the unit is wrong, and `hints` says which one it looks like. */
export interface UnitRange {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly hints: readonly { readonly min: number; readonly max: number; readonly text: string }[];
}

export interface ColumnSpec {
  readonly name: string;
  /** A required column must be in the header and none of its cells may be empty. */
  readonly required: boolean;
  /** Other names under which people keep this column; only used to suggest a renaming. */
  readonly aliases: readonly string[];
  readonly range?: UnitRange | undefined;
  /** Words instead of numbers; held as codes into a list of labels. */
  readonly text?: boolean | undefined;
}

export interface TableSchema {
  readonly kind: TableKind;
  /** For messages: `a premium table`. */
  readonly title: string;
  readonly columns: readonly ColumnSpec[];
  /** Groups of columns of which at least one must be in the header. */
  readonly oneOf: readonly (readonly string[])[];
}

const KRW_PER_BTC: UnitRange = {
  unit: 'KRW per BTC',
  min: 500_000,
  max: 1e11,
  hints: [
    {
      min: 50,
      max: 500_000,
      text: 'it looks like man-won (10,000 KRW), thousands of KRW or dollars: this column is in whole KRW, so multiply man-won by 10,000 and thousands by 1,000',
    },
  ],
};
const USD_PER_BTC: UnitRange = {
  unit: 'USDT per BTC',
  min: 500,
  max: 5_000_000,
  hints: [
    { min: 0.5, max: 500, text: 'it looks like thousands: multiply by 1,000' },
    { min: 5_000_000, max: 1e11, text: 'it looks like KRW: this column is the foreign price in USDT' },
  ],
};
const KRW_PER_USD: UnitRange = {
  unit: 'KRW per dollar',
  min: 300,
  max: 10_000,
  hints: [{ min: 0.0001, max: 0.0034, text: 'it looks like dollars per KRW: use 1 / x' }],
};
const FUNDING: UnitRange = {
  unit: 'a fraction per 8 h',
  min: -0.0075,
  max: 0.0075,
  hints: [
    { min: -1, max: 1, text: 'it looks like percent: divide by 100 (0.01 % is 0.0001)' },
    { min: -100, max: 100, text: 'it looks like basis points: divide by 10,000' },
  ],
};
const TIME: UnitRange = {
  unit: 'milliseconds UTC since 1970',
  min: 1e11,
  max: 1e13,
  hints: [
    { min: 1e8, max: 1e11, text: 'it looks like seconds: multiply by 1,000' },
    { min: 1e14, max: 1e16, text: 'it looks like microseconds: divide by 1,000' },
    { min: 1e17, max: 1e19, text: 'it looks like nanoseconds: divide by 1,000,000' },
  ],
};
const VOLUME: UnitRange = { unit: 'a volume in the base coin', min: 0, max: 1e15, hints: [] };

const column = (name: string, required: boolean, range: UnitRange | undefined, aliases: readonly string[] = []): ColumnSpec => ({
  name,
  required,
  aliases,
  range,
});
const time = column('timestamp', true, TIME, ['time', 'ts', 'date', 'datetime', 'open_time', 'opentime', 'timestamp_ms', 'unix']);

function candles(kind: TableKind, title: string, price: UnitRange): TableSchema {
  const columns = [
    time,
    column('open', true, price, ['o', 'opening_price']),
    column('high', true, price, ['h', 'high_price']),
    column('low', true, price, ['l', 'low_price']),
    column('close', true, price, ['c', 'last', 'price', 'trade_price']),
    column('volume', false, VOLUME, ['v', 'vol', 'base_volume', 'candle_acc_trade_volume']),
  ];
  return { kind, title, columns, oneOf: [] };
}

const PREMIUM: TableSchema = {
  kind: 'premium',
  title: 'a premium table',
  columns: [
    time,
    column('upbit_krw', true, KRW_PER_BTC, ['upbit', 'krw', 'upbit_price', 'upbit_close']),
    column('binance_usdt', false, USD_PER_BTC, ['binance', 'usdt', 'binance_price', 'binance_close']),
    column('bitstamp_usd', false, USD_PER_BTC, ['bitstamp']),
    column('usdkrw', true, KRW_PER_USD, ['fx', 'usd_krw', 'krw_usd', 'rate', 'exchange_rate']),
    column('premium', false, undefined, ['kimchi_premium', 'kimp']),
    column('upbit_usdt_krw', false, KRW_PER_USD, ['usdt_krw', 'usdtkrw']),
    column('usdt_premium', false, undefined),
    column('premium_vs_usdt', false, undefined),
    { name: 'fx_source', required: false, aliases: [], text: true },
  ],
  oneOf: [['binance_usdt', 'bitstamp_usd']],
};

const FX: TableSchema = {
  kind: 'fx',
  title: 'a USD/KRW file',
  columns: [
    time,
    column('usdkrw', false, KRW_PER_USD, ['fx', 'usd_krw', 'rate']),
    // Of FX candles the close alone is used; a source's own range may even lie beside it.
    column('close', false, KRW_PER_USD),
  ],
  oneOf: [['usdkrw', 'close']],
};

const FUNDING_RATES: TableSchema = {
  kind: 'funding',
  title: 'a funding file',
  columns: [time, column('funding_rate', true, FUNDING, ['funding', 'rate', 'fundingrate', 'last_funding_rate'])],
  oneOf: [],
};

const SCHEMAS: Readonly<Record<TableKind, TableSchema>> = {
  premium: PREMIUM,
  'upbit-candles': candles('upbit-candles', 'an Upbit BTC/KRW candle file', KRW_PER_BTC),
  'binance-candles': candles('binance-candles', 'a Binance BTC/USDT candle file', USD_PER_BTC),
  'usdt-candles': candles('usdt-candles', 'an Upbit USDT/KRW candle file', KRW_PER_USD),
  fx: FX,
  funding: FUNDING_RATES,
};

export const schemaOf = (kind: TableKind): TableSchema => SCHEMAS[kind];
