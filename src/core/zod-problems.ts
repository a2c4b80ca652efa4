import { z } from 'zod';

import { suggest } from './suggest.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** A zod issue in words a user can act on. */
export interface InputProblem {
  readonly path: Path;
  /** Set when a key of the mapping at `path` is not known. */
  readonly unknownKey?: string | undefined;
  readonly text: string;
  readonly hint?: string | undefined;
}

/** @param data - what was parsed; zod's issues do not carry it. */
export function problemsOf(issue: Issue, data: unknown, parents: Path = []): InputProblem[] {
  const path = [...parents, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((unknownKey) => ({ path, unknownKey, text: 'unknown key' }));
  if (issue.code === 'invalid_union') return unionProblems(issue, data, path);
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return issue.issues.map((inner) => ({ path, text: `${issue.code === 'invalid_key' ? 'key' : 'element'} is not allowed: ${inner.message}` }));
  }
  const value = valueAt(data, path);
  const missing = value === undefined;
  if (issue.code === 'custom') return [{ path, text: issue.message, hint: hintOf(issue.params) }];
  const expected = expectedBy(issue);
  const found = missing ? 'missing' : `found ${show(value)}`;
  const text = missing && path.length > 0 ? `missing; expected ${expected}` : `expected ${expected}, ${found}`;
  const meant = issue.code === 'invalid_value' && typeof value === 'string' ? suggest(value, issue.values.map(String)) : undefined;
  return [{ path, text, hint: meant === undefined ? undefined : `did you mean "${meant}"?` }];
}

/** A refinement may carry `params: { hint }`. */
function hintOf(params: Record<string, unknown> | undefined): string | undefined {
  return typeof params?.['hint'] === 'string' ? params['hint'] : undefined;
}

/** The branch the user most likely meant speaks: the one whose own type fits, with the fewest problems. */
function unionProblems(issue: Extract<Issue, { code: 'invalid_union' }>, data: unknown, path: Path): InputProblem[] {
  const value = valueAt(data, path);
  if (issue.inclusive !== false && issue.discriminator !== undefined) {
    const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[issue.discriminator] : value;
    const options = (issue.options ?? []).map(String);
    const oneOf = options.length === 0 ? '' : `; expected one of ${options.join(', ')}`;
    // Zod adds the discriminator to the path of a discriminated union's own issue.
    const last = path.at(-1) === issue.discriminator ? (given ?? value) : given;
    const meant = typeof last === 'string' ? suggest(last, options) : undefined;
    const text = last === undefined ? `"${issue.discriminator}" is missing${oneOf}` : `no such ${issue.discriminator}: ${show(last)}${oneOf}`;
    return [{ path, text, hint: meant === undefined ? undefined : `did you mean "${meant}"?` }];
  }
  // The schema's own words for the whole union come first.
  if (issue.message !== 'Invalid input') return [{ path, text: `${issue.message}, found ${value === undefined ? 'nothing' : show(value)}` }];
  const branches = issue.errors.filter((errors) => errors.length > 0);
  const fitting = branches.filter((errors) => !errors.some((inner) => inner.path.length === 0 && WRONG_KIND.has(inner.code)));
  const [best] = [...fitting].sort((a, b) => a.length - b.length);
  if (best !== undefined) return best.flatMap((inner) => problemsOf(inner, data, path));
  const expected = [...new Set(branches.flatMap((errors) => errors.map((inner) => expectedBy(inner))))].join(' or ');
  const words = branches.flatMap((errors) => errors.flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : [])));
  const meant = typeof value === 'string' ? suggest(value, words) : undefined;
  const text = value === undefined ? `missing; expected ${expected}` : `expected ${expected}, found ${show(value)}`;
  return [{ path, text, hint: meant === undefined ? undefined : `did you mean "${meant}"?` }];
}

/** Issues at a branch's root that mean another branch was meant. */
const WRONG_KIND: ReadonlySet<string> = new Set<Issue['code']>(['invalid_type', 'invalid_value', 'invalid_union']);

const NOUNS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return NOUNS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? show(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', String(issue.minimum));
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', String(issue.maximum));
    case 'not_multiple_of':
      return `a multiple of ${String(issue.divisor)}`;
    // A pattern says little to a reader: schemas give such fields a message of their own.
    case 'invalid_format':
    default:
      return issue.message;
  }
}

function bound(origin: string, words: string, limit: string): string {
  if (origin === 'string') return `text with ${words} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `${words} ${limit} elements`;
  return `${words} ${limit}`;
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined),
    data,
  );
}

/** JSON, cut short. */
function show(value: unknown): string {
  if (value === null) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The keys that a schema knows at a path; the union member that fits `data` where that can be told. */
export function keysAt(schema: z.ZodType, path: Path, data: unknown): string[] {
  let schemas = openAll([schema], data);
  let value = data;
  for (const part of path) {
    value = valueAt(value, [part]);
    schemas = openAll(
      schemas.flatMap((outer) => childrenOf(outer, part)),
      value,
    );
  }
  return [...new Set(schemas.flatMap((inner) => (inner instanceof z.ZodObject ? Object.keys(inner.shape) : [])))];
}

function childrenOf(schema: z.ZodType, part: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodObject)
    return [(schema.shape as Record<PropertyKey, z.ZodType | undefined>)[part]].filter((child) => child !== undefined);
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  if (schema instanceof z.ZodTuple) return [(schema.def.items as z.ZodType[])[Number(part)]].filter((child) => child !== undefined);
  return [];
}

/** Takes off wrappers (optional, default, pipe, lazy) and spreads unions. */
function openAll(schemas: readonly z.ZodType[], data: unknown): z.ZodType[] {
  return schemas.flatMap((schema): z.ZodType[] => {
    if (schema instanceof z.ZodDiscriminatedUnion) {
      const members = schema.options as unknown as z.ZodType[];
      const fitting = members.filter((member) => carries(member, schema.def.discriminator, data));
      return openAll(fitting.length > 0 ? fitting : members, data);
    }
    if (schema instanceof z.ZodUnion) return openAll(schema.options as unknown as z.ZodType[], data);
    if (schema instanceof z.ZodIntersection) return openAll([schema.def.left as z.ZodType, schema.def.right as z.ZodType], data);
    if (schema instanceof z.ZodPipe) return openAll([schema.in as z.ZodType], data);
    if (schema instanceof z.ZodLazy) return openAll([schema.unwrap() as z.ZodType], data);
    if ('unwrap' in schema && typeof schema.unwrap === 'function' && !(schema instanceof z.ZodArray)) {
      return openAll([(schema.unwrap as () => z.ZodType)()], data);
    }
    return [schema];
  });
}

/** Whether this member of a discriminated union is the one whose discriminator `data` shows. */
function carries(member: z.ZodType, discriminator: string, data: unknown): boolean {
  const given = valueAt(data, [discriminator]);
  return openAll([member], data).some((open) => childrenOf(open, discriminator).some((child) => child.safeParse(given).success));
}
