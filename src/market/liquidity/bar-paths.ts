import { uniformAt } from '../../core/random.js';
import type { StreamKey } from '../../core/random.js';
import type { VenueId } from '../../core/units.js';
import { runByActivity } from './activity-clock.js';
import type { BarTimeline } from './bar-timeline.js';
import { localVolatility } from './bar-volatility.js';
import { fitToCandle } from './candle-fit.js';
import { drawLegPath } from './leg-path.js';
import type { LegPath, ObservedChanges } from './leg-path.js';
import { PREMIUM_MODEL } from './premium-model.js';
import { pathWeights } from './path-weights.js';
import type { PathWeights } from './path-weights.js';

/** The path's grid: a second, or a 3,600th of a bar longer than an hour; at least 8 steps in a shorter one. */
const STEP_MS = 1_000;
const STEPS_MIN = 8;
const STEPS_MAX = 3_600;
/** Closes this near to the bar are looked at too; farther ones say nothing new, the transient lives a minute. */
const CONTEXT_MS = 150_000;
const CONTEXT_BARS = 3;
const CACHED_PATHS = 64;
/** Paths drawn for a bar with a candle; the one whose highs and lows are nearest to the candle's needs least bending. */
const CANDIDATES = 4;
const CACHED_WEIGHTS = 64;
/** The world's leg never leaves its two closes by more than this many sds of the bar: 8 sds of a bridge's middle. */
const REACH_SDS = 4;
const BP = 10_000;
const VENUES: readonly VenueId[] = ['upbit', 'binance'];
const BAR_WORLD_SD = Math.sqrt(PREMIUM_MODEL.worldVariance);

/** Both mids on a bar's grid; straight between its points. The first point is the price just after the bar's start. */
export interface BarPath {
  readonly startMs: number;
  readonly stepMs: number;
  readonly upbit: Float64Array;
  readonly binance: Float64Array;
}

/**
 * Paths inside bars, drawn when asked for: each from a key hashed of the run's path key and the bar's index, so that
 * it is the same whatever was asked before. Only the last few are kept.
 */
export class BarPaths {
  readonly #timeline: BarTimeline;
  readonly #key: StreamKey;
  readonly #paths = new Map<number, BarPath>();
  readonly #weights = new Map<string, PathWeights>();
  #latest: { readonly index: number; readonly path: BarPath } | undefined;

  constructor(timeline: BarTimeline, key: StreamKey) {
    this.#timeline = timeline;
    this.#key = key;
  }

