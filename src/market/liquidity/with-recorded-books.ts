import { epochMs } from '../../core/units.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import type { BookSnapshot, MarketView } from '../market-view.js';
import { recordedMid } from './recorded-books.js';
import type { RecordedBook } from './recorded-books.js';

/** Recordings by venue. */
export type RecordedBooks = Readonly<Partial<Record<VenueId, RecordedBook>>>;

/**
 * A market that shows recorded books where they cover the instant, also inside a gap of the bars; elsewhere, and for
 * FX and funding, the view below. A recorded book's mid is the venue's mid.
 */
export function withRecordedBooks(view: MarketView, books: RecordedBooks): MarketView {
  const recorded = (venue: VenueId, at: EpochMs): BookSnapshot | undefined => books[venue]?.at(at);
  return {
    mid: (venue, at) => {
      const book = recorded(venue, at);
      return book === undefined ? view.mid(venue, at) : recordedMid(book);
    },
    book: (venue, at) => recorded(venue, at) ?? view.book(venue, at),
    usdKrw: (at) => view.usdKrw(at),
    usdtKrw: (at) => view.usdtKrw(at),
    nextFunding: (at) => view.nextFunding(at),
    realisedVolatility: (at) => view.realisedVolatility?.(at),
    highestMark: (from, to) => highestMark(view, books.binance, from, to),
    bars: (venue, from, to) => {
      const bars = view.bars?.(venue, from, to) ?? [];
      const stretches = books[venue]?.coverage ?? [];
      return bars.filter((bar) => !stretches.some((stretch) => stretch.from <= bar.to && stretch.to > bar.from));
    },
    from: view.from,
    to: view.to,
    card: [...view.card, ...cardOf(books)],
  };
}

function cardOf(books: RecordedBooks): string[] {
  return (['upbit', 'binance'] as const).flatMap((venue) => {
    const book = books[venue];
    if (book === undefined) return [];
    return [
      `Recorded ${venue} books (${book.snapshots} snapshots) stand in for the model where they cover the time: what lies beyond their last level is not there.`,
    ];
  });
}

/** Marks of the recording where it covers the time, of the view where it does not. */
function highestMark(view: MarketView, book: RecordedBook | undefined, from: EpochMs, to: EpochMs): number | undefined {
  if (book === undefined) return view.highestMark(from, to);
  const marks: (number | undefined)[] = [];
  let open = from;
  for (const stretch of book.coverage) {
    // Instants are whole milliseconds: [a, b) is (a - 1, b - 1].
    const start = Math.max(stretch.from - 1, open);
    const end = Math.min(stretch.to - 1, to);
    if (end <= start) continue;
    if (start > open) marks.push(view.highestMark(open, epochMs(start)));
    marks.push(book.highestMid(epochMs(start), epochMs(end)));
    open = epochMs(end);
  }
  if (open < to) marks.push(view.highestMark(open, to));
  const known = marks.filter((mark) => mark !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
