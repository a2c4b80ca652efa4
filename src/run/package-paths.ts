import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file or folder of the package, as a path relative to the working directory where that is shorter. */
function packagePath(name: string): string {
  const absolute = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const fromHere = relative(process.cwd(), absolute);
  return fromHere.startsWith('..') ? absolute : fromHere;
}

/** The shipped scenarios. */
export const scenariosDir = (): string => packagePath('scenarios');

/** The premium table of the embedded synthetic sample. */
export const sampleFile = (): string => packagePath('data/sample/premium-1m.csv');

/** The load generator of `serve`; the package does not bring it, the repository has it. */
export const serveLoadScript = (): string => packagePath('scripts/serve-load.ts');

/** Where shipped scenarios stand; those that catch a specimen and those of the museum have folders of their own. */
const SHELVES = ['', 'families/', 'bugs/', 'museum/', 'mutants/'];

/** A scenario by path, or by the name of a shipped one (`crash-day-mix`, `museum/ccxt-1880`). */
export function scenarioPath(given: string): string {
  if (existsSync(given) || /\\|\.ya?ml$/.test(given)) return given;
  const shipped = SHELVES.map((shelf) => `${scenariosDir()}/${shelf}${given}.yaml`).find((path) => existsSync(path));
  if (shipped !== undefined || given.includes('/')) return shipped ?? given;
  // A name that is not shipped is looked for there too, so that the error can say which one was meant.
  return `${scenariosDir()}/${given}.yaml`;
}
