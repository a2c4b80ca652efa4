import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { InputError } from '../core/input-error.js';
import { suggest } from '../core/suggest.js';
import { gzipFailure, openCsvSource, textStages, type CsvSource } from '../market/csv-source.js';
import { readTable } from '../market/read-table.js';
import { rowProblem, timeProblem, unitProblem, type RowProblem } from '../market/row-rules.js';
import { schemaOf, type ColumnSpec, type TableSchema } from '../market/table-schema.js';
import { decimalText, writeCsv } from './history-files.js';
import { IMPORTED_FILES, LENGTHS, type ImportMap } from './import-map.js';
import { timeReader, type ReadTime } from './import-time.js';

/** The first comment of an imported file. */
const IMPORTED_MARK = 'Imported by hedgedrill';

export interface ImportOptions {
  readonly map: ImportMap;
  readonly mapFile: string;
  /** Parts of one series, oldest first. */
  readonly files: readonly string[];
  readonly out: string;
  readonly version: string;
}

export interface Imported {
  readonly file: string;
  readonly rows: number;
  /** Rows of other symbols. */
  readonly leftOut: number;
}

/**
 * Reads the user's own CSV files as one series and writes it in our form, whole or not at all.
 *
 * @throws InputError with file, line and column of the first thing that is wrong; nothing is written then.
 */
export async function importCsv({ map, mapFile, files, out, version }: ImportOptions): Promise<Imported> {
  const schema = schemaOf(map.series);
  const columns = mappedColumns(schema, map, mapFile);
  const target = join(out, IMPORTED_FILES[map.series]);
  // Of what is read, so that two imports at once do not meet.
  const scratch = join(
    out,
    `.import-${createHash('sha256')
      .update([mapFile, ...files].join('\n'))
      .digest('hex')
      .slice(0, 12)}`,
  );
  await mkdir(scratch, { recursive: true });
  const tidy = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    const series = new ImportedRows(schema, map, columns);
    const writing = join(scratch, basename(target));
    const comments = [`${IMPORTED_MARK} ${version} from ${files.map((file) => basename(file)).join(', ')} by ${basename(mapFile)}.`];
    await writeCsv(writing, comments, ['timestamp', ...columns.map(({ spec }) => spec.name)].join(','), series.lines(files));
    if (series.rows === 0)
      throw new InputError(
        'there is no row to import',
        { file: files[0] },
        map.symbol === undefined ? undefined : `no cell of "${map.symbol.column}" is "${map.symbol.is}"`,
      );
    // What our own reader would refuse is not delivered.
    await readTable(writing, map.series, join(scratch, 'cache'));
    await rename(writing, target);
    return { file: target, rows: series.rows, leftOut: series.leftOut };
  } finally {
    await tidy();
  }
}

interface MappedColumn {
  readonly spec: ColumnSpec;
  /** The user's name of it. */
  readonly from: string;
  readonly factor: number;
}

/** @throws InputError for columns that the series does not have or lacks. */
function mappedColumns(schema: TableSchema, map: ImportMap, file: string): readonly MappedColumn[] {
  const known = schema.columns.filter(({ name }) => name !== 'timestamp');
  const names = known.map(({ name }) => name);
  for (const [section, given] of [
    ['columns', Object.keys(map.columns)],
    ['multiply', Object.keys(map.multiply)],
  ] as const) {
    const strange = given.find((name) => !names.includes(name));
    if (strange === undefined) continue;
    const meant = suggest(strange, names);
    throw new InputError(
      `${schema.title} has no column "${strange}"`,
      { file, key: section },
      meant === undefined ? `it has: ${names.join(', ')}` : `did you mean "${meant}"?`,
    );
  }
  const missing = known.find(({ name, required }) => required && map.columns[name] === undefined)?.name;
  const group = schema.oneOf.find((candidates) => candidates.every((name) => map.columns[name] === undefined));
  const wanted = missing ?? group?.join('" or "');
  if (wanted !== undefined)
    throw new InputError(
      `${schema.title} needs "${wanted}"`,
      { file, key: 'columns' },
      `name your column of it, as in ${missing ?? group?.[0] ?? ''}: "..."`,
    );
  return known.flatMap((spec) => {
    const from = map.columns[spec.name];
    if (from === undefined) return [];
    // The first of a group stands for the group.
    const standsForGroup = schema.oneOf.some((candidates) => candidates.find((name) => map.columns[name] !== undefined) === spec.name);
    return [{ spec: standsForGroup ? { ...spec, required: true } : spec, from, factor: map.multiply[spec.name] ?? 1 }];
  });
}

/** The rows of all files, checked by the rules of our own reader. */
class ImportedRows {
  rows = 0;
  leftOut = 0;
  readonly #schema: TableSchema;
  readonly #map: ImportMap;
  readonly #columns: readonly MappedColumn[];
  readonly #time: (text: string) => ReadTime;
  readonly #shiftMs: number;
  #previous = Number.NEGATIVE_INFINITY;

  constructor(schema: TableSchema, map: ImportMap, columns: readonly MappedColumn[]) {
    this.#schema = schema;
    this.#map = map;
    this.#columns = columns;
    this.#time = timeReader(map.time);
    this.#shiftMs = map.label === 'close' && map.length !== undefined ? LENGTHS[map.length] : 0;
  }

