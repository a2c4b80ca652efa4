import { alignLeg, presentFiles, readCandles, type AlignedLeg, type CompanionFiles, type Reading } from './companions.js';
import type { BarsSource, Ohlc } from './bars.js';
import { gapFlags } from './gaps.js';

/** A table's rows and the candles of its legs. */
export interface LegColumns {
  readonly time: Float64Array;
  readonly stepMs: number;
  readonly upbitKrw: Float64Array;
  readonly binanceUsdt: Float64Array;
  readonly upbitOhlc?: Ohlc | undefined;
  readonly binanceOhlc?: Ohlc | undefined;
  /** Which rows of the table these are, when some were left out. */
  readonly kept?: Uint32Array | undefined;
  readonly foreignLeg: BarsSource['foreignLeg'];
  readonly perpBasis: number;
}

/** Closes that lie further apart than this are two prices, not one rounded twice. */
const SAME_PRICE = 1e-6;

const bp = (fraction: number): string => `${(fraction * 1e4).toFixed(1)} bp`;

/**
 * Lays the legs' candles beside the rows. Where the user names the perpetual's candles and they are another price
 * than the table's foreign leg (spot, another venue), they become the foreign leg: a row without one is left out.
 */
export async function loadLegs(reading: Reading, rows: LegColumns, upbitFiles: CompanionFiles, binanceFiles: CompanionFiles): Promise<LegColumns> {
  const upbit = await loadLeg(reading, rows, upbitFiles, 'Upbit');
  const binance = await loadLeg(reading, rows, binanceFiles, 'Binance');
  const legs: LegColumns = { ...rows, upbitOhlc: upbit?.ohlc, binanceOhlc: binance?.ohlc };
  if (binance === undefined || !binanceFiles.explicit || Math.abs(binance.deviation) <= SAME_PRICE) return legs;
  reading.notes.push(
    `The foreign leg is the given perpetual, ${bp(binance.deviation)} from the table's own price in the median; premiums are computed anew and ${rows.time.length - binance.covered} rows without a candle are left out.`,
  );
  return withPerpetual(legs, binance.ohlc);
}

async function loadLeg(reading: Reading, rows: LegColumns, wanted: CompanionFiles, leg: 'Upbit' | 'Binance'): Promise<AlignedLeg | undefined> {
  const companion = await presentFiles(wanted);
  if (companion.files.length === 0) {
    reading.notes.push(`No ${leg} candles: the ${leg} leg has closes only, no path between them and no volume.`);
    return undefined;
  }
  const candles = await readCandles(reading, companion.files, leg === 'Upbit' ? 'upbit-candles' : 'binance-candles');
  const price = leg === 'Upbit' ? rows.upbitKrw : rows.binanceUsdt;
  const aligned = alignLeg(reading, companion, candles, {
    time: rows.time,
    stepMs: rows.stepMs,
    afterGap: gapFlags(rows.time, rows.stepMs),
    price,
    leg,
  });
  if (aligned === undefined) return undefined;
  const missing = rows.time.length - aligned.covered;
  if (missing > 0) reading.notes.push(`${leg} candles are missing at ${missing} of ${rows.time.length} rows: closes only there.`);
  if (Math.abs(aligned.deviation) > SAME_PRICE && !(leg === 'Binance' && companion.explicit)) {
    reading.notes.push(`${leg} candle closes lie ${bp(aligned.deviation)} from the table's prices in the median.`);
  }
  return aligned;
}

function withPerpetual(legs: LegColumns, ohlc: Ohlc): LegColumns {
  const kept = Uint32Array.from(legs.time.keys()).filter((row) => !Number.isNaN(ohlc.close[row] ?? Number.NaN));
  return {
    time: pick(legs.time, kept),
    stepMs: legs.stepMs,
    upbitKrw: pick(legs.upbitKrw, kept),
    binanceUsdt: pick(ohlc.close, kept),
    upbitOhlc: legs.upbitOhlc === undefined ? undefined : pickOhlc(legs.upbitOhlc, kept),
    binanceOhlc: pickOhlc(ohlc, kept),
    kept,
    foreignLeg: 'binance-perp',
    perpBasis: 0,
  };
}

/** The column's values at these rows. */
export const pick = (column: Float64Array, rows: Uint32Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? Number.NaN);

const pickOhlc = (ohlc: Ohlc, rows: Uint32Array): Ohlc => ({
  open: pick(ohlc.open, rows),
  high: pick(ohlc.high, rows),
  low: pick(ohlc.low, rows),
  close: pick(ohlc.close, rows),
  volume: pick(ohlc.volume, rows),
});
