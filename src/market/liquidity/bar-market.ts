import { assert } from '../../core/assert.js';
import type { RandomStreams, StreamKey } from '../../core/random.js';
import { epochMs } from '../../core/units.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import type { PremiumBars } from '../bars.js';
import type { BookSnapshot, MarketBar, MarketView } from '../market-view.js';
import { VolatilityTrack } from '../realised-volatility.js';
import type { RealisedVolatility } from '../realised-volatility.js';
import { barMarketCard } from './bar-market-card.js';
import { BarPaths } from './bar-paths.js';
import type { BarPath } from './bar-paths.js';
import { BarTimeline } from './bar-timeline.js';
import { recentVolatility } from './bar-volatility.js';
import { bookStress, modelledBook } from './book-model.js';
import type { BookStress } from './book-model.js';
import { firstAbove } from './sorted.js';

export interface BarMarketOptions {
  /** Multiplies every quantity of every book, for sensitivity figures at half and double depth. */
  readonly depthFactor?: number | undefined;
}

/**
 * The market that historical bars tell of: at every row's time both mids are the data's closes, in between both legs
 * follow one jointly drawn path (premium-model), and the books around them are book-model's. In a gap, and before
 * the first row and after the last one, there is no market.
 */
export function createBarMarket(bars: PremiumBars, seeds: RandomStreams, options: BarMarketOptions = {}): MarketView {
  return new BarMarket(bars, seeds, options.depthFactor ?? 1);
}

class BarMarket implements MarketView {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly card: readonly string[];
  readonly #timeline: BarTimeline;
  readonly #paths: BarPaths;
  readonly #bookKeys: Readonly<Record<VenueId, StreamKey>>;
  readonly #depthFactor: number;
  /** Highest perpetual mid of the bars that were looked into. */
  readonly #tops = new Map<number, number>();
  #volatility: VolatilityTrack | undefined;
  #stress: { readonly index: number; readonly upbit: BookStress; readonly binance: BookStress } | undefined;