  async *lines(files: readonly string[]): AsyncGenerator<string> {
    for (const file of files) yield* this.#linesOf(await openCsvSource(file));
  }

  async *#linesOf(source: CsvSource): AsyncGenerator<string> {
    const { separator } = this.#map;
    const parser = parse({
      bom: true,
      delimiter: separator,
      comment: '#',
      comment_no_infix: true,
      skip_empty_lines: true,
      info: true,
      max_record_size: 65_536,
    });
    const [bytes, gunzip] = textStages(source);
    const text: Readable = gunzip === undefined ? bytes : bytes.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
    text.on('error', (error) => parser.destroy(error)).pipe(parser);
    let places: ReadonlyMap<string, number> | undefined;
    let line = 0;
    try {
      for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
        line = info.lines;
        if (places === undefined) {
          places = this.#placesIn(record, source.file, line);
          continue;
        }
        const row = this.#row(record, places, source.file, line);
        if (row !== undefined) yield row;
      }
    } catch (error) {
      if (error instanceof CsvError) throw new InputError(csvProblem(error), { file: source.file, line: parser.info.lines });
      throw gzipFailure(source, error, line) ?? error;
    } finally {
      bytes.destroy();
    }
  }

  #placesIn(header: readonly string[], file: string, line: number): ReadonlyMap<string, number> {
    const names = header.map((name) => name.trim());
    const { time, symbol } = this.#map;
    for (const wanted of [time.column, ...this.#columns.map(({ from }) => from), ...(symbol === undefined ? [] : [symbol.column])]) {
      if (names.includes(wanted)) continue;
      const meant = suggest(wanted, names);
      const hint = meant === undefined ? `The header has: ${names.join(', ')}.` : `Did you mean "${meant}"? Correct the map.`;
      throw new InputError(`the header lacks the column "${wanted}" that the map names`, { file, line }, hint);
    }
    return new Map(names.map((name, index) => [name, index]));
  }

  #row(record: readonly string[], places: ReadonlyMap<string, number>, file: string, line: number): string | undefined {
    const { time, symbol } = this.#map;
    const cell = (column: string): string => (record[places.get(column) ?? -1] ?? '').trim();
    if (symbol !== undefined && cell(symbol.column) !== symbol.is) {
      this.leftOut += 1;
      return undefined;
    }
    const at = this.#time(cell(time.column));
    if ('problem' in at) throw new InputError(at.problem, { file, line, column: time.column }, at.hint);
    const opened = at.at - this.#shiftMs;
    const figures = new Map<string, number>([['timestamp', opened]]);
    const texts = this.#columns.map((column) => {
      const { text, value, problem } = this.#figure(column, cell(column.from));
      if (problem !== undefined) throw new InputError(problem.problem, { file, line, column: column.from }, problem.hint);
      figures.set(column.spec.name, value);
      return text;
    });
    const problem =
      this.#unit(opened) ?? timeProblem(this.#previous, opened) ?? rowProblem(this.#schema.kind, (name) => figures.get(name) ?? Number.NaN);
    if (problem !== undefined) throw new InputError(problem.problem, { file, line, column: this.#theirs(problem.column) }, problem.hint);
    this.#previous = opened;
    this.rows += 1;
    return [String(opened), ...texts].join(',');
  }

  #figure({ spec, factor }: MappedColumn, given: string): { text: string; value: number; problem?: RowProblem | undefined } {
    const nothing = { text: '', value: Number.NaN };
    const column = spec.name;
    if (spec.text === true) return { text: /[",\n]/.test(given) ? `"${given.replaceAll('"', '""')}"` : given, value: Number.NaN };
    if (given === '')
      return {
        ...nothing,
        problem: spec.required ? { column, problem: 'the cell is empty', hint: 'This column must have a value in every row.' } : undefined,
      };
    const plain = this.#map.decimal === ',' ? given.replaceAll('.', '').replace(',', '.') : given;
    if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) {
      const hint = /^[-+]?\d+,\d+$/.test(given) ? 'Give decimal: "," in the map.' : 'Write a plain decimal such as 1391.5.';
      return { ...nothing, problem: { column, problem: `not a number: ${JSON.stringify(given.slice(0, 40))}`, hint } };
    }
    const value = Number(plain) * factor;
    // The source's own digits, unless they are multiplied.
    const text = factor === 1 && /^-?\d+(\.\d+)?$/.test(plain) ? plain : decimalText(value);
    return { text, value, problem: spec.range === undefined ? undefined : unitProblem(column, value, spec.range) };
  }

  #unit(opened: number): RowProblem | undefined {
    const range = this.#schema.columns.find(({ name }) => name === 'timestamp')?.range;
    return range === undefined ? undefined : unitProblem('timestamp', opened, range);
  }

  /** Problems are told in the words of the user's file. */
  #theirs(column: string): string {
    return column === 'timestamp' ? this.#map.time.column : (this.#map.columns[column] ?? column);
  }
}

function csvProblem(error: CsvError): string {
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') return 'the row has more or fewer cells than the header';
  return error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quoted cell is never closed' : error.message;
}
