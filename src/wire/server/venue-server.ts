import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AddressInfo, Socket } from 'node:net';
import { InputError } from '../../core/input-error.js';
import type { VenueId } from '../../core/units.js';
import { soundProcess } from '../../sim/client-call.js';
import type { RealTimePacer } from '../../sim/real-time-pacer.js';
import type { WireOutcome } from '../http/wire-message.js';
import type { WireVenue } from '../wire-venue.js';
import { sendBroken } from './broken-answer.js';
import { readRequest, type Unreadable } from './read-request.js';
import { SERVER_LIMITS, type ServerLimits } from './server-limits.js';

/** Takes over a connection that asks to be upgraded: where a venue's WebSockets come in. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface VenueServerOptions {
  readonly venue: VenueId;
  readonly wire: WireVenue;
  readonly pacer: Pick<RealTimePacer, 'enter' | 'after'>;
  /** Without it an upgrade is answered 426 and closed. */
  readonly onUpgrade?: UpgradeHandler | undefined;
  /** Told of what must not happen: a request that the emulation itself fails on. It is answered 500. */
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<ServerLimits> | undefined;
}

const STATUS_OF: Readonly<Record<Exclude<Unreadable, 'gone'>, number>> = { 'body too large': 413, 'bad URL': 400 };
const STATUS_OF_CODE: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
const LINGER_MS = 1_000;

/** One venue on a port of its own: HTTP in, the emulated wire behind it, and faults that only sockets have. */
export class VenueServer {
  readonly #options: VenueServerOptions;
  readonly #limits: ServerLimits;
  readonly #sockets = new Set<Socket>();
  readonly #process = soundProcess(0);
  readonly #server: Server;
  #place: { readonly host: string; readonly port: number } | undefined;
  #isOpening = false;
  #isClosed = false;
  #underWay = 0;
  #whenIdle: (() => void) | undefined;

  constructor(options: VenueServerOptions) {
    this.#options = options;
    this.#limits = { ...SERVER_LIMITS, ...options.limits };
    this.#server = this.#create();
  }

  /** Where clients find it, such as `http://127.0.0.1:8081`. */
  get url(): string {
    const { host, port } = this.#place ?? { host: '', port: 0 };
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  get isListening(): boolean {
    return this.#server.listening;
  }

  /** @throws InputError when the address cannot be listened on. */
  async listen(host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException): void => reject(explained(error, host, port));
      this.#server.once('error', refuse);
      this.#server.listen(port, host, () => {
        this.#server.off('error', refuse);
        resolve();
      });
    });
    this.#place = { host, port: (this.#server.address() as AddressInfo).port };
  }

  /** Until `accept`, connections are refused by the system and those that stand are reset, as by a host whose service is down. */
  refuse(): void {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async accept(): Promise<void> {
    if (this.#isClosed || this.#isOpening || this.#server.listening || this.#place === undefined) return;
    this.#isOpening = true;
    await this.listen(this.#place.host, this.#place.port).finally(() => (this.#isOpening = false));
  }

  /** Takes no more, lets what is under way end for a moment, and lets go of every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new Promise<void>((resolve) => (this.#server.listening ? this.#server.close(() => resolve()) : resolve()));
    this.#server.closeIdleConnections();
    if (this.#underWay > 0)
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
        this.#options.pacer.after(this.#limits.closingMs, resolve);
      });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #create(): Server {
    const { headerBytes, headersMs, requestMs, idleMs, checkMs } = this.#limits;
    const server = createServer(
      {
        maxHeaderSize: headerBytes,
        headersTimeout: headersMs,
        requestTimeout: requestMs,
        keepAliveTimeout: idleMs,
        connectionsCheckingInterval: checkMs,
        // A client of HTTP/1.0 or a raw socket may leave it out: no venue here is told apart by it.
        requireHostHeader: false,
      },
      (message, response) => void this.#serve(message, response),
    );
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      // A client that went away is no concern of the venue's.
      socket.on('error', () => undefined);
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => turnAway(socket, STATUS_OF_CODE[error.code ?? ''] ?? 400));
    server.on('connect', (_message, socket) => turnAway(socket, 405));
    server.on('upgrade', (message, socket, head) => {
      const { onUpgrade } = this.#options;
      if (onUpgrade === undefined) turnAway(socket, 426);
      else onUpgrade(message, socket, head);
    });
    return server;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message, this.url, this.#limits.bodyBytes);
    if (request === 'gone') return;
    if (typeof request === 'string') {
      response.writeHead(STATUS_OF[request], { connection: 'close', 'content-length': 0 });
      response.end();
      return;
    }
    this.#underWay += 1;
    const done = (): void => {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#whenIdle?.();
    };
    response.once('close', done);
    const { pacer, wire, onError } = this.#options;
    try {
      const exchange = pacer.enter(() => wire.begin(request, this.#process));
      if (exchange === undefined) return;
      if (exchange.hold !== undefined) await exchange.hold;
      this.#answer(message, response, await pacer.enter(() => exchange.leave(request, undefined)));
    } catch (error) {
      onError(error);
      if (!response.headersSent) response.writeHead(500, { 'content-length': 0 });
      response.end();
    }
  }

  #answer({ socket }: IncomingMessage, response: ServerResponse, outcome: WireOutcome): void {
    if (response.destroyed || socket.destroyed) return;
    switch (outcome.kind) {
      case 'response': {
        const { status, headers, body } = outcome.response;
        response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
        response.end(body);
        return;
      }
      case 'mangled':
        // Of pipelined requests only the one whose turn it is has the socket; another's cannot be broken by itself.
        if (response.socket === null) socket.resetAndDestroy();
        else sendBroken(socket, outcome.mode, outcome.response, outcome.dripMs, this.#options.pacer.after);
        return;
      case 'broken':
        socket.resetAndDestroy();
        return;
      case 'timeout':
    }
  }
}

function turnAway(socket: Duplex, status: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  // One that does not close its side would stay.
  (socket as Socket).setTimeout?.(LINGER_MS, () => socket.destroy());
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reason = {
    EADDRINUSE: 'something else listens there',
    EACCES: 'no permission to listen there',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'no such host',
  }[error.code ?? ''];
  if (reason === undefined) return error;
  return new InputError(`cannot listen on ${host}:${port}: ${reason}`, { key: '--port' }, 'choose another one; 0 takes any that is free');
}
