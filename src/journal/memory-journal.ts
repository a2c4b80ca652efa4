import { decodeJournalRecord, encodeJournalRecord } from './journal-codec.js';
import type { JournalEvent, JournalRecord } from './journal-event.js';
import type { Journal } from './journal.js';

export interface MemoryJournalOptions {
  /** How long the disk takes; nothing is durable before it resolves. Defaults to one turn of promises. */
  readonly sync?: (() => Promise<void>) | undefined;
  /** Sees each event when it is handed over and before it is durable: a crash here loses or keeps exactly this append. */
  readonly onAppend?: ((event: JournalEvent) => void) | undefined;
  /** Sees each event once it is durable, before its writer is told. */
  readonly onDurable?: ((event: JournalEvent) => void) | undefined;
}

const never = <T>(): Promise<T> =>
  new Promise<T>(() => {
    // A dead process gets no answer: the promise is left open on purpose (design decision 2).
  });

/**
 * The journal of drills and backtests: the codec of the real one, and a crash model. Records are kept as the lines
 * that would stand on disk, so that nothing survives which the codec does not carry.
 */
export class MemoryJournal implements Journal {
  readonly #durable: string[];
  #unsynced: string[] = [];
  #tail: Promise<void> = Promise.resolve();
  #crashed: 'lost' | 'kept' | undefined;
  #seq: number;
  readonly #options: MemoryJournalOptions;

  constructor(options: MemoryJournalOptions = {}, lines: readonly string[] = []) {
    this.#options = options;
    this.#durable = [...lines];
    this.#seq = lines.length;
  }

  append(event: JournalEvent): Promise<void> {
    if (this.#crashed !== undefined) return never();
    this.#seq += 1;
    const line = encodeJournalRecord({ seq: this.#seq, event });
    this.#unsynced.push(line);
    this.#options.onAppend?.(event);
    if (this.#isCrashed()) return never();
    const durable = this.#tail.then(() => this.#sync(line, event));
    // A disk error fails its own append only; the next one is tried again.
    this.#tail = durable.catch(() => undefined);
    return durable;
  }

  read(): Promise<readonly JournalRecord[]> {
    if (this.#crashed !== undefined) return never();
    return Promise.resolve(this.records());
  }

  /** Everything durable so far, for reports and oracles. */
  records(): readonly JournalRecord[] {
    return this.#durable.map((line, index) => decodeJournalRecord(line, { file: 'journal', line: index + 1 }));
  }

  /** Everything durable as lines of JSON. */
  lines(): readonly string[] {
    return this.#durable;
  }

  /** The process dies: appends that were not durable yet are lost or turn out to have been kept, and nothing answers any more. */
  crash(unsynced: 'lost' | 'kept'): void {
    if (this.#crashed !== undefined) return;
    this.#crashed = unsynced;
    if (unsynced === 'kept') this.#durable.push(...this.#unsynced);
    this.#unsynced = [];
  }

  /** What the next life of the process finds. */
  reopen(options: MemoryJournalOptions = this.#options): MemoryJournal {
    return new MemoryJournal(options, this.#durable);
  }

  #isCrashed(): boolean {
    return this.#crashed !== undefined;
  }

  async #sync(line: string, event: JournalEvent): Promise<void> {
    try {
      await this.#options.sync?.();
    } catch (error) {
      this.#forget(line);
      throw error;
    }
    if (this.#isCrashed()) await never();
    this.#forget(line);
    this.#durable.push(line);
    this.#options.onDurable?.(event);
  }

  #forget(line: string): void {
    const index = this.#unsynced.indexOf(line);
    if (index !== -1) this.#unsynced.splice(index, 1);
  }
}
