import { open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { defaultCacheDir } from '../../src/market/column-cache.js';
import type { ColumnTable } from '../../src/market/column-table.js';
import { readTable } from '../../src/market/read-table.js';
import { tempFolder } from './temp-files.js';

const temp = await tempFolder();

const HEADER = 'timestamp,upbit_krw,binance_usdt,usdkrw,premium,upbit_usdt_krw,fx_source';
const ROWS = ['1780611126000,90430000,62933.27,1442.07,-0.00357207,1436,live', '1780614126000,90365000,62877.59,1442.07,-0.00340656,,ecb_daily'];
const content = (rows: readonly string[] = ROWS): string => `# SYNTHETIC, for a test\n${HEADER}\n${rows.join('\n')}\n`;

/** Everything a table says, in a form that `toEqual` compares to the last bit. */
const plain = (table: ColumnTable): unknown => ({
  ...table,
  columns: [...table.columns].map(([name, values]) => [name, [...values]]),
  labels: [...table.labels],
});

async function onlyCacheFile(dir: string): Promise<string> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.columns'));
  expect(names).toHaveLength(1);
  return join(dir, names[0] ?? '');
}

test('second read: comes from the cache and says the same to the last bit', async () => {
  const path = await temp.file('a.csv', content());
  const dir = join(temp.dir, 'hit');
  const first = await readTable(path, 'premium', dir);
  const second = await readTable(path, 'premium', dir);
  expect([first.from, second.from]).toEqual(['csv', 'cache']);
  expect(plain(second.table)).toEqual(plain(first.table));
  expect([...first.notices, ...second.notices]).toEqual([]);
  expect(second.table.comments).toEqual(['SYNTHETIC, for a test']);
  expect(second.table.labels.get('fx_source')).toEqual(['live', 'ecb_daily']);
});

test('same content under another name: shares the cache file', async () => {
  const dir = join(temp.dir, 'shared');
  await readTable(await temp.file('one.csv', content()), 'premium', dir);
  expect((await readTable(await temp.file('two.csv', content()), 'premium', dir)).from).toBe('cache');
});

test('changed content under the same name: is read again', async () => {
  const dir = join(temp.dir, 'changed');
  const path = await temp.file('b.csv', content());
  await readTable(path, 'premium', dir);
  await writeFile(path, content(ROWS.slice(0, 1)));
  const again = await readTable(path, 'premium', dir);
  expect([again.from, again.table.rows]).toEqual(['csv', 1]);
});

async function hashRecord(dir: string): Promise<string> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.hash.json'));
  expect(names).toHaveLength(1);
  return join(dir, names[0] ?? '');
}

/** A file that was read once, as if that had been ten seconds after its last change. */
async function settledFile(name: string, dir: string): Promise<string> {
  const path = await temp.file(name, content());
  await readTable(path, 'premium', dir);
  const { ctimeMs } = await stat(path);
  const later = new Date(ctimeMs + 10_000);
  await utimes(await hashRecord(dir), later, later);
  return path;
}

