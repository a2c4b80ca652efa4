import type { HaltLevel } from '../journal/journal-event.js';
import type { JournalWriter } from './journal-writer.js';
import type { PositionBook } from './position-book.js';

const STRENGTH: Readonly<Record<HaltLevel, number>> = { opening: 1, flatten: 2, freeze: 3 };
const LOCK = 'locked: ';

/**
 * Three levels instead of one emergency stop, which would stop with one leg on: no opening (reducing goes on), flatten
 * (also close everything), freeze (send nothing, a human decides). The state is the journal's, so it survives a
 * restart; only `resume` weakens it.
 */
export class KillSwitch {
  readonly #book: PositionBook;
  readonly #writer: JournalWriter;
  readonly #onChange: () => void;

  constructor(book: PositionBook, writer: JournalWriter, onChange: () => void) {
    this.#book = book;
    this.#writer = writer;
    this.#onChange = onChange;
  }

  get level(): HaltLevel | undefined {
    return this.#book.halt?.level;
  }

  get reason(): string | undefined {
    return this.#book.halt?.reason;
  }

  /** Whether it was a flow that gave up, not a human, who switched. */
  get isLock(): boolean {
    return this.reason?.startsWith(LOCK) === true;
  }

  /** Durable when it resolves. A weaker level than the present one changes nothing. */
  async halt(level: HaltLevel, reason: string): Promise<void> {
    const present = this.level;
    if (present !== undefined && STRENGTH[present] >= STRENGTH[level]) return;
    await this.#writer.record({ flow: '-', type: 'halt', level, reason });
    this.#onChange();
    await this.#writer.alert('-', 'HALTED', 'critical', `${level}: ${reason}`);
  }

  /** A flow could not end safely: nothing is opened until a human resumes; the repair goes on in the background. */
  lock(reason: string): Promise<void> {
    return this.halt('opening', `${LOCK}${reason}`);
  }

  async resume(by: string): Promise<void> {
    if (this.level === undefined) return;
    await this.#writer.record({ flow: '-', type: 'resume', by });
    this.#onChange();
    await this.#writer.alert('-', 'RESUMED', 'info', `resumed by ${by}`);
  }
}
