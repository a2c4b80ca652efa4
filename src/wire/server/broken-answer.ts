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
/** How long a complete answer stands before its connection is closed behind it. */
const CLOSED_AFTER_MS = 5;

/** A timer of the server's. */
export type After = (delayMs: number, act: () => void) => void;

/** Writes an answer the way `mode` breaks it; `dripMs` is how long a slow drip takes in all. */
export function sendBroken(socket: Socket, mode: TransportMode, response: WireResponse, dripMs: number, after: After): void {
  const body = Buffer.from(response.body);
  const half = body.subarray(0, body.length >> 1);
  const send = (headers: Readonly<Record<string, string | number>>, ...parts: readonly (Buffer | string)[]): void => {
    socket.write(headOf(response, headers));
    for (const part of parts) socket.write(part);
  };
  const whole = { 'content-length': body.length };
  const chunked = { 'transfer-encoding': 'chunked' };
  switch (mode) {
    case 'closed-before-headers':
      socket.end();
      return;
    case 'half-headers':
      socket.end(headOf(response, whole).slice(0, 40));
      return;
    case 'not-http':
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
      return;
    case 'conflicting-lengths':
      send({ ...whole, ...chunked }, body);
      socket.end();
      return;
    case 'oversized-headers':
      send({ ...whole, 'x-padding': OVERSIZED_HEADER }, body);
      socket.end();
      return;
    case 'redirect':
      socket.end('HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    case 'reset-in-body':
      send(whole, half);
      // The kernel would throw away the head with the reset if both left at once.
      after(CLOSED_AFTER_MS, () => socket.resetAndDestroy());
      return;
    case 'closed-in-body':
      send(whole, half);
      socket.end();
      return;
    case 'stalled-body':
      send(whole, half);
      return;
    case 'slow-drip':
      send(whole);
      drip(socket, body, dripMs, after);
      return;
    case 'long-length':
      send({ 'content-length': body.length + MISSING_BYTES }, body);
      socket.end();
      return;
    case 'short-length':
      send({ 'content-length': half.length }, body);
      socket.end();
      return;
    case 'chunked-unended':
      send(chunked, chunkOf(body));
      return;
    case 'chunked-closed':
      send(chunked, chunkOf(body));
      socket.end();
      return;
    case 'bad-chunk':
      send(chunked, chunkOf(half), 'size\r\n');
      socket.end();
      return;
    case 'gzip-cut': {
      const packed = gzipSync(body);
      const cut = packed.subarray(0, packed.length >> 1);
      send({ 'content-encoding': 'gzip', 'content-length': cut.length }, cut);
      return;
    }
    case 'not-gzip':
      send({ ...whole, 'content-encoding': 'gzip' }, body);
      return;
    case 'no-content':
      socket.write(headOf({ ...response, status: 204 }, {}));
      return;
    case 'closed-after-answer':
      send(whole, body);
      after(CLOSED_AFTER_MS, () => socket.destroy());
      return;
    case 'early-hints':
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </>; rel=preconnect\r\n\r\n');
      send(whole, body);
      return;
    case 'answered-twice':
      send(whole, body);
      send(whole, body);
  }
}

function headOf({ status, headers }: WireResponse, more: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries({ ...headers, ...more }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

const chunkOf = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

function drip(socket: Socket, body: Buffer, dripMs: number, after: After): void {
  const size = Math.max(1, Math.ceil(body.length / DRIPS));
  for (let index = 0; index < DRIPS; index += 1) after((dripMs * index) / DRIPS, () => socket.write(body.subarray(index * size, (index + 1) * size)));
}
