import type { PremiumDefinition } from '../hedge/premium.js';
import type { EpochMs } from '../core/units.js';

/** What a strategy may know when a bar closes. One object is reused for every bar: copy what you keep. */
export interface StrategyBar {
  readonly time: EpochMs;
  /** Premium in the definition the config chose, as a fraction (0.01 = 1 %). */
  readonly premium: number;
  readonly upbitKrw: number;
  readonly binanceUsdt: number;
  readonly usdKrw: number;
  /** KRW per USDT on Upbit; NaN where the data has none. */
  readonly usdtKrw?: number | undefined;
  /** The series restarts here: a gap lies between this bar and the one before. */
  readonly afterGap: boolean;
  /** The FX value changed since the bar before. */
  readonly fxStep: boolean;
  /** Since when the FX value has been known; absent where the data do not say. */
  readonly fxSince?: number | undefined;
  /** The FX value was quoted at this bar's own moment rather than by a daily fixing. */
  readonly fxLive?: boolean | undefined;
}

/** What the strategy is told about the book; filled in by the driver. */
export interface StrategyState {
  readonly openPositions: number;
  readonly oldestOpenedAt: EpochMs | undefined;
  readonly entryPremium: number | undefined;
  readonly lastExitAt: EpochMs | undefined;
}

export type Signal =
  | { readonly kind: 'hold' }
  /** `expectedReversion` is the premium gain the strategy expects, as a fraction, before costs. */
  | { readonly kind: 'enter'; readonly expectedReversion: number; readonly z: number; readonly reason: string }
  | { readonly kind: 'exit'; readonly reason: 'target' | 'stop' | 'max-hold' | 'strategy'; readonly z: number };

export type EnterSignal = Extract<Signal, { kind: 'enter' }>;

/** Decides once a bar, on data known at that bar; owns no money and sends nothing. */
export interface Strategy {
  readonly name: string;
  onBar(bar: StrategyBar, state: StrategyState): Signal;
  /** The last bar's z-score for charts; NaN while the window fills. */
  readonly z: number;
  /** Which premium `StrategyBar.premium` must be; `usd` when absent. */
  readonly premium?: PremiumDefinition | undefined;
  /** Why it has (not) acted so far, in one sentence; for a run without trades. */
  explain?(): string;
}

/** What a run tells a strategy about its data. */
export interface StrategyContext {
  /** Usual distance of two bars in milliseconds; 0 in an irregular series. */
  readonly stepMs: number;
  readonly fxKind: 'daily' | 'live' | 'unknown';
}

/** `--strategy file.ts` default-exports one of these. `options` is the config's `strategy.options`, as written. */
export type StrategyFactory = (options: Readonly<Record<string, unknown>>, context: StrategyContext) => Strategy;
