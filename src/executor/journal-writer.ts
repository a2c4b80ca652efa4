import type { Clock } from '../clock/clock.js';
import { Stop } from '../clock/stop.js';
import { abs, formatFixed, type Btc } from '../core/money.js';
import { durationMs, type MonotonicMs } from '../core/units.js';
import type { Alert, JournalEvent } from '../journal/journal-event.js';
import type { Journal } from '../journal/journal.js';
import type { Mark } from '../journal/marks.js';
import type { Alarm, Severity } from './alarm.js';
import type { ExecutorPolicy } from './policy.js';
import type { Lease } from './ports.js';
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
 * sent whose intent is not. A journal that fails is tried again, one that does not answer is waited for in the
 * background; what can be learnt again from the venues is believed even when it could not be written, an intent never is.
 */
export class JournalWriter {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #policy: ExecutorPolicy;
  readonly #book: PositionBook;
  readonly #tasks: TaskGroup;
  readonly #lease: Lease;
  #alarm: Alarm | undefined;
  #isDown = false;
  /** Believed and not written yet, oldest first. */
  readonly #backlog: JournalEvent[] = [];
  #flushing: Promise<void> | undefined;
  #isOwing = false;
  /** Appends that were handed over and that nobody waits for any more. */
  #hanging = 0;
  #lastFillAt: MonotonicMs | undefined;

  constructor(journal: Journal, clock: Clock, policy: ExecutorPolicy, book: PositionBook, tasks: TaskGroup, lease: Lease) {
    this.#journal = journal;
    this.#clock = clock;
    this.#policy = policy;
    this.#book = book;
    this.#tasks = tasks;
    this.#lease = lease;
  }

  /** The alarm needs the writer and the writer the alarm. */
  connect(alarm: Alarm): void {
    this.#alarm = alarm;
  }

  /** Whether appends fail at present: nothing is opened then. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** When an order of ours last turned out to have executed, in this life. */
  get lastFillAt(): MonotonicMs | undefined {
    return this.#lastFillAt;
  }

  /** Writes what has happened or was learnt; after the last try it is believed all the same. */
  async record(entry: Entry): Promise<void> {
    // While the journal is known to be down nothing waits for it but an intent: what was learnt is written later.
    const written = this.#hanging > 0 ? this.#hang(this.#stamped(entry)) : await this.#append(entry, this.#isDown ? 1 : this.#policy.journalAttempts);
    const event = written ?? this.#stamped(entry);
    if (written === undefined) this.#owe(event);
    this.#book.apply(event);
    if (entry.type === 'order.settled' && entry.executed > 0n) this.#lastFillAt = this.#clock.monotonic();
  }

