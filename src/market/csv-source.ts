import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { InputError } from '../core/input-error.js';
import { suggest } from '../core/suggest.js';

/** A file that exists, can be read and is not empty. */
export interface CsvSource {
  readonly file: string;
  readonly gzip: boolean;
  /** Bytes on disk. */
  readonly size: number;
}

const CHUNK_BYTES = 256 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];
const FOREIGN_FORMATS: readonly { readonly magic: readonly number[]; readonly name: string }[] = [
  { magic: [0x50, 0x4b, 0x03, 0x04], name: 'a zip archive or an Excel workbook' },
  { magic: [0x50, 0x41, 0x52, 0x31], name: 'a Parquet file' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd-compressed' },
  { magic: [0xfd, 0x37, 0x7a, 0x58], name: 'xz-compressed' },
  { magic: [0x42, 0x5a, 0x68], name: 'bzip2-compressed' },
  { magic: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], name: 'a Feather/Arrow file' },
];

const errorCode = (error: unknown): string | undefined => (error instanceof Error && 'code' in error ? String(error.code) : undefined);
const startsWith = (head: Uint8Array, magic: readonly number[]): boolean => magic.every((byte, index) => head[index] === byte);

/**
 * Looks at a file before anything is read from it. Whether it is gzipped is decided by its content.
 * @throws InputError when it is missing, a directory, unreadable, empty or of another format.
 */
export async function openCsvSource(file: string): Promise<CsvSource> {
  const head = new Uint8Array(8);
  let size: number;
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) {
      const csvs = (await readdir(file)).filter((name) => /\.csv(\.gz)?$/.test(name)).sort();
      throw new InputError('is a directory, expected a CSV file', { file }, directoryHint(csvs));
    }
    if (!stats.isFile()) {
      // The hash that keys the cache and the columns are two readings: a pipe gives its bytes but once.
      throw new InputError('is not a regular file, expected a CSV file', { file }, 'Write the data to a file first: it is read twice.');
    }
    size = stats.size;
    const handle = await open(file, 'r');
    try {
      await handle.read(head, 0, head.length, 0);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw await readFailure(file, error);
  }
  if (size === 0) throw new InputError('the file is empty (0 bytes)', { file }, 'Expected a header line and rows; was the download cut off?');
  const foreign = FOREIGN_FORMATS.find((format) => startsWith(head, format.magic));
  if (foreign !== undefined) throw new InputError(`is ${foreign.name}, expected CSV or gzipped CSV`, { file }, 'Export it as CSV first.');
  const gzip = startsWith(head, GZIP_MAGIC);
  if (!gzip && file.endsWith('.gz')) {
    throw new InputError('is named .gz but is not gzip data', { file }, 'Rename it to .csv when it is plain text, or compress it with gzip.');
  }
  return { file, gzip, size };
}

function directoryHint(csvs: readonly string[]): string {
  if (csvs.length === 0) return 'There is no CSV file in it.';
  return `Name one of its files: ${csvs.slice(0, 8).join(', ')}${csvs.length > 8 ? ', ...' : ''}`;
}

async function readFailure(file: string, error: unknown): Promise<unknown> {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const siblings = await readdir(dirname(file)).catch((): string[] => []);
    const suggestion = suggest(basename(file), siblings);
    return new InputError('no such file', { file }, suggestion === undefined ? 'Check the path.' : `Did you mean ${suggestion}?`);
  }
  if (code === 'EACCES' || code === 'EPERM') return new InputError('may not be read (permission denied)', { file }, 'Check the file permissions.');
  return error;
}

/** SHA-256 of the bytes on disk (of the compressed ones where the file is gzipped), as hex. */
export async function hashSource(source: CsvSource): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(source.file, { highWaterMark: 4 * CHUNK_BYTES }), hash);
  return hash.digest('hex');
}

/** The streams that lead from the file to its text, to be put at the head of a pipeline. */
export function textStages(source: CsvSource): [Readable] | [Readable, Gunzip] {
  const bytes = createReadStream(source.file, { highWaterMark: CHUNK_BYTES });
  return source.gzip ? [bytes, createGunzip({ chunkSize: CHUNK_BYTES })] : [bytes];
}

/** What a failure of the gzip layer means to the user; undefined when it is something else. */
export function gzipFailure(source: CsvSource, error: unknown, line: number): InputError | undefined {
  const code = errorCode(error);
  const place = { file: source.file, line: line === 0 ? undefined : line };
  if (code === 'Z_BUF_ERROR') {
    const read = line === 0 ? 'before its first line' : `in the middle of the stream; the last line read is ${line}`;
    return new InputError(`the gzip data ends ${read}`, place, 'The file is truncated: download or copy it again.');
  }
  if (code?.startsWith('Z_') === true) {
    return new InputError(
      `the gzip data is damaged ${line === 0 ? 'before the end of its first block' : `after line ${line}`}`,
      place,
      'Download or copy the file again.',
    );
  }
  return undefined;
}
