import { isTornLine } from './journal-codec.js';

/** What can be wrong with the disk below a journal. */
export const DISK_FAULTS = ['ENOSPC', 'EIO', 'SQLITE_BUSY', 'SQLITE_FULL', 'torn-write', 'fsync-lies', 'stalled', 'old-backup'] as const;
export type DiskFault = (typeof DISK_FAULTS)[number];
/** How a crash leaves appends that nobody had been told are durable. */
export type Unsynced = 'lost' | 'kept' | 'torn';

const MESSAGES: Readonly<Partial<Record<DiskFault, string>>> = {
  ENOSPC: 'ENOSPC: no space left on device, write',
  EIO: 'EIO: i/o error, fsync',
  SQLITE_BUSY: 'database is locked',
  SQLITE_FULL: 'database or disk is full',
  'torn-write': 'EIO: i/o error, write',
};

/** An append that the disk refused, with the code that real code would look at. */
class DiskFailure extends Error {
  override readonly name = 'DiskFailure';
  readonly code: string;

  constructor(fault: DiskFault) {
    super(MESSAGES[fault] ?? fault);
    this.code = fault === 'torn-write' ? 'EIO' : fault;
  }
}

interface Written {
  readonly line: string;
  readonly at: number;
  /** It was cut off while it was written. */
  readonly torn?: boolean;
}

/**
 * The disk below a drill's journal: lines that are durable, lines that were only said to be, and what can go wrong
 * between the two. It outlives the processes that write to it.
 */
export class SimulatedDisk {
  readonly #now: () => number;
  #durable: Written[];
  /** Acknowledged while the disk lied about fsync: readable until the power goes. */
  #cached: Written[] = [];
  #seq: number;
  #fault: { readonly kind: DiskFault; readonly met: () => void; readonly healed: Promise<void> } | undefined;
  #backup: { readonly ageMs: number; readonly met: () => void } | undefined;

  /** @param now - milliseconds of any clock; tells which records a backup is too old to hold. */
  constructor(lines: readonly string[] = [], now: () => number = () => 0) {
    this.#now = now;
    this.#durable = lines.map((line) => ({ line, at: Number.NEGATIVE_INFINITY, torn: isTornLine(line) }));
    this.#seq = lastSeq(lines);
  }

  /** Everything a reader finds, oldest first; the last line may be torn. */
  lines(): readonly string[] {
    return [...this.#durable, ...this.#cached].map(({ line }) => line);
  }

  takeSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** A write that reaches a disk which has stalled waits until it goes on; undefined: it is taken at once. */
  stalled(): Promise<void> | undefined {
    const fault = this.#fault;
    if (fault?.kind !== 'stalled') return undefined;
    fault.met();
    return fault.healed;
  }

  /**
   * Writes one line; durable when it returns, unless the disk lies.
   *
   * @throws DiskFailure while the disk fails. After EIO the line may be there all the same, after a torn write half of it.
   */
  write(line: string): void {
    const fault = this.#fault?.kind === 'stalled' ? undefined : this.#fault;
    fault?.met();
    this.#cutTornTail();
    const written = { line, at: this.#now() };
    if (fault === undefined) this.#durable.push(...this.#cached.splice(0), written);
    else if (fault.kind === 'fsync-lies') this.#cached.push(written);
    else {
      if (fault.kind === 'EIO') this.#durable.push(written);
      if (fault.kind === 'torn-write') this.#durable.push({ ...written, line: half(line), torn: true });
      throw new DiskFailure(fault.kind);
    }
  }

  /**
   * From now on every write meets this fault. A torn write happens once.
   *
   * @returns ends the fault, unless another one has replaced it.
   */
  fail(kind: Exclude<DiskFault, 'old-backup'>, met: () => void): () => void {
    const once = (): void => {
      if (kind === 'torn-write') this.#fault = undefined;
      met();
    };
    let heal = (): void => undefined;
    const healed = new Promise<void>((resolve) => (heal = resolve));
    const fault = { kind, met: once, healed };
    this.#fault = fault;
    return () => {
      heal();
      if (this.#fault !== fault) return;
      this.#fault = undefined;
      this.#durable.push(...this.#cached.splice(0));
    };
  }

  /** The next process finds a backup of this age instead of the journal. */
  restoreBackup(ageMs: number, met: () => void): void {
    this.#backup = { ageMs, met };
  }

  /** The process died with these lines on their way to the disk. */
  crash(unsynced: readonly string[], how: Unsynced): void {
    const lines = unsynced.map((line) => ({ line, at: this.#now() }));
    if (how === 'kept') this.#durable.push(...this.#cached, ...lines);
    const last = lines.at(-1);
    // Writes are in order: what stands before the torn one is whole.
    if (how === 'torn' && last !== undefined && this.#cached.length === 0)
      this.#durable.push(...lines.slice(0, -1), { ...last, line: half(last.line), torn: true });
    this.#cached = [];
    this.#seq = lastSeq(this.lines());
  }

  /**
   * A new process opens the journal: a torn tail is cut off, as every log that survives power cuts does.
   *
   * @returns whether something was cut off.
   */
  open(): boolean {
    const backup = this.#backup;
    if (backup !== undefined) {
      this.#backup = undefined;
      const until = this.#now() - backup.ageMs;
      this.#durable = this.#durable.filter(({ at }) => at <= until);
      backup.met();
    }
    const torn = this.#cutTornTail();
    if (torn || backup !== undefined) this.#seq = lastSeq(this.lines());
    return torn;
  }

  #cutTornTail(): boolean {
    const last = this.#durable.at(-1);
    if (last?.torn !== true) return false;
    this.#durable.pop();
    return true;
  }
}

const half = (line: string): string => line.slice(0, Math.ceil(line.length / 2));

/** Failed appends leave holes in the numbers, so the last line says where they go on. */
const lastSeq = (lines: readonly string[]): number => Number(/^\{"seq":(\d+)/.exec(lines.at(-1) ?? '')?.[1] ?? 0);
