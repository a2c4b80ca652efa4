import type { Clock } from '../clock/clock.js';
import type { Btc } from '../core/money.js';
import { durationMs } from '../core/units.js';
import type { Alert, JournalEvent } from '../journal/journal-event.js';
import type { Journal } from '../journal/journal.js';
import type { Mark } from '../journal/marks.js';
import type { Alarm, Severity } from './alarm.js';
import type { ExecutorPolicy } from './policy.js';
import type { PositionBook } from './position-book.js';
import type { TaskGroup } from './task-group.js';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** An event without its time, which the writer adds. */
export type Entry = DistributiveOmit<JournalEvent, 't'>;

/** Longest wait between two tries of one append. */
const RETRY_MAX_MS = 10_000;

/** An intent could not be made durable, so its order was not sent. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';
}

/**
 * The only way into the journal. Every event is durable before it is believed (applied to the book); nothing is
 * sent whose intent is not. A journal that fails is tried again; what can be learnt again from the venues is
 * believed even when it could not be written, an intent never is.
 */
export class JournalWriter {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #policy: ExecutorPolicy;
  readonly #book: PositionBook;
  readonly #tasks: TaskGroup;
  #alarm: Alarm | undefined;
  #down = false;

  constructor(journal: Journal, clock: Clock, policy: ExecutorPolicy, book: PositionBook, tasks: TaskGroup) {
    this.#journal = journal;
    this.#clock = clock;
    this.#policy = policy;
    this.#book = book;
    this.#tasks = tasks;
  }

  /** The alarm needs the writer and the writer the alarm. */
  connect(alarm: Alarm): void {
    this.#alarm = alarm;
  }

  /** Writes what has happened or was learnt; after the last try it is believed all the same. */
  async record(entry: Entry): Promise<void> {
    this.#book.apply((await this.#append(entry, this.#policy.journalAttempts)) ?? this.#stamped(entry));
  }

  /**
   * Writes something that must be durable before anything follows from it.
   *
   * @param patient - go on trying until the executor is stopped: for orders that reduce exposure.
   * @throws JournalUnavailable when it could not be written.
   */
  async commit(entry: Entry, patient: boolean): Promise<void> {
    const written = await this.#append(entry, patient ? Number.POSITIVE_INFINITY : this.#policy.journalAttempts);
    if (written === undefined) throw new JournalUnavailable('the journal did not take an intent');
    this.#book.apply(written);
  }

  mark(flow: string, mark: Mark): Promise<void> {
    return this.record({ flow, type: 'mark', mark });
  }

  /** Journals an alert at once and sends it in the background. */
  async alert(flow: string, alert: Alert, severity: Severity, message: string): Promise<void> {
    this.#alarm?.tell(flow, severity, alert, message);
    await this.record({ flow, type: 'alert', alert, severity, message });
  }

  delta(flow: string, spot: Btc, perp: Btc, residual: Btc): Promise<void> {
    return this.record({ flow, type: 'delta', spot, perp, residual });
  }

  #stamped(entry: Entry): JournalEvent {
    return { ...entry, t: this.#clock.now() };
  }

  /** Stamped anew at each try: an intent's time is the time from which its order may have been sent. */
  async #append(entry: Entry, attempts: number): Promise<JournalEvent | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const event = this.#stamped(entry);
      try {
        await this.#journal.append(event);
        this.#down = false;
        return event;
      } catch (error) {
        this.#sayDown(event.flow, error);
        if (attempt >= attempts) return undefined;
        const delay = Math.min(this.#policy.journalRetryMs * 2 ** Math.min(attempt - 1, 10), RETRY_MAX_MS);
        if (!(await this.#tasks.sleep(durationMs(delay)))) return undefined;
      }
    }
  }

  #sayDown(flow: string, error: unknown): void {
    if (this.#down) return;
    this.#down = true;
    const why = error instanceof Error ? error.message : String(error);
    this.#alarm?.tell(flow, 'critical', 'JOURNAL_DOWN', `the journal cannot be written: ${why}; nothing is opened until it can`);
  }
}
