import { InputError, type InputPlace } from '../core/input-error.js';
import { suggest } from '../core/suggest.js';
import { schemaOf, type ColumnSpec, type TableKind, type TableSchema } from './table-schema.js';

/** Where each column of the schema stands in the file's rows. */
export interface HeaderLayout {
  readonly columns: readonly { readonly spec: ColumnSpec; readonly index: number }[];
  /** Header names that the schema does not know. */
  readonly ignored: readonly string[];
}

/**
 * Finds the schema's columns in a header.
 * @throws InputError naming the missing or misspelt column and what it was probably meant to be.
 */
export function layoutOf(schema: TableSchema, header: readonly string[], file: string, line: number): HeaderLayout {
  const names = header.map((name) => name.trim());
  const place = { file, line };
  rejectNonsense(schema, names, place);
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) throw new InputError('the header has this column twice', { ...place, column: twice }, 'Remove one of them.');
  const unknown = names.filter((name) => name !== '' && !schema.columns.some((spec) => spec.name === name));
  for (const spec of schema.columns) {
    if (!names.includes(spec.name)) rejectAbsence(schema, spec, names, unknown, place);
  }
  const columns = schema.columns
    .filter((spec) => names.includes(spec.name))
    .map((spec) => ({ spec: needsCells(schema, spec, names) ? { ...spec, required: true } : spec, index: names.indexOf(spec.name) }));
  return { columns, ignored: unknown };
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, '');

/** The first present column of a group stands for the group: its cells may not be empty. */
function needsCells(schema: TableSchema, spec: ColumnSpec, names: readonly string[]): boolean {
  return schema.oneOf.some((group) => group.find((name) => names.includes(name)) === spec.name);
}

function rejectAbsence(schema: TableSchema, spec: ColumnSpec, names: readonly string[], unknown: readonly string[], place: InputPlace): void {
  const group = schema.oneOf.find((candidates) => candidates.includes(spec.name));
  const needed = spec.required || (group?.[0] === spec.name && !group.some((name) => names.includes(name)));
  // A mistyped optional column is among the ignored ones; one that differs in case alone is certainly this one.
  const meant = needed ? suggest(spec.name, unknown) : unknown.find((name) => plain(name) === plain(spec.name));
  const alias = needed ? unknown.find((name) => spec.aliases.includes(name.toLowerCase())) : undefined;
  const found = meant ?? alias;
  if (!needed && found === undefined) return;
  const wanted = group === undefined ? `"${spec.name}"` : group.map((name) => `"${name}"`).join(' or ');
  const hint =
    found === undefined ? `The header has: ${names.join(', ')}.` : `Did you mean it by "${found}"? Then rename that column to "${spec.name}".`;
  throw new InputError(
    `${schema.title} needs the column ${wanted}, which the header lacks`,
    { ...place, column: spec.name },
    otherKindHint(schema, names) ?? hint,
  );
}

/** Catches a file given in the place of another one. */
function otherKindHint(schema: TableSchema, names: readonly string[]): string | undefined {
  const kind = kindOfHeader(names);
  if (kind === undefined || kind === schema.kind || (kind === 'candles' && schema.kind.endsWith('-candles'))) return undefined;
  const title = kind === 'candles' ? 'a candle file' : schemaOf(kind).title;
  return `By its header this is ${title}, expected ${schema.title}.`;
}

/** A control character, or a byte that is no UTF-8: this is no text. */
function isBinary(text: string): boolean {
  return [...text].some((character) => character === '\uFFFD' || (character < ' ' && character !== '\t'));
}

function rejectNonsense(schema: TableSchema, names: readonly string[], place: InputPlace): void {
  const text = names.join(',');
  if (isBinary(text)) {
    throw new InputError('is not a text file: its first line holds binary data', place, 'Expected CSV or gzipped CSV.');
  }
  const separator = names.length === 1 ? [';', '\t', '|'].find((mark) => text.includes(mark)) : undefined;
  if (separator !== undefined) {
    const shown = separator === '\t' ? 'tabs' : `"${separator}"`;
    throw new InputError(`its columns are separated by ${shown}, expected commas`, place, 'Export the file with commas and "." as the decimal sign.');
  }
  if (names.length > 1 && names.every((name) => name !== '' && Number.isFinite(Number(name)))) {
    const needed = schema.columns.filter((spec) => spec.required).map((spec) => spec.name);
    throw new InputError('the first line holds numbers, expected a header', place, `Put a first line with the column names: ${needed.join(', ')}.`);
  }
}

/**
 * What a file is by its header alone; candles of which market a header cannot say.
 * @returns undefined when the columns belong to no known kind.
 */
export function kindOfHeader(
  header: readonly string[],
): Exclude<TableKind, 'upbit-candles' | 'binance-candles' | 'usdt-candles'> | 'candles' | undefined {
  const names = new Set(header.map((name) => name.trim()));
  if (names.has('upbit_krw') || names.has('premium')) return 'premium';
  if (names.has('funding_rate')) return 'funding';
  if (names.has('usdkrw')) return 'fx';
  return names.has('open') && names.has('close') ? 'candles' : undefined;
}
