import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFileChoice } from '../config/values.js';

/** Folders that a built-in executor is made of. */
const EXECUTOR_FOLDERS = ['core', 'clock', 'hedge', 'exchange', 'journal', 'executor', 'specimens'] as const;

/**
 * 12 hex digits for the code of an executor: a result says nothing about other code.
 *
 * @param choice - a built-in name, or the path of a user's module, of which only the file itself is looked at.
 */
export function executorHash(choice: string): string {
  const hash = createHash('sha256').update(choice.replace(/^.*[/\\]/, ''));
  if (isFileChoice(choice)) return hash.update(readFileSync(choice)).digest('hex').slice(0, 12);
  const root = fileURLToPath(new URL('..', import.meta.url));
  for (const folder of EXECUTOR_FOLDERS) {
    for (const name of readdirSync(join(root, folder), { encoding: 'utf8', recursive: true }).sort()) {
      if (/\.(ts|js)$/.test(name) && !name.endsWith('.d.ts')) hash.update(`${folder}/${name}\n`).update(readFileSync(join(root, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 12);
}
