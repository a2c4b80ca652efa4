import type { Clock } from '../../clock/clock.js';
import type { VenueId } from '../../core/units.js';
import { factsOf } from '../../exchange/error-facts.js';
import { ReferenceCounters, type Admission } from './reference-counters.js';
import type { Deviation } from './reference-order.js';

/** How long a request takes to the venue, and its answer back, in the random client's world. */
export const THERE_MS = 20;
export const BACK_MS = 10;

/** What became of a call; `refused` is the venue's own word, the others never reached the account. */
export type CallResult<T> = {
  readonly at: number;
  /** Its place among all calls: those of one instant arrive in this order. */ readonly sequence: number;
} & ({ readonly kind: 'answered'; readonly value: T } | { readonly kind: 'refused'; readonly code: string } | { readonly kind: 'turned away' });

/** Sends calls and checks that the venue's limits and bans turn away exactly those that they must. */
export class ClientCalls {
  readonly counters: ReferenceCounters;
  readonly deviations: Deviation[] = [];
  sent = 0;
  turnedAway = 0;
  banned = 0;
  readonly #venue: VenueId;
  readonly #clock: Clock;

  constructor(venue: VenueId, clock: Clock) {
    this.#venue = venue;
    this.#clock = clock;
    this.counters = new ReferenceCounters(venue);
  }

  async send<T>(method: string, call: () => Promise<T>): Promise<CallResult<T>> {
    const at = this.#clock.now() + THERE_MS;
    const admission = this.counters.admit(method, at);
    this.sent += 1;
    const sequence = this.sent;
    try {
      const value = await call();
      this.#check(method, admission, undefined, at);
      return { kind: 'answered', at, sequence, value };
    } catch (error) {
      const { code, key, message } = factsOf(error);
      const limit = limitOf(code, message);
      this.#check(method, admission, limit, at);
      if (limit === undefined) return { kind: 'refused', at, sequence, code: code ?? key };
      if (limit.kind === 'banned') this.banned += 1;
      else this.turnedAway += 1;
      return { kind: 'turned away', at, sequence };
    }
  }

  /** A call that ccxt must refuse by itself, without sending anything. */
  async unsent(what: string, call: () => Promise<unknown>): Promise<void> {
    const key = await call().then(
      () => 'an answer',
      (error: unknown) => factsOf(error).key,
    );
    if (key !== 'unsent') this.deviations.push({ rule: 'unsent', expected: `${what} is refused before it is sent`, found: key });
  }

  #check(method: string, expected: Admission, found: FoundLimit | undefined, at: number): void {
    const word = found === undefined ? 'passes' : found.kind;
    const tell = (rule: string, wanted: string, got: string): void =>
      void this.deviations.push({ rule, expected: `${method} at ${at} ${wanted}`, found: got });
    if (expected.kind !== word) {
      const rule = expected.kind === 'banned' || word === 'banned' ? 'ban' : 'rate limit';
      tell(rule, expected.kind === 'banned' ? `is banned until ${expected.until}` : expected.kind, word);
    } else if (expected.kind === 'banned' && found?.kind === 'banned') {
      const wanted = this.#venue === 'binance' ? expected.until : Math.ceil((expected.until - at) / 1_000);
      if (found.told !== wanted) tell('ban', `is told ${wanted}`, String(found.told));
    }
  }
}

type FoundLimit = { readonly kind: 'limited' } | { readonly kind: 'banned'; readonly told: number };

/** A 429, or a 418 with the end that it names: Binance an instant, Upbit a number of seconds. */
function limitOf(code: string | undefined, message: string): FoundLimit | undefined {
  const until = /banned until (\d+)/.exec(message)?.[1] ?? /blocked for (\d+) seconds/.exec(message)?.[1];
  if (until !== undefined) return { kind: 'banned', told: Number(until) };
  return code === 'too_many_requests' || code === '-1003' || code === '-1015' ? { kind: 'limited' } : undefined;
}
