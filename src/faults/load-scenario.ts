import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { stringify } from 'yaml';

import { InputError } from '../core/input-error.js';
import type { InputPlace } from '../core/input-error.js';
import { assert } from '../core/assert.js';
import { compileScenario } from './compile-scenario.js';
import { Includes, readSource } from './include.js';
import type { Part } from './include.js';
import { inlineFiles } from './inline-files.js';
import { isRaw, mergeScenario } from './merge.js';
import type { Raw } from './merge.js';
import { didYouMean, notBuiltKind } from './not-built.js';
import { substitute, typedLike } from './params.js';
import type { ParamValue } from './params.js';
import type { ResolvedScenario } from './resolved-scenario.js';
import { byPlace, schemaIssues } from './schema-issues.js';
import { fragmentSchema, librarySchema, scenarioSchema } from './scenario-schema.js';
import type { ScenarioFile } from './scenario-schema.js';
import { YamlSource } from './yaml-source.js';

/** A problem of a scenario or library file; `message` holds place, problem and hint. */
export type Issue = InputError;

export interface LoadOptions {
  /** Where includes resolve from. */
  readonly scenariosDir: string;
  /** Values for the file's `params`, as text. */
  readonly params?: Readonly<Record<string, string>> | undefined;
}

/**
 * Reads a scenario with everything it includes.
 *
 * @throws InputError with file, line and key, what was expected and found, and what was probably meant. With
 *   several problems the first is thrown, and its hint says how to see them all.
 */
export async function loadScenario(path: string, options: LoadOptions): Promise<ResolvedScenario> {
  const { issues, scenario } = await analyse(path, options);
  if (issues.length > 0) throw leading(issues, path);
  assert(scenario !== undefined, 'a scenario without problems is resolved');
  return scenario;
}

/**
 * The same for a scenario that stands in no file.
 *
 * @param name - what messages call it.
 * @throws InputError as `loadScenario` does.
 */
export async function loadScenarioText(text: string, name: string, options: LoadOptions): Promise<ResolvedScenario> {
  const { issues, scenario } = await analyseSource(new YamlSource(text, name), name, options, false);
  if (issues.length > 0) throw leading(issues, name);
  assert(scenario !== undefined, 'a scenario without problems is resolved');
  return scenario;
}

/** All problems of a scenario or library file, in the order of their places; empty when it is sound. */
export async function lintScenario(path: string, options: LoadOptions): Promise<readonly Issue[]> {
  return (await analyse(path, options, true)).issues;
}

export interface ScenarioSummary {
  readonly file: string;
  readonly id: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** Whether it needs market data (`do: trade`). */
  readonly trades: boolean;
}

/** Every scenario file under `dir`, by file name; libraries and files that are no scenario are left out. */
export async function listScenarios(dir: string): Promise<readonly ScenarioSummary[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => {
    throw new InputError(`there is no scenarios folder ${dir}`);
  });
  const files = entries.filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  const sources = await Promise.all(files.sort().map((file) => readSource(file)));
  return sources.flatMap(({ data, file }) => {
    if (!isRaw(data) || data['kind'] !== 'Scenario') return [];
    const steps = Array.isArray(data['flow']) ? (data['flow'] as unknown[]) : [];
    const tags = Array.isArray(data['tags']) ? data['tags'].map(String) : [];
    const trades = steps.some((step) => isRaw(step) && step['do'] === 'trade');
    return [{ file: relative(dir, file), id: text(data['id']), title: text(data['title']), tags, trades }];
  });
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Analysis {
  readonly issues: readonly InputError[];
  readonly scenario?: ResolvedScenario | undefined;
}

async function analyse(path: string, options: LoadOptions, libraries = false): Promise<Analysis> {
  return analyseSource(await readSource(path), path, options, libraries);
}

