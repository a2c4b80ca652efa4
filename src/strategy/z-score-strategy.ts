import { assert } from '../core/assert.js';
import { impliedRate } from '../hedge/premium.js';
import type { PremiumDefinition } from '../hedge/premium.js';
import { FxGuard } from './fx-guard.js';
import type { FxState } from './fx-guard.js';
import { RollingZ } from './rolling-z.js';
import type { Signal, Strategy, StrategyBar, StrategyContext, StrategyState } from './strategy.js';
import { newCensus, sentenceOf } from './z-score-census.js';
import type { ZScoreCensus } from './z-score-census.js';

/** Durations in milliseconds; premium figures are fractions (0.01 = 1 %). Defaults: `Z_SCORE_DEFAULTS`. */
export interface ZScoreOptions {
  /** Length of the z-score's window. */
  readonly windowMs: number;
  /** Enter when z <= -entry: the premium is low, so buy on Upbit and short on Binance. */
  readonly entry: number;
  /** Exit when z >= -exit; below `entry`, and negative to wait for a premium above the mean. */
  readonly exit: number;
  /** Exit when the premium has fallen by this fraction since the entry; undefined: no stop. */
  readonly stop: number | undefined;
  /** No entry for this long after an exit, nor after another entry. */
  readonly cooldownMs: number;
  /** Exit a position this old, whatever the premium does. */
  readonly holdMsMax: number;
  readonly positionsMax: number;
  /** `level`: at every bar beyond the entry. `re-cross`: at the first bar back above it. */
  readonly trigger: 'level' | 're-cross';
  /** Which premium is traded; see `hedge/premium.ts`. */
  readonly premium: PremiumDefinition;
  /**
   * `latest`: the whole window is restated at the newest USD/KRW, so that a new fixing moves no z-score.
   * `as-published`: every bar keeps the rate of its time. Means nothing for the `usdt` premium.
   */
  readonly fxInWindow: 'latest' | 'as-published';
  /** Fewer bars than this in the window give no z-score. */
  readonly samplesMin: number;
  /** A USD/KRW of a daily fixing that is older opens nothing. */
  readonly fxAgeMsMax: number;
  /** The same for a rate that is quoted live. */
  readonly fxLiveAgeMsMax: number;
  /** A USD/KRW that moved by more than this fraction opens nothing until its next value confirms it. */
  readonly fxJumpMax: number;
}

const HOUR_MS = 3_600_000;

/** Every default with its reason; the numbers behind them are in docs/strategy.md. */
export const Z_SCORE_DEFAULTS: ZScoreOptions = {
  windowMs: 48 * HOUR_MS,
  entry: 2.5,
  exit: 0,
  stop: 0.03,
  cooldownMs: HOUR_MS,
  holdMsMax: 14 * 24 * HOUR_MS,
  positionsMax: 1,
  trigger: 'level',
  premium: 'usd',
  fxInWindow: 'latest',
  samplesMin: 30,
  fxAgeMsMax: 120 * HOUR_MS,
  fxLiveAgeMsMax: 10 * 60_000,
  fxJumpMax: 0.015,
};

const HOLD: Signal = { kind: 'hold' };

/**
 * Mean reversion of the premium, long only: a position is bought when the premium is low against its own
 * recent past and sold when it is back. Nothing is opened on the bar of a new fixing of a daily rate, on a bar
 * after a gap, nor while the rate is stale or has jumped; none of this hinders an exit.
 */
export class ZScoreStrategy implements Strategy {
  readonly name = 'z-score';
  readonly premium: PremiumDefinition;
  readonly options: ZScoreOptions;
  readonly #window: RollingZ;
  readonly #fx: FxGuard;
  readonly #liveFx: boolean;
  readonly #restated: boolean;
  readonly #census: ZScoreCensus = newCensus();
  #z = NaN;
  #armed = false;
  #positionsBefore = 0;
  #enteredAt = -Infinity;
  #entrySeenOpenedAt = NaN;
  #entryFx = NaN;
  #fxBefore = NaN;

  constructor(options: ZScoreOptions, context: StrategyContext) {
    assert(options.windowMs > 0 && options.entry > options.exit, 'a window has a length, and entry lies beyond exit');
    this.options = options;
    this.premium = options.premium;
    this.#window = new RollingZ({ windowMs: options.windowMs, stepMs: context.stepMs, samplesMin: options.samplesMin });
    this.#fx = new FxGuard({ ageMsMax: options.fxAgeMsMax, liveAgeMsMax: options.fxLiveAgeMsMax, jumpMax: options.fxJumpMax });
    this.#liveFx = context.fxKind === 'live';
    this.#restated = options.premium === 'usd' && options.fxInWindow === 'latest';
  }

  get z(): number {
    return this.#z;
  }

  /** What the bars so far came to. */
  get census(): Readonly<ZScoreCensus> {
    return this.#census;
  }

