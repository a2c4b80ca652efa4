import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import type { z } from 'zod';

import { InputError } from './input-error.js';
import type { InputPlace } from './input-error.js';
import { suggest } from './suggest.js';
import { keysAt, problemsOf } from './zod-problems.js';
import type { InputProblem } from './zod-problems.js';

export { suggest };

/** So many problems are told at once; the rest is only counted. */
const PROBLEMS_SHOWN_MAX = 10;

/**
 * Reads a YAML (or JSON) text through a schema.
 *
 * @param file - as the user gave it; stands in front of every message.
 * @throws InputError that names file, line, column, key, what was expected and found, and what was
 *   probably meant; with several problems the first leads and the others follow on lines of their own.
 */
export function parseYamlInput<T>(text: string, file: string, schema: z.ZodType<T>): T {
  const { value, issues } = read(text, file, schema);
  const [first, ...others] = issues;
  if (first === undefined) return value as T;
  if (others.length === 0) throw first;
  const lines = others.slice(0, PROBLEMS_SHOWN_MAX - 1).map((issue) => issue.message);
  if (others.length > lines.length) lines.push(`... and ${others.length - lines.length} more`);
  throw new InputError(withoutPlace(first), first.place, [...hintOf(first), ...lines].join('\n'));
}

/** Every problem of the text, in the order of the file; empty when it is sound. */
export function yamlIssues(text: string, file: string, schema: z.ZodType): InputError[] {
  return read(text, file, schema).issues;
}

interface Reading {
  readonly value: unknown;
  readonly issues: InputError[];
}

function read(text: string, file: string, schema: z.ZodType): Reading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const placeAt = (offset: number): InputPlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  // A warning is an unknown tag or directive: the value would silently be something else than written.
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    return { value: undefined, issues: faults.map((fault) => new InputError(`not valid YAML: ${fault.message}`, placeAt(fault.pos[0]))) };

  let data: unknown;
  try {
    // An empty file is an empty mapping: the schema then names the keys that are missing.
    data = (document.toJS() as unknown) ?? {};
  } catch (error) {
    return { value: undefined, issues: [new InputError(`not usable YAML: ${error instanceof Error ? error.message : String(error)}`, { file })] };
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return { value: parsed.data, issues: [] };
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, data));
  const issues = problems.map((problem) => {
    const place = { ...placeAt(offsetOf(document, problem)), key: keyText(problem) };
    return new InputError(problem.text, place, problem.hint ?? hintFor(problem, schema, data));
  });
  const position = (error: InputError): number => (error.place.line ?? 0) * 1_000_000 + Number(error.place.column ?? 0);
  return { value: undefined, issues: issues.sort((a, b) => position(a) - position(b)) };
}

function hintFor(problem: InputProblem, schema: z.ZodType, data: unknown): string | undefined {
  if (problem.unknownKey === undefined) return undefined;
  const known = keysAt(schema, problem.path, data);
  const meant = suggest(problem.unknownKey, known);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return known.length === 0 ? undefined : `known keys here: ${known.join(', ')}`;
}

/** `venues.upbit.orders[2].price`; undefined for the whole document. */
function keyText({ path, unknownKey }: InputProblem): string | undefined {
  const whole = unknownKey === undefined ? path : [...path, unknownKey];
  if (whole.length === 0) return undefined;
  return whole.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`),
    '',
  );
}

/** Where the value at the path begins; an unknown key's own place; the parent's for what is missing. */
function offsetOf(document: Document.Parsed, { path, unknownKey }: InputProblem): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of unknownKey === undefined ? path : [...path, unknownKey]) {
    if (isAlias(node)) node = node.resolve(document);
    const child = childOf(node, part);
    if (child === undefined) break;
    const isLastKey = isPair(child) && unknownKey !== undefined && part === unknownKey;
    node = isPair(child) ? child.value : child;
    const own = isPair(child) ? (startOf(isLastKey ? child.key : (child.value ?? child.key)) ?? startOf(child.key)) : startOf(child);
    offset = own ?? offset;
  }
  return offset;
}

function childOf(node: unknown, part: PropertyKey): Node | Pair | undefined {
  if (isSeq(node)) return node.items[Number(part)] as Node | undefined;
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(part));
}

const startOf = (node: unknown): number | undefined => (node as Partial<Node> | null | undefined)?.range?.[0];

const hintOf = (error: InputError): string[] => (error.hint === undefined ? [] : [error.hint]);

/** The bare problem of an InputError whose message already holds place and hint. */
function withoutPlace(error: InputError): string {
  const prefix = new InputError('', error.place).message;
  const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
  return error.message.slice(prefix.length, error.message.length - hint.length);
}
