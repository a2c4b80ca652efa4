import { closeSync, existsSync, ftruncateSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { ExploredRun } from '../drill/explore/explored-run.js';

const BLOCK_BYTES = 1 << 20;
const LINE_FEED = 10;
/** Every line begins `{"id":"<16 hex digits>"`, so that an index needs no parsing. */
const ID_FROM = '{"id":"'.length;
const ID_LENGTH = 16;

interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * Finished runs, one line of JSON each, by the id of their plan. Only an index is held: a night's runs would not fit.
 * What a killed process left half-written is cut off, so that the next line does not grow onto it.
 */
export class RunLog {
  readonly #file: number;
  readonly #places = new Map<string, Place>();
  #end = 0;

  constructor(file: string) {
    this.#file = openSync(file, existsSync(file) ? 'r+' : 'w+');
    this.#index();
    if (fstatSync(this.#file).size > this.#end) ftruncateSync(this.#file, this.#end);
  }

  get size(): number {
    return this.#places.size;
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  get(id: string): ExploredRun | undefined {
    const place = this.#places.get(id);
    if (place === undefined) return undefined;
    const bytes = Buffer.alloc(place.length);
    readSync(this.#file, bytes, 0, place.length, place.offset);
    return JSON.parse(bytes.toString('utf8')) as ExploredRun;
  }

  /** Handed to the system before it returns: what kills this process afterwards does not lose the run. */
  add(run: ExploredRun): void {
    const { id, ...rest } = run;
    const bytes = Buffer.from(`${JSON.stringify({ id, ...rest })}\n`);
    writeSync(this.#file, bytes, 0, bytes.length, this.#end);
    this.#places.set(id, { offset: this.#end, length: bytes.length - 1 });
    this.#end += bytes.length;
  }

  close(): void {
    closeSync(this.#file);
  }

  #index(): void {
    const block = Buffer.alloc(BLOCK_BYTES);
    let carry = Buffer.alloc(0);
    for (let position = 0; ;) {
      const read = readSync(this.#file, block, 0, BLOCK_BYTES, position);
      if (read === 0) return;
      position += read;
      carry = this.#take(Buffer.concat([carry, block.subarray(0, read)]));
    }
  }

  /** Indexes the whole lines of `bytes`, which begin at the end so far. @returns the rest. */
  #take(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    let from = 0;
    for (let feed = bytes.indexOf(LINE_FEED); feed !== -1; feed = bytes.indexOf(LINE_FEED, from)) {
      const id = bytes.toString('latin1', from + ID_FROM, from + ID_FROM + ID_LENGTH);
      this.#places.set(id, { offset: this.#end, length: feed - from });
      this.#end += feed - from + 1;
      from = feed + 1;
    }
    return bytes.subarray(from);
  }
}
