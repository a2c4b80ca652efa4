import { createWriteStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../core/input-error.js';
import { FETCHED_MARK } from '../market/datasets.js';
import type { Row } from './page-store.js';

/** A figure as a plain decimal; exponents are for computers. */
export function decimalText(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text;
}

export const csvRow = ([time, ...figures]: Row): string => [String(time), ...figures.map(decimalText)].join(',');

/** Writes a CSV file row by row: years of minutes need not lie in memory as one text. */
export async function writeCsv(
  file: string,
  comments: readonly string[],
  header: string,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  async function* text(): AsyncGenerator<string> {
    yield `${comments.map((comment) => `# ${comment}\n`).join('')}${header}\n`;
    let chunk = '';
    for await (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < 1 << 16) continue;
      yield chunk;
      chunk = '';
    }
    yield chunk;
  }
  await pipeline(Readable.from(text()), createWriteStream(file));
}

/**
 * Only what was fetched before may be replaced.
 *
 * @throws InputError when a file of the user's own has one of the names.
 */
export async function refuseStrangers(out: string, names: readonly string[]): Promise<void> {
  const found = await readdir(out).catch((): string[] => []);
  for (const name of names.filter((candidate) => found.includes(candidate))) {
    const file = join(out, name);
    if (!(await stat(file)).isFile() || !(await beginsWith(file, `# ${FETCHED_MARK}`)))
      throw new InputError('is there already and was not fetched by hedgedrill: it is not overwritten', { file }, 'choose another --out');
  }
}

async function beginsWith(file: string, text: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(text.length), 0, text.length, 0);
    return buffer.subarray(0, bytesRead).toString('utf8') === text;
  } finally {
    await handle.close();
  }
}
