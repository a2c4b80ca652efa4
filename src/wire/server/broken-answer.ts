import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { TransportMode } from '../../exchange/transport-fault.js';
import type { WireResponse } from '../http/wire-message.js';

/** Above what Node's and most other clients take (16 KiB). */
const OVERSIZED_HEADER = 'x'.repeat(64 * 1024);
/** Bytes that a too long `content-length` promises and nobody sends. */
const MISSING_BYTES = 32;
const DRIPS = 8;
/** How long what was written stands before its connection is cut behind it. */
const CUT_AFTER_MS = 5;

/** A timer of the server's. */
export type After = (delayMs: number, act: () => void) => void;
type Headers = Readonly<Record<string, string | number>>;

/** The connection as the broken answers use it; Node's own HTTP is passed by and could not go on behind them. */
interface Line {
  readonly socket: Socket;
  readonly response: WireResponse;
  readonly body: Buffer;
  readonly half: Buffer;
  readonly after: After;
  /** Leaves the connection open. */
  readonly send: (headers: Headers, ...parts: readonly (Buffer | string)[]) => void;
  /** Closes it all at once, as a server that dies. */
  readonly sendAndDie: Line['send'];
  /** Says that it closes it behind the answer. */
  readonly sendLast: Line['send'];
}

const CHUNKED = { 'transfer-encoding': 'chunked' };
const lengthOf = (bytes: Buffer): Headers => ({ 'content-length': bytes.length });

const BREAKS: Readonly<Record<TransportMode, (line: Line, dripMs: number) => void>> = {
  'closed-before-headers': ({ socket }) => socket.end(),
  'half-headers': ({ socket, response, body }) => socket.end(headOf(response, lengthOf(body)).slice(0, 40)),
  'not-http': ({ socket }) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  'conflicting-lengths': ({ sendLast, body }) => sendLast({ ...lengthOf(body), ...CHUNKED }, body),
  'oversized-headers': ({ sendLast, body }) => sendLast({ ...lengthOf(body), 'x-padding': OVERSIZED_HEADER }, body),
  redirect: ({ socket }) => socket.end('HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
  'reset-in-body': ({ socket, send, body, half, after }) => {
    send(lengthOf(body), half);
    // The kernel would throw away the head with the reset if both left at once.
    after(CUT_AFTER_MS, () => socket.resetAndDestroy());
  },
  'closed-in-body': ({ sendAndDie, body, half }) => sendAndDie(lengthOf(body), half),
  'stalled-body': ({ send, body, half }) => send(lengthOf(body), half),
  'slow-drip': ({ socket, send, body, after }, dripMs) => {
    send({ ...lengthOf(body), connection: 'close' });
    drip(socket, body, dripMs, after);
  },
  'long-length': ({ sendAndDie, body }) => sendAndDie({ 'content-length': body.length + MISSING_BYTES }, body),
  'short-length': ({ sendLast, body, half }) => sendLast(lengthOf(half), body),
  'chunked-unended': ({ send, body }) => send(CHUNKED, chunkOf(body)),
  'chunked-closed': ({ sendAndDie, body }) => sendAndDie(CHUNKED, chunkOf(body)),
  'bad-chunk': ({ sendLast, half }) => sendLast(CHUNKED, chunkOf(half), 'size\r\n'),
  'gzip-cut': ({ sendLast, body }) => {
    const packed = gzipSync(body);
    const cut = packed.subarray(0, packed.length >> 1);
    sendLast({ ...lengthOf(cut), 'content-encoding': 'gzip' }, cut);
  },
  'not-gzip': ({ sendLast, body }) => sendLast({ ...lengthOf(body), 'content-encoding': 'gzip' }, body),
  'no-content': ({ socket, response }) => socket.end(headOf({ ...response, status: 204 }, { connection: 'close' })),
  'closed-after-answer': ({ socket, send, body, after }) => {
    send(lengthOf(body), body);
    after(CUT_AFTER_MS, () => socket.destroy());
  },
  'early-hints': ({ socket, sendLast, body }) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nlink: </>; rel=preconnect\r\n\r\n');
    sendLast(lengthOf(body), body);
  },
  'answered-twice': ({ send, sendLast, body }) => {
    send(lengthOf(body), body);
    sendLast(lengthOf(body), body);
  },
};

/** Writes an answer the way `mode` breaks it; `dripMs` is how long a slow drip takes in all. */
export function sendBroken(socket: Socket, mode: TransportMode, response: WireResponse, dripMs: number, after: After): void {
  const body = Buffer.from(response.body);
  const send: Line['send'] = (headers, ...parts) => {
    socket.write(headOf(response, headers));
    for (const part of parts) socket.write(part);
  };
  const sendAndDie: Line['send'] = (headers, ...parts) => {
    send(headers, ...parts);
    socket.end();
  };
  const sendLast: Line['send'] = (headers, ...parts) => sendAndDie({ ...headers, connection: 'close' }, ...parts);
  BREAKS[mode]({ socket, response, body, half: body.subarray(0, body.length >> 1), after, send, sendAndDie, sendLast }, dripMs);
}

function headOf({ status, headers }: WireResponse, more: Headers): string {
  const lines = Object.entries({ ...headers, ...more }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

const chunkOf = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

function drip(socket: Socket, body: Buffer, dripMs: number, after: After): void {
  const size = Math.max(1, Math.ceil(body.length / DRIPS));
  for (let index = 0; index < DRIPS; index += 1)
    after(Math.round((dripMs * index) / DRIPS), () => void socket.write(body.subarray(index * size, (index + 1) * size)));
  after(dripMs, () => void socket.end());
}
