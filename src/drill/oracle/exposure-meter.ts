import type { EpochMs } from '../../core/units.js';
import type { TapeEvent } from '../../sim/tape-event.js';

/** A time during which |delta| was above tolerance. Amounts in 1e-8 BTC. */
export interface Excursion {
  readonly start: EpochMs;
  readonly startSeq: number;
  /** undefined: the tape ends first. */
  end: EpochMs | undefined;
  peak: bigint;
  /** |delta| over time, in 1e-8 BTC times milliseconds. */
  integral: bigint;
  /** What a flow or a change of holdings at that time can make of it. */
  allowed: bigint;
  readonly cause: 'own' | 'forced' | 'late' | 'external';
  readonly flow: number | undefined;
  /** When the order was sent that made it; undefined where none did. */
  readonly sentAt: EpochMs | undefined;
  /** Stretches in which the process lived: a dead one can neither repair nor tell. `end` undefined: it lives when the tape ends. */
  readonly stretches: { readonly start: EpochMs; end: EpochMs | undefined }[];
}

/** Measures |delta| over time in one pass. */
export class ExposureMeter {
  readonly excursions: Excursion[] = [];
  readonly #tolerance: bigint;
  #open: Excursion | undefined;
  #size = 0n;
  #since: EpochMs | undefined;
  #largest = 0n;
  #isUp = true;

  constructor(tolerance: bigint) {
    this.#tolerance = tolerance;
  }

  /** A flow of this quantity, or holdings of this size: no repair can be larger. */
  sized(...quantities: readonly bigint[]): void {
    for (const quantity of quantities) if (quantity > this.#largest) this.#largest = quantity;
    if (this.#open !== undefined && this.#largest > this.#open.allowed) this.#open.allowed = this.#largest;
  }

  /**
   * @param cause - of this change.
   * @param isSurprise - all that is left of delta came about by what no client could expect: an exposure of our own
   * orders that it was a part of is over, and it is one by itself from now on.
   */
  delta(delta: bigint, { t, seq }: TapeEvent, cause: Excursion['cause'], isSurprise: boolean, by: Pick<Excursion, 'flow' | 'sentAt'>): void {
    this.#accrue(t);
    this.#size = delta < 0n ? -delta : delta;
    const isOut = this.#size > this.#tolerance;
    if (isOut && isSurprise && this.#open?.cause === 'own') this.#end(t);
    if (isOut && this.#open === undefined) {
      const stretches = this.#isUp ? [{ start: t, end: undefined }] : [];
      const why = cause === 'own' && isSurprise ? 'late' : cause;
      this.#open = { start: t, startSeq: seq, end: undefined, peak: 0n, integral: 0n, allowed: this.#largest, cause: why, ...by, stretches };
      this.excursions.push(this.#open);
    }
    if (this.#open === undefined) return;
    if (this.#size > this.#open.peak) this.#open.peak = this.#size;
    if (!isOut) this.#end(t);
  }

  process(event: 'crash' | 'restart', t: EpochMs): void {
    this.#isUp = event === 'restart';
    if (event === 'restart') this.#open?.stretches.push({ start: t, end: undefined });
    else this.#close(t);
  }

  /** Brings the integral of what is still open up to the end of the tape. */
  finish(t: EpochMs): void {
    this.#accrue(t);
  }

  #end(t: EpochMs): void {
    this.#close(t);
    if (this.#open !== undefined) this.#open.end = t;
    this.#open = undefined;
  }

  #close(t: EpochMs): void {
    const last = this.#open?.stretches.at(-1);
    if (last !== undefined) last.end ??= t;
  }

  #accrue(t: EpochMs): void {
    if (this.#open !== undefined && this.#since !== undefined) this.#open.integral += this.#size * BigInt(Math.max(0, t - this.#since));
    this.#since = t;
  }
}