async function analyseSource(source: YamlSource, path: string, options: LoadOptions, libraries: boolean): Promise<Analysis> {
  if (source.problems.length > 0) return { issues: source.problems };
  if (!isRaw(source.data)) return { issues: [new InputError('a scenario is a mapping with apiVersion, kind, id, ...', { file: path, line: 1 })] };
  const { kind } = source.data;
  if (kind === 'Library' && libraries) return analyseLibrary(source, source.data, options.scenariosDir);
  if (kind !== 'Scenario') return { issues: [wrongKind(kind, source)] };
  return analyseScenario({ name: path, source, at: [], raw: source.data }, options);
}

function wrongKind(kind: unknown, source: YamlSource): InputError {
  const place = source.place(['kind']);
  if (kind === undefined) return new InputError('kind is missing; expected "Scenario"', place);
  if (kind === 'Library') return new InputError('a Library holds fragments to include; it is no scenario to run', place);
  const shown = typeof kind === 'string' ? kind : JSON.stringify(kind);
  const later = notBuiltKind(shown);
  if (later !== undefined) return new InputError(later, place, 'built: Scenario, Library');
  return new InputError(`no such kind: "${shown}"`, place, didYouMean(shown, ['Scenario', 'Library']));
}

async function analyseLibrary(source: YamlSource, data: Raw, scenariosDir: string): Promise<Analysis> {
  const includes = new Includes(scenariosDir);
  const fragments = isRaw(data['fragments']) ? Object.entries(data['fragments']) : [];
  const parts = fragments.flatMap(([name, raw]): Part[] => (isRaw(raw) ? [{ name, source, at: ['fragments', name], raw }] : []));
  const issues: InputError[] = schemaIssues(librarySchema, data, source, []).filter(({ place }) => !fragmentOf(place.key));
  for (const part of parts) {
    const included = await includes.of(part);
    const params = collectParams([...included, part], undefined, source.file, issues);
    await prepare(part, params, scenariosDir, issues);
  }
  return { issues: byPlace([...issues, ...includes.issues]) };
}

/** Problems inside fragments are found once parameters have been put in. */
const fragmentOf = (key: string | undefined): boolean => key !== undefined && /^fragments\.[^.]+\./.test(key);

async function analyseScenario(main: Part, options: LoadOptions): Promise<Analysis> {
  const includes = new Includes(options.scenariosDir);
  const parts = [...(await includes.of(main)), main];
  const issues = [...includes.issues];
  const params = collectParams(parts, options.params, main.source.file, issues);
  const ready = await Promise.all(parts.map((part) => prepare(part, params, options.scenariosDir, issues)));
  const merged = mergeScenario(ready.map((part) => part.raw));
  if (issues.length > 0) {
    // Without its library a scenario lacks a world; the include that failed says so already.
    const more = beyondSchema(merged, ready, true).issues.filter(
      ({ place }) => includes.issues.length === 0 || place.key?.startsWith('world') !== true,
    );
    return { issues: byPlace([...issues, ...more]) };
  }
  const { issues: later, scenario } = beyondSchema(merged, ready, false);
  return { issues: byPlace(later), scenario };
}

/** What only the whole shows. Faults that failed on their own are left out, so that one typing slip hides nothing else. */
function beyondSchema(merged: Raw, parts: readonly Part[], told: boolean): Analysis {
  const main = parts.at(-1);
  assert(main !== undefined, 'the scenario itself is the last part');
  const origins = parts.flatMap((part) => (Array.isArray(part.raw['faults']) ? part.raw['faults'].map((_, index) => ({ part, index })) : []));
  const all = Array.isArray(merged['faults']) ? (merged['faults'] as unknown[]) : [];
  const faultSchema = scenarioSchema.shape.faults.unwrap().element;
  const sound = all.map((fault, index) => ({ fault, index })).filter(({ fault }) => faultSchema.safeParse(fault).success);
  const parsed = scenarioSchema.safeParse({ ...merged, faults: sound.map(({ fault }) => fault) });
  // What each part holds has been told already; here only what merging made of it is new.
  if (!parsed.success) return { issues: told ? [] : schemaIssues(scenarioSchema, merged, main.source, []) };
  const issues: InputError[] = [];
  const placeOf = (path: readonly PropertyKey[]): InputPlace => {
    const holder = [...parts].reverse().find(({ source, at }) => source.has([...at, ...path])) ?? main;
    return holder.source.place([...holder.at, ...path]);
  };
  const ids = all.flatMap((fault) => (isRaw(fault) && typeof fault['id'] === 'string' ? [fault['id']] : []));
  const resolved = compileScenario(
    parsed.data,
    ids,
    (index, path) => {
      const origin = origins[sound[index]?.index ?? -1];
      return origin === undefined ? { file: main.source.file } : origin.part.source.place([...origin.part.at, 'faults', origin.index, ...path]);
    },
    (path, problem, hint) => issues.push(new InputError(problem, placeOf(path), hint)),
    (place, problem, hint) => issues.push(new InputError(problem, place, hint)),
  );
  if (resolved.trades && isRaw(main.raw['world']) && JSON.stringify(main.raw['world']).includes('"book"')) {
    issues.push(new InputError('a trading run takes its market from the data; leave the book out', main.source.place(['world'])));
  }
  return { issues, scenario: { ...resolved, file: main.source.file, text: resolvedText(merged, parsed.data) } };
}

