import { STATUS_CODES } from 'node:http';
import type { WireOutcome } from '../http/wire-message.js';

/** What `fetch` resolves to, as far as ccxt reads it. */
interface Response {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  text(): Promise<string>;
}

/**
 * An outcome as a fetch of Node gives it.
 *
 * @throws the errors of sockets, of the resolver and of an abort, which ccxt maps to its own.
 */
export function carried(outcome: WireOutcome, host: string): Response {
  if (outcome.kind === 'timeout') throw new DOMException('This operation was aborted', 'AbortError');
  if (outcome.kind === 'broken')
    throw outcome.how === 'dns' ? coded('ENOTFOUND', `getaddrinfo ENOTFOUND ${host}`) : coded('ECONNRESET', 'read ECONNRESET');
  const { status, headers, body } = outcome.response;
  return { status, statusText: STATUS_CODES[status] ?? '', headers, text: async () => body };
}

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });
