import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { InputError } from '../../src/core/input-error.js';
import { parseYamlInput } from '../../src/core/yaml-input.js';

/** The clone that mutants are made of. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Who must die: the executor by explorer and drills, the venues by the oracle's second ledger and a random client. */
export const GROUPS = ['executor', 'venues'] as const;
type Group = (typeof GROUPS)[number];

const patchSchema = z.strictObject({
  file: z.string().regex(/^src\/[\w./-]+\.ts$/, 'a file under src'),
  find: z.string().min(1),
  replace: z.string(),
});

const mutantSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words with hyphens'),
  /** One sentence: what somebody could have got wrong. */
  wrong: z.string().min(20),
  /** Whether it can cost money or leave a leg naked, as against manners and efficacy. */
  losesMoney: z.boolean(),
  /** Several patches: a mistake that a second defence would hide is made in both places. */
  patches: z.array(patchSchema).min(1),
  /** Why nothing can kill it; a mutant that nevertheless dies is reported. */
  survives: z.string().min(20).optional(),
});

export interface Mutant extends z.infer<typeof mutantSchema> {
  readonly group: Group;
  /** The catalogue file, relative to the clone. */
  readonly source: string;
}

/** Every mutant, in the order of the files and of the lines. @throws InputError for a catalogue that is not sound. */
export function readCatalogue(root = ROOT): readonly Mutant[] {
  const mutants = GROUPS.flatMap((group) => {
    const folder = join('mutants', group);
    const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.yaml'));
    return files.sort().flatMap((name): Mutant[] => {
      const source = join(folder, name);
      return parseYamlInput(readFileSync(join(root, source), 'utf8'), source, z.array(mutantSchema)).map((mutant) => ({ ...mutant, group, source }));
    });
  });
  const seen = new Map<string, string>();
  for (const { id, source } of mutants) {
    const before = seen.get(id);
    if (before !== undefined) throw new InputError(`"${id}" is there twice, also in ${before}`, { file: source }, 'an id names one mutant');
    seen.set(id, source);
  }
  return mutants;
}

/**
 * The texts of the files that a mutant changes, by path.
 *
 * @param textOf - the present text of a file.
 * @throws InputError for a stale patch: what it looks for must be in its file exactly once.
 */
export function patched({ id, source, patches }: Mutant, textOf: (file: string) => string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { file, find, replace } of patches) {
    const text = texts.get(file) ?? textOf(file);
    const parts = text.split(find);
    if (parts.length !== 2) {
      const [first = ''] = find.split('\n').filter((line) => line.trim() !== '');
      throw new InputError(
        `stale patch: expected its text once in ${file}, found it ${parts.length - 1} times`,
        { file: source, key: id },
        `the code has changed; look for \`${first.trim()}\` and write the patch anew`,
      );
    }
    texts.set(file, parts.join(replace));
  }
  return texts;
}
