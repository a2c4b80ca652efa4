import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { DataChoice } from '../config/resolve-config.js';
import { InputError } from '../core/input-error.js';
import { epochMs, type VenueId } from '../core/units.js';
import type { PremiumBars } from '../market/bars.js';
import { loadRecordedBook, recordedMid, type RecordedBook } from '../market/liquidity/recorded-books.js';
import type { RecordedBooks } from '../market/liquidity/with-recorded-books.js';
import { instantText } from '../market/row-rules.js';
import { firstRowFrom } from '../market/slice-bars.js';

export interface Recordings {
  /** The bars given; with recordings, their source's hash and notes tell of these, too. */
  readonly bars: PremiumBars;
  readonly books: RecordedBooks | undefined;
  /** Lines for the user, one each. */
  readonly notices: readonly string[];
}

/**
 * Reads the recorded books that a config names and holds them against the bars of the run. Reads files, so it is
 * called before virtual time begins.
 *
 * @throws InputError when a recording cannot be read, covers no instant of the run, or is of another instrument or unit.
 */
export async function loadRecordings(data: DataChoice, bars: PremiumBars): Promise<Recordings> {
  const books: Partial<Record<VenueId, RecordedBook>> = {};
  const notes: string[] = [];
  const notices: string[] = [];
  const hashes = [bars.source.hash];
  for (const venue of ['upbit', 'binance'] as const) {
    const file = venue === 'upbit' ? data.upbitBook : data.perpBook;
    if (file === undefined) continue;
    const book = await loadRecordedBook(file);
    const share = coveredShare(book, bars);
    if (share === 0)
      throw new InputError(outsideText(book, bars), { file, key: KEYS[venue] }, `Change --from or --to, or leave ${FLAGS[venue]} out.`);
    assertSameUnit(book, venue, bars, file);
    books[venue] = book;
    hashes.push(`${venue} ${book.hash}`);
    const text = `recorded ${venue} books (${basename(file)}) cover ${percentText(share)} of the run`;
    notes.push(
      `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}, and the model the rest. Between recorded and modelled books the price may step, and half or double depth scales modelled books only.`,
    );
    if (share < 1) notices.push(`${text}: modelled books stand for the rest`);
  }
  if (hashes.length === 1) return { bars, books: undefined, notices };
  const hash = createHash('sha256').update(hashes.join('\n')).digest('hex');
  return { bars: { ...bars, source: { ...bars.source, hash, notes: [...bars.source.notes, ...notes] } }, books, notices };
}

const KEYS: Readonly<Record<VenueId, string>> = { upbit: 'data.upbitBook', binance: 'data.perpBook' };
const FLAGS: Readonly<Record<VenueId, string>> = { upbit: '--upbit-book', binance: '--perp-book' };

/** First and last instant of the run. */
const periodOf = (bars: PremiumBars): { readonly from: number; readonly to: number } => ({
  from: bars.time[0] ?? 0,
  to: bars.time[bars.length - 1] ?? 0,
});

/** Part of the run's milliseconds at which the recording shows a book, 0 to 1. */
function coveredShare(book: RecordedBook, bars: PremiumBars): number {
  const { from, to } = periodOf(bars);
  const covered = book.coverage.reduce((sum, stretch) => sum + Math.max(0, Math.min(stretch.to, to + 1) - Math.max(stretch.from, from)), 0);
  return covered / (to + 1 - from);
}

/** Two figures and never a rounded 0 or 100: a few seconds of a month are still some. */
function percentText(share: number): string {
  if (share === 1) return 'all';
  const percent = share * 100;
  return percent < 0.01 ? 'less than 0.01 %' : percent > 99.9 ? 'more than 99.9 %' : `${percent.toPrecision(percent < 10 ? 2 : 3)} %`;
}

function outsideText(book: RecordedBook, bars: PremiumBars): string {
  const { from, to } = periodOf(bars);
  const recorded = `${instantText(book.from)} .. ${instantText(book.to)}`;
  return `the recording (${recorded}) has no book within the run (${instantText(from)} .. ${instantText(to)})`;
}

/** More than any bar moves, and far less than one currency or unit lies from another. */
const FACTOR_MAX = 2;

/** @throws InputError when a recorded mid is not near the price of the bar it falls in. */
function assertSameUnit(book: RecordedBook, venue: VenueId, bars: PremiumBars, file: string): void {
  const { from, to } = periodOf(bars);
  const prices = venue === 'upbit' ? bars.upbitKrw : bars.binanceUsdt;
  for (const stretch of book.coverage) {
    const at = epochMs(Math.max(stretch.from, from));
    const snapshot = at <= to ? book.at(at) : undefined;
    const price = prices[firstRowFrom(bars.time, at)];
    if (snapshot === undefined || price === undefined || !(price > 0)) continue;
    const mid = recordedMid(snapshot);
    if (mid <= price * FACTOR_MAX && price <= mid * FACTOR_MAX) continue;
    throw new InputError(
      `expected prices near the data's ${price} ${venue === 'upbit' ? 'KRW' : 'USDT'}, found a mid of ${mid} at ${instantText(at)}`,
      { file, key: KEYS[venue] },
      `${FLAGS[venue]} takes the book of ${venue === 'upbit' ? 'BTC/KRW on Upbit' : 'the BTC/USDT perpetual'}; check that the two recordings are not swapped.`,
    );
  }
}
