import { basename } from 'node:path';
import { loadExecutorFactory } from '../config/load-module.js';
import { BUILT_IN_EXECUTORS, isBuiltInExecutor, nameProblem } from '../config/values.js';
import { InputError } from '../core/input-error.js';
import type { ExecutorFactory } from '../executor/ports.js';
import { createReferenceExecutor } from '../executor/reference-executor.js';
import { createLetterExecutor } from '../specimens/letter.js';
import { createNaiveExecutor } from '../specimens/naive.js';

const BUILT_IN: Readonly<Record<string, ExecutorFactory>> = {
  reference: createReferenceExecutor,
  letter: createLetterExecutor,
  naive: createNaiveExecutor,
};

export interface NamedExecutor {
  /** Without a path, so that reports do not depend on where the file lies. */
  readonly name: string;
  readonly factory: ExecutorFactory;
}

/** A built-in executor by name, or the user's own by the path of its module. @throws InputError when there is none. */
export async function executorNamed(choice: string): Promise<NamedExecutor> {
  const factory = isBuiltInExecutor(choice) ? BUILT_IN[choice] : undefined;
  if (factory !== undefined) return { name: choice, factory };
  const problem = nameProblem(choice, BUILT_IN_EXECUTORS);
  if (problem !== undefined) throw new InputError(problem.text, { key: '--executor' }, problem.hint);
  return { name: basename(choice), factory: await loadExecutorFactory(choice) };
}
