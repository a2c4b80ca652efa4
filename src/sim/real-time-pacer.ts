import type { Clock } from '../clock/clock.js';
import { Stop } from '../clock/stop.js';
import { durationMs, type EpochMs } from '../core/units.js';
import type { VirtualClock } from './virtual-clock.js';

/**
 * Lets a simulation's time pass as wall time does. Whatever comes from outside goes through `enter`, so that everything
 * that was due before has happened; the rest fires by itself when it is due.
 */
export class RealTimePacer {
  readonly #clock: VirtualClock;
  readonly #wall: Clock;
  readonly #onError: (error: unknown) => void;
  /** What ends the present sleep, and the instant that it ends at by itself. */
  #asleep: { readonly until: EpochMs; readonly stop: Stop } | undefined;
  #isStopped = false;

  /**
   * @param wall - true time; a step back of it holds the simulation's time until it has caught up.
   * @param onError - told of what a timer threw, after which nothing is sound any more and nothing fires by itself.
   */
  constructor(clock: VirtualClock, wall: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#wall = wall;
    this.#onError = onError;
  }

  start(): void {
    this.#clock.onScheduled = (at) => this.#sleepUntil(at);
    this.#rearm();
  }

  /** Nothing fires any more. */
  stop(): void {
    this.#isStopped = true;
    this.#clock.onScheduled = undefined;
    this.#asleep?.stop.abort();
    this.#asleep = undefined;
  }

  /** Brings the simulation up to the present and acts in it. */
  enter<T>(act: () => T): T {
    this.#catchUp();
    return act();
  }

  /** Calls `act` after so long, in the simulation's time. */
  readonly after = (delayMs: number, act: () => void): void => {
    this.enter(() => void this.#clock.after(delayMs, act));
  };

  #catchUp(): void {
    const present = this.#wall.now();
    if (present <= this.#clock.now()) return;
    try {
      this.#clock.advanceTo(present);
    } catch (error) {
      // Whoever came from outside is answered, and the run ends: an event of the venue did not happen.
      this.stop();
      this.#onError(error);
      throw error;
    }
  }

  #sleepUntil(at: EpochMs): void {
    if (this.#isStopped || (this.#asleep !== undefined && this.#asleep.until <= at)) return;
    this.#asleep?.stop.abort();
    const stop = new Stop();
    const asleep = { until: at, stop };
    this.#asleep = asleep;
    this.#wall
      .sleep(durationMs(Math.max(0, at - this.#wall.now())), stop)
      .then(() => this.#wake(asleep))
      // It has been told already.
      .catch(() => undefined);
  }

  #wake(asleep: { readonly until: EpochMs; readonly stop: Stop }): void {
    if (this.#asleep !== asleep) return;
    this.#asleep = undefined;
    this.#catchUp();
    this.#rearm();
  }

  #rearm(): void {
    const at = this.#clock.nextAt;
    if (at !== undefined) this.#sleepUntil(at);
  }
}
