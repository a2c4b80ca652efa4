import type { Clock } from '../clock/clock.js';
import { Stop } from '../clock/stop.js';
import { durationMs } from '../core/units.js';
import type { Alert, JournalEvent } from '../journal/journal-event.js';
import type { ExecutorPolicy } from './policy.js';
import type { Notifier } from './ports.js';
import type { TaskGroup } from './task-group.js';

export type Severity = 'info' | 'warning' | 'critical';

/**
 * Tells a human, in the background: nothing waits for an alarm, and a channel that does not answer is itself an alarm
 * in the journal (once until it works again). The journal's own trouble reaches people through `tell` alone.
 */
export class Alarm {
  readonly #notifier: Notifier;
  readonly #clock: Clock;
  readonly #policy: ExecutorPolicy;
  readonly #tasks: TaskGroup;
  readonly #report: (event: JournalEvent) => Promise<void>;
  #channelDown = false;

  constructor(notifier: Notifier, clock: Clock, policy: ExecutorPolicy, tasks: TaskGroup, report: (event: JournalEvent) => Promise<void>) {
    this.#notifier = notifier;
    this.#clock = clock;
    this.#policy = policy;
    this.#tasks = tasks;
    this.#report = report;
  }

  /** Sends a notification in the background. */
  tell(flow: string, severity: Severity, code: Alert, text: string): void {
    this.#tasks.spawn(`notify ${code}`, async () => {
      const problem = await this.#deliver(severity, code, text);
      if (problem === undefined) {
        this.#channelDown = false;
        return;
      }
      if (this.#channelDown) return;
      this.#channelDown = true;
      await this.#report({
        t: this.#clock.now(),
        flow,
        type: 'alert',
        alert: 'ALARM_CHANNEL_DOWN',
        severity: 'critical',
        message: `${code} could not be delivered: ${problem}`,
        delivered: false,
      });
    });
  }

  /** What went wrong, or undefined when it was delivered. */
  async #deliver(severity: Severity, code: string, text: string): Promise<string | undefined> {
    let problem: string | undefined;
    for (let attempt = 0; attempt < this.#policy.alarmAttempts; attempt += 1) {
      if (attempt > 0 && !(await this.#tasks.sleep(durationMs(this.#policy.backoffMs * 2 ** (attempt - 1))))) break;
      problem = await this.#send(severity, code, text);
      if (problem === undefined) return undefined;
    }
    return problem;
  }

  async #send(severity: Severity, code: string, text: string): Promise<string | undefined> {
    const giveUp = new Stop();
    const timeout = this.#clock.sleep(durationMs(this.#policy.alarmTimeoutMs), giveUp).then(() => 'no answer in time');
    const sent = Promise.resolve()
      .then(() => this.#notifier.notify({ severity, code, text, at: this.#clock.now() }))
      .then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    const problem = await Promise.race([sent, timeout]);
    giveUp.abort();
    return problem;
  }
}