  constructor(bars: PremiumBars, seeds: RandomStreams, depthFactor: number) {
    assert(depthFactor > 0, `a depth factor is above 0, was ${depthFactor}`);
    this.#timeline = new BarTimeline(bars);
    this.#paths = new BarPaths(this.#timeline, seeds.key('market/path'));
    this.#bookKeys = { upbit: seeds.key('market/book/upbit'), binance: seeds.key('market/book/binance') };
    this.#depthFactor = depthFactor;
    this.from = epochMs(bars.time[0] ?? 0);
    this.to = epochMs(bars.time[bars.length - 1] ?? 0);
    this.card = barMarketCard(this.#timeline, depthFactor);
  }

  mid(venue: VenueId, at: EpochMs): number | undefined {
    const place = this.#timeline.locate(at);
    if (place === undefined) return undefined;
    if (!place.onClose) return midOf(this.#paths.at(place.index), venue, at);
    const close = this.#timeline.close(venue, place.index);
    return close > 0 ? close : undefined;
  }

  book(venue: VenueId, at: EpochMs): BookSnapshot | undefined {
    const mid = this.mid(venue, at);
    const place = this.#timeline.locate(at);
    if (mid === undefined || place === undefined) return undefined;
    return modelledBook(venue, this.#bookKeys[venue], at, mid, this.#stressOf(place.index)[venue], this.#depthFactor);
  }

  usdKrw(at: EpochMs): number | undefined {
    return this.#timeline.known(this.#timeline.bars.usdKrw, at);
  }

  usdtKrw(at: EpochMs): number | undefined {
    return this.#timeline.known(this.#timeline.bars.usdtKrw, at);
  }

  nextFunding(at: EpochMs): { readonly at: EpochMs; readonly rate: number } | undefined {
    const { time, rate } = this.#timeline.bars.funding;
    const index = firstAbove(time, at);
    const when = time[index];
    return when === undefined ? undefined : { at: epochMs(when), rate: rate[index] ?? 0 };
  }

  realisedVolatility(at: EpochMs): RealisedVolatility | undefined {
    this.#volatility ??= new VolatilityTrack(this.#timeline.bars);
    return this.#volatility.at(at);
  }

  highestMark(from: EpochMs, to: EpochMs): number | undefined {
    const { time, length } = this.#timeline.bars;
    const first = firstAbove(time, from);
    const last = Math.min(firstAbove(time, to), length - 1);
    let highest = Number.NEGATIVE_INFINITY;
    for (let index = first; index <= last; index += 1) {
      const end = time[index] ?? 0;
      if (end <= to) highest = Math.max(highest, this.#timeline.close('binance', index) || highest);
      if (this.#timeline.live[index] !== 1) continue;
      const start = this.#timeline.startOf(index);
      if (start < from || end > to) highest = Math.max(highest, this.#topWithin(index, from, to));
    }
    // Whole bars come last: the closes already rule most of them out, so few paths have to be drawn.
    for (let index = first; index <= last; index += 1) {
      const whole = this.#timeline.live[index] === 1 && this.#timeline.startOf(index) >= from && (time[index] ?? 0) <= to;
      if (whole) highest = Math.max(highest, this.#topAbove(index, highest));
    }
    return highest > 0 ? highest : undefined;
  }

  bars(venue: VenueId, from: EpochMs, to: EpochMs): readonly MarketBar[] {
    const { time, length } = this.#timeline.bars;
    const found: MarketBar[] = [];
    for (let index = firstAbove(time, from); index < length && (time[index] ?? Infinity) <= to; index += 1) {
      const bar = this.#timeline.barOf(venue, index);
      if (bar !== undefined) found.push(bar);
    }
    return found;
  }

  /** Highest mark of a whole bar, or something not above `floor` when it cannot be above it. */
  #topAbove(index: number, floor: number): number {
    const known = this.#tops.get(index);
    if (known !== undefined) return known;
    const candle = this.#timeline.candle('binance', index);
    if (candle === undefined && this.#paths.perpBound(index) <= floor) return floor;
    const top = candle?.high ?? this.#paths.at(index).binance.reduce((a, b) => Math.max(a, b), 0);
    this.#tops.set(index, top);
    return top;
  }

  /** Highest mark of a bar within (from, to], a part of it. */
  #topWithin(index: number, from: EpochMs, to: EpochMs): number {
    const path = this.#paths.at(index);
    const start = Math.max(from + 1, path.startMs + 1);
    const end = Math.min(to, (this.#timeline.bars.time[index] ?? 0) - 1);
    if (start > end) return Number.NEGATIVE_INFINITY;
    let top = Math.max(midOf(path, 'binance', start), midOf(path, 'binance', end));
    const firstStep = Math.ceil((start - path.startMs) / path.stepMs);
    const lastStep = Math.floor((end - path.startMs) / path.stepMs);
    for (let step = firstStep; step <= lastStep; step += 1) top = Math.max(top, path.binance[step] ?? 0);
    return top;
  }

  #stressOf(index: number): { readonly upbit: BookStress; readonly binance: BookStress } {
    if (this.#stress?.index === index) return this.#stress;
    const recent = recentVolatility(this.#timeline.bars, index, this.#timeline.live);
    this.#stress = {
      index,
      upbit: bookStress('upbit', recent.upbit, recent.premium),
      binance: bookStress('binance', recent.binance, recent.premium),
    };
    return this.#stress;
  }
}

function midOf(path: BarPath, venue: VenueId, at: number): number {
  const position = (at - path.startMs) / path.stepMs;
  const left = Math.floor(position);
  const prices = venue === 'upbit' ? path.upbit : path.binance;
  const price = prices[left] ?? 0;
  return price + ((prices[left + 1] ?? price) - price) * (position - left);
}
