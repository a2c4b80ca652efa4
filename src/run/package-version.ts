import { readFileSync } from 'node:fs';

let version: string | undefined;

/** The version in the package's own package.json; read once, since every run asks for it. */
export function packageVersion(): string {
  version ??= (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
  return version;
}
