import { InputError } from '../core/input-error.js';
import type { EpochMs } from '../core/units.js';
import { instantText } from '../market/row-rules.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Candle lengths that both venues have, in ccxt's words. */
export const TIMEFRAMES = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '4h': 240 * MINUTE_MS,
  '1d': DAY_MS,
} as const;
export type Timeframe = keyof typeof TIMEFRAMES;

/** Where USD/KRW comes from. */
export type FxSource =
  | { readonly kind: 'frankfurter'; readonly url: string }
  /** A constant, for tests of the machinery: no data. */
  | { readonly kind: 'fixed'; readonly rate: number };

/** What is fetched; everything that decides the bytes of the result. */
export interface FetchPlan {
  /** First instant, and the first one after it. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly timeframe: Timeframe;
  readonly fx: FxSource;
  /** Other servers than the venues' own, such as those of `hedgedrill serve`. */
  readonly upbitUrl?: string | undefined;
  readonly binanceUrl?: string | undefined;
}

/** The first day of BTCUSDT perpetual candles at Binance; Upbit's BTC/KRW is older. */
const FIRST_MS = Date.UTC(2019, 8, 8);
/** The last candle of a range must have closed, and the venues must have had time to write it down. */
const SETTLED_MS = MINUTE_MS;

export const stepMsOf = ({ timeframe }: Pick<FetchPlan, 'timeframe'>): number => TIMEFRAMES[timeframe];

/**
 * Refuses a range that cannot be fetched whole.
 *
 * @throws InputError with the option that is wrong and what to do.
 */
export function refuseRange(plan: FetchPlan, now: EpochMs): void {
  const { from, to, timeframe } = plan;
  const stepMs = stepMsOf(plan);
  const aligned = (instant: number): string => instantText(Math.floor(instant / stepMs) * stepMs);
  for (const [key, instant] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    if (instant % stepMs !== 0)
      throw new InputError(
        `${instantText(instant)} is not the beginning of a ${timeframe} candle`,
        { key },
        `the one before begins at ${aligned(instant)}`,
      );
  }
  if (from >= to)
    throw new InputError(
      `${instantText(to)} does not lie behind --from ${instantText(from)}`,
      { key: '--to' },
      '--to is exclusive: name a later one',
    );
  if (from < FIRST_MS)
    throw new InputError(
      `${instantText(from)} lies before the first candle of the perpetual`,
      { key: '--from' },
      `start at ${instantText(FIRST_MS)} or later`,
    );
  if (to > now - SETTLED_MS)
    throw new InputError(
      `${instantText(to)} is not past yet: the last candle must have closed a minute ago`,
      { key: '--to' },
      `name ${aligned(now - SETTLED_MS)} or earlier`,
    );
}
