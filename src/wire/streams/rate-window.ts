/** Counts what happens within a sliding stretch of time. */
export class RateWindow {
  readonly #limit: number;
  readonly #lengthMs: number;
  #times: number[] = [];

  constructor(limit: number, lengthMs: number) {
    this.#limit = limit;
    this.#lengthMs = lengthMs;
  }

  /** @returns whether it is still within the limit; what is beyond counts, too. */
  admit(at: number): boolean {
    this.#times = this.#times.filter((time) => at - time < this.#lengthMs);
    this.#times.push(at);
    return this.#times.length <= this.#limit;
  }

  isIdle(at: number): boolean {
    return this.#times.every((time) => at - time >= this.#lengthMs);
  }
}
