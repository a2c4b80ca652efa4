import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { InputError } from '../../src/core/input-error.js';
import { decodeJournalRecord } from '../../src/journal/journal-codec.js';
import { PLAIN_ROWS } from '../../src/report/danfo-tables.js';
import { writeFolder } from '../../src/report/atomic-folder.js';
import { sha256 } from '../../src/report/run-id.js';
import { writeReport } from '../../src/report/write-report.js';
import { decodeTapeEvent } from '../../src/sim/tape-codec.js';
import { sampleRun } from './support/sample-run.js';

const FILES = [
  'config.resolved.yaml',
  'fills.csv',
  'journal.jsonl',
  'orders.csv',
  'report.html',
  'report.json',
  'report.md',
  'rollbacks.csv',
  'tape.jsonl',
];

let place = '';
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'hedgedrill-report-'));
});
afterEach(async () => rm(place, { recursive: true, force: true }));

const textsOf = async (folder: string): Promise<readonly string[]> =>
  Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), 'utf8')));

describe('a written report', () => {
  test('has all its files, nothing beside them, and the hashes that its summary says', async () => {
    const folder = join(place, 'reports', 'run');
    const summary = await writeReport(folder, sampleRun(), PLAIN_ROWS);
    expect((await readdir(folder)).sort()).toEqual(FILES);
    expect(await readdir(join(place, 'reports'))).toEqual(['run']);
    expect(summary.directory).toBe(folder);
    expect(sha256(await readFile(join(folder, 'tape.jsonl'), 'utf8'))).toBe(summary.hashes.tape);
    expect(sha256(await readFile(join(folder, 'journal.jsonl'), 'utf8'))).toBe(summary.hashes.journal);
  });

  test('tape, journal and config read back as they were', async () => {
    const input = sampleRun();
    await writeReport(join(place, 'run'), input, PLAIN_ROWS);
    const lines = async (name: string): Promise<string[]> => (await readFile(join(place, 'run', name), 'utf8')).trimEnd().split('\n');
    expect((await lines('tape.jsonl')).map((line) => decodeTapeEvent(line))).toEqual(input.tape.map((event) => withoutUndefined(event)));
    expect((await lines('journal.jsonl')).map((line) => decodeJournalRecord(line))).toEqual(input.journal);
    expect(parse(await readFile(join(place, 'run', 'config.resolved.yaml'), 'utf8'))).toEqual(input.config);
  });

  test('written twice, in two places, is the same to the byte and names neither place', async () => {
    await writeReport(join(place, 'a'), sampleRun(), PLAIN_ROWS);
    await writeReport(join(place, 'b', 'deep'), sampleRun(), PLAIN_ROWS);
    const texts = await textsOf(join(place, 'a'));
    expect(await textsOf(join(place, 'b', 'deep'))).toEqual(texts);
    for (const text of texts) expect(text).not.toContain(place);
  });

  test('replaces a finished report whole: what only the old one had is gone', async () => {
    const folder = join(place, 'run');
    await writeReport(folder, sampleRun(), PLAIN_ROWS);
    await writeFile(join(folder, 'old.txt'), 'old');
    await writeReport(folder, sampleRun(), PLAIN_ROWS);
    expect((await readdir(folder)).sort()).toEqual(FILES);
    expect(await readdir(place)).toEqual(['run']);
  });
});

describe('a report that cannot be written', () => {
  test('a folder with other things in it is refused and left alone', async () => {
    await mkdir(join(place, 'home'));
    await writeFile(join(place, 'home', 'precious.txt'), 'mine');
    await expect(writeReport(join(place, 'home'), sampleRun(), PLAIN_ROWS)).rejects.toThrow(InputError);
    expect(await readdir(place)).toEqual(['home']);
    expect(await readFile(join(place, 'home', 'precious.txt'), 'utf8')).toBe('mine');
  });

  test("a path through a file is the user's mistake, said so", async () => {
    await writeFile(join(place, 'file'), '');
    await expect(writeReport(join(place, 'file', 'run'), sampleRun(), PLAIN_ROWS)).rejects.toThrow(
      /the report was not written: a part of the path is a file/,
    );
  });

  test('an error in the middle leaves the old report whole and no rest behind', async () => {
    const folder = join(place, 'run');
    await writeFolder(folder, new Map([['report.json', 'old']]));
    const broken = new Map([
      ['report.json', 'new'],
      ['no/such/folder', 'x'],
    ]);
    await expect(writeFolder(folder, broken)).rejects.toThrow();
    expect(await readdir(place)).toEqual(['run']);
    expect(await readFile(join(folder, 'report.json'), 'utf8')).toBe('old');
  });
});

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

test('a signal in the middle of writing: leaves neither a partial folder nor a broken report', () => {
  const out = mkdtempSync(join(tmpdir(), 'hedgedrill-signal-'));
  const module = pathToFileURL(resolve('src/report/atomic-folder.ts')).href;
  const code = `import { readdirSync } from 'node:fs'; import { writeFolder } from ${JSON.stringify(module)};
    void writeFolder(${JSON.stringify(join(out, 'run'))}, new Map(Array.from({ length: 400 }, (_, i) => [String(i), 'x'])));
    const strike = () => readdirSync(${JSON.stringify(out)}).some((name) => name.endsWith('.partial')) ? process.exit(130) : setImmediate(strike);
    strike();`;
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code]);
  expect(status).toBe(130);
  expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
  rmSync(out, { recursive: true, force: true });
});