  /**
   * Writes something that must be durable before anything follows from it.
   *
   * @param patientUntil - go on trying until then: for orders that reduce exposure.
   * @throws JournalUnavailable when it could not be written.
   */
  async commit(entry: Entry, patientUntil: MonotonicMs | undefined): Promise<void> {
    const written = await this.#append(entry, this.#policy.journalAttempts, { patientUntil });
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
    return { t: this.#clock.now(), ...entry };
  }

  /**
   * Stamped anew at each try: an intent's time is the time from which its order may have been sent.
   *
   * @param intent - given for an intent, which is waited for as long as it takes, and until when it is tried again.
   */
  async #append(entry: Entry, attempts: number, intent?: { readonly patientUntil: MonotonicMs | undefined }): Promise<JournalEvent | undefined> {
    const patientUntil = intent?.patientUntil;
    for (let attempt = 1; ; attempt += 1) {
      const event = this.#stamped(entry);
      try {
        if (this.#backlog.length > 0 && !(await this.#isTaken(this.#writeBacklog(), event.flow, intent !== undefined))) return undefined;
        const appended = this.#journal.append(event);
        if (!(await this.#isTaken(appended, event.flow, intent !== undefined))) return this.#hang(event, appended);
        this.#isDown = false;
        return event;
      } catch (error) {
        // Whoever lost the lease is refused for good, and its successor tells people what there is to tell.
        if (!this.#lease.held()) return undefined;
        this.#sayDown(event.flow, error);
        const isOver = patientUntil === undefined ? attempt >= attempts : this.#clock.monotonic() >= patientUntil;
        if (isOver) return undefined;
        const delay = Math.min(this.#policy.journalRetryMs * 2 ** Math.min(attempt - 1, 10), RETRY_MAX_MS);
        if (!(await this.#tasks.sleep(durationMs(delay)))) return undefined;
      }
    }
  }

  /** Whether the journal takes something in time. It says so when not; an intent goes on waiting. */
  async #isTaken(written: Promise<void>, flow: string, isIntent: boolean): Promise<boolean> {
    let isNakedTold = false;
    while (!(await this.#isWithin(this.#policy.journalStallMs, written))) {
      this.#sayDown(flow, new Error(`it has taken nothing for ${this.#policy.journalStallMs} ms`));
      if (!isIntent) return false;
      isNakedTold ||= this.#tellNaked(flow);
    }
    return true;
  }

  async #isWithin(ms: number, written: Promise<void>): Promise<boolean> {
    const giveUp = new Stop();
    const late = this.#clock.sleep(durationMs(ms), giveUp).then(() => false);
    return Promise.race([written.then(() => true), late]).finally(() => giveUp.abort());
  }

  /** An intent waits for the journal, and nobody else tells of what it was to close. @returns whether there is anything. */
  #tellNaked(flow: string): boolean {
    const { residual } = this.#book;
    if (abs(residual) < this.#policy.lot) return false;
    this.#cry(flow, 'UNHEDGED_EXPOSURE', `residual delta is ${formatFixed(residual)} BTC, and the order that would close it waits for the journal`);
    return true;
  }

  /** Hands an event over and goes on: the journal writes in the order in which it was given, and what it refuses in the end is owed. */
  #hang(event: JournalEvent, appended = this.#journal.append(event)): JournalEvent {
    this.#hanging += 1;
    this.#tasks.spawn('journal that hangs', async () => {
      try {
        await appended;
        this.#isDown = false;
      } catch {
        this.#owe(event);
      } finally {
        this.#hanging -= 1;
      }
    });
    return event;
  }

  /** Believed and not written yet: it is written as soon as the journal takes it, whether or not anything else happens. */
  #owe(event: JournalEvent): void {
    this.#backlog.push(event);
    if (this.#isOwing) return;
    this.#isOwing = true;
    this.#tasks.spawn('journal backlog', async () => {
      for (let attempt = 1; this.#backlog.length > 0 && this.#lease.held(); attempt += 1) {
        const delay = Math.min(this.#policy.journalRetryMs * 2 ** Math.min(attempt, 10), RETRY_MAX_MS);
        if (!(await this.#tasks.sleep(durationMs(delay)))) break;
        await this.#writeBacklog().then(
          () => (this.#isDown = false),
          () => undefined,
        );
      }
      this.#isOwing = false;
    });
  }

  /** What is believed and could not be written goes first once it can be: the next life must know what this one knew. */
  #writeBacklog(): Promise<void> {
    const write = async (): Promise<void> => {
      for (let event = this.#backlog[0]; event !== undefined; event = this.#backlog[0]) {
        await this.#journal.append(event);
        this.#backlog.shift();
      }
    };
    this.#flushing ??= write().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  #sayDown(flow: string, error: unknown): void {
    if (this.#isDown) return;
    this.#isDown = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#cry(flow, 'JOURNAL_DOWN', `the journal cannot be written: ${reason}; nothing is opened until it can`);
  }

  /** Tells people at once; the journal, which takes nothing now, is owed the alert. */
  #cry(flow: string, alert: Alert, message: string): void {
    this.#alarm?.tell(flow, 'critical', alert, message);
    this.#owe(this.#stamped({ flow, type: 'alert', alert, severity: 'critical', message }));
  }
}
