import type { Clock, DurationMs, ExchangeClient } from 'hedgedrill';

export const seconds = (value: number): DurationMs => Math.round(value * 1_000) as DurationMs;

const PATIENCE = seconds(3);
/** For what nothing else can tell: a venue that takes longer than our patience would be asked for ever. */
export const LONG_PATIENCE = seconds(5);
/** After a refusal for speed that names no end. */
const BREATHER_MS = 2_000;

/** What an error proves about the request: that it changed nothing, that there is no such order, or nothing at all. */
export type Proof = 'refused' | 'denied' | 'unknown';

/** Binance's codes and Upbit's names that mean "not taken and never will be". Whatever is not here proves nothing. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['-1003', '-1008', '-1013', '-1021', '-1102', '-1111', '-2019', '-2022', '-2027', '-2028', '-4061', '-4164'],
  ...['create_bid_error', 'create_ask_error', 'insufficient_funds_bid', 'insufficient_funds_ask', 'validation_error', 'too_many_requests'],
  ...['under_min_total_bid', 'under_min_total_ask', 'under_min_total_market_ask', 'invalid_price_bid'],
]);
/** Refusals that are otherwise a moment later. */
const PASSING: ReadonlySet<string> = new Set(['-1003', '-1008', '-1021', 'too_many_requests']);
const DENIALS: ReadonlySet<string> = new Set(['-2013', '-2011', 'order_not_found']);

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** ccxt puts the venue's body into the message: `binance {"code":-2019,...}`, `upbit {"error":{"name":"create_bid_error",...}}`. */
const wordOf = (error: unknown): string => /"code":\s*(-\d+)|"name":\s*"(\w+)"/.exec(textOf(error))?.slice(1).find(Boolean) ?? '';

/** By the venue's own word: ccxt's classes put "status unknown" and "refused" into one. */
export function proofOf(error: unknown): Proof {
  const word = wordOf(error);
  if (DENIALS.has(word)) return 'denied';
  return REFUSALS.has(word) ? 'refused' : 'unknown';
}

/** Whether the same order would be refused again. */
export const isForGood = (error: unknown): boolean => !PASSING.has(wordOf(error));

/** The way to one venue: no call waits longer than 3 s unless it says so, and none leaves during a ban that the venue told us of. */
export class VenueDoor {
  readonly #client: ExchangeClient;
  readonly #clock: Clock;
  #closedUntil = 0;

  constructor(client: ExchangeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws what the client throws, and an error when the patience is over; what was sent may still arrive. */
  async call<T>(act: (client: ExchangeClient) => Promise<T>, patience = PATIENCE): Promise<T> {
    while (this.#clock.now() < this.#closedUntil) await this.#clock.sleep((this.#closedUntil - this.#clock.now()) as DurationMs);
    const answer = act(this.#client);
    // A late error has nobody to hear it, which Node would take for a crash.
    answer.catch((error: unknown) => this.#heed(error));
    const silence = this.#clock.sleep(patience).then(() => {
      throw new Error(`no answer within ${patience} ms`);
    });
    silence.catch(() => undefined);
    return Promise.race([answer, silence]);
  }

  #heed(error: unknown): void {
    const text = textOf(error);
    const until = Number(/banned until (\d{13})/.exec(text)?.[1] ?? 0);
    const blocked = Number(/blocked for (\d+) seconds/.exec(text)?.[1] ?? 0) * 1_000;
    const slowDown = /-1003|too_many_requests|Too many|"name":\s*"?(429|418|blocked)/.test(text) ? BREATHER_MS : 0;
    const now = this.#clock.now();
    this.#closedUntil = Math.max(this.#closedUntil, until, blocked === 0 ? 0 : now + blocked, slowDown === 0 ? 0 : now + slowDown);
  }
}
