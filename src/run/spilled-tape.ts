import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { decodeTapeEvent, encodeTapeEvent } from '../sim/tape-codec.js';
import type { Tape, TapeEntry, TapeEvent } from '../sim/tape-event.js';

const BLOCK = 1 << 16;
/** Up to so many events all of them are read back at the end. */
const WHOLE_MAX = 300_000;
/** Reads of what everybody may see: above `WHOLE_MAX` those that were answered are left in the file. */
const MARKET_READS: ReadonlySet<string> = new Set([
  'loadMarkets',
  'fetchTime',
  'fetchOrderBook',
  'fetchTicker',
  'fetchFundingRate',
  'ping',
  'unlisted',
]);

/**
 * A tape that stands in a file while it is written, so that a run of days needs no more memory than one of minutes. A
 * process that is killed leaves it.
 */
export class SpilledTape implements Tape {
  readonly file: string;
  readonly #descriptor: number;
  readonly #onFull: (error: unknown) => void;
  readonly #listeners: ((event: TapeEvent) => void)[] = [];
  #written = 0;
  /** Of whole lines in the file; a disk that fills in the middle of a write leaves more than these. */
  #bytes = 0;
  #pending = '';
  #isFull = false;

  /**
   * @param file - must not exist yet.
   * @param onFull - told once when the file takes no more; what comes afterwards stays in memory.
   */
  constructor(file: string, onFull: (error: unknown) => void) {
    this.file = file;
    this.#descriptor = openSync(file, 'wx+');
    this.#onFull = onFull;
  }

  /** Events so far. */
  get length(): number {
    return this.#written;
  }

  /** Whether `events` leaves out what is in the file. */
  get isAbridged(): boolean {
    return this.#written > WHOLE_MAX;
  }

  /** Read back from the file; of a long tape without answered reads of market data, which prove nothing. */
  get events(): readonly TapeEvent[] {
    const skip = this.isAbridged ? this.#answeredMarketReads() : undefined;
    const events: TapeEvent[] = [];
    for (const line of this.#lines()) {
      const event = decodeTapeEvent(line);
      if (skip !== undefined && isWire(event) && skip.has(event.request)) continue;
      events.push(event);
    }
    return events;
  }

  write(entry: TapeEntry): void {
    const event = entry as TapeEntry & { seq: number };
    event.seq = this.#written += 1;
    this.#pending += `${encodeTapeEvent(event)}\n`;
    if (this.#pending.length >= BLOCK) this.flush();
    for (const listener of this.#listeners) listener(event);
  }

  onEvent(listener: (event: TapeEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** Hands to the system what is still in memory. */
  flush(): void {
    if (this.#isFull || this.#pending === '') return;
    try {
      this.#bytes += writeAll(this.#descriptor, this.#pending);
      this.#pending = '';
    } catch (error) {
      this.#isFull = true;
      this.#onFull(error);
    }
  }

  close(): void {
    this.flush();
    closeSync(this.#descriptor);
  }

  /** Once it stands elsewhere. */
  remove(): void {
    rmSync(this.file, { force: true });
  }

  #answeredMarketReads(): ReadonlySet<number> {
    const asked = new Set<number>();
    const answered = new Set<number>();
    for (const line of this.#lines()) {
      if (!line.includes('"type":"request"') && !line.includes('"type":"answer"')) continue;
      const event = decodeTapeEvent(line);
      if (event.type === 'request' && MARKET_READS.has(event.method)) asked.add(event.request);
      if (event.type === 'answer' && asked.delete(event.request) && event.ok) answered.add(event.request);
    }
    return answered;
  }

  /** What was written whole, and the rest when the file is full. */
  *#lines(): Generator<string> {
    this.flush();
    const decoder = new StringDecoder('utf8');
    const block = Buffer.alloc(BLOCK);
    let carry = '';
    for (let position = 0; position < this.#bytes;) {
      const read = readSync(this.#descriptor, block, 0, Math.min(BLOCK, this.#bytes - position), position);
      if (read === 0) break;
      position += read;
      const lines = (carry + decoder.write(block.subarray(0, read))).split('\n');
      carry = lines.pop() ?? '';
      yield* lines;
    }
    yield* this.#pending.split('\n').filter((line) => line !== '');
  }
}

const isWire = (event: TapeEvent): event is Extract<TapeEvent, { type: 'request' | 'arrived' | 'answer' }> =>
  event.type === 'request' || event.type === 'arrived' || event.type === 'answer';

/** @returns how many bytes it took. */
function writeAll(descriptor: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
  return bytes.length;
}
