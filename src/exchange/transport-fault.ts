import type { BrokenConnection } from './wire-error.js';

/** After this undici gives up on a body that does not go on; ccxt has no time-out of its own there. */
const BODY_TIMEOUT_MS = 300_000;

/** Errors of Node and undici that ccxt 4.5.84 hands on as they are. */
export type RawErrorName =
  'Error' | 'SocketError' | 'BodyTimeoutError' | 'HTTPParserError' | 'HeadersOverflowError' | 'ResponseContentLengthMismatchError';

/** What a client of ccxt gets of an answer whose transport broke. */
export type TransportEffect =
  /** ccxt's own `NetworkError`. */
  | { readonly kind: 'network'; readonly how: BrokenConnection }
  /** An error that is not ccxt's, so long after the headers. */
  | { readonly kind: 'raw'; readonly error: RawErrorName; readonly message: string; readonly code?: string; readonly afterMs: number }
  /** Less than the venue wrote, and nothing that says so. */
  | { readonly kind: 'text'; readonly status?: number; readonly of: (text: string) => string }
  /** All of it. */
  | { readonly kind: 'whole' };

const raw = (error: RawErrorName, message: string, code?: string, afterMs = 0): TransportEffect => ({
  kind: 'raw',
  error,
  message,
  ...(code === undefined ? {} : { code }),
  afterMs,
});
const CLOSED = raw('SocketError', 'other side closed', 'UND_ERR_SOCKET');
const STALLED = raw('BodyTimeoutError', 'Body Timeout Error', 'UND_ERR_BODY_TIMEOUT', BODY_TIMEOUT_MS);
const WHOLE: TransportEffect = { kind: 'whole' };
const notHttp = (found: string): TransportEffect => raw('HTTPParserError', `Response does not match the HTTP/1.1 protocol (${found})`);

const EFFECTS = {
  'closed-before-headers': { kind: 'network', how: 'closed' },
  'half-headers': { kind: 'network', how: 'closed' },
  'not-http': notHttp('Expected HTTP/, RTSP/ or ICE/'),
  'conflicting-lengths': raw(
    'ResponseContentLengthMismatchError',
    'Response body length does not match content-length header',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  ),
  'oversized-headers': raw('HeadersOverflowError', 'Headers Overflow Error', 'UND_ERR_HEADERS_OVERFLOW'),
  redirect: { kind: 'network', how: 'redirect' },
  'reset-in-body': raw('Error', 'read ECONNRESET', 'ECONNRESET'),
  'closed-in-body': CLOSED,
  'stalled-body': STALLED,
  'slow-drip': WHOLE,
  'long-length': CLOSED,
  'short-length': { kind: 'text', of: firstHalf },
  'chunked-unended': STALLED,
  'chunked-closed': CLOSED,
  'bad-chunk': notHttp('Invalid character in chunk size'),
  'gzip-cut': raw('Error', 'unexpected end of file', 'Z_BUF_ERROR'),
  'not-gzip': raw('Error', 'incorrect header check', 'Z_DATA_ERROR'),
  'no-content': { kind: 'text', status: 204, of: () => '' },
  'closed-after-answer': WHOLE,
  'early-hints': WHOLE,
  'answered-twice': WHOLE,
} as const satisfies Readonly<Record<string, TransportEffect>>;

/** Ways in which only a socket breaks an answer. */
export type TransportMode = keyof typeof EFFECTS;
export const TRANSPORT_MODES = Object.keys(EFFECTS) as readonly TransportMode[];

/** What real ccxt 4.5.84 makes of it on Node 20, measured over loopback (test/serve/transport-faults.test.ts). */
export const transportEffect = (mode: TransportMode): TransportEffect => EFFECTS[mode];

/** What stands of a text whose length was told as half of what it is. */
function firstHalf(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.subarray(0, bytes.length >> 1).toString('utf8');
}

class SocketError extends Error {
  override readonly name = 'SocketError';
}
class BodyTimeoutError extends Error {
  override readonly name = 'BodyTimeoutError';
}
class HTTPParserError extends Error {
  override readonly name = 'HTTPParserError';
}
class HeadersOverflowError extends Error {
  override readonly name = 'HeadersOverflowError';
}
class ResponseContentLengthMismatchError extends Error {
  override readonly name = 'ResponseContentLengthMismatchError';
}
const CLASSES = { Error, SocketError, BodyTimeoutError, HTTPParserError, HeadersOverflowError, ResponseContentLengthMismatchError };

/** The error itself, under the name of the class that undici has for it. */
export function rawError({ error, message, code }: Extract<TransportEffect, { kind: 'raw' }>): Error {
  const made = new CLASSES[error](message);
  return code === undefined ? made : Object.assign(made, { code });
}
