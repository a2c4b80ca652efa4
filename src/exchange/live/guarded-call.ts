import type { Clock } from '../../clock/clock.js';
import { Stop } from '../../clock/stop.js';
import type { DurationMs } from '../../core/units.js';
import { BadResponse, BaseError, NetworkError, RequestTimeout } from '../ccxt-errors.js';
import { UNREADABLE } from '../error-facts.js';
import type { CcxtError } from '../wire-error.js';
import type { Redactor } from './secrets.js';

export interface CallGuard {
  /** ccxt's name of the client; begins every message, as in ccxt's own. */
  readonly id: string;
  readonly clock: Clock;
  /** Longest time from the call to the last byte of its answer. */
  readonly timeoutMs: DurationMs;
  readonly redactor: Redactor;
}

/**
 * Makes one call of a ccxt client and settles in bounded time with a result or an error of ccxt's own classes.
 *
 * ccxt stops its timer once the headers are there, so that a body that never ends is waited for as long as the socket
 * lives; and what breaks while a body is read, or in a parser, reaches the caller as Node's or JavaScript's own error.
 *
 * @param request - `METHOD URL`, for messages.
 * @throws RequestTimeout, NetworkError or BadResponse, none of which proves anything about an order; otherwise what ccxt
 *   throws. No message, stack or cause holds a secret.
 */
export async function guardedCall<T>({ id, clock, timeoutMs, redactor }: CallGuard, request: string, send: () => Promise<T>): Promise<T> {
  const giveUp = new Stop();
  const answered = Promise.resolve().then(send);
  const late = clock.sleep(timeoutMs, giveUp).then((): T => {
    throw new RequestTimeout(`${id} ${request} request timed out (${timeoutMs} ms, body included)`);
  });
  // Whoever loses the race may still fail, and nobody waits for it any more.
  answered.catch(() => undefined);
  late.catch(() => undefined);
  try {
    return await Promise.race([answered, late]);
  } catch (error) {
    throw redactor.error(asCcxtError(id, request, error));
  } finally {
    giveUp.abort();
  }
}

/** An answer that came and says nothing that can be used. */
export function unreadable(id: string, request: string, why: string, cause?: unknown): CcxtError {
  // A body that the reason quotes must not be taken for the venue's own code.
  return withCause(new BadResponse(`${id} ${request} ${UNREADABLE}: ${why.replace(/[[{]/g, '(')}`), cause);
}

function asCcxtError(id: string, request: string, error: unknown): CcxtError {
  if (error instanceof BaseError) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const isAbort = error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
  if (isAbort) return withCause(new RequestTimeout(`${id} ${request} request timed out (${text})`), error);
  // Errors of sockets, of undici and of unpacking have codes; a parser that met what it did not expect has none.
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isConnection = typeof code === 'string' && !code.startsWith('ERR_');
  return isConnection ? withCause(new NetworkError(`${id} ${request} fetch failed: ${text}`), error) : unreadable(id, request, text, error);
}

function withCause(made: CcxtError, cause: unknown): CcxtError {
  if (cause !== undefined) made.cause = cause;
  return made;
}
