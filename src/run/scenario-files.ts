import { existsSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { InputError } from '../core/input-error.js';
import { suggest } from '../core/suggest.js';
import { listScenarios } from '../faults/load-scenario.js';
import { scenarioPath, scenariosDir } from './package-paths.js';

/**
 * Files of scenarios by name, path or folder (`duel-lost-reply`, `mine.yaml`, `museum`); without any, every shipped
 * one. In the order of their paths and each once, however they were given.
 *
 * @throws InputError when there is no such file, with the shipped one that was probably meant.
 */
export async function scenarioFiles(given: readonly string[]): Promise<readonly string[]> {
  const dir = scenariosDir();
  if (given.length === 0) return filesIn(dir);
  const files: string[] = [];
  for (const name of given) {
    const folder = [name, join(dir, name)].find((place) => existsSync(place) && statSync(place).isDirectory());
    if (folder !== undefined) {
      const inside = await filesIn(folder);
      if (inside.length === 0) throw new InputError('this folder holds no scenario', { file: folder });
      files.push(...inside);
      continue;
    }
    const file = scenarioPath(name);
    if (!existsSync(file)) throw await unknownScenario(name);
    files.push(file);
  }
  return [...new Set(files.map((file) => normalize(file)))].sort();
}

const filesIn = async (folder: string): Promise<readonly string[]> => (await listScenarios(folder)).map(({ file }) => join(folder, file));

async function unknownScenario(name: string): Promise<InputError> {
  const shipped = (await listScenarios(scenariosDir())).map(({ file }) => file.replace(/\.ya?ml$/, ''));
  const plain = name.replace(/^.*scenarios\//, '').replace(/\.ya?ml$/, '');
  // A name may also be that of one on a shelf, given without the shelf.
  const byLast = new Map(shipped.map((each) => [each.replace(/^.*\//, ''), each]));
  const meant = suggest(plain, shipped) ?? byLast.get(suggest(plain, [...byLast.keys()]) ?? '');
  const hint = meant === undefined ? '' : `did you mean "${meant}"? `;
  return new InputError(`there is no scenario "${name}"`, { key: 'drill' }, `${hint}\`hedgedrill scenario list\` names the shipped ones`);
}

/** One `--param`. @throws InputError when it is no name=value. */
export function parameter(text: string): [string, string] {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InputError(`expected name=value, found "${text}"`, { key: '--param' });
  return [name, value];
}
