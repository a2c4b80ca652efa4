import type { ScanBars } from '../../../src/strategy/scan.js';
import type { StrategyState } from '../../../src/strategy/strategy.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export interface BarsInput {
  /** Premium of each bar against `usdKrw`, as fractions. */
  readonly premium: readonly number[];
  readonly stepMs?: number;
  /** KRW per USD of each bar, or of all. */
  readonly usdKrw?: number | readonly number[];
  readonly usdtKrw?: number;
  readonly gapsAt?: readonly number[];
  /** Extra milliseconds before these bars. */
  readonly pauseMs?: number;
}

/** Bars with the given premiums at a constant dollar price; an FX step changes the premium, not the prices, when `fixedPrices`. */
export function barsOf({ premium, stepMs = MINUTE, usdKrw = 1_400, usdtKrw = NaN, gapsAt = [], pauseMs = 0 }: BarsInput): ScanBars {
  const length = premium.length;
  const rate = (index: number): number => (typeof usdKrw === 'number' ? usdKrw : (usdKrw[index] ?? NaN));
  const time = new Float64Array(length);
  let now = Date.UTC(2025, 8, 1);
  for (let index = 0; index < length; index += 1) {
    time[index] = now += gapsAt.includes(index) ? stepMs + pauseMs : stepMs;
  }
  const dollars = Float64Array.from({ length }, (_, index) => 110_000 * (1 + 0.001 * Math.sin(index)));
  return {
    time,
    binanceUsdt: dollars,
    upbitKrw: Float64Array.from({ length }, (_, index) => (dollars[index] ?? NaN) * rate(index) * (1 + (premium[index] ?? NaN))),
    usdKrw: Float64Array.from({ length }, (_, index) => rate(index)),
    usdtKrw: new Float64Array(length).fill(usdtKrw),
    premium: Float64Array.from(premium),
    afterGap: Uint8Array.from({ length }, (_, index) => (gapsAt.includes(index) ? 1 : 0)),
    fxStep: Uint8Array.from({ length }, (_, index) => (index > 0 && rate(index) !== rate(index - 1) ? 1 : 0)),
    length,
  };
}

/** The same KRW and dollar prices, seen at another bank rate from `from` on. */
export function withFixing(bars: ScanBars, from: number, usdKrw: number): ScanBars {
  const rates = bars.usdKrw.map((rate, index) => (index >= from ? usdKrw : rate));
  return {
    ...bars,
    usdKrw: rates,
    premium: bars.premium.map((_, index) => (bars.upbitKrw[index] ?? NaN) / ((bars.binanceUsdt[index] ?? NaN) * (rates[index] ?? NaN)) - 1),
    fxStep: bars.fxStep.map((step, index) => (index === from ? 1 : step)),
  };
}

/** A premium that swings by `amplitude` around `level`, for windows to fill with. */
export const swing = (length: number, level = 0.01, amplitude = 0.001): number[] =>
  Array.from({ length }, (_, index) => level + amplitude * Math.sin(index / 3));

export const FLAT: StrategyState = { openPositions: 0, oldestOpenedAt: undefined, entryPremium: undefined, lastExitAt: undefined };
