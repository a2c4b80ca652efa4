import { assert } from '../core/assert.js';

/** What a window needs before its z-score means anything. */
export interface RollingZOptions {
  /** Length of the window in milliseconds: it holds the observations of (now - windowMs, now]. */
  readonly windowMs: number;
  /** Usual distance of two observations; 0 in an irregular series. The window is full one step before its length has passed. */
  readonly stepMs?: number | undefined;
  /** Fewer observations than this give no z-score. */
  readonly samplesMin?: number | undefined;
}

const CAPACITY_FIRST = 64;
/** Squared deviations that have shrunk to this share of what they were hold the rounding of the larger figure. */
const CANCELLATION = 1e-4;

/**
 * The z-score of the newest observation against a window of fixed duration that includes it:
 * `(x - mean) / sd`, sd with n - 1. It is exact to about 1e-9 for any level and any spike, in constant time:
 *
 * - Welford's updates with replacement carry mean and squared deviations from bar to bar;
 * - both are recomputed in two passes after as many updates as the window holds, and at once when nearly all of
 *   the squared deviations have left (a spike is over), so rounding never piles up;
 * - a counter of equal values in a row knows a flat window for certain, where the updates would leave a
 *   residue that passes for a standard deviation and gives a false z of any size.
 *
 * The z-score is NaN while the window fills, while it holds too few observations, when it is flat and when the
 * observation is NaN (which is left out of the window). Times rise strictly; `restart()` begins anew after a gap.
 *
 * @see Welford (1962), "Note on a method for calculating corrected sums of squares and products", Technometrics 4(3).
 */
export class RollingZ {
  readonly #windowMs: number;
  readonly #fullAfterMs: number;
  readonly #samplesMin: number;
  #times = new Float64Array(CAPACITY_FIRST);
  #values = new Float64Array(CAPACITY_FIRST);
  #mask = CAPACITY_FIRST - 1;
  #head = 0;
  #count = 0;
  /** A value near all others; the mean is kept as the distance from it, so that a high level costs no digits. */
  #anchor = 0;
  #mean = 0;
  #squares = 0;
  /** The largest the squared deviations were since they were last recomputed. */
  #squaresPeak = 0;
  #updatesLeft = 0;
  #flatRun = 0;
  #last = NaN;
  #startedAt = NaN;

  constructor({ windowMs, stepMs = 0, samplesMin = 2 }: RollingZOptions) {
    assert(windowMs > 0 && stepMs >= 0, `a window is longer than 0 ms, was ${windowMs} with steps of ${stepMs}`);
    this.#windowMs = windowMs;
    this.#fullAfterMs = windowMs - stepMs;
    this.#samplesMin = Math.max(2, samplesMin);
  }

  /** Observations in the window. */
  get count(): number {
    return this.#count;
  }

  /** Mean of the window, exact to rounding. */
  get mean(): number {
    return this.#anchor + this.#mean;
  }

  /** Standard deviation of the window (n - 1); 0 when it is flat. */
  get sd(): number {
    return this.#flatRun >= this.#count || this.#count < 2 ? 0 : Math.sqrt(Math.max(0, this.#squares) / (this.#count - 1));
  }

  /** Whether the window's whole duration has been observed since the last restart. */
  isFull(time: number): boolean {
    return time - this.#startedAt >= this.#fullAfterMs;
  }

  /** Forgets everything, as after a gap in the data. */
  restart(): void {
    this.#head = 0;
    this.#count = 0;
    this.#mean = 0;
    this.#squares = 0;
    this.#squaresPeak = 0;
    this.#updatesLeft = 0;
    this.#flatRun = 0;
    this.#last = NaN;
    this.#startedAt = NaN;
  }

  /** Takes the observation in and returns its z-score. */
  push(time: number, value: number): number {
    if (Number.isNaN(value)) return NaN;
    if (Number.isNaN(this.#startedAt)) {
      this.#startedAt = time;
      this.#anchor = value;
    }
    this.#slide(time, value);
    this.#flatRun = value === this.#last ? this.#flatRun + 1 : 1;
    this.#last = value;
    if (time - this.#startedAt < this.#fullAfterMs || this.#count < this.#samplesMin || this.#flatRun >= this.#count) return NaN;
    return (value - this.#anchor - this.#mean) / Math.sqrt(this.#squares / (this.#count - 1));
  }

  #slide(time: number, value: number): void {
    const mask = this.#mask;
    const oldest = time - this.#windowMs;
    const head = this.#head;
    const leaves = this.#count > 0 && (this.#times[head] as number) <= oldest;
    if (leaves && (this.#count === 1 || (this.#times[(head + 1) & mask] as number) > oldest)) {
      // The steady state of a regular series: one comes, one goes.
      const gone = this.#values[head] as number;
      const far = value - this.#anchor;
      const farGone = gone - this.#anchor - this.#mean;
      this.#mean += (value - gone) / this.#count;
      this.#squares += (value - gone) * (far - this.#mean + farGone);
      this.#head = (head + 1) & mask;
      this.#store((head + this.#count) & mask, time, value);
    } else {
      if (leaves) this.#dropUntil(oldest);
      if (this.#count > mask) this.#grow();
      this.#store((this.#head + this.#count) & this.#mask, time, value);
      this.#count += 1;
      const far = value - this.#anchor;
      const fromMean = far - this.#mean;
      this.#mean += fromMean / this.#count;
      this.#squares += fromMean * (far - this.#mean);
    }
    this.#updatesLeft -= 1;
    if (this.#squares > this.#squaresPeak) this.#squaresPeak = this.#squares;
    if (this.#updatesLeft <= 0 || !(this.#squares >= this.#squaresPeak * CANCELLATION)) this.#recompute();
  }

  #store(slot: number, time: number, value: number): void {
    this.#times[slot] = time;
    this.#values[slot] = value;
  }

  #dropUntil(oldest: number): void {
    while (this.#count > 0 && (this.#times[this.#head] as number) <= oldest) {
      const gone = this.#values[this.#head] as number;
      this.#head = (this.#head + 1) & this.#mask;
      this.#count -= 1;
      if (this.#count === 0) {
        this.#mean = 0;
        this.#squares = 0;
      } else {
        const far = gone - this.#anchor;
        const fromMean = far - this.#mean;
        this.#mean -= fromMean / this.#count;
        this.#squares -= fromMean * (far - this.#mean);
      }
    }
  }

  /** Two passes around the first value, so that a high level costs no digits. */
  #recompute(): void {
    const anchor = this.#values[this.#head] as number;
    let sum = 0;
    for (let index = 0; index < this.#count; index += 1) sum += (this.#values[(this.#head + index) & this.#mask] as number) - anchor;
    const mean = sum / this.#count;
    let squares = 0;
    let rest = 0;
    for (let index = 0; index < this.#count; index += 1) {
      const deviation = (this.#values[(this.#head + index) & this.#mask] as number) - anchor - mean;
      squares += deviation * deviation;
      rest += deviation;
    }
    this.#anchor = anchor;
    this.#mean = mean;
    this.#squares = squares - (rest * rest) / this.#count;
    this.#squaresPeak = this.#squares;
    this.#updatesLeft = this.#count;
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const times = new Float64Array(capacity);
    const values = new Float64Array(capacity);
    for (let index = 0; index < this.#count; index += 1) {
      times[index] = this.#times[(this.#head + index) & this.#mask] as number;
      values[index] = this.#values[(this.#head + index) & this.#mask] as number;
    }
    this.#times = times;
    this.#values = values;
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}
