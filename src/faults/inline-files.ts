import { access } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';

import { InputError } from '../core/input-error.js';
import type { VenueId } from '../core/units.js';
import { epochMs, legOfVenue } from '../core/units.js';
import { parseCalendar, windowsOf } from './calendar.js';
import { readTextFile } from './include.js';
import type { Part } from './include.js';
import { isRaw } from './merge.js';
import { formatInstant, parseDurationMs } from './scenario-time.js';
import type { Path } from './yaml-source.js';

/**
 * Replaces every file that a part names (outage calendars, empirical latencies) by its contents, so that the
 * resolved scenario stands alone. The part has passed the schema. A name resolves from the file that holds it,
 * then from the scenarios folder.
 */
export async function inlineFiles(part: Part, scenariosDir: string, issues: InputError[]): Promise<Part> {
  const read = async (file: string, path: Path): Promise<{ readonly text: string; readonly path: string }> => {
    const place = part.source.place([...part.at, ...path]);
    if (isAbsolute(file)) return { text: await readTextFile(file, place), path: file };
    const near = join(dirname(part.source.file), file);
    const here = await access(near).then(
      () => true,
      () => false,
    );
    const chosen = here ? near : join(scenariosDir, file);
    return { text: await readTextFile(chosen, place, `looked beside ${part.source.file} and in ${scenariosDir}`), path: chosen };
  };
  const walk = async (value: unknown, path: Path): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map((item, index) => walk(item, [...path, index])));
    if (!isRaw(value)) return value;
    const entries = await Promise.all(
      Object.entries(value).map(async ([key, child]) => {
        const inner = [...path, key];
        if (!isRaw(child) || typeof child['file'] !== 'string') return [key, await walk(child, inner)] as const;
        try {
          const contents = await read(child['file'], [...inner, 'file']);
          if (key === 'calendar') return [key, inlineCalendar(child, contents, value)] as const;
          if (key === 'empirical') return [key, { samples: samplesOf(contents), mode: child['mode'] ?? 'bootstrap' }] as const;
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          issues.push(error);
        }
        return [key, child] as const;
      }),
    );
    return Object.fromEntries(entries);
  };
  const raw = await walk(part.raw, []);
  return isRaw(raw) ? { ...part, raw } : part;
}

type Contents = { readonly text: string; readonly path: string };

/** The windows that concern the fault's venue, shifted. */
function inlineCalendar(calendar: Readonly<Record<string, unknown>>, { text, path }: Contents, when: Readonly<Record<string, unknown>>): unknown {
  const rows = parseCalendar(text, path);
  const venues = (['upbit', 'binance'] as const).filter((venue: VenueId) => {
    const named = [when['venue'] ?? []].flat();
    return (named.length === 0 || named.includes(venue)) && (when['leg'] === undefined || when['leg'] === legOfVenue(venue));
  });
  const [only, another] = venues;
  if (only === undefined) return { windows: [], fold: calendar['fold'] };
  if (another !== undefined && rows.some((row) => row.venue !== undefined)) {
    throw new InputError('this calendar names venues; say with when.venue whose windows are meant', { file: path });
  }
  const shift = typeof calendar['shift'] === 'string' ? parseDurationMs(calendar['shift']) : 0;
  const windows = windowsOf(rows, only).map(({ from, until }) => [formatInstant(epochMs(from + shift)), formatInstant(epochMs(until + shift))]);
  if (windows.length === 0) throw new InputError(`no row of this calendar is for ${only}`, { file: path });
  return { windows, ...(calendar['fold'] === undefined ? {} : { fold: calendar['fold'] }) };
}

/** One length of time in milliseconds a line; a first line that is no number is a header. */
function samplesOf({ text, path }: Contents): number[] {
  const samples: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const cell = line.split(',')[0]?.trim() ?? '';
    if (cell === '' || cell.startsWith('#')) continue;
    const value = Number(cell);
    if (Number.isFinite(value) && value >= 0) samples.push(value);
    else if (index > 0) throw new InputError(`expected milliseconds, found "${cell}"`, { file: path, line: index + 1 });
  }
  if (samples.length === 0) throw new InputError('no samples in this file', { file: path });
  return samples;
}
