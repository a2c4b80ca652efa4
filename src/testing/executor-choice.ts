import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFileChoice } from '../config/values.js';
import { InputError } from '../core/input-error.js';
import type { ExecutorFactory } from '../executor/ports.js';
import { executorHash } from '../run/executor-hash.js';
import { executorNamed, type NamedExecutor } from '../run/executors.js';

/** Which executor is put to the test. */
export interface ExecutorOptions {
  /** The factory itself; or a built-in name (`reference`, `naive`, a specimen); or the file that default-exports a factory. */
  readonly executor: ExecutorFactory | string | URL;
  /**
   * The file that default-exports `executor` when that is a factory: with it a token replays on the command line, too.
   * Relative paths are the working directory's.
   */
  readonly executorFile?: string | URL | undefined;
}

/** An executor with what a replay token must know of it. */
export interface ChosenExecutor {
  readonly named: NamedExecutor;
  /** What `--executor` takes; undefined: a factory of which no file is known. */
  readonly choice: string | undefined;
  readonly hash: string;
}

/** @throws InputError when there is no such executor. */
export async function chooseExecutor({ executor, executorFile }: ExecutorOptions): Promise<ChosenExecutor> {
  if (typeof executor !== 'function') {
    const choice = executor instanceof URL || isFileChoice(executor) ? fromHere(executor) : executor;
    return { named: await executorNamed(choice), choice, hash: executorHash(choice) };
  }
  if (executorFile !== undefined) {
    const choice = fromHere(executorFile);
    return { named: { name: basename(choice), factory: executor }, choice, hash: executorHash(choice) };
  }
  const name = executor.name === '' || executor.name === 'default' ? 'executor' : executor.name;
  // Without its file only the factory's own text is known: another body of a class it makes goes unnoticed.
  const hash = createHash('sha256').update(Function.prototype.toString.call(executor)).digest('hex').slice(0, 12);
  return { named: { name, factory: executor }, choice: undefined, hash };
}

/** As the command line is given it from the working directory, so that tokens hold no path of this machine. */
function fromHere(file: string | URL): string {
  if (file instanceof URL && file.protocol !== 'file:') throw new InputError(`expected a file: URL, found ${file.href}`, { key: 'executor' });
  const path = file instanceof URL ? fileURLToPath(file) : file;
  if (!existsSync(path)) throw new InputError(`there is no file ${path}`, { key: 'executor' }, "relative paths are the working directory's");
  const short = relative(process.cwd(), path).split(sep).join('/');
  return short.startsWith('..') ? path : `./${short}`;
}
