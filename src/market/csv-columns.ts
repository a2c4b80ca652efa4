import { createHash } from 'node:crypto';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse, type Parser } from 'csv-parse';
import { InputError } from '../core/input-error.js';
import { GrowingColumn, type ColumnTable } from './column-table.js';
import { layoutOf, type HeaderLayout } from './csv-header.js';
import { gzipFailure, textStages, type CsvSource } from './csv-source.js';
import { rowProblem, timeProblem, unitProblem, type RowProblem } from './row-rules.js';
import { schemaOf, type ColumnSpec, type TableKind } from './table-schema.js';

/** No row of market data comes near this; a longer one is an unclosed quote or no CSV. */
const RECORD_BYTES_MAX = 16_384;

/**
 * Reads a CSV file once, as a stream, into typed columns, and checks every cell on the way. Byte-order mark,
 * CRLF, quoted cells, blank lines and `#` comment lines are accepted.
 *
 * @returns the columns and the hash of exactly the bytes they were read from.
 * @throws InputError with file, line (from 1, the header included) and column for the first thing that is wrong.
 */
export async function parseColumns(source: CsvSource, kind: TableKind): Promise<ColumnTable> {
  const reader = new RowReader(source.file, kind);
  const parser = parse({
    bom: true,
    comment: '#',
    comment_no_infix: true,
    skip_empty_lines: true,
    max_record_size: RECORD_BYTES_MAX,
    on_record: (record, context) => {
      reader.take(record, context.lines);
      return null;
    },
  });
  const [bytes, gunzip] = textStages(source);
  const hash = createHash('sha256');
  bytes.on('data', (chunk: string | Buffer) => hash.update(chunk));
  const text: Readable = gunzip ?? bytes;
  text.once('data', (chunk: Buffer) => reader.takeComments(chunk));
  try {
    await (gunzip === undefined ? pipeline(bytes, parser, sink()) : pipeline(bytes, gunzip, parser, sink()));
  } catch (error) {
    throw gzipFailure(source, error, reader.line) ?? csvFailure(source, error, parser, reader.width) ?? error;
  }
  return reader.finish(hash.digest('hex'));
}

/** The parser hands every record to `on_record` and emits none; something must still drain it to its end. */
const sink = (): Writable =>
  new Writable({
    objectMode: true,
    write(_record, _encoding, done) {
      done();
    },
  });

/** Turns records into columns, and the first bad one into an error. */
class RowReader {
  readonly #file: string;
  readonly #kind: TableKind;
  #layout: HeaderLayout | undefined;
  #columns: GrowingColumn[] = [];
  /** The present row, by the layout's positions, and where each column stands in it. */
  #cells = new Float64Array(0);
  #positions = new Map<string, number>();
  readonly #cell = (name: string): number => this.#cells[this.#positions.get(name) ?? -1] ?? Number.NaN;
  readonly #labels = new Map<string, string[]>();
  #comments: readonly string[] = [];
  #rows = 0;
  #previousTime = Number.NEGATIVE_INFINITY;
  /** What csv-parse counted too much: it takes a CRLF inside quotes for two lines. */
  #overcount = 0;
  #countedLines = 0;
  /** The line on which the present record ends. */
  line = 0;
  /** Cells of the header. */
  width = 0;

  constructor(file: string, kind: TableKind) {
    this.#file = file;
    this.#kind = kind;
  }

  takeComments(firstChunk: Buffer): void {
    const lines = firstChunk
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
    const end = lines.findIndex((line) => !line.startsWith('#'));
    this.#comments = lines.slice(0, Math.max(end, 0)).map((line) => line.replace(/^#+\s*/, ''));
  }

  take(record: readonly string[], countedLines: number): void {
    if (countedLines > this.#countedLines + 1) this.#overcount += record.reduce((sum, text) => sum + countOf(text, '\r\n'), 0);
    this.#countedLines = countedLines;
    this.line = countedLines - this.#overcount;
    if (this.#layout === undefined) {
      this.width = record.length;
      this.#begin(layoutOf(schemaOf(this.#kind), record, this.#file, this.line));
      return;
    }
    for (const [position, { spec, index }] of this.#layout.columns.entries()) {
      const value = this.#value(spec, record[index] ?? '', record, index);
      this.#cells[position] = value;
      this.#columns[position]?.push(value);
    }
    const time = this.#cell('timestamp');
    const problem = timeProblem(this.#previousTime, time) ?? rowProblem(this.#kind, this.#cell);
    if (problem !== undefined) throw this.#error(problem, this.line);
    this.#previousTime = time;
    this.#rows += 1;
  }

  #begin(layout: HeaderLayout): void {
    this.#layout = layout;
    this.#columns = layout.columns.map(() => new GrowingColumn());
    this.#cells = new Float64Array(layout.columns.length);
    this.#positions = new Map(layout.columns.map(({ spec }, position) => [spec.name, position]));
  }

  #value(spec: ColumnSpec, text: string, record: readonly string[], index: number): number {
    if (spec.text === true) return this.#label(spec.name, text);
    const value = numberOf(text);
    const problem = cellProblem(spec, text, value);
    if (problem === undefined) return value;
    // The record ends on `line`; a cell further to the left may stand on an earlier one.
    const linesBelow = record.slice(index).reduce((sum, cell) => sum + countOf(cell, '\n'), 0);
    throw this.#error(problem, this.line - linesBelow);
  }

