import { durationMs } from '../core/units.js';
import { executedAfterAll, lateCandidates } from './late-candidates.js';
import { repairLateFill } from './late-fill.js';
import type { Attempt } from './position-book.js';
import { isExposed } from './reconcile.js';
import { mayWork, type Supervisor } from './supervisor.js';

const FIRST_LOOK_MS = 5_000;
const LONGEST_MS = 60_000;

/**
 * Watches ids that were counted as zero without proof, and for a short while orders that a cancel of ours has cut short.
 * What turns out to have executed after all is settled like any other and its residual is repaired like any other; no
 * entry is made before the watch over the former has ended.
 */
export class LateWatch {
  readonly #supervisor: Supervisor;
  #watched: ReadonlySet<Attempt> = new Set();
  #waitMs = FIRST_LOOK_MS;
  #dueAt = Number.POSITIVE_INFINITY;
  #turns = 0;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async run(): Promise<void> {
    const { engine } = this.#supervisor;
    const { tasks, bell, pace, clock } = engine;
    while (mayWork(engine)) {
      const watched = lateCandidates(engine);
      if (this.#haveJoined(watched)) {
        this.#waitMs = FIRST_LOOK_MS;
        this.#dueAt = Math.min(this.#dueAt, clock.monotonic() + this.#waitMs);
      }
      if (watched.length === 0) {
        this.#dueAt = Number.POSITIVE_INFINITY;
        await bell.wait(tasks.signal);
        continue;
      }
      // While something is locked the background's calls are rationed: one look at a time then, in turn.
      const rationed = isExposed(engine);
      const delayMs = Math.max(this.#dueAt - clock.monotonic(), rationed ? pace.waitMs : 0);
      if (delayMs > 0) {
        // The bell may tell of another one to be watched.
        await tasks.sleepUntil(bell, durationMs(Math.ceil(delayMs)));
        continue;
      }
      this.#turns += 1;
      const looked = rationed ? watched.slice(this.#turns % watched.length).slice(0, 1) : watched;
      for (const attempt of looked) if (mayWork(engine)) await this.#look(attempt);
      if (rationed) pace.spend(looked.length);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_MS);
      this.#dueAt = clock.monotonic() + this.#waitMs;
    }
  }

  /** Whether one is watched that was not before: it is looked at soon, however long the others have been watched. */
  #haveJoined(watched: readonly Attempt[]): boolean {
    const before = this.#watched;
    this.#watched = new Set(watched);
    return watched.some((attempt) => !before.has(attempt));
  }

  async #look(attempt: Attempt): Promise<void> {
    const supervisor = this.#supervisor;
    if (!(await executedAfterAll(supervisor.engine, attempt))) return;
    await supervisor.exclusive(() => repairLateFill(supervisor, attempt));
    supervisor.engine.bell.wake();
  }
}
