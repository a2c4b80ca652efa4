import type { EpochMs } from '../../core/units.js';

interface BeatClock {
  readonly now: () => EpochMs;
  readonly schedule: (at: EpochMs, act: () => void) => { cancel(): void };
}

/** Calls its listeners at whole multiples of its length, as long as there are any: an idle stream sets no timer. */
export class Beat {
  readonly #clock: BeatClock;
  readonly #lengthMs: number;
  readonly #listeners = new Set<(at: EpochMs) => void>();
  #timer: { cancel(): void } | undefined;

  constructor(clock: BeatClock, lengthMs: number) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  /** @returns ends it. */
  listen(listener: (at: EpochMs) => void): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) this.#arm();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
    };
  }

  #arm(): void {
    const at = ((Math.floor(this.#clock.now() / this.#lengthMs) + 1) * this.#lengthMs) as EpochMs;
    this.#timer = this.#clock.schedule(at, () => {
      this.#timer = undefined;
      this.#arm();
      for (const listener of this.#listeners) listener(at);
    });
  }
}

/** One beat for each length, shared by all who want it. */
export class Beats {
  readonly #clock: BeatClock;
  readonly #beats = new Map<number, Beat>();

  constructor(clock: BeatClock) {
    this.#clock = clock;
  }

  every(lengthMs: number, listener: (at: EpochMs) => void): () => void {
    let beat = this.#beats.get(lengthMs);
    if (beat === undefined) {
      beat = new Beat(this.#clock, lengthMs);
      this.#beats.set(lengthMs, beat);
    }
    return beat.listen(listener);
  }
}