  #label(name: string, text: string): number {
    const labels = this.#labels.get(name) ?? [];
    this.#labels.set(name, labels);
    const known = labels.indexOf(text);
    return known === -1 ? labels.push(text) - 1 : known;
  }

  #error(problem: RowProblem, line: number): InputError {
    return new InputError(problem.problem, { file: this.#file, line, column: problem.column }, problem.hint);
  }

  finish(hash: string): ColumnTable {
    const layout = this.#layout;
    if (layout === undefined) throw new InputError('the file has no header and no rows', { file: this.#file }, 'Was the download cut off?');
    if (this.#rows === 0) {
      throw new InputError(
        'the file has a header but no rows',
        { file: this.#file, line: this.line },
        'Was the export empty or the download cut off?',
      );
    }
    const columns = new Map(layout.columns.map(({ spec }, position) => [spec.name, this.#columns[position]?.finish() ?? new Float64Array(0)]));
    return { kind: this.#kind, hash, rows: this.#rows, columns, labels: this.#labels, comments: this.#comments, ignored: layout.ignored };
  }
}

const countOf = (text: string, part: string): number => text.split(part).length - 1;

/** A plain decimal (an exponent is allowed); NaN for an empty cell and for anything else. */
function numberOf(text: string): number {
  const value = text === '' ? Number.NaN : Number(text);
  // Number() also takes hexadecimal and blanks, which no market data file means.
  return value === 0 && text.trim() === '' ? Number.NaN : /^0[xob]/i.test(text) ? Number.NaN : value;
}

function cellProblem(spec: ColumnSpec, text: string, value: number): RowProblem | undefined {
  const column = spec.name;
  if (Number.isFinite(value)) return spec.range === undefined ? undefined : unitProblem(column, value, spec.range);
  if (text.trim() === '') {
    return spec.required ? { column, problem: 'the cell is empty', hint: 'This column must have a value in every row: remove the row.' } : undefined;
  }
  return { column, problem: `not a number: ${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text)}`, hint: numberHint(spec, text) };
}

function numberHint(spec: ColumnSpec, text: string): string {
  if (spec.name === 'timestamp' && /^\d{4}-\d\d-\d\d/.test(text)) return 'Timestamps are milliseconds UTC, such as 1756684860000.';
  if (/^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text.trim())) return 'Remove the thousands separators.';
  if (/^[-+]?\d+,\d+$/.test(text.trim())) return 'Use "." as the decimal sign.';
  if (/^[-+]?[\d.]+\s*%$/.test(text.trim())) return 'Write a fraction without the sign: 1 % is 0.01.';
  if (/^(nan|null|none|n\/a|-)$/i.test(text.trim())) return spec.required ? 'Remove the row.' : 'Leave the cell empty when there is no value.';
  return 'Write a plain decimal such as 1391.5.';
}

/** csv-parse's own complaints, in the words of the user's file. */
function csvFailure(source: CsvSource, error: unknown, parser: Parser, width: number): InputError | undefined {
  if (!(error instanceof CsvError)) return undefined;
  const place = { file: source.file, line: parser.info.lines };
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH': {
      const found = Array.isArray(error['record']) ? error['record'].length : 'another number of';
      const problem = `the row has ${found} cells, the header has ${width}`;
      return new InputError(problem, place, 'A comma too many or too few, or a file that was cut off in the middle of a row.');
    }
    case 'CSV_QUOTE_NOT_CLOSED':
      return new InputError('a quoted cell is never closed', place, 'Close the double quote.');
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return new InputError(
        'a double quote stands in the middle of a cell',
        place,
        'Remove it, or quote the whole cell and double the quote inside.',
      );
    case 'CSV_MAX_RECORD_SIZE':
      return new InputError(`a row is longer than ${RECORD_BYTES_MAX} characters`, place, 'The file is not CSV, or a double quote is not closed.');
    default:
      return new InputError(error.message, place);
  }
}
