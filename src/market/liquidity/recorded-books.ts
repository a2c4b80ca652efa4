import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../../core/input-error.js';
import type { InputPlace } from '../../core/input-error.js';
import { fixedFromNumber } from '../../core/money.js';
import type { Btc, Fixed } from '../../core/money.js';
import { epochMs } from '../../core/units.js';
import type { EpochMs } from '../../core/units.js';
import type { BookLevel, BookSnapshot } from '../market-view.js';
import { firstAbove } from './sorted.js';

/** Snapshots of a venue's book as they were recorded; each stands until the next one, or until it is too old. */
export interface RecordedBook {
  readonly name: string;
  /** SHA-256 of the recording's text (unpacked), 64 hex digits. */
  readonly hash: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly snapshots: number;
  /** The newest snapshot that is not too old; undefined where the recording does not cover the instant. */
  at(at: EpochMs): BookSnapshot | undefined;
  /** Stretches [from, to) without a hole, in order. */
  readonly coverage: readonly { readonly from: EpochMs; readonly to: EpochMs }[];
  /** The highest mid that a snapshot shows within (from, to]. */
  highestMid(from: EpochMs, to: EpochMs): number | undefined;
}

export interface RecordedBookOptions {
  /** A snapshot older than this says nothing any more; 10 s when absent. */
  readonly maxAgeMs?: number | undefined;
}

const MAX_AGE_MS = 10_000;
const FEWER_LINES_HINT = 'one JSON object a line: {"timestamp": ms, "bids": [[price, BTC], ...], "asks": [...]}, best level first';

/**
 * Reads a recording: JSON lines, plain or gzipped (`.gz`).
 *
 * @throws InputError with file and line when it cannot be read, a line is not a book, or time does not move forward.
 */
export async function loadRecordedBook(file: string, options: RecordedBookOptions = {}): Promise<RecordedBook> {
  return parseRecordedBook(await readText(file), file, options);
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new InputError(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, { file });
  });
  if (!file.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch {
    throw new InputError('expected a whole gzip file, found a damaged or cut one', { file });
  }
}

/** @throws InputError as `loadRecordedBook`; `file` names the text in it. */
export function parseRecordedBook(text: string, file: string, options: RecordedBookOptions = {}): RecordedBook {
  const times: number[] = [];
  const books: BookSnapshot[] = [];
  text.split('\n').forEach((content, index) => {
    if (content.trim() === '') return;
    const place = { file, line: index + 1 };
    const row = parseLine(content, place);
    const last = times.at(-1);
    if (last !== undefined && row.time <= last) {
      throw new InputError(`expected a time after the line before (${last}), found ${row.time}`, { ...place, key: 'timestamp' });
    }
    times.push(row.time);
    books.push(row.book);
  });
  if (books.length === 0) throw new InputError('expected at least one snapshot, found none', { file }, FEWER_LINES_HINT);
  const hash = createHash('sha256').update(text, 'utf8').digest('hex');
  return new Recording({ name: file, hash }, Float64Array.from(times), books, options.maxAgeMs ?? MAX_AGE_MS);
}

class Recording implements RecordedBook {
  readonly name: string;
  readonly hash: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly coverage: readonly { readonly from: EpochMs; readonly to: EpochMs }[];
  readonly #times: Float64Array;
  readonly #books: readonly BookSnapshot[];
  readonly #maxAgeMs: number;

  constructor(source: { readonly name: string; readonly hash: string }, times: Float64Array, books: readonly BookSnapshot[], maxAgeMs: number) {
    this.name = source.name;
    this.hash = source.hash;
    this.#times = times;
    this.#books = books;
    this.#maxAgeMs = maxAgeMs;
    this.from = epochMs(times[0] ?? 0);
    this.to = epochMs((times[times.length - 1] ?? 0) + maxAgeMs - 1);
    this.coverage = coverageOf(times, maxAgeMs);
  }

  get snapshots(): number {
    return this.#books.length;
  }

  at(at: EpochMs): BookSnapshot | undefined {
    const index = firstAbove(this.#times, at) - 1;
    return index >= 0 && at - (this.#times[index] ?? 0) < this.#maxAgeMs ? this.#books[index] : undefined;
  }

  highestMid(from: EpochMs, to: EpochMs): number | undefined {
    // The snapshot that stands at the first instant counts, as do all that come until `to`.
    const opening = this.at(epochMs(from + 1));
    let highest = opening === undefined || from >= to ? undefined : recordedMid(opening);
    for (let index = firstAbove(this.#times, from); (this.#times[index] ?? Number.POSITIVE_INFINITY) <= to; index += 1) {
      const book = this.#books[index];
      if (book !== undefined) highest = Math.max(highest ?? 0, recordedMid(book));
    }
    return highest;
  }
}

/** Half way between the best levels, in quote per BTC. */
export function recordedMid(book: BookSnapshot): number {
  return (Number(book.bids[0]?.price ?? 0n) + Number(book.asks[0]?.price ?? 0n)) / 200_000_000;
}

function coverageOf(times: Float64Array, maxAgeMs: number): { readonly from: EpochMs; readonly to: EpochMs }[] {
  const stretches: { readonly from: EpochMs; readonly to: EpochMs }[] = [];
  for (const time of times) {
    const last = stretches.at(-1);
    const joined = last !== undefined && time <= last.to;
    if (joined) stretches.pop();
    stretches.push({ from: joined ? last.from : epochMs(time), to: epochMs(time + maxAgeMs) });
  }
  return stretches;
}

function parseLine(content: string, place: InputPlace): { readonly time: number; readonly book: BookSnapshot } {
  const row = parseJson(content, place);
  const time = row['timestamp'];
  if (typeof time !== 'number' || !Number.isSafeInteger(time)) {
    throw new InputError(`expected whole milliseconds, found ${JSON.stringify(time)}`, { ...place, key: 'timestamp' });
  }
  const bids = parseSide(row['bids'], { ...place, key: 'bids' }, -1);
  const asks = parseSide(row['asks'], { ...place, key: 'asks' }, 1);
  const [bid, ask] = [bids[0], asks[0]];
  if (bid !== undefined && ask !== undefined && bid.price >= ask.price)
    throw new InputError('expected the best bid below the best ask, found a crossed book', place);
  return { time, book: { bids, asks } };
}

function parseJson(content: string, place: InputPlace): Record<string, unknown> {
  let row: unknown;
  try {
    row = JSON.parse(content);
  } catch {
    throw new InputError(`expected a JSON object, found "${content.slice(0, 40)}"`, place, FEWER_LINES_HINT);
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new InputError(`expected a JSON object, found "${content.slice(0, 40)}"`, place, FEWER_LINES_HINT);
  }
  return row as Record<string, unknown>;
}

/** `direction` 1: prices ascend (asks); -1: they descend (bids). */
function parseSide(side: unknown, place: InputPlace, direction: 1 | -1): BookLevel[] {
  if (!Array.isArray(side) || side.length === 0) throw new InputError('expected at least one level, found none', place, FEWER_LINES_HINT);
  let last: number | undefined;
  return side.map((level: unknown, index) => {
    const [price, quantity] = Array.isArray(level) ? (level as unknown[]) : [];
    if (typeof price !== 'number' || typeof quantity !== 'number' || !(price > 0) || !(quantity > 0)) {
      throw new InputError(`expected [price, BTC], both above 0, found ${JSON.stringify(level)}`, { ...place, column: `level ${index + 1}` });
    }
    if (last !== undefined && (price - last) * direction <= 0) {
      const order = direction === 1 ? 'above' : 'below';
      throw new InputError(`expected a price ${order} the level before (${last}), found ${price}`, { ...place, column: `level ${index + 1}` });
    }
    last = price;
    return { price: fixedFromNumber<Fixed<string>>(price), quantity: fixedFromNumber<Btc>(quantity) };
  });
}
