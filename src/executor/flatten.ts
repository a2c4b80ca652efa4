import { durationMs } from '../core/units.js';
import { exit } from './exit.js';
import { isExposed } from './reconcile.js';
import { mayWork, type Supervisor } from './supervisor.js';

/** The second level of the kill switch: closes everything, again and again until nothing is held. */
export class Flattener {
  readonly #supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async run(): Promise<void> {
    const { engine } = this.#supervisor;
    const { tasks, bell, policy } = engine;
    let waitMs = policy.reconcileMs;
    while (mayWork(engine)) {
      if (!this.#hasWork()) {
        waitMs = policy.reconcileMs;
        await bell.wait(tasks.signal);
        continue;
      }
      await this.#supervisor.exclusive(() => this.#close());
      if (this.#hasWork() && !(await tasks.sleep(durationMs(waitMs)))) return;
      waitMs = Math.min(waitMs * 2, policy.reconcileMaxMs);
    }
  }

  /** A residual is the reconciler's first; what is hedged is closed after it. */
  #hasWork(): boolean {
    const { engine } = this.#supervisor;
    return engine.killSwitch.level === 'flatten' && engine.book.positions().length > 0 && !isExposed(engine);
  }

  async #close(): Promise<void> {
    const { engine } = this.#supervisor;
    if (!this.#hasWork()) return;
    const reason = `kill switch: ${engine.killSwitch.reason ?? 'flatten'}`;
    await exit(engine, this.#supervisor.nextFlowId('exit'), { positionIds: [], decidedAt: engine.clock.now(), reason });
    this.#supervisor.positionsChanged();
  }
}
