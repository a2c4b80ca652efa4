import type { StopSignal } from '../clock/stop.js';
import { addMs, type DurationMs, type EpochMs, type MonotonicMs } from '../core/units.js';
import type { ClientProcess } from './client-call.js';
import type { AmbientTime, VirtualClock } from './virtual-clock.js';

/** The wall clock of the machine under test: true time, and how wrong it has become. It outlives the process. */
export class WallClock {
  readonly #clock: VirtualClock;
  #offsetMs = 0;
  #ppm = 0;
  #driftsSince: EpochMs;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#driftsSince = clock.now();
  }

  /** Whole milliseconds that it is ahead of true time. */
  get offsetMs(): number {
    return this.#offsetMs + Math.trunc(((this.#clock.now() - this.#driftsSince) * this.#ppm) / 1_000_000);
  }

  jump(ms: number): void {
    this.#offsetMs += ms;
  }

  /** From now on it gains so many microseconds a second; what it has gained so far stays. */
  drift(ppm: number): void {
    this.#offsetMs = this.offsetMs;
    this.#driftsSince = this.#clock.now();
    this.#ppm = ppm;
  }
}

/**
 * One life of the process under test: its clock, and the gate that everything from outside passes. While its event loop
 * stands still no timer fires and no answer is taken in; then all of it happens at once, in the order it was due. The
 * venues do not wait. Nothing reaches a dead one.
 */
export class ProcessLife implements AmbientTime, ClientProcess {
  readonly incarnation: number;
  alive = true;
  readonly #clock: VirtualClock;
  readonly #wall: WallClock;
  #stalledUntil: EpochMs | undefined;

  constructor(incarnation: number, clock: VirtualClock, wall: WallClock) {
    this.incarnation = incarnation;
    this.#clock = clock;
    this.#wall = wall;
  }

  now(): EpochMs {
    return addMs(this.#clock.now(), this.#wall.offsetMs);
  }

  monotonic(): MonotonicMs {
    return this.#clock.monotonic();
  }

  wallOffsetMs(): number {
    return this.#wall.offsetMs;
  }

  sleep(delay: DurationMs, signal?: StopSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const abort = (): void => {
        timer.cancel();
        resolve();
      };
      const timer = this.after(delay, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  after(delayMs: number, act: () => void): { cancel(): void } {
    let cancelled = false;
    const fire = (): void => {
      if (!cancelled) act();
    };
    const timer = this.#clock.after(delayMs, () => this.deliver(fire));
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  /** Runs `act` now, once the event loop turns again, or never. */
  deliver(act: () => void): void {
    if (!this.alive) return;
    const until = this.#stalledUntil;
    if (until === undefined || until <= this.#clock.now()) act();
    // Things held back are due at one instant then, and fire in the order in which they were put here.
    else this.#clock.schedule(until, () => this.deliver(act));
  }

  /** Resolves when the event loop turns: at once unless it stands still. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.deliver(resolve));
  }

  /** The event loop stands still until then. */
  stall(until: EpochMs): void {
    if (this.#stalledUntil === undefined || until > this.#stalledUntil) this.#stalledUntil = until;
  }

  kill(): void {
    this.alive = false;
  }
}
