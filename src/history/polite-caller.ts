import type { Clock } from '../clock/clock.js';
import { durationMs, type EpochMs, type MonotonicMs, type VenueId } from '../core/units.js';
import { BaseError, OperationFailed, RateLimitExceeded } from '../exchange/ccxt-errors.js';
import { judgeError } from '../exchange/certainty.js';
import { retryAfterOf } from '../exchange/live/status-errors.js';

/** A source that does not answer, or will not: what was fetched so far stays. */
export class SourceFailedError extends Error {
  override readonly name = 'SourceFailedError';
}

export interface Manners {
  /** Least time between the starts of two requests. */
  readonly spacingMs: number;
  /** Tries of one request before its source is given up. */
  readonly attemptsMax: number;
}

/** What a host means by an error: whether it asks for fewer requests, and how long it wants to be left alone. */
export interface Refusal {
  readonly isLimit: boolean;
  readonly waitMs: number | undefined;
}

export type RefusalReader = (error: Error, now: EpochMs) => Refusal;

const BACKOFF_MS = 1_000;
const BACKOFF_MS_MAX = 60_000;
/** Binance's shortest ban; Upbit names the length itself. */
const BAN_MS = 120_000;
/** Whoever is sent away for longer comes back by hand. */
const WAIT_MS_MAX = 600_000;

/** A venue's refusals, by the table of what its errors mean. */
export const refusalOf =
  (venue: VenueId): RefusalReader =>
  (error, now) => {
    const { advice, row, retryAfterMs } = judgeError(venue, 'fetchOrder', error, now);
    return { isLimit: advice === 'back-off', waitMs: retryAfterMs ?? (row.endsWith('http 418') ? BAN_MS : undefined) };
  };

/** Those of a host that is no venue: 429 and `Retry-After`, as HTTP defines them. */
export const plainRefusal: RefusalReader = (error) => ({ isLimit: error instanceof RateLimitExceeded, waitMs: retryAfterOf(error) });

/** Asks one host, one request after the other, no faster than it likes to be asked, and waits as long as it says. */
export class PoliteCaller {
  readonly #refusal: RefusalReader;
  readonly #clock: Clock;
  readonly #manners: Manners;
  readonly #notice: (line: string) => void;
  #lastAt: MonotonicMs | undefined;

  constructor(refusal: RefusalReader, clock: Clock, manners: Manners, notice: (line: string) => void) {
    this.#refusal = refusal;
    this.#clock = clock;
    this.#manners = manners;
    this.#notice = notice;
  }

  /**
   * Reads something, again after limits, breaks and failures of the server.
   *
   * @param what - for messages, such as `Upbit BTC/KRW 2025-09-01T00:00:00Z`.
   * @throws SourceFailedError when it is of no use to ask on.
   */
  async read<T>(what: string, send: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#turn();
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof BaseError)) throw error;
        await this.#waitAfter(what, error, attempt);
      }
    }
  }

  async #turn(): Promise<void> {
    const now = this.#clock.monotonic();
    const wait = this.#lastAt === undefined ? 0 : this.#lastAt + this.#manners.spacingMs - now;
    if (wait > 0) await this.#clock.sleep(durationMs(wait));
    this.#lastAt = this.#clock.monotonic();
  }

  async #waitAfter(what: string, error: Error, attempt: number): Promise<void> {
    const text = firstLine(error);
    const { isLimit, waitMs: askedMs } = this.#refusal(error, this.#clock.now());
    if (!isLimit && !(error instanceof OperationFailed)) throw new SourceFailedError(`${what}: ${text}`);
    if (attempt >= this.#manners.attemptsMax) throw new SourceFailedError(`${what}: given up after ${attempt} tries; the last one: ${text}`);
    const waitMs = askedMs ?? Math.min(BACKOFF_MS * 2 ** (attempt - 1), BACKOFF_MS_MAX);
    if (waitMs > WAIT_MS_MAX) throw new SourceFailedError(`${what}: we are sent away for ${Math.ceil(waitMs / 60_000)} minutes (${text})`);
    // One second of silence is the way of networks; beyond that people want to know.
    if (waitMs > BACKOFF_MS) this.#notice(`${what}: ${isLimit ? 'asked to slow down' : text}; again in ${Math.ceil(waitMs / 1_000)} s`);
    await this.#clock.sleep(durationMs(waitMs));
  }
}

const firstLine = (error: Error): string => (error.message.split('\n')[0] ?? '').slice(0, 200);
