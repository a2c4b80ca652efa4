import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { InputError } from '../core/input-error.js';
import type { ExecutorFactory } from '../executor/ports.js';
import type { StrategyFactory } from '../strategy/strategy.js';

/** What a user's file is for; names the option in messages. */
type Plugin = 'executor' | 'strategy';

/**
 * Loads a user's TypeScript or JavaScript module and gives its default export, which must be a function.
 *
 * @param file - relative paths are the working directory's.
 * @throws InputError when the file is missing, does not compile, throws while it loads, or exports something else.
 */
async function loadDefaultFunction(plugin: Plugin, file: string): Promise<(...args: never[]) => unknown> {
  const place = { file, key: plugin };
  const path = resolve(file);
  if (!existsSync(path))
    throw new InputError('there is no such file', place, `--${plugin} takes the path of a .ts or .js module, or a built-in name`);
  if (!statSync(path).isFile()) throw new InputError('this is not a file', place, `--${plugin} takes the path of a .ts or .js module`);
  const exports = exportsOf(await importFile(path, place));
  const exported = exports['default'];
  if (typeof exported === 'function') return exported as (...args: never[]) => unknown;
  const names = Object.keys(exports).filter((name) => name !== 'default');
  const found =
    exported !== undefined
      ? `its default export is ${kindOf(exported)}`
      : names.length > 0
        ? `it only exports ${names.join(', ')}`
        : 'it exports nothing';
  throw new InputError(
    `expected a default export that is a function; ${found}`,
    place,
    `write: export default function create${titled(plugin)}(...) { ... }`,
  );
}

async function importFile(path: string, place: { readonly file: string; readonly key: string }): Promise<unknown> {
  // Loaded on demand: tsx brings a compiler that a run without plug-ins does not need.
  const [esm, cjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
  // Not `tsImport`: it loads everything anew for the module, ccxt too, and no error would be an instance of a class that it knows.
  const stopModules = esm.register();
  const stopRequire = cjs.register();
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new InputError(`loading the module failed: ${text}`, place, 'run it alone with `npx tsx` to see the whole error');
  } finally {
    stopRequire();
    await stopModules();
  }
}

/** A module that tsx runs as CommonJS (no `"type": "module"` near it) has its exports one level deeper. */
function exportsOf(namespace: unknown): Record<string, unknown> {
  const outer = namespace as Record<string, unknown>;
  const inner = outer['default'];
  return typeof inner === 'object' && inner !== null && '__esModule' in inner ? inner : outer;
}

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'a list' : `of type ${typeof value}`);
const titled = (word: string): string => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`;

/** The executor of `--executor ./my-executor.ts`. @throws InputError when the file does not give one. */
export async function loadExecutorFactory(path: string): Promise<ExecutorFactory> {
  return (await loadDefaultFunction('executor', path)) as ExecutorFactory;
}

/** The strategy of `--strategy ./my-strategy.ts`. @throws InputError when the file does not give one. */
export async function loadStrategyFactory(path: string): Promise<StrategyFactory> {
  return (await loadDefaultFunction('strategy', path)) as StrategyFactory;
}
