import type { EpochMs } from '../core/units.js';

/** What a strategy may know when a bar closes. One object is reused for every bar: copy what you keep. */
export interface StrategyBar {
  readonly time: EpochMs;
  /** Premium in the definition the config chose, as a fraction (0.01 = 1 %). */
  readonly premium: number;
  readonly upbitKrw: number;
  readonly binanceUsdt: number;
  readonly usdKrw: number;
  /** The series restarts here: a gap lies between this bar and the one before. */
  readonly afterGap: boolean;
  /** The FX value changed since the bar before. */
  readonly fxStep: boolean;
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

/** Decides once a bar, on data known at that bar; owns no money and sends nothing. */
export interface Strategy {
  readonly name: string;
  onBar(bar: StrategyBar, state: StrategyState): Signal;
  /** The last bar's z-score for charts; NaN while the window fills. */
  readonly z: number;
}
