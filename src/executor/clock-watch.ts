import type { Clock } from '../clock/clock.js';
import type { EpochMs, MonotonicMs } from '../core/units.js';
import type { ExchangeClient } from '../exchange/exchange-client.js';
import type { ExecutorPolicy } from './policy.js';
import type { VenueGateway } from './venue-gateway.js';

export type OffsetCheck = { readonly ok: true; readonly offsetMs: number } | { readonly ok: false; readonly problem: string };

/**
 * Watches our clock against Binance's, the one venue that judges timestamps: more than a second ahead and every call to
 * it fails while Upbit goes on filling.
 */
export class ClockWatch {
  readonly #binance: VenueGateway;
  readonly #clock: Clock;
  readonly #policy: ExecutorPolicy;
  #measured: { readonly offsetMs: number; readonly errorMs: number; readonly at: MonotonicMs } | undefined;

  constructor(binance: VenueGateway, clock: Clock, policy: ExecutorPolicy) {
    this.#binance = binance;
    this.#clock = clock;
    this.#policy = policy;
  }

  /** The offset, measured anew when the last measurement is too old. */
  async check(): Promise<OffsetCheck> {
    const known = this.#measured;
    const isFresh = known !== undefined && this.#clock.monotonic() - known.at <= this.#policy.clockCheckMs;
    if (!isFresh) {
      const problem = await this.measure();
      if (problem !== undefined) return { ok: false, problem };
    }
    const { offsetMs, errorMs } = this.#measured ?? { offsetMs: 0, errorMs: 0 };
    if (Math.abs(offsetMs) > this.#policy.clockOffsetMs + errorMs)
      return { ok: false, problem: `our clock is ${Math.round(offsetMs)} ms off Binance's, more than ${this.#policy.clockOffsetMs} ms` };
    return { ok: true, offsetMs };
  }

  /**
   * Measures once: our time at the middle of the request against the venue's.
   *
   * @returns why it could not.
   */
  async measure(): Promise<string | undefined> {
    const ask = async (client: ExchangeClient): Promise<{ before: EpochMs; theirs: number | undefined; after: EpochMs }> => {
      const before = this.#clock.now();
      const theirs = await client.fetchTime();
      return { before, theirs, after: this.#clock.now() };
    };
    const answer = await this.#binance.read('fetchTime', ask, { patienceMs: this.#policy.banPatienceMs });
    if (answer.kind !== 'answer') return answer.kind === 'error' ? `Binance time: ${answer.error}` : 'Binance may not be called yet';
    const { before, theirs, after } = answer.value;
    if (theirs === undefined) return 'Binance answered without a time';
    // Both ways together took this long, so half of it is the most that an uneven way can deceive us by.
    this.#measured = { offsetMs: (before + after) / 2 - theirs, errorMs: Math.abs(after - before) / 2, at: this.#clock.monotonic() };
    return undefined;
  }
}
