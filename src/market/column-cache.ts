import { mkdir, mkdtemp, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ColumnTable } from './column-table.js';
import type { TableKind } from './table-schema.js';

/**
 * Part of every cache file's name. Raise it whenever the checks of the readers or the layout of the cache
 * change: what an older version let pass must be read and checked again.
 */
const FORMAT = 1;
const MAGIC = 0x4c_43_44_48; // "HDCL"
const PREFIX_BYTES = 24;
const ALIGNMENT = 8;

interface CacheHeader {
  readonly kind: TableKind;
  readonly hash: string;
  readonly rows: number;
  readonly columns: readonly string[];
  readonly labels: readonly (readonly [string, readonly string[]])[];
  readonly comments: readonly string[];
  readonly ignored: readonly string[];
}

export type CacheAnswer = { readonly found: ColumnTable } | { readonly missing: 'absent' | 'damaged' };

/** `$XDG_CACHE_HOME/hedgedrill`, by default `~/.cache/hedgedrill`. */
export function defaultCacheDir(): string {
  const base = process.env['XDG_CACHE_HOME'];
  // The XDG base directory specification tells to ignore a relative path.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'hedgedrill');
}

const cacheFile = (dir: string, hash: string, kind: TableKind): string => join(dir, `${hash}.${kind}.v${FORMAT}.columns`);

/**
 * Looks for the columns of the file with this hash. A cache file is believed only if its length, its checksum and
 * the names in it are right.
 *
 * Layout, little-endian: magic u32, header bytes u32, body bytes f64, CRC-32 of header and body u32, 0 u32; the
 * header as JSON, padded with blanks to 8 bytes; the columns one after another as raw doubles.
 */
export async function loadCached(dir: string, hash: string, kind: TableKind): Promise<CacheAnswer> {
  const path = cacheFile(dir, hash, kind);
  let bytes: ArrayBuffer;
  try {
    bytes = await readWhole(path);
  } catch {
    // Not there, or not ours to read: `storeCached` will say so when it matters.
    return { missing: 'absent' };
  }
  const table = decode(bytes);
  return table !== undefined && table.hash === hash && table.kind === kind ? { found: table } : { missing: 'damaged' };
}

/** Into a buffer of its own, so that doubles can be read in place (small `readFile` results share an unaligned pool). */
async function readWhole(path: string): Promise<ArrayBuffer> {
  const { size } = await stat(path);
  const bytes = new Uint8Array(size);
  const handle = await open(path, 'r');
  try {
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return bytes.buffer;
}

function decode(bytes: ArrayBuffer): ColumnTable | undefined {
  if (bytes.byteLength < PREFIX_BYTES) return undefined;
  const prefix = new DataView(bytes, 0, PREFIX_BYTES);
  const headerBytes = prefix.getUint32(4, true);
  const bodyBytes = prefix.getFloat64(8, true);
  if (prefix.getUint32(0, true) !== MAGIC || PREFIX_BYTES + headerBytes + bodyBytes !== bytes.byteLength) return undefined;
  if (crc32(new Uint8Array(bytes, PREFIX_BYTES)) !== prefix.getUint32(16, true)) return undefined;
  const header = JSON.parse(Buffer.from(bytes, PREFIX_BYTES, headerBytes).toString('utf8')) as CacheHeader;
  const start = PREFIX_BYTES + headerBytes;
  const columns = new Map(header.columns.map((name, index) => [name, new Float64Array(bytes, start + index * header.rows * 8, header.rows)]));
  const { kind, hash, rows, comments, ignored } = header;
  return { kind, hash, rows, columns, labels: new Map(header.labels), comments, ignored };
}

/**
 * Stores a checked table; others see the whole file or none, also when two processes write it at once.
 * @throws the file system's error when the directory cannot be written.
 */
export async function storeCached(dir: string, table: ColumnTable): Promise<void> {
  const { kind, hash, rows, comments, ignored } = table;
  const header: CacheHeader = { kind, hash, rows, columns: [...table.columns.keys()], labels: [...table.labels], comments, ignored };
  await mkdir(dir, { recursive: true });
  const scratch = await mkdtemp(join(dir, 'writing-'));
  try {
    const temporary = join(scratch, 'columns');
    await writeTable(temporary, header, [...table.columns.values()]);
    await rename(temporary, cacheFile(dir, hash, kind));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Column by column, so that a large table is not copied as a whole. */
async function writeTable(path: string, header: CacheHeader, columns: readonly Float64Array[]): Promise<void> {
  const json = JSON.stringify(header);
  const padding = (ALIGNMENT - (Buffer.byteLength(json) % ALIGNMENT)) % ALIGNMENT;
  const parts = [
    Buffer.from(json + ' '.repeat(padding)),
    ...columns.map((column) => new Uint8Array(column.buffer, column.byteOffset, column.byteLength)),
  ];
  const prefix = new DataView(new ArrayBuffer(PREFIX_BYTES));
  prefix.setUint32(0, MAGIC, true);
  prefix.setUint32(4, parts[0]?.byteLength ?? 0, true);
  prefix.setFloat64(
    8,
    parts.slice(1).reduce((sum, part) => sum + part.byteLength, 0),
    true,
  );
  prefix.setUint32(
    16,
    parts.reduce((checksum, part) => crc32(part, checksum), 0),
    true,
  );
  await writeFile(path, [new Uint8Array(prefix.buffer), ...parts]);
}
