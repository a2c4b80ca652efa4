import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { InputError } from '../core/input-error.js';
import type { InputPlace } from '../core/input-error.js';
import { isRaw } from './merge.js';
import type { Raw } from './merge.js';
import { didYouMean, notBuiltKind } from './not-built.js';
import { YamlSource } from './yaml-source.js';
import type { Path } from './yaml-source.js';

/** A part of a scenario and where it stands: a fragment of a library, or the scenario itself (`at` is empty). */
export interface Part {
  readonly name: string;
  readonly source: YamlSource;
  readonly at: Path;
  readonly raw: Raw;
}

/** Reads the libraries that a scenario includes; names resolve from the scenarios folder. */
export class Includes {
  readonly #folder: string;
  readonly #libraries = new Map<string, YamlSource | undefined>();
  readonly issues: InputError[] = [];

  constructor(scenariosDir: string) {
    this.#folder = scenariosDir;
  }

  /** The fragments that `part` includes, each after those that it includes itself. */
  async of(part: Part, trail: readonly string[] = [part.name]): Promise<readonly Part[]> {
    const names = part.raw['include'];
    if (!Array.isArray(names)) return [];
    const found: Part[] = [];
    for (const [index, name] of names.entries()) {
      if (typeof name !== 'string') continue;
      const place = part.source.place([...part.at, 'include', index]);
      if (trail.includes(name)) {
        this.issues.push(new InputError(`includes run in a circle: ${[...trail, name].join(' -> ')}`, place));
        continue;
      }
      const fragment = await this.#fragment(name, place);
      if (fragment !== undefined) found.push(...(await this.of(fragment, [...trail, name])), fragment);
    }
    return found;
  }

  async #fragment(name: string, place: InputPlace): Promise<Part | undefined> {
    const [file = '', wanted] = name.split('#');
    const source = await this.#library(file, place);
    if (source === undefined) return undefined;
    const fragments = isRaw(source.data) ? source.data['fragments'] : undefined;
    const names = isRaw(fragments) ? Object.keys(fragments) : [];
    const chosen = wanted ?? (names.length === 1 ? names[0] : undefined);
    if (chosen === undefined) return this.#fail(`which fragment of ${file}?`, place, `one of ${names.map((each) => `${file}#${each}`).join(', ')}`);
    const raw = isRaw(fragments) ? fragments[chosen] : undefined;
    if (isRaw(raw)) return { name, source, at: ['fragments', chosen], raw };
    if (names.includes(chosen)) return this.#fail(`fragment "${chosen}" of ${source.file} is empty`, place);
    return this.#fail(
      `${source.file} has no fragment "${chosen}"`,
      place,
      didYouMean(chosen, names) ?? `it has ${names.length === 0 ? 'none' : names.join(', ')}`,
    );
  }

  async #library(file: string, place: InputPlace): Promise<YamlSource | undefined> {
    const known = this.#libraries.get(file);
    if (known !== undefined || this.#libraries.has(file)) return known;
    const path = join(this.#folder, file);
    const source = await readSource(path, place, `includes resolve from ${this.#folder}`).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      this.issues.push(error);
      return undefined;
    });
    let usable = source;
    if (source !== undefined) {
      this.issues.push(...source.problems);
      const kind = isRaw(source.data) ? source.data['kind'] : undefined;
      if (source.problems.length > 0) usable = undefined;
      else if (kind !== 'Library') {
        const later = typeof kind === 'string' ? notBuiltKind(kind) : undefined;
        this.issues.push(
          new InputError(later ?? `only a Library can be included, found ${JSON.stringify(kind) ?? 'no kind'}`, source.place(['kind'])),
        );
        usable = undefined;
      }
    }
    this.#libraries.set(file, usable);
    return usable;
  }

  #fail(problem: string, place: InputPlace, hint?: string): undefined {
    this.issues.push(new InputError(problem, place, hint));
    return undefined;
  }
}

/** @throws InputError when the file cannot be read; `place` is where it was named. */
export async function readSource(path: string, place: InputPlace = {}, hint?: string): Promise<YamlSource> {
  return new YamlSource(await readTextFile(path, place, hint), path);
}

/** @throws InputError when the file cannot be read. */
export async function readTextFile(path: string, place: InputPlace = {}, hint?: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EISDIR') throw new InputError(`${path} is a folder, not a file`, place, hint);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw new InputError(`cannot read ${path} (${code ?? 'unknown error'})`, place, hint);
    const neighbours = await readdir(dirname(path)).catch(() => []);
    const meant = didYouMean(path.slice(dirname(path).length + 1), neighbours.sort());
    throw new InputError(`there is no file ${path}`, place, meant ?? hint);
  }
}
