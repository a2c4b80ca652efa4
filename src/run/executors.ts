import { basename } from 'node:path';
import { loadExecutorFactory } from '../config/load-module.js';
import { BUILT_IN_EXECUTORS, nameProblem } from '../config/values.js';
import { InputError } from '../core/input-error.js';
import type { ExecutorFactory } from '../executor/ports.js';
import { createReferenceExecutor } from '../executor/reference-executor.js';
import { SPECIMENS } from '../specimens/catalogue.js';
import { createSmallExecutor } from '../specimens/specimen.js';

const BUILT_IN: ReadonlyMap<string, ExecutorFactory> = new Map([
  ['reference', createReferenceExecutor],
  ['small', createSmallExecutor],
  ...SPECIMENS.map(({ card, factory }) => [card.id, factory] as const),
]);

export interface NamedExecutor {
  /** Without a path, so that reports do not depend on where the file lies. */
  readonly name: string;
  readonly factory: ExecutorFactory;
}

/** A built-in executor or specimen by name, or the user's own by the path of its module. @throws InputError when there is none. */
export async function executorNamed(choice: string): Promise<NamedExecutor> {
  const factory = BUILT_IN.get(choice);
  if (factory !== undefined) return { name: choice, factory };
  const problem = nameProblem(choice, BUILT_IN_EXECUTORS, [...BUILT_IN.keys()]);
  if (problem !== undefined) throw new InputError(problem.text, { key: '--executor' }, problem.hint);
  return { name: basename(choice), factory: await loadExecutorFactory(choice) };
}