  explain(): string {
    return sentenceOf(this.#census, this.options);
  }

  onBar(bar: StrategyBar, state: StrategyState): Signal {
    if (bar.afterGap) {
      this.#window.restart();
      this.#armed = false;
    }
    const restated = this.#restated;
    // The z-score of a premium at one fixed rate is that of the implied rate: the bank's rate only scales it.
    const value = restated ? impliedRate(bar.upbitKrw, bar.binanceUsdt) : bar.premium;
    const z = this.#window.push(bar.time, value);
    this.#z = z;
    this.#count(bar, z);
    if (state.openPositions > this.#positionsBefore) this.#enteredAt = bar.time;
    this.#positionsBefore = state.openPositions;
    const liveFx = bar.fxLive ?? this.#liveFx;
    const fx = this.premium === 'usd' ? this.#fx.observe(bar.time, bar.usdKrw, liveFx, bar.fxSince) : 'ok';
    // An unrestated window takes a move of the bank's rate for a move of the premium.
    const fxMovesZ = this.premium === 'usd' && !restated && (bar.fxStep || fx === 'jumped');
    const signal = state.openPositions > 0 ? this.#exit(bar, state, z, fxMovesZ) : HOLD;
    this.#fxBefore = bar.usdKrw;
    if (signal.kind !== 'hold') return signal;

    if (!this.#triggered(z)) return HOLD;
    const obstacle = this.#obstacle(bar, state, fx, fxMovesZ || (bar.fxStep && !liveFx));
    this.#census.signals += 1;
    if (obstacle !== undefined) {
      this.#census.blocked[obstacle] += 1;
      return HOLD;
    }
    this.#armed = false;
    this.#census.entries += 1;
    // A move of the implied rate earns its fraction of the rate paid, which is this bar's.
    const sd = restated ? this.#window.sd / value : this.#window.sd;
    const expectedReversion = (-z - this.options.exit) * sd;
    return { kind: 'enter', expectedReversion, z, reason: this.options.trigger === 'level' ? 'premium low' : 'premium turned up from low' };
  }

  /** Whether z asks for an entry; a re-cross needs to have been beyond the entry and not yet back at the exit. */
  #triggered(z: number): boolean {
    const { entry, exit, trigger } = this.options;
    const beyond = z <= -entry;
    const triggered = trigger === 'level' ? beyond : this.#armed && !beyond && z < -exit;
    this.#armed = beyond || (this.#armed && !(z >= -exit));
    return triggered;
  }

  #obstacle(bar: StrategyBar, state: StrategyState, fx: FxState, fxStep: boolean): keyof ZScoreCensus['blocked'] | undefined {
    if (bar.afterGap) return 'gap';
    if (fx === 'stale') return 'fxStale';
    if (fx === 'jumped') return 'fxJumped';
    if (fxStep && this.premium === 'usd') return 'fxStep';
    if (state.openPositions >= this.options.positionsMax) return 'positions';
    const last = Math.max(this.#enteredAt, state.lastExitAt ?? -Infinity);
    return bar.time - last < this.options.cooldownMs ? 'cooldown' : undefined;
  }

  #exit(bar: StrategyBar, state: StrategyState, z: number, fxMovesZ: boolean): Signal {
    const { stop, holdMsMax, exit } = this.options;
    if (state.oldestOpenedAt !== undefined && bar.time - state.oldestOpenedAt >= holdMsMax) return { kind: 'exit', reason: 'max-hold', z };
    if (fxMovesZ) return HOLD;
    if (stop !== undefined && state.entryPremium !== undefined && this.#premiumSinceEntry(bar, state) <= state.entryPremium - stop) {
      return { kind: 'exit', reason: 'stop', z };
    }
    return z >= -exit ? { kind: 'exit', reason: 'target', z } : HOLD;
  }

  /** The premium now, at the bank's rate of the entry: a new fixing alone must not hit a stop. */
  #premiumSinceEntry(bar: StrategyBar, state: StrategyState): number {
    if (!this.#restated) return bar.premium;
    if (state.oldestOpenedAt !== this.#entrySeenOpenedAt) {
      this.#entrySeenOpenedAt = state.oldestOpenedAt ?? NaN;
      this.#entryFx = Number.isNaN(this.#fxBefore) ? bar.usdKrw : this.#fxBefore;
    }
    return impliedRate(bar.upbitKrw, bar.binanceUsdt) / this.#entryFx - 1;
  }

  #count(bar: StrategyBar, z: number): void {
    const census = this.#census;
    census.bars += 1;
    if (bar.afterGap) census.gaps += 1;
    if (Number.isNaN(z)) {
      if (this.#window.isFull(bar.time)) census.barsWithoutSpread += 1;
      else census.barsFilling += 1;
    } else if (z < census.zLowest) census.zLowest = z;
    if (this.#window.count > census.samplesMost) census.samplesMost = this.#window.count;
  }
}

/**
 * The built-in strategy with `options` over the defaults.
 *
 * @param context - of the data it will see; a minute series with a daily rate when absent.
 */
export function createZScoreStrategy(
  options: Partial<ZScoreOptions> = {},
  context: StrategyContext = { stepMs: 60_000, fxKind: 'daily' },
): ZScoreStrategy {
  return new ZScoreStrategy({ ...Z_SCORE_DEFAULTS, ...options }, context);
}
