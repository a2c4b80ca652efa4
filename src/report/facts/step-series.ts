import type { PriceSteps } from '../metrics/exposure.js';

/** A value that holds from each of its times until the next: how the report reads prices between two marks. */
export class StepSeries implements PriceSteps {
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  /** A later value at the same time replaces the earlier one; a mark that was written down late is put in its place. */
  push(t: number, value: number): void {
    const index = this.#indexAt(t);
    if (this.#times[index] === t) this.#values[index] = value;
    else {
      this.#times.splice(index + 1, 0, t);
      this.#values.splice(index + 1, 0, value);
    }
  }

  get last(): number | undefined {
    return this.#values.at(-1);
  }

  /** The value in force at `t`; undefined before the first one. */
  at(t: number): number | undefined {
    return this.#values[this.#indexAt(t)];
  }

  /** As `at`, but the first value also holds before its time. */
  nearest(t: number): number | undefined {
    return this.at(t) ?? this.#values[0];
  }

  /** A value that was observed within `slackMs` of `t` and after `after`: the one in force, else the next. */
  observedNear(t: number, slackMs: number, after: number): number | undefined {
    const index = this.#indexAt(t);
    const candidates = [index, index + 1].filter((i) => {
      const time = this.#times[i];
      return time !== undefined && time > after && Math.abs(time - t) <= slackMs;
    });
    return candidates[0] === undefined ? undefined : this.#values[candidates[0]];
  }

  changes(from: number, to: number): readonly number[] {
    const changes: number[] = [];
    for (let index = this.#indexAt(from) + 1; index < this.#times.length; index += 1) {
      const time = this.#times[index] ?? to;
      if (time >= to) break;
      if (time > from) changes.push(time);
    }
    return changes;
  }

  /** Index of the last time at or before `t`, -1 when there is none. */
  #indexAt(t: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] ?? 0) <= t) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
