import { BaseError, ExchangeError, ExchangeNotAvailable } from '../ccxt-errors.js';
import type { VenueId } from '../../core/units.js';
import { rowOf } from '../certainty-table.js';
import { factsOf } from '../error-facts.js';
import { instanceOf, type CcxtInstance } from './ccxt-instance.js';

/** The waits that a venue asked for, by the error that told of it: ccxt's errors have no room for headers. */
const waits = new WeakMap<Error, number>();

/** How long the venue asked us to stay away in the header `Retry-After`, milliseconds; undefined where it did not. */
export const retryAfterOf = (error: unknown): number | undefined => (error instanceof Error ? waits.get(error) : undefined);

/** @returns the same error, from now on with what the header asked for. */
export function keepRetryAfter<T extends Error>(error: T, headers: Readonly<Record<string, string | readonly string[] | undefined>>): T {
  const waitMs = retryAfterMs(headers);
  if (waitMs !== undefined) waits.set(error, waitMs);
  return error;
}

/** Limits, bans and failures of the server: the status says more than whatever the body claims. */
const statusRules = (status: number): boolean => status === 408 || status === 418 || status === 429 || status >= 500;

/**
 * Sets one hook of a ccxt instance, as an own property, so that the HTTP status is not lost:
 * - ccxt makes a plain `ExchangeError`, which reads as a refusal, of any JSON error that it does not know, whatever the
 *   status was: Upbit's 429, 418 and 5xx, and unknown codes of Binance with 5xx. They become what the status says.
 * - A status from 400 on that ccxt has no class for (such as 413 or 529) is no error to it at all: the error's page
 *   would be parsed as an answer. It becomes `ExchangeNotAvailable`.
 * - `Retry-After` is kept (`retryAfterOf`).
 *
 * A client without that hook is left alone.
 */
export function keepStatus(venue: VenueId, client: { readonly id: string }): void {
  const instance = instanceOf(client);
  const own = instance.handleErrors?.bind(instance);
  if (own === undefined || instance.handleHttpStatusCode === undefined) return;
  instance.handleErrors = (status, reason, url, method, headers, body, ...rest) => {
    try {
      return judged(() => own(status, reason, url, method, headers, body, ...rest), venue, instance, { status, reason, url, method, body });
    } catch (error) {
      throw error instanceof Error ? keepRetryAfter(error, headers) : error;
    }
  };
}

/** Binance documents codes that come with 503 and prove something (-1008); Upbit documents none that a 5xx would not void. */
const isListed = (venue: VenueId, error: unknown): boolean => venue === 'binance' && rowOf(venue, factsOf(error).key) !== undefined;

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly url: string;
  readonly method: string;
  readonly body: string;
}

function judged(own: () => unknown, venue: VenueId, instance: CcxtInstance, { status, reason, url, method, body }: Answer): unknown {
  const byStatus = (): void => instance.handleHttpStatusCode?.(status, reason, url, method, body);
  let verdict: unknown;
  try {
    verdict = own();
  } catch (error) {
    const isMisread = !(error instanceof BaseError) || (error instanceof ExchangeError && !isListed(venue, error));
    if (!isMisread || !statusRules(status)) throw error;
  }
  if (status < 400 || verdict !== undefined) return verdict;
  byStatus();
  throw new ExchangeNotAvailable(`${instance.id} ${method} ${url} ${status} ${reason} ${body}`);
}

/** Whole seconds; the other form, a date, is used by neither venue. */
function retryAfterMs(headers: Readonly<Record<string, string | readonly string[] | undefined>>): number | undefined {
  const text = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : undefined;
}
