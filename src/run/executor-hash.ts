import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isFileChoice } from '../config/values.js';
import { hashSources } from './code-hash.js';

/** Folders that a built-in executor is made of. */
const EXECUTOR_FOLDERS = ['core', 'clock', 'hedge', 'exchange', 'journal', 'executor', 'specimens'] as const;

/** Of built-in executors, whose code stays as it is while this process runs; every row of a drill asks for one. */
const known = new Map<string, string>();

/**
 * 12 hex digits for the code of an executor: a result says nothing about other code.
 *
 * @param choice - a built-in name, or the path of a user's module, of which only the file itself is looked at.
 */
export function executorHash(choice: string): string {
  const found = known.get(choice);
  if (found !== undefined) return found;
  const hash = createHash('sha256').update(choice.replace(/^.*[/\\]/, ''));
  if (isFileChoice(choice)) return hash.update(readFileSync(choice)).digest('hex').slice(0, 12);
  for (const folder of EXECUTOR_FOLDERS) hashSources(hash, folder);
  const made = hash.digest('hex').slice(0, 12);
  known.set(choice, made);
  return made;
}
