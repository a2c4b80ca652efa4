import { mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../core/input-error.js';
import type { FetchPlan } from './fetch-plan.js';

/** Rows of one page, each beginning with its time; every figure as the source's client gave it. */
export type Row = readonly [time: number, ...figures: number[]];

const pageSchema = z.strictObject({ rows: z.array(z.tuple([z.number()], z.number())) });

/**
 * The finished pages of a fetch, on disk in `.fetch` of its folder. A page is there whole or not at all, so that whatever ends
 * the process costs at most the pages under way.
 */
export class PageStore {
  readonly dir: string;
  readonly #names: Set<string>;

  private constructor(dir: string, names: Set<string>) {
    this.dir = dir;
    this.#names = names;
  }

  /**
   * Opens the folder's unfinished fetch, or begins one.
   *
   * @throws InputError when another fetch than this one is unfinished there.
   */
  static async open(out: string, plan: FetchPlan): Promise<PageStore> {
    const dir = join(out, '.fetch');
    await mkdir(join(dir, 'pages'), { recursive: true });
    const text = `${JSON.stringify(plan, undefined, 2)}\n`;
    const found = await readFile(join(dir, 'plan.json'), 'utf8').catch(() => undefined);
    if (found === undefined) await writeWhole(join(dir, 'plan.json'), text);
    else if (found !== text)
      throw new InputError(
        'holds an unfinished fetch of something else',
        { file: dir },
        'repeat that command to finish it, or remove this folder to begin anew',
      );
    const names = await readdir(join(dir, 'pages'));
    return new PageStore(dir, new Set(names.filter((name) => name.endsWith('.json'))));
  }

  has(name: string): boolean {
    return this.#names.has(`${name}.json`);
  }

  /** @returns undefined when the page is not there or cannot be read: it is fetched again. */
  async read(name: string): Promise<readonly Row[] | undefined> {
    if (!this.has(name)) return undefined;
    try {
      return pageSchema.parse(JSON.parse(await readFile(this.#file(name), 'utf8'))).rows;
    } catch {
      return undefined;
    }
  }

  async write(name: string, rows: readonly Row[]): Promise<void> {
    await writeWhole(this.#file(name), JSON.stringify({ rows }));
    this.#names.add(`${name}.json`);
  }

  /** Removes everything: the result stands in its own files. */
  async close(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  #file(name: string): string {
    return join(this.dir, 'pages', `${name}.json`);
  }
}

/** By a rename, and on the disk before it: a name without its bytes would be a page that is lost. */
async function writeWhole(file: string, text: string): Promise<void> {
  const fresh = `${file}.writing`;
  await writeFile(fresh, text);
  const handle = await open(fresh, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
