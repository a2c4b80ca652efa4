import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashSource, type CsvSource } from './csv-source.js';

/** What the file system says of a file's state: any write moves its change time, which no user can set. */
interface FileState {
  readonly size: string;
  readonly modifiedNs: string;
  readonly changedNs: string;
}

interface KnownHash extends FileState {
  readonly hash: string;
}

/**
 * A write in the same tick of the file system's clock as the hashing would leave the state as it was, so a hash is
 * believed only when the file had been left alone for longer than the coarsest clock in use (FAT: 2 s) by then.
 */
const SETTLED_NS = 2_000_000_000n;

const recordFile = (dir: string, device: bigint, inode: bigint): string => join(dir, `${device}-${inode}.hash.json`);

async function stateOf(file: string): Promise<FileState & { readonly device: bigint; readonly inode: bigint }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return { device: dev, inode: ino, size: String(size), modifiedNs: String(mtimeNs), changedNs: String(ctimeNs) };
}

const same = (a: FileState, b: FileState): boolean => a.size === b.size && a.modifiedNs === b.modifiedNs && a.changedNs === b.changedNs;

export interface ContentHash {
  /** SHA-256 of the file's bytes, as hex. */
  readonly hash: string;
  /** Notes the hash for the next load; to be called once the file is known to be good. */
  remember(): Promise<void>;
}

/**
 * The hash of a file's content. Hashing is nine tenths of a load from the cache, so the hash is remembered with the
 * file's size and times, and taken from there while they stand: the content stays the only key of the cached columns.
 *
 * @param dir - the cache; one that cannot be read or written only costs the hashing.
 */
export async function contentHash(source: CsvSource, dir: string): Promise<ContentHash> {
  const state = await stateOf(source.file);
  const record = recordFile(dir, state.device, state.inode);
  const known = await readKnown(record);
  if (known !== undefined && same(known, state)) return { hash: known.hash, remember: async () => {} };
  const hash = await hashSource(source);
  const { size, modifiedNs, changedNs } = state;
  return {
    hash,
    async remember() {
      if (same(state, await stateOf(source.file))) await write(dir, record, { size, modifiedNs, changedNs, hash });
    },
  };
}

/** @returns undefined when there is no record, when it makes no sense or when it was written too soon after the file. */
async function readKnown(record: string): Promise<KnownHash | undefined> {
  try {
    const { mtimeNs } = await stat(record, { bigint: true });
    const known = JSON.parse(await readFile(record, 'utf8')) as KnownHash;
    return /^[0-9a-f]{64}$/.test(known.hash) && mtimeNs - BigInt(known.changedNs) > SETTLED_NS ? known : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all; a failure is told by the writing of the columns, which follows. */
async function write(dir: string, record: string, known: KnownHash): Promise<void> {
  const temporary = `${record}.${process.pid}`;
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(temporary, `${JSON.stringify(known)}\n`);
    await rename(temporary, record);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
