import Database from 'libsql';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { epochMs } from '../../src/core/units.js';
import type { JournalEvent } from '../../src/journal/journal-event.js';
import { SqliteJournal } from '../../src/journal/sqlite-journal.js';

const event = (mark: string): JournalEvent => ({ t: epochMs(1), flow: 'f', type: 'mark', mark });
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(folder, 'journal.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('SQLite journal: what was appended is there for the next process, in order', async () => {
  const first = SqliteJournal.open(file);
  await first.append(event('a'));
  await first.append(event('b'));
  first.close();
  const second = SqliteJournal.open(file);
  await second.append(event('c'));
  const records = await second.read();
  second.close();
  expect(records).toEqual(['a', 'b', 'c'].map((mark, index) => ({ seq: index + 1, event: event(mark) })));
});

test('SQLite journal: is written ahead with full synchronisation, so that an append survives a power cut', async () => {
  const journal = SqliteJournal.open(file);
  await journal.append(event('a'));
  // The other connection sees it at once: the append was a transaction of its own.
  const other = SqliteJournal.openForReading(file);
  expect(await other.read()).toHaveLength(1);
  expect((new Database(file).pragma('journal_mode') as { journal_mode: string }[])[0]?.journal_mode).toBe('wal');
  other.close();
  journal.close();
});

test('SQLite journal opened for reading: cannot be written, not even by its own append', async () => {
  SqliteJournal.open(file).close();
  const reader = SqliteJournal.openForReading(file);
  await expect(reader.append(event('a'))).rejects.toThrow('opened for reading');
  reader.close();
});

test('SQLite journal opened for reading: a missing file is an error, not a new file', () => {
  expect(() => SqliteJournal.openForReading(file)).toThrow(InputError);
});

test("SQLite journal: another program's database is refused and left as it was", () => {
  const foreign = new Database(file);
  foreign.exec('CREATE TABLE orders (id TEXT)');
  foreign.close();
  const before = readFileSync(file);
  expect(() => SqliteJournal.open(file)).toThrow('not a journal of ours');
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('SQLite journal: a file that is no database is refused and left as it was', () => {
  writeFileSync(file, 'orders of yesterday\n'.repeat(100));
  expect(() => SqliteJournal.open(file)).toThrow('not a SQLite file');
  expect(readFileSync(file, 'utf8')).toContain('orders of yesterday');
});

test('SQLite journal of another version: refused by name of both versions', () => {
  SqliteJournal.open(file).close();
  const database = new Database(file);
  database.pragma('user_version = 7');
  database.close();
  expect(() => SqliteJournal.open(file)).toThrow('expected a journal of version 1, found version 7');
});

test('SQLite journal with an edited line: read names file and line', async () => {
  const journal = SqliteJournal.open(file);
  await journal.append(event('a'));
  const database = new Database(file);
  database.prepare('UPDATE journal SET line = ?').run('{"seq":1}');
  database.close();
  await expect(journal.read()).rejects.toThrow(`${file}:1`);
  journal.close();
});

test('SQLite journal while another writer holds the file: the append rejects and nothing is half written', async () => {
  const journal = SqliteJournal.open(file);
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  await expect(journal.append(event('a'))).rejects.toThrow(/locked|busy/i);
  other.exec('ROLLBACK');
  await journal.append(event('b'));
  expect((await journal.read()).map(({ event: read }) => read)).toEqual([event('b')]);
  other.close();
  journal.close();
});

test('SQLite journal whose last record stands half written: is read without it, and a later append is not buried behind it', async () => {
  const journal = SqliteJournal.open(file);
  await journal.append(event('a'));
  await journal.append(event('b'));
  journal.close();
  const raw = new Database(file);
  raw.exec('UPDATE journal SET line = substr(line, 1, 20) WHERE seq = 2');
  raw.close();
  const marks = async (from: SqliteJournal): Promise<string[]> =>
    (await from.read()).map(({ event: read }) => (read.type === 'mark' ? read.mark : read.type));
  const reader = SqliteJournal.openForReading(file);
  expect(await marks(reader)).toEqual(['a']);
  reader.close();
  const next = SqliteJournal.open(file);
  await next.append(event('c'));
  expect(await marks(next)).toEqual(['a', 'c']);
  next.close();
});

test('SQLite journal with a half-written record among whole ones: is refused, since that is damage', async () => {
  const journal = SqliteJournal.open(file);
  await journal.append(event('a'));
  await journal.append(event('b'));
  const raw = new Database(file);
  raw.exec('UPDATE journal SET line = substr(line, 1, 20) WHERE seq = 1');
  raw.close();
  await expect(journal.read()).rejects.toThrow('not a line of JSON');
  journal.close();
});