/** The schema's own order of keys, without what was already put in. */
function resolvedText(merged: Raw, parsed: ScenarioFile): string {
  const ordered = Object.keys(scenarioSchema.shape).flatMap((key) => (key in merged ? [[key, merged[key]] as const] : []));
  const { apiVersion } = parsed;
  return stringify({ apiVersion, ...Object.fromEntries(ordered) }, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Puts parameters and files into one part, then holds it against its schema. */
async function prepare(part: Part, params: ReadonlyMap<string, ParamValue>, scenariosDir: string, issues: InputError[]): Promise<Part> {
  const names = [...params.keys()];
  const unfilled: InputError[] = [];
  const data = substitute(part.raw, params, (path, name) => {
    const place = part.source.place([...part.at, ...path]);
    const known = `it has ${names.length === 0 ? 'none' : names.join(', ')}`;
    unfilled.push(new InputError(`no parameter "${name}"`, place, didYouMean(name, names) ?? known));
  });
  issues.push(...unfilled);
  const raw = isRaw(data) ? data : part.raw;
  const schema = part.at.length === 0 ? scenarioSchema : fragmentSchema;
  const found = schemaIssues(schema, raw, part.source, part.at).filter(({ place }) => unfilled.every((gap) => gap.place.key !== place.key));
  issues.push(...found);
  return found.length + unfilled.length > 0 ? { ...part, raw } : inlineFiles({ ...part, raw }, scenariosDir, issues);
}

function collectParams(
  parts: readonly Part[],
  given: Readonly<Record<string, string>> | undefined,
  file: string,
  issues: InputError[],
): ReadonlyMap<string, ParamValue> {
  const params = new Map<string, ParamValue>();
  for (const { raw } of parts) {
    if (!isRaw(raw['params'])) continue;
    for (const [name, value] of Object.entries(raw['params'])) {
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') params.set(name, value);
    }
  }
  for (const [name, value] of Object.entries(given ?? {})) {
    const like = params.get(name);
    if (like === undefined) {
      const known = [...params.keys()];
      issues.push(
        new InputError(
          `${file} has no parameter "${name}"`,
          { key: `--param ${name}` },
          didYouMean(name, known) ?? `it has ${known.length === 0 ? 'none' : known.join(', ')}`,
        ),
      );
    } else params.set(name, typedLike(value, like));
  }
  return params;
}

function leading(issues: readonly InputError[], path: string): InputError {
  const [first] = issues;
  assert(first !== undefined, 'there is a problem to tell');
  if (issues.length === 1) return first;
  const prefix = new InputError('', first.place).message;
  const hint = first.hint === undefined ? '' : `\n  ${first.hint}`;
  const problem = first.message.slice(prefix.length, first.message.length - hint.length);
  const more = `${issues.length - 1} more: hedgedrill scenario lint ${path}`;
  return new InputError(problem, first.place, first.hint === undefined ? more : `${first.hint}\n  ${more}`);
}
