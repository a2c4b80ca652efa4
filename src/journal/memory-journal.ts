import { decodeJournalRecord, encodeJournalRecord, withoutTornTail } from './journal-codec.js';
import type { JournalEvent, JournalRecord } from './journal-event.js';
import type { Journal } from './journal.js';
import { SimulatedDisk, type Unsynced } from './simulated-disk.js';

export interface MemoryJournalOptions {
  /** How long the disk takes; nothing is durable before it resolves. Defaults to one turn of promises. */
  readonly sync?: (() => Promise<void>) | undefined;
  /** Sees each event when it is handed over and before it is durable: a crash here loses or keeps exactly this append. */
  readonly onAppend?: ((event: JournalEvent) => void) | undefined;
  /** Sees each event once it is durable and before the caller learns so. */
  readonly onDurable?: ((event: JournalEvent) => void) | undefined;
  /** Whether the store still takes this writer's appends: not once another instance has a newer lease. */
  readonly mayWrite?: (() => boolean) | undefined;
}

/** The store refused an append because another instance holds a newer lease: this one must not go on. */
class JournalFenced extends Error {
  override readonly name = 'JournalFenced';
}

const never = <T>(): Promise<T> =>
  new Promise<T>(() => {
    // A dead process gets no answer: the promise is left open on purpose (design decision 2).
  });

/**
 * The journal of drills and backtests: the codec of the real one, and a crash model. Records are kept as the lines
 * that would stand on disk, so that nothing survives which the codec does not carry. One instance is one process's
 * way to the disk; two processes may share a disk.
 */
export class MemoryJournal implements Journal {
  readonly #disk: SimulatedDisk;
  #unsynced: string[] = [];
  #tail: Promise<void> = Promise.resolve();
  #crashed = false;
  readonly #options: MemoryJournalOptions;

  constructor(options: MemoryJournalOptions = {}, disk: SimulatedDisk | readonly string[] = []) {
    this.#options = options;
    this.#disk = disk instanceof SimulatedDisk ? disk : new SimulatedDisk(disk);
  }

  /** @throws DiskFailure (as a rejection) while the disk fails; JournalFenced when another instance has taken over. */
  append(event: JournalEvent): Promise<void> {
    if (this.#crashed) return never();
    const line = encodeJournalRecord({ seq: this.#disk.takeSeq(), event });
    this.#unsynced.push(line);
    this.#options.onAppend?.(event);
    if (this.#isCrashed()) return never();
    const durable = this.#tail.then(() => this.#sync(line, event));
    // A disk error fails its own append only; the next one is tried again.
    this.#tail = durable.catch(() => undefined);
    return durable;
  }

  read(): Promise<readonly JournalRecord[]> {
    if (this.#crashed) return never();
    return Promise.resolve(this.records());
  }

  /** Everything durable so far, for reports and oracles. */
  records(): readonly JournalRecord[] {
    return withoutTornTail(this.#disk.lines()).map((line, index) => decodeJournalRecord(line, { file: 'journal', line: index + 1 }));
  }

  /** Everything durable as lines of JSON. */
  lines(): readonly string[] {
    return this.#disk.lines();
  }

  /**
   * The process dies: appends that were not durable yet are lost, turn out to have been kept, or stand half written,
   * and nothing answers any more.
   */
  crash(unsynced: Unsynced): void {
    if (this.#crashed) return;
    this.#crashed = true;
    this.#disk.crash(this.#unsynced, unsynced);
    this.#unsynced = [];
  }

  /** What the next life of the process finds. */
  reopen(options: MemoryJournalOptions = this.#options): MemoryJournal {
    this.#disk.open();
    return new MemoryJournal(options, this.#disk);
  }

  #isCrashed(): boolean {
    return this.#crashed;
  }

  async #sync(line: string, event: JournalEvent): Promise<void> {
    try {
      await this.#options.sync?.();
      const stalled = this.#disk.stalled();
      if (stalled !== undefined) await stalled;
      if (this.#options.mayWrite?.() === false) throw new JournalFenced('another instance holds the lease: the journal takes nothing from this one');
    } catch (error) {
      this.#forget(line);
      throw error;
    }
    if (this.#isCrashed()) await never();
    this.#forget(line);
    this.#disk.write(line);
    this.#options.onDurable?.(event);
    if (this.#isCrashed()) await never();
  }

  #forget(line: string): void {
    const index = this.#unsynced.indexOf(line);
    if (index !== -1) this.#unsynced.splice(index, 1);
  }
}