  /** The path of a live bar. */
  at(index: number): BarPath {
    if (this.#latest?.index === index) return this.#latest.path;
    const path = this.#paths.get(index) ?? this.#draw(index);
    this.#paths.delete(index);
    this.#latest = { index, path: remember(this.#paths, index, path, CACHED_PATHS) };
    return path;
  }

  /** No mid of the perpetual inside a bar without a candle is above this; cheap, for `highestMark`. */
  perpBound(index: number): number {
    const { world } = localVolatility(this.#timeline.bars, index, this.#timeline.live);
    return Math.max(this.#timeline.close('binance', index - 1), this.#timeline.close('binance', index)) * Math.exp(this.#reach(index, world));
  }

  #reach(index: number, scale: number): number {
    return (REACH_SDS * scale * BAR_WORLD_SD * Math.sqrt(this.#timeline.lengthOf(index) / 60_000)) / BP;
  }

  #draw(index: number): BarPath {
    const timeline = this.#timeline;
    const lengthMs = timeline.lengthOf(index);
    const steps = Math.min(STEPS_MAX, Math.max(STEPS_MIN, Math.round(lengthMs / STEP_MS)));
    const rows = this.#context(index);
    const times = rows.map((row) => ((timeline.bars.time[row] ?? 0) - timeline.startOf(index)) / 60_000);
    const scale = localVolatility(timeline.bars, index, timeline.live);
    const minutes = lengthMs / 60_000;
    const weights = this.#weightsFor(times, minutes, steps);
    const observed = this.#observed(index, rows);
    const candidates = Array.from({ length: this.#hasCandle(index) ? CANDIDATES : 1 }, (_, candidate): LegPath => {
      const key = this.#keyOf(index, candidate);
      const path = drawLegPath(key, weights, observed, minutes, steps, scale);
      runByActivity(key, [path.world, path.upbit]);
      return path;
    });
    const path = this.#closestToCandles(index, candidates);
    const binance = this.#prices('binance', index, path.world);
    const upbit = this.#prices('upbit', index, path.upbit);
    if (timeline.candle('binance', index) === undefined) this.#keepInReach(binance, index, scale.world);
    return { startMs: timeline.startOf(index), stepMs: lengthMs / steps, upbit, binance };
  }

  /** Rows whose closes the path must meet or listen to: the bar's end and its neighbours without a gap between. */
  #context(index: number): number[] {
    const { bars, live } = this.#timeline;
    const rows = [index];
    for (let row = index - 2; row >= Math.max(0, index - 1 - CONTEXT_BARS); row -= 1) {
      if (live[row + 1] !== 1 || this.#timeline.startOf(index) - (bars.time[row] ?? 0) > CONTEXT_MS) break;
      rows.unshift(row);
    }
    for (let row = index + 1; row <= index + CONTEXT_BARS; row += 1) {
      if (live[row] !== 1 || (bars.time[row] ?? 0) - (bars.time[index] ?? 0) > CONTEXT_MS) break;
      rows.push(row);
    }
    return rows;
  }

  #observed(index: number, rows: readonly number[]): ObservedChanges {
    const change = (venue: VenueId, row: number): number => Math.log(this.#timeline.close(venue, row) / this.#timeline.close(venue, index - 1)) * BP;
    return { world: rows.map((row) => change('binance', row)), upbit: rows.map((row) => change('upbit', row)) };
  }

  #weightsFor(times: readonly number[], endMinutes: number, steps: number): PathWeights {
    const pattern = `${times.join()}/${endMinutes}`;
    const known = this.#weights.get(pattern);
    if (known !== undefined) return known;
    return remember(this.#weights, pattern, pathWeights(times, endMinutes, steps), CACHED_WEIGHTS);
  }

  #prices(venue: VenueId, index: number, changesBp: Float64Array): Float64Array {
    const start = this.#timeline.close(venue, index - 1);
    const prices = changesBp.map((change) => start * Math.exp(change / BP));
    prices[prices.length - 1] = this.#timeline.close(venue, index);
    const candle = this.#timeline.candle(venue, index);
    if (candle !== undefined) fitToCandle(prices, candle);
    return prices;
  }

  #keepInReach(prices: Float64Array, index: number, scale: number): void {
    const reach = Math.exp(this.#reach(index, scale));
    const [start, end] = [this.#timeline.close('binance', index - 1), this.#timeline.close('binance', index)];
    for (let step = 1; step < prices.length - 1; step += 1) {
      prices[step] = Math.min(Math.max(prices[step] ?? 0, Math.min(start, end) / reach), Math.max(start, end) * reach);
    }
  }

  #hasCandle(index: number): boolean {
    return VENUES.some((venue) => this.#timeline.candle(venue, index) !== undefined);
  }

  #closestToCandles(index: number, candidates: readonly LegPath[]): LegPath {
    const misfit = ({ world, upbit }: LegPath): number => this.#misfit('binance', index, world) + this.#misfit('upbit', index, upbit);
    return candidates.reduce((best, next) => (misfit(next) < misfit(best) ? next : best));
  }

  /** How far a path's extremes are from the candle's, in bp; 0 without a candle. */
  #misfit(venue: VenueId, index: number, changesBp: Float64Array): number {
    const candle = this.#timeline.candle(venue, index);
    if (candle === undefined) return 0;
    const start = this.#timeline.close(venue, index - 1);
    const [top, bottom] = [changesBp.reduce((a, b) => Math.max(a, b), 0), changesBp.reduce((a, b) => Math.min(a, b), 0)];
    return Math.abs(Math.log(candle.high / start) * BP - top) + Math.abs(Math.log(candle.low / start) * BP - bottom);
  }

  #keyOf(index: number, candidate: number): StreamKey {
    const word = (part: number): number => Math.floor(uniformAt(this.#key, (index * CANDIDATES + candidate) * 2 + part) * 0x1_0000_0000);
    return { high: word(0), low: word(1) };
  }
}

/** Puts an entry into a map that forgets its oldest beyond `limit`. */
function remember<K, V>(map: Map<K, V>, key: K, value: V, limit: number): V {
  const oldest = map.size >= limit ? map.keys().next() : undefined;
  if (oldest?.done === false) map.delete(oldest.value);
  map.set(key, value);
  return value;
}
