import { STATUS_CODES } from 'node:http';
import { ccxtErrors } from '../../exchange/ccxt-errors.js';
import { rawError, transportEffect } from '../../exchange/transport-fault.js';
import { REDIRECTED } from '../../exchange/wire-error.js';
import type { WireOutcome } from '../http/wire-message.js';

/** What `fetch` resolves to, as far as ccxt reads it. */
interface Response {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  text(): Promise<string>;
}

/** What carries it: where to, in ccxt's words, and a wait on the client's clock. */
export interface Carrier {
  readonly host: string;
  /** `<id> <METHOD> <URL>`, which begins a message of ccxt's own. */
  readonly request: string;
  readonly sleep: (delayMs: number) => Promise<void>;
}

/**
 * An outcome as a fetch of Node gives it.
 *
 * @throws the errors of sockets, of the resolver and of an abort, which ccxt maps to its own.
 */
export function carried(outcome: WireOutcome, carrier: Carrier): Response {
  switch (outcome.kind) {
    case 'timeout':
      throw new DOMException('This operation was aborted', 'AbortError');
    case 'broken':
      throw broken(outcome.how, carrier.host);
    case 'response':
      return responseOf(outcome.response, async () => outcome.response.body);
    case 'mangled':
      return mangled(outcome, carrier);
  }
}

function mangled({ response, mode, dripMs }: Extract<WireOutcome, { kind: 'mangled' }>, { host, request, sleep }: Carrier): Response {
  const effect = transportEffect(mode);
  switch (effect.kind) {
    case 'network':
      // ccxt's own transport raises it itself, so that a fetch in its place must.
      if (effect.how === 'redirect') throw new ccxtErrors.NetworkError(`${request} ${REDIRECTED}`);
      throw broken(effect.how, host);
    case 'raw':
      return responseOf(response, async () => {
        if (effect.afterMs > 0) await sleep(effect.afterMs);
        throw rawError(effect);
      });
    case 'text':
      return responseOf({ ...response, status: effect.status ?? response.status }, async () => effect.of(response.body));
    case 'whole':
      return responseOf(response, async () => {
        if (dripMs > 0) await sleep(dripMs);
        return response.body;
      });
  }
}

const responseOf = ({ status, headers }: Pick<Response, 'status' | 'headers'>, text: Response['text']): Response => ({
  status,
  statusText: STATUS_CODES[status] ?? '',
  headers,
  text,
});

function broken(how: 'reset' | 'dns' | 'refused' | 'closed', host: string): Error {
  switch (how) {
    case 'dns':
      return coded('ENOTFOUND', `getaddrinfo ENOTFOUND ${host}`);
    case 'reset':
      return coded('ECONNRESET', 'read ECONNRESET');
    case 'refused':
      return coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:443');
    case 'closed':
      return coded('UND_ERR_SOCKET', 'other side closed');
  }
}

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });
