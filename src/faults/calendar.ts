import { parse } from 'csv-parse/sync';

import { InputError } from '../core/input-error.js';
import { epochMs } from '../core/units.js';
import type { EpochMs, VenueId } from '../core/units.js';
import type { CalendarWindow } from './fault-rule.js';
import { parseInstant } from './scenario-time.js';

const DAY_MS = 86_400_000;

export interface CalendarRow extends CalendarWindow {
  readonly venue: string | undefined;
}

/**
 * Reads an outage calendar: CSV with the columns `start` and `end` (milliseconds UTC, or instants with their zone) and
 * optionally `venue`; further columns, such as `missing_hours` or a source, are for the reader.
 *
 * @throws InputError with file, line and column.
 */
export function parseCalendar(text: string, file: string): readonly CalendarRow[] {
  let records: { readonly info: { readonly lines: number }; readonly record: Readonly<Record<string, string | undefined>> }[];
  try {
    records = parse(text, { columns: true, info: true, trim: true, skip_empty_lines: true, comment: '#', bom: true }) as unknown as typeof records;
  } catch (error) {
    throw new InputError(`not a CSV table: ${error instanceof Error ? error.message : String(error)}`, { file });
  }
  if (records.length === 0) throw new InputError('an outage calendar needs a header with start,end and at least one row', { file });
  return records.map(({ record, info }) => {
    const place = { file, line: info.lines };
    const from = instantCell(record['start'], { ...place, column: 'start' });
    const until = instantCell(record['end'], { ...place, column: 'end' });
    if (until <= from) throw new InputError('a window ends after it starts', { ...place, column: 'end' });
    return { from, until, venue: record['venue'] };
  });
}

function instantCell(cell: string | undefined, place: { readonly file: string; readonly line: number; readonly column: string }): EpochMs {
  const at = cell !== undefined && /^\d{12,14}$/.test(cell) ? epochMs(Number(cell)) : parseInstant(cell ?? '');
  if (at !== undefined) return at;
  const found = cell === undefined ? 'the column is missing' : `found "${cell}"`;
  throw new InputError(`expected milliseconds since 1970 or an instant with its zone, ${found}`, place);
}

/** The windows of one venue; rows that name no venue are everybody's. */
export function windowsOf(rows: readonly CalendarRow[], venue: VenueId): readonly CalendarWindow[] {
  return rows.filter((row) => row.venue === undefined || row.venue === venue).map(({ from, until }) => ({ from, until }));
}

/**
 * The windows of a calendar as a run meets them. Without a fold they keep their dates. With one they come again every so
 * many days from the run's start on, each at its own hour of day, since venues keep their maintenance to certain hours.
 */
export class CalendarFeed {
  readonly #windows: readonly CalendarWindow[];
  readonly #periodMs: number | undefined;
  readonly #start: EpochMs;
  #begun = 0;

  /** @param foldMs - at least one day; counted in whole days. */
  constructor(windows: readonly CalendarWindow[], start: EpochMs, foldMs: number | undefined) {
    this.#start = start;
    this.#periodMs = foldMs === undefined ? undefined : Math.max(1, Math.floor(foldMs / DAY_MS)) * DAY_MS;
    const moved = this.#periodMs === undefined ? windows : foldedInto(windows, start, this.#periodMs);
    this.#windows = [...moved].sort((a, b) => a.from - b.from);
  }

  /** Windows that were not handed out before, of every period that has begun by `at`; instants come in the order of time. */
  due(at: EpochMs): readonly CalendarWindow[] {
    const due: CalendarWindow[] = [];
    while (this.#begun === 0 || (this.#periodMs !== undefined && this.#start + this.#begun * this.#periodMs <= at)) {
      const moved = this.#begun * (this.#periodMs ?? 0);
      due.push(...this.#windows.map(({ from, until }) => ({ from: epochMs(from + moved), until: epochMs(until + moved) })));
      this.#begun += 1;
    }
    return due;
  }
}

/** Each window moved by whole days into the period that begins at `start`. */
function foldedInto(windows: readonly CalendarWindow[], start: EpochMs, periodMs: number): readonly CalendarWindow[] {
  return windows.map(({ from, until }) => {
    const into = start + ((((from - start) % periodMs) + periodMs) % periodMs);
    return { from: epochMs(into), until: epochMs(until - from + into) };
  });
}
