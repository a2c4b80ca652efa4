import { premiumAgainst } from '../hedge/premium.js';
import type { PremiumDefinition } from '../hedge/premium.js';
import type { EpochMs } from '../core/units.js';
import type { Signal, Strategy, StrategyBar, StrategyState } from './strategy.js';

/** The columns a scan reads; `PremiumBars` of the market has them. */
export interface ScanBars {
  readonly time: Float64Array;
  readonly upbitKrw: Float64Array;
  readonly binanceUsdt: Float64Array;
  readonly usdKrw: Float64Array;
  readonly usdtKrw: Float64Array;
  readonly premium: Float64Array;
  readonly afterGap: Uint8Array;
  readonly fxStep: Uint8Array;
  readonly fxSince?: Float64Array | undefined;
  readonly fxLive?: Uint8Array | undefined;
  readonly length: number;
}

export interface ScanLimits {
  /** The first row that is not looked at; all rows when absent. */
  readonly until?: number | undefined;
  /** Signals of rows before this one are dropped: their bars closed while a flow was running. */
  readonly actFrom?: number | undefined;
}

export interface ScanHit {
  readonly index: number;
  readonly signal: Exclude<Signal, { readonly kind: 'hold' }>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Walks the bars from `startIndex` until the strategy signals, without a promise, a timer or an allocation a
 * bar: the idle bars of a backtest cost no event. `state` must not change meanwhile; every row is to be
 * scanned exactly once and in order, since a strategy keeps its window.
 *
 * @returns the row that signalled, or undefined when none did.
 */
export function scanFrom(bars: ScanBars, strategy: Strategy, startIndex: number, state: StrategyState, limits: ScanLimits = {}): ScanHit | undefined {
  const { time, upbitKrw, binanceUsdt, usdKrw, usdtKrw, premium, afterGap, fxStep, fxSince, fxLive } = bars;
  const until = Math.min(limits.until ?? bars.length, bars.length);
  const actFrom = limits.actFrom ?? startIndex;
  const inUsdt = strategy.premium === 'usdt';
  const bar: Mutable<StrategyBar> = {
    time: 0 as EpochMs,
    premium: NaN,
    upbitKrw: NaN,
    binanceUsdt: NaN,
    usdKrw: NaN,
    usdtKrw: NaN,
    afterGap: false,
    fxStep: false,
    fxSince: undefined,
    fxLive: undefined,
  };
  for (let index = startIndex; index < until; index += 1) {
    bar.time = time[index] as EpochMs;
    bar.upbitKrw = upbitKrw[index] as number;
    bar.binanceUsdt = binanceUsdt[index] as number;
    bar.usdKrw = usdKrw[index] as number;
    const perUsdt = usdtKrw[index] as number;
    bar.usdtKrw = perUsdt;
    bar.premium = inUsdt ? premiumAgainst(bar.upbitKrw, bar.binanceUsdt, perUsdt) : (premium[index] as number);
    bar.afterGap = afterGap[index] === 1;
    bar.fxStep = fxStep[index] === 1;
    if (fxSince !== undefined) bar.fxSince = fxSince[index];
    if (fxLive !== undefined) bar.fxLive = fxLive[index] === 1;
    const signal = strategy.onBar(bar, state);
    if (signal.kind !== 'hold' && index >= actFrom) return { index, signal };
  }
  return undefined;
}

/** The premium of a row in the definition that the strategy trades (`Strategy.premium`); NaN where its rate is unknown. */
export function premiumAt(bars: ScanBars, definition: PremiumDefinition | undefined, row: number): number {
  if (definition !== 'usdt') return bars.premium[row] ?? NaN;
  return premiumAgainst(bars.upbitKrw[row] ?? NaN, bars.binanceUsdt[row] ?? NaN, bars.usdtKrw[row] ?? NaN);
}
