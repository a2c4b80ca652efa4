import { fixed } from '../../core/money.js';
import type { Btc, Fixed } from '../../core/money.js';
import { epochMs } from '../../core/units.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import type { BookLevel, BookSnapshot, MarketView } from '../market-view.js';
import { BOOK_GRIDS } from './venue-grids.js';
import type { BookGrid } from './venue-grids.js';

/** What is done to one venue's market for a while; the `market` fault of a scenario, with its place in time. */
export interface MarketWindow {
  /** First instant it holds at. */
  readonly fromMs: EpochMs;
  /** First instant it no longer holds at; for ever when absent. */
  readonly untilMs?: EpochMs | undefined;
  readonly venue: VenueId;
  /** No book: nothing trades. The mid goes on, as other markets do. */
  readonly halt?: boolean | undefined;
  /** Moves mid and book, up when positive. */
  readonly gapBp?: number | undefined;
  /** Multiplies every quantity of the book. */
  readonly depthFactor?: number | undefined;
  /** The spread the book has at least. */
  readonly spreadBp?: number | undefined;
}

/** Windows that hold together: moves and depths multiply, the widest spread wins. */
interface Effect {
  readonly halt: boolean;
  readonly factor: number;
  readonly depth: number;
  readonly spreadBp: number;
}

/** Windows known in advance, or what gives those to reckon with at an instant. */
export type MarketWindows = readonly MarketWindow[] | ((at: EpochMs) => readonly MarketWindow[]);

/**
 * A market with windows laid over it. A function is asked anew at every question, so that windows which a scenario
 * opens while it runs hold from then on; `highestMark` asks it once, at the end of its stretch.
 */
export function overlayMarket(inner: MarketView, windows: MarketWindows): MarketView {
  const windowsAt = (at: EpochMs): readonly MarketWindow[] => (typeof windows === 'function' ? windows(at) : windows);
  const effectAt = (venue: VenueId, at: EpochMs): Effect | undefined => {
    const all = windowsAt(at);
    return all.length === 0 ? undefined : effectOf(all.filter((window) => window.venue === venue && holds(window, at)));
  };
  return {
    mid: (venue, at) => {
      const mid = inner.mid(venue, at);
      const effect = mid === undefined ? undefined : effectAt(venue, at);
      return mid === undefined || effect === undefined ? mid : mid * effect.factor;
    },
    book: (venue, at) => {
      const effect = effectAt(venue, at);
      if (effect === undefined) return inner.book(venue, at);
      const book = effect.halt ? undefined : inner.book(venue, at);
      return book === undefined ? undefined : changedBook(book, effect, BOOK_GRIDS[venue]);
    },
    usdKrw: (at) => inner.usdKrw(at),
    usdtKrw: (at) => inner.usdtKrw(at),
    nextFunding: (at) => inner.nextFunding(at),
    realisedVolatility: (at) => inner.realisedVolatility?.(at),
    highestMark: (from, to) => highestMark(inner, windowsAt(to), from, to),
    // What the data says of a bar holds where no window moved the market; elsewhere `mid` tells.
    bars: (venue, from, to) =>
      windowsAt(to).some((window) => window.venue === venue && window.fromMs <= to && (window.untilMs ?? Infinity) > from)
        ? []
        : (inner.bars?.(venue, from, to) ?? []),
    from: inner.from,
    to: inner.to,
    card: inner.card,
  };
}

function holds(window: MarketWindow, at: EpochMs): boolean {
  return at >= window.fromMs && (window.untilMs === undefined || at < window.untilMs);
}

function effectOf(active: readonly MarketWindow[]): Effect | undefined {
  if (active.length === 0) return undefined;
  return {
    halt: active.some((window) => window.halt === true),
    factor: active.reduce((product, window) => product * (1 + (window.gapBp ?? 0) / 10_000), 1),
    depth: active.reduce((product, window) => product * (window.depthFactor ?? 1), 1),
    spreadBp: active.reduce((widest, window) => Math.max(widest, window.spreadBp ?? 0), 0),
  };
}

/** Cuts the time at the windows' edges; between two of them the inner mark is moved by one factor. */
function highestMark(inner: MarketView, windows: readonly MarketWindow[], from: EpochMs, to: EpochMs): number | undefined {
  const moving = windows.filter((window) => window.venue === 'binance' && (window.gapBp ?? 0) !== 0);
  // The last instant before an edge ends its stretch, as stretches are (from, to].
  const edges = moving.flatMap((window) => [window.fromMs - 1, ...(window.untilMs === undefined ? [] : [window.untilMs - 1])]);
  const cuts = [...new Set([from, ...edges.filter((edge) => edge > from && edge < to), to])].sort((a, b) => a - b);
  let highest: number | undefined;
  for (let index = 1; index < cuts.length; index += 1) {
    const end = epochMs(cuts[index] ?? to);
    const mark = inner.highestMark(epochMs(cuts[index - 1] ?? from), end);
    if (mark === undefined) continue;
    const moved = mark * (effectOf(moving.filter((window) => holds(window, end)))?.factor ?? 1);
    highest = highest === undefined ? moved : Math.max(highest, moved);
  }
  return highest;
}

function changedBook(book: BookSnapshot, effect: Effect, grid: BookGrid): BookSnapshot {
  const bestBid = priceOf(book.bids[0]) * effect.factor;
  const bestAsk = priceOf(book.asks[0]) * effect.factor;
  const missing = Math.max(0, ((bestBid + bestAsk) / 2) * (effect.spreadBp / 10_000) - (bestAsk - bestBid));
  const bids = changedSide(book.bids, effect, -missing / 2, Number.POSITIVE_INFINITY, grid);
  const asks = changedSide(book.asks, effect, missing / 2, Number(bids[0]?.price ?? 0n) / Number(grid.tickUnits), grid);
  return { bids, asks };
}

/** `above` is the best bid's tick when this is the ask side: an ask stays at least a tick above it. */
function changedSide(side: readonly BookLevel[], effect: Effect, shift: number, above: number, grid: BookGrid): BookLevel[] {
  const isAsk = Number.isFinite(above);
  const levels: BookLevel[] = [];
  for (const level of side) {
    const exact = (priceOf(level) * effect.factor + shift) / grid.tick;
    // A hair's slack: a price that was on tick must not slip to the next one by the last digit.
    const nearest = isAsk ? Math.max(Math.ceil(exact - 1e-6), Math.round(above) + 1) : Math.floor(exact + 1e-6);
    const steps = Math.floor((Number(level.quantity) * effect.depth) / grid.stepUnits + 1e-9);
    const price = fixed<Fixed<string>>(BigInt(Math.max(nearest, 1)) * grid.tickUnits);
    const quantity = BigInt(Math.max(steps, levels.length === 0 ? 1 : 0) * grid.stepUnits);
    const last = levels.at(-1);
    if (last?.price === price) levels[levels.length - 1] = { price, quantity: fixed<Btc>(last.quantity + quantity) };
    else if (quantity > 0n) levels.push({ price, quantity: fixed<Btc>(quantity) });
  }
  return levels;
}

function priceOf(level: BookLevel | undefined): number {
  return Number(level?.price ?? 0n) / 100_000_000;
}