/** Another file's hash in the record shows whether the record is what is believed. */
async function forge(record: string): Promise<void> {
  const { mtime, atime } = await stat(record);
  await writeFile(record, (await readFile(record, 'utf8')).replace(/"hash":".{4}/, '"hash":"0000'));
  await utimes(record, atime, mtime);
}

test('file that nobody touched: its hash is taken from the cache', async () => {
  const dir = join(temp.dir, 'known');
  const path = await settledFile('known.csv', dir);
  await forge(await hashRecord(dir));
  expect((await readTable(path, 'premium', dir)).from).toBe('csv');
});

test('content exchanged at the same size, with the old modification time put back: is read again', async () => {
  const dir = join(temp.dir, 'same-size');
  const path = await settledFile('same-size.csv', dir);
  const { atime, mtime } = await stat(path);
  await writeFile(path, content().replace('62933.27', '62933.26'));
  await utimes(path, atime, mtime);
  const again = await readTable(path, 'premium', dir);
  expect(again.table.columns.get('binance_usdt')?.[0]).toBe(62933.26);
});

test('file written a moment before it was read: is hashed again the next time', async () => {
  const dir = join(temp.dir, 'racy');
  const path = await temp.file('racy.csv', content());
  await readTable(path, 'premium', dir);
  await forge(await hashRecord(dir));
  expect((await readTable(path, 'premium', dir)).from).toBe('cache');
});

test('file of another kind: is checked as that kind, whatever the cache holds', async () => {
  const dir = join(temp.dir, 'kind');
  const path = await temp.file('c.csv', 'timestamp,open,high,low,close,volume\n1756684800000,1419,1420,1418,1419,5\n');
  await readTable(path, 'usdt-candles', dir);
  await expect(readTable(path, 'upbit-candles', dir)).rejects.toThrow(/is not KRW per BTC/);
});

test('bad file: leaves nothing in the cache', async () => {
  const dir = join(temp.dir, 'bad');
  const path = await temp.file('d.csv', content(['1780611126000,90430000,62933.27,1442.07,-0.357207,1436,live']));
  await expect(readTable(path, 'premium', dir)).rejects.toThrow(/in percent/);
  await expect(readTable(path, 'premium', dir)).rejects.toThrow(/in percent/);
  await expect(readdir(dir)).rejects.toThrow(/ENOENT/);
});

test.each([
  { name: 'a flipped bit in the numbers', damage: (bytes: Buffer) => bytes.fill((bytes.at(-5) ?? 0) ^ 1, bytes.length - 5, bytes.length - 4) },
  { name: 'a flipped bit in the header', damage: (bytes: Buffer) => bytes.fill((bytes.at(40) ?? 0) ^ 1, 40, 41) },
  { name: 'a flipped bit in the length', damage: (bytes: Buffer) => bytes.fill((bytes.at(9) ?? 0) ^ 1, 9, 10) },
  { name: 'a cut-off end', damage: (bytes: Buffer) => bytes.subarray(0, bytes.length - 8) },
  { name: 'something appended', damage: (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(8)]) },
  { name: 'no content', damage: () => Buffer.alloc(0) },
  { name: 'other content', damage: () => Buffer.from('not a cache file, but longer than its prefix') },
])('cache file with $name: is noticed, rebuilt and told once', async ({ name, damage }) => {
  const dir = join(temp.dir, name);
  const path = await temp.file('e.csv', content());
  const fresh = await readTable(path, 'premium', dir);
  const cached = await onlyCacheFile(dir);
  await writeFile(cached, damage(await readFile(cached)));
  const rebuilt = await readTable(path, 'premium', dir);
  expect(rebuilt.from).toBe('csv');
  expect(rebuilt.notices).toEqual([expect.stringMatching(/damaged and have been rebuilt/)]);
  expect(plain(rebuilt.table)).toEqual(plain(fresh.table));
  const after = await readTable(path, 'premium', dir);
  expect([after.from, after.notices]).toEqual(['cache', []]);
});

test('cache file of another table under this name: is not believed', async () => {
  const dir = join(temp.dir, 'swapped');
  const path = await temp.file('f.csv', content());
  await readTable(path, 'premium', dir);
  const cached = await onlyCacheFile(dir);
  const other = join(temp.dir, 'swapped-other');
  await readTable(await temp.file('g.csv', content(ROWS.slice(0, 1))), 'premium', other);
  await writeFile(cached, await readFile(await onlyCacheFile(other)));
  const again = await readTable(path, 'premium', dir);
  expect([again.from, again.table.rows]).toEqual(['csv', 2]);
});

test('cache that cannot be written: costs one notice with the way out, and the table is right', async () => {
  const path = await temp.file('h.csv', content());
  // A file in the place of the folder: even the superuser cannot write below it.
  const dir = join(await temp.file('occupied', 'x'), 'cache');
  for (let read = 1; read <= 2; read += 1) {
    const { table, notices, from } = await readTable(path, 'premium', dir);
    expect([from, table.rows]).toEqual(['csv', 2]);
    expect(notices).toEqual([expect.stringMatching(/cannot be written \(\w+\).*--cache DIR/)]);
    expect(notices[0]).not.toContain('\n');
  }
});

test('readers at the same time: all get the table and leave one whole cache file', async () => {
  const dir = join(temp.dir, 'race');
  const path = await temp.file('i.csv.gz', gzipSync(content()));
  const tables = await Promise.all(Array.from({ length: 8 }, () => readTable(path, 'premium', dir)));
  for (const { table, notices } of tables) expect([table.rows, notices]).toEqual([2, []]);
  await onlyCacheFile(dir);
  expect((await readTable(path, 'premium', dir)).from).toBe('cache');
});

test('table longer than a chunk: the cached columns equal the parsed ones', async () => {
  const rows = Array.from(
    { length: 40_000 },
    (_, row) => `${1756684800000 + row * 60_000},${100_000 + (row % 97) / 10},110000,99000,105000.${row % 10},${row / 7}`,
  );
  const path = await temp.file('long.csv', `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const dir = join(temp.dir, 'long');
  const parsed = await readTable(path, 'binance-candles', dir);
  const cached = await readTable(path, 'binance-candles', dir);
  expect([parsed.from, cached.from, cached.table.rows]).toEqual(['csv', 'cache', 40_000]);
  for (const [name, values] of parsed.table.columns) {
    expect(cached.table.columns.get(name)?.every((value, row) => value === values[row])).toBe(true);
    expect(values[39_999]).toBe(Number(rows[39_999]?.split(',')[[...parsed.table.columns.keys()].indexOf(name)]));
  }
});

test('file that changes while it is read: the cache is keyed by the bytes that were parsed', async () => {
  const dir = join(temp.dir, 'moving');
  const path = await temp.file('moving.csv', content());
  const reading = readTable(path, 'premium', dir);
  const handle = await open(path, 'a');
  await handle.write('1780620126000,90365000,62877.59,1442.07,-0.00340656,1436,live\n');
  await handle.close();
  const { table } = await reading;
  const again = await readTable(path, 'premium', dir);
  expect(again.table.rows).toBe(3);
  expect(again.table.hash === table.hash).toBe(again.table.rows === table.rows);
});

test.each([
  { name: 'absolute XDG_CACHE_HOME', xdg: '/var/cache/me', dir: '/var/cache/me/hedgedrill' },
  { name: 'relative XDG_CACHE_HOME', xdg: 'cache', dir: join(process.env['HOME'] ?? '', '.cache/hedgedrill') },
  { name: 'no XDG_CACHE_HOME', xdg: undefined, dir: join(process.env['HOME'] ?? '', '.cache/hedgedrill') },
])('default cache with $name: lies where the XDG rules put it', ({ xdg, dir }) => {
  const before = process.env['XDG_CACHE_HOME'];
  try {
    if (xdg === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = xdg;
    expect(defaultCacheDir()).toBe(dir);
  } finally {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  }
});
