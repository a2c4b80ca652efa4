import type { z } from 'zod';

import { InputError } from '../core/input-error.js';
import type { InputPlace } from '../core/input-error.js';
import { keysAt, problemsOf } from '../core/zod-problems.js';
import type { InputProblem } from '../core/zod-problems.js';
import { didYouMean, RECORDED_BOOK } from './not-built.js';
import type { Path, YamlSource } from './yaml-source.js';

/**
 * Everything in `data` that `schema` does not take, in words, at its place in the file.
 *
 * @param at - where `data` stands in the file; `[]` for the whole of it.
 */
export function schemaIssues(schema: z.ZodType, data: unknown, source: YamlSource, at: Path): InputError[] {
  const parsed = schema.safeParse(data);
  if (parsed.success) return [];
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, data));
  return problems.map((problem) => inWords(problem, schema, data, source, at));
}

function inWords(problem: InputProblem, schema: z.ZodType, data: unknown, source: YamlSource, at: Path): InputError {
  const path = [...at, ...problem.path];
  if (problem.unknownKey !== undefined) {
    const known = keysAt(schema, problem.path, data);
    const place = source.place(path, problem.unknownKey);
    const meant = didYouMean(problem.unknownKey, known);
    return new InputError('unknown key', place, meant ?? (known.length === 0 ? undefined : `known keys here: ${known.join(', ')}`));
  }
  const value = valueAt(data, problem.path);
  const place = source.place(path);
  if (typeof value === 'string' && RECORDED_BOOK.test(path.map(String).join('.'))) return new InputError('a recorded book is not built yet', place);
  if (typeof value === 'number' && problem.text.startsWith('expected text')) return asText(problem, value, schema, data, place);
  return new InputError(problem.text, place, problem.hint);
}

/** A number where text belongs: quotes may be all that is missing; if not, what the text should look like. */
function asText(problem: InputProblem, value: number, schema: z.ZodType, data: unknown, place: InputPlace): InputError {
  const parsed = schema.safeParse(replaced(data, problem.path, String(value)));
  const same = (path: Path): boolean => path.map(String).join('.') === problem.path.map(String).join('.');
  const still = parsed.success ? undefined : parsed.error.issues.find((issue) => same(issue.path));
  if (still === undefined) return new InputError(`expected text, found ${value}`, place, `write it in quotes: "${value}"`);
  return new InputError(`expected ${still.message}, found ${value}`, place);
}

function replaced(data: unknown, path: Path, value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (Array.isArray(data)) return data.map((item: unknown, index) => (index === part ? replaced(item, rest, value) : item));
  if (typeof data !== 'object' || data === null) return data;
  return { ...data, [part]: replaced((data as Record<PropertyKey, unknown>)[part], rest, value) };
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined),
    data,
  );
}

/** Of one file in the order of its lines; files in the order they came up. */
export function byPlace(issues: readonly InputError[]): InputError[] {
  const files = [...new Set(issues.map((issue) => issue.place.file))];
  const position = ({ place }: InputError): number => files.indexOf(place.file) * 1e12 + (place.line ?? 0) * 1e6 + Number(place.column ?? 0);
  return [...issues].sort((a, b) => position(a) - position(b));
}
