import type { EpochMs } from '../core/units.js';
import type { PremiumBars } from './bars.js';
import { firstAbove } from './liquidity/sorted.js';

/** How much prices moved of late, bp a square-root minute. */
export interface RealisedVolatility {
  /** Of the foreign leg: the world price. */
  readonly world: number;
  /** Of the premium without its FX steps: what Upbit does by itself. */
  readonly premium: number;
}

/** What moved so long ago counts half. */
const HALF_LIFE_MS = 10 * 60_000;

/**
 * Realised volatility by exponentially weighted squares of the bars' log changes. An instant sees bars that had closed
 * by then and no others, so changing what comes later changes nothing; a gap forgets what was before it.
 */
export class VolatilityTrack {
  readonly #time: Float64Array;
  readonly #world: Float64Array;
  readonly #premium: Float64Array;

  constructor(bars: PremiumBars) {
    this.#time = bars.time;
    this.#world = new Float64Array(bars.length).fill(Number.NaN);
    this.#premium = new Float64Array(bars.length).fill(Number.NaN);
    let [minutes, world, premium] = [0, 0, 0];
    for (let index = 1; index < bars.length; index += 1) {
      if (bars.afterGap[index] === 1) [minutes, world, premium] = [0, 0, 0];
      else {
        const length = (bars.time[index] ?? 0) - (bars.time[index - 1] ?? 0);
        const foreign = changeBp(bars.binanceUsdt, index);
        const own = changeBp(bars.upbitKrw, index) - foreign;
        if (!Number.isNaN(own)) {
          const kept = 0.5 ** (length / HALF_LIFE_MS);
          minutes = minutes * kept + length / 60_000;
          world = world * kept + foreign ** 2;
          premium = premium * kept + own ** 2;
        }
      }
      if (minutes === 0) continue;
      this.#world[index] = Math.sqrt(world / minutes);
      this.#premium[index] = Math.sqrt(premium / minutes);
    }
  }

  /** From the bars that closed at or before `at`; undefined before the second one and where a gap has just ended. */
  at(at: EpochMs): RealisedVolatility | undefined {
    const row = firstAbove(this.#time, at) - 1;
    const world = this.#world[row] ?? Number.NaN;
    return Number.isNaN(world) ? undefined : { world, premium: this.#premium[row] ?? 0 };
  }
}

function changeBp(values: Float64Array, index: number): number {
  return Math.log((values[index] ?? Number.NaN) / (values[index - 1] ?? Number.NaN)) * 10_000;
}
