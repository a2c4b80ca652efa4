import { createHash, type Hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

let known: string | undefined;

/** 12 hex digits for all of this code: finished runs of other simulators, faults or oracles must not be taken over. */
export function codeHash(): string {
  known ??= hashSources(createHash('sha256'), '').digest('hex').slice(0, 12);
  return known;
}

/** Takes in every source file below a folder of this code, by name: no file system decides the order. */
export function hashSources(hash: Hash, folder: string): Hash {
  const place = fileURLToPath(new URL(`../${folder}`, import.meta.url));
  const names = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|js)$/.test(name) && !name.endsWith('.d.ts'));
  for (const name of names.sort()) hash.update(`${folder}/${name}\n`).update(readFileSync(join(place, name)));
  return hash;
}
