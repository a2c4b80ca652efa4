import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { MUTANTS_DOCUMENT, mutantsDocument, patchHash, readResults } from '../scripts/mutants-doc.js';
import { patched, readCatalogue, type Mutant } from '../scripts/mutants/catalogue.js';
import { transpiled } from '../scripts/mutants/sandbox.js';

const run = promisify(execFile);
const catalogue = readCatalogue();
const present = (file: string): string => readFileSync(file, 'utf8');
const example = (patches: Mutant['patches']): Mutant => ({
  id: 'example',
  wrong: 'An example.',
  losesMoney: false,
  group: 'executor',
  source: 'mutants/x.yaml',
  patches,
});

test('the catalogue: at least 40 mutants of the executor and 10 of the venues', () => {
  expect(catalogue.filter(({ group }) => group === 'executor').length).toBeGreaterThanOrEqual(40);
  expect(catalogue.filter(({ group }) => group === 'venues').length).toBeGreaterThanOrEqual(10);
});

test.each(catalogue)('$id: each patch fits its file once, and the result is another program', (mutant) => {
  const texts = patched(mutant, present);
  expect(texts.size).toBeGreaterThan(0);
  for (const [file, text] of texts) expect(transpiled(file, text)).not.toBe(transpiled(file, present(file)));
});

describe('a stale patch is refused', () => {
  test.each([
    { name: 'its text is gone', find: 'c' },
    { name: 'its text is there twice', find: 'a' },
  ])('$name', ({ find }) => {
    const mutant = example([{ file: 'src/x.ts', find, replace: 'z' }]);
    expect(() => patched(mutant, () => 'a b a')).toThrow(
      /mutants\/x\.yaml: example: stale patch: expected its text once in src\/x\.ts, found it [02] times/,
    );
  });

  test('a second patch sees what the first has made', () => {
    const mutant = example([
      { file: 'src/x.ts', find: 'b', replace: 'c' },
      { file: 'src/x.ts', find: 'a c', replace: 'd' },
    ]);
    expect(patched(mutant, () => 'a b')).toEqual(new Map([['src/x.ts', 'd']]));
  });

  test('what is not grammatical is told, not attacked', () => {
    expect(() => transpiled('src/x.ts', 'const = 1;')).toThrow(/src\/x\.ts/);
  });
});

test('every result in the document belongs to the patch as it stands, and no mutant is left out', () => {
  const results = readResults();
  expect([...results.keys()]).toEqual(catalogue.map(({ id }) => id));
  expect(catalogue.filter((mutant) => results.get(mutant.id)?.patch !== patchHash(mutant)).map(({ id }) => id)).toEqual([]);
});

test('docs/mutants.md: is made of the catalogue and the results', async () => {
  expect(readFileSync(MUTANTS_DOCUMENT, 'utf8')).toBe(await mutantsDocument(catalogue, readResults()));
});

test('the command kills three mutants of different sorts, and takes the results over when it is started again', async () => {
  const out = mkdtempSync(join(tmpdir(), 'mutants-test-'));
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('hedgedrill-mutants-')).length;
  const command = ['node_modules/tsx/dist/cli.mjs', 'scripts/mutants.ts', '--out', out];
  const only = ['unknown-create-is-refusal', 'second-leg-as-asked', 'upbit-fee-twice'].flatMap((id) => ['--only', id]);
  try {
    const { stdout } = await run(process.execPath, [...command, ...only], { encoding: 'utf8' });
    expect(stdout).toMatch(/^killed {4}second-leg-as-asked .* oracle\.I4/m);
    expect(stdout).toContain('3 of 3 killed (100.0 %)');
    expect(readFileSync(join(out, 'results.jsonl'), 'utf8').trim().split('\n')).toHaveLength(3);
    const again = await run(process.execPath, [...command, ...only], { encoding: 'utf8' });
    expect(again.stdout).toContain('3 of 3 killed (100.0 %)');
    expect(readFileSync(join(out, 'results.jsonl'), 'utf8').trim().split('\n')).toHaveLength(3);
    // Nothing is left in the temporary folder.
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('hedgedrill-mutants-')).length).toBeLessThanOrEqual(before);
    await expect(run(process.execPath, [...command, '--only', 'uplbit-fee-twice'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "upbit-fee-twice"?') as string,
    });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}, 300_000);
