import { premiumAgainst } from '../hedge/premium.js';
import { asOf } from '../market/align.js';
import { FIXING_KNOWN_AFTER_MS, FX_AGE_MS_MAX } from '../market/fx.js';
import { decimalText } from './history-files.js';

/** Times and closes of one leg's candles, by their open. */
export interface Closes {
  readonly time: Float64Array;
  readonly close: Float64Array;
}

export interface PremiumRows {
  readonly lines: () => Iterable<string>;
  readonly rows: number;
  /** Candles that stand alone, and rows for which no rate was known. */
  readonly withoutPartner: number;
  readonly withoutRate: number;
}

/**
 * Rows where both legs have a candle and USD/KRW was known, labelled by when the candles had closed. Nothing is carried
 * on but the daily rate: over weekends and holidays, as banks do.
 *
 * @param rates - daily rates by their day, or one constant.
 */
export function premiumRows(upbit: Closes, binance: Closes, rates: Closes | number, stepMs: number): PremiumRows {
  const pairs = common(upbit, binance);
  const time = pairs.map(([row]) => (upbit.time[row] ?? Number.NaN) + stepMs);
  const known =
    typeof rates === 'number'
      ? new Float64Array(time.length).fill(rates)
      : asOf(Float64Array.from(time), { knownAt: rates.time.map((day) => day + FIXING_KNOWN_AFTER_MS), value: rates.close }, FX_AGE_MS_MAX.daily)
          .value;
  const withoutRate = known.reduce((count, rate) => count + (Number.isNaN(rate) ? 1 : 0), 0);
  return {
    rows: pairs.length - withoutRate,
    withoutPartner: upbit.time.length + binance.time.length - 2 * pairs.length,
    withoutRate,
    *lines() {
      for (const [index, [row, other]] of pairs.entries()) {
        const [krw, usdt, rate] = [upbit.close[row] ?? Number.NaN, binance.close[other] ?? Number.NaN, known[index] ?? Number.NaN];
        if (Number.isNaN(rate)) continue;
        yield `${time[index] ?? ''},${decimalText(krw)},${decimalText(usdt)},${decimalText(rate)},${premiumAgainst(krw, usdt, rate).toFixed(8)}`;
      }
    },
  };
}

function common(a: Closes, b: Closes): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  let other = 0;
  for (const [row, at] of a.time.entries()) {
    while (other < b.time.length && (b.time[other] ?? 0) < at) other += 1;
    if (b.time[other] === at) pairs.push([row, other]);
  }
  return pairs;
}
