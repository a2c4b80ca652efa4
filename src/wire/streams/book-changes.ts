import { epochMs, type EpochMs } from '../../core/units.js';
import type { BookLevel, BookSnapshot } from '../../market/market-view.js';
import type { VenueLiquidity } from '../../sim/liquidity.js';

/** Levels by price; what is gone has quantity zero. */
export interface BookDiff {
  /** First and last instant, in the book's own count, that the changes cover; they follow on `previous`. */
  readonly first: number;
  readonly last: number;
  readonly previous: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

const EMPTY: BookSnapshot = { bids: [], asks: [] };
const NONE = 0n as BookLevel['quantity'];

interface Version {
  readonly at: number;
  readonly book: BookSnapshot;
}

/**
 * What has changed in a book, for those who hold a copy of it. A version of the book is named by its millisecond. Every version that
 * anybody was shown counts: a copy taken at any instant in between and brought forward by the changes is the book.
 */
export class BookChanges {
  readonly #liquidity: VenueLiquidity;
  readonly #stop: () => void;
  /** The book of the last changes, and all that were shown since. */
  #versions: readonly Version[];
  #last: number;

  constructor(liquidity: VenueLiquidity, now: EpochMs) {
    this.#liquidity = liquidity;
    this.#last = now - 1;
    this.#versions = [this.#bookAt(this.#last)];
    this.#stop = liquidity.onLook((at, book) => {
      if (at > this.#last) this.#versions = [...this.#versions, { at, book: book ?? EMPTY }];
    });
  }

  stop(): void {
    this.#stop();
  }

  /**
   * Changes up to the last millisecond before `now`: what happens within this one is not over.
   *
   * @returns undefined when nothing has changed.
   */
  take(now: EpochMs): BookDiff | undefined {
    const last = now - 1;
    const previous = this.#last;
    if (last <= previous) return undefined;
    const present = this.#bookAt(last);
    const seen = this.#versions.filter(({ at }) => at <= last);
    const bids = changedLevels(seen, present, 'bids');
    const asks = changedLevels(seen, present, 'asks');
    this.#versions = [present, ...this.#versions.filter(({ at }) => at > last)];
    if (bids.length === 0 && asks.length === 0) return undefined;
    this.#last = last;
    return { first: previous + 1, last, previous, bids, asks };
  }

  #bookAt(at: number): Version {
    return { at, book: this.#liquidity.book(epochMs(at)) ?? EMPTY };
  }
}

/** Levels of `present` that some version shows otherwise, and what such versions show and it does not. */
function changedLevels(versions: readonly Version[], present: Version, side: 'bids' | 'asks'): BookLevel[] {
  const now = new Map<bigint, BookLevel>(present.book[side].map((level) => [level.price, level]));
  const changed = new Map<bigint, BookLevel>();
  for (const { book } of versions) {
    if (book === present.book) continue;
    const shown = new Map<bigint, bigint>();
    for (const { price, quantity } of book[side]) {
      shown.set(price, quantity);
      const level = now.get(price);
      if (level?.quantity !== quantity) changed.set(price, level ?? { price, quantity: NONE });
    }
    for (const [price, level] of now) if (!shown.has(price)) changed.set(price, level);
  }
  return [...changed.values()].sort((a, b) => (a.price < b.price ? -1 : a.price > b.price ? 1 : 0));
}
