import { randomBytes } from 'node:crypto';
import { constants, existsSync, renameSync, rmSync } from 'node:fs';
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../core/input-error.js';

/** Proof that a folder is a finished report of ours and may be replaced: nothing else is ever deleted. */
const REPORT_MARKER = 'report.json';

/**
 * Writes `files` as the folder `directory`: into a new folder beside it, then by a rename, so that it is there
 * whole or not at all. A finished report in its place is replaced.
 *
 * @param marker - the file by which a folder of the same kind is known.
 * @throws InputError when the place cannot be written, is full, or holds something that is not a report.
 */
export async function writeFolder(directory: string, files: ReadonlyMap<string, string>, marker = REPORT_MARKER): Promise<void> {
  const target = resolve(directory);
  const parent = dirname(target);
  // The name is random and gone after the rename, so it is in nothing that must be equal between runs.
  const fresh = join(parent, `.${basename(target)}.${randomBytes(6).toString('hex')}.partial`);
  const tidy = (): void => undoSync(fresh, target);
  // A signal ends the process without unwinding: nothing awaited below would run again.
  process.once('exit', tidy);
  try {
    await mkdir(parent, { recursive: true });
    await refuseStrangers(target, marker);
    await mkdir(fresh);
    for (const [name, text] of files) await writeFile(join(fresh, name), text, { encoding: 'utf8', flag: 'wx' });
    await swap(fresh, target);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw explained(error, directory);
  } finally {
    process.removeListener('exit', tidy);
  }
}

/**
 * Writes one file by a rename, so that it is there whole or not at all; what stood there is replaced.
 *
 * @throws InputError when the place cannot be written or is full.
 */
export async function writeFileWhole(file: string, text: string): Promise<void> {
  const target = resolve(file);
  const fresh = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.partial`);
  const tidy = (): void => rmSync(fresh, { force: true });
  process.once('exit', tidy);
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(fresh, text, { encoding: 'utf8', flag: 'wx' });
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw explained(error, file);
  } finally {
    process.removeListener('exit', tidy);
  }
}

/**
 * Finds out before hours of work whether its result could be written, without leaving anything behind.
 *
 * @throws InputError when a part of the path is a file, or the first folder that exists may not be written in.
 */
export async function refuseUnwritable(directory: string): Promise<void> {
  let place = resolve(directory);
  for (;;) {
    const found = await stat(place).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw explained(error, directory);
    });
    if (found === undefined) {
      place = dirname(place);
      continue;
    }
    if (!found.isDirectory()) throw notWritten(REASONS['ENOTDIR'] ?? '', directory);
    await access(place, constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw explained(error, directory);
    });
    return;
  }
}

/** Leaves the old report or the new one, whole, and nothing beside it. */
function undoSync(fresh: string, target: string): void {
  const old = `${fresh}.old`;
  if (existsSync(old) && !existsSync(target)) renameSync(old, target);
  for (const left of [fresh, old]) rmSync(left, { recursive: true, force: true });
}

async function refuseStrangers(target: string, marker: string): Promise<void> {
  const found = await stat(target).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return;
  const names = found.isDirectory() ? await readdir(target) : undefined;
  if (names !== undefined && (names.length === 0 || names.includes(marker))) return;
  throw new InputError(
    'this place is taken by something that is not a report',
    { file: target },
    'Choose another folder with --out, or move it away.',
  );
}

/** Puts `fresh` where `target` is; should the last step fail, the old report is put back. */
async function swap(fresh: string, target: string): Promise<void> {
  const old = `${fresh}.old`;
  const moved = await rename(target, old).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(fresh, target);
  } catch (error) {
    if (moved) await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EFBIG: 'the file is larger than it may be',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'no permission to write here',
  EPERM: 'no permission to write here',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
  EISDIR: 'this is a folder',
};

function explained(error: unknown, directory: string): unknown {
  const reason = REASONS[codeOf(error) ?? ''];
  if (reason === undefined) return error;
  return notWritten(reason, directory);
}

const notWritten = (reason: string, place: string): InputError =>
  new InputError(`the report was not written: ${reason}`, { file: place }, 'Choose another folder with --out, or make room.');

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
