import { formatFixed } from '../core/money.js';
import { durationMs } from '../core/units.js';
import type { Attempt } from './position-book.js';
import { isExposed, repairInBackground } from './reconcile.js';
import { mayWork, type Supervisor } from './supervisor.js';

const FIRST_LOOK_MS = 5_000;
const LONGEST_MS = 60_000;

/**
 * Watches ids that were counted as zero without proof. An order that shows up after all is settled like any other and
 * its residual is repaired like any other; no entry is made before the watch has ended.
 */
export class LateWatch {
  readonly #supervisor: Supervisor;
  #waitMs = FIRST_LOOK_MS;
  #turns = 0;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async run(): Promise<void> {
    const { engine } = this.#supervisor;
    const { tasks, bell, pace } = engine;
    while (mayWork(engine)) {
      const watched = this.#watched();
      if (watched.length === 0) {
        this.#waitMs = FIRST_LOOK_MS;
        await bell.wait(tasks.signal);
        continue;
      }
      // While something is locked the background's calls are rationed: one look at a time then, in turn.
      const rationed = isExposed(engine);
      if (!(await tasks.sleep(durationMs(rationed ? Math.max(this.#waitMs, pace.waitMs) : this.#waitMs)))) return;
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_MS);
      this.#turns += 1;
      const looked = rationed ? watched.slice(this.#turns % watched.length).slice(0, 1) : watched;
      for (const attempt of looked) if (mayWork(engine)) await this.#look(attempt);
      if (rationed) pace.spend(looked.length);
    }
  }

  #watched(): readonly Attempt[] {
    const { book, facts, policy } = this.#supervisor.engine;
    return book.watched((attempt) => facts.sinceSettled(attempt), policy.lateWatchMs);
  }

  async #look(attempt: Attempt): Promise<void> {
    const { engine } = this.#supervisor;
    await engine.resolver.step(attempt);
    const { settled, intent } = attempt;
    if (settled === undefined || settled.certainty !== 'proven' || settled.executed === 0n) return;
    const { leg, side, clientOrderId } = intent;
    await engine.writer.alert(
      attempt.flow,
      'LATE_FILL',
      'critical',
      `${clientOrderId}, counted as zero, executed ${formatFixed(settled.executed)} BTC after all (${side}, ${leg} leg)`,
    );
    await this.#supervisor.exclusive(async () => {
      // A flow that ran meanwhile may have repaired it together with its own residual.
      if (!isExposed(engine) || (await repairInBackground(this.#supervisor, 'a late fill')))
        await engine.writer.mark(attempt.flow, 'late-fill.repaired');
      else await engine.killSwitch.lock('a late fill could not be repaired');
    });
    engine.bell.wake();
  }
}
