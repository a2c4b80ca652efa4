import type { Clock } from '../clock/clock.js';
import { Stop, type StopSignal } from '../clock/stop.js';
import type { DurationMs } from '../core/units.js';

/**
 * Work in the background that `stop` joins. Nothing outlives it, and an error of a task reaches `onError` instead of
 * becoming an unhandled rejection.
 */
export class TaskGroup {
  readonly #clock: Clock;
  readonly #onError: (name: string, error: unknown) => Promise<void>;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new Stop();

  constructor(clock: Clock, onError: (name: string, error: unknown) => Promise<void>) {
    this.#clock = clock;
    this.#onError = onError;
  }

  get stopping(): boolean {
    return this.#stop.aborted;
  }

  get signal(): StopSignal {
    return this.#stop;
  }

  /** Runs `work` in the background. */
  spawn(name: string, work: () => Promise<void>): void {
    const task = work()
      .catch((error: unknown) => this.#onError(name, error))
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  /** Sleeps unless the group is being stopped; tells whether the whole delay has passed. */
  async sleep(delay: DurationMs): Promise<boolean> {
    if (this.stopping) return false;
    await this.#clock.sleep(delay, this.signal);
    return !this.stopping;
  }

  /** Sleeps until the delay has passed, the waker is rung or the group is being stopped. */
  async sleepUntil(waker: Waker, delay: DurationMs): Promise<void> {
    if (this.stopping) return;
    const cut = new Stop();
    const end = (): void => cut.abort();
    this.signal.addEventListener('abort', end, { once: true });
    const rung = waker.wait(cut).then(end);
    await this.#clock.sleep(delay, cut);
    end();
    this.signal.removeEventListener('abort', end);
    await rung;
  }

  /** Asks every task to end and waits for them. */
  async join(): Promise<void> {
    this.#stop.abort();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}

/** A place to wait for "something has changed" without a timer. */
export class Waker {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `wake`, or when `signal` aborts. */
  wait(signal?: StopSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        signal?.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      signal?.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }

  wake(): void {
    for (const resolve of [...this.#waiting]) resolve();
  }
}
