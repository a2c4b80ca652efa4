import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { StreamServer, StreamSession, StreamWire } from './stream-session.js';

/** Nobody sends a venue more than this in a message. */
const MESSAGE_MAX_BYTES = 65_536;
/** A client that does not read is dropped when so much waits for it. */
const UNREAD_MAX_BYTES = 16_777_216;

interface StreamUpgradeOptions {
  /** Brings the simulation up to the present before something from a socket acts on it; at once unless given. */
  readonly enter?: ((act: () => void) => void) | undefined;
}

/** A venue's streams on the upgrade requests of a `node:http` server. */
export interface StreamUpgrades {
  /** For the server's `upgrade` event. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Ends every connection and takes no more. */
  close(): void;
}

/** It only carries frames: what is said is the venue's matter. */
export function streamUpgrades(streams: StreamServer, { enter = (act) => act() }: StreamUpgradeOptions = {}): StreamUpgrades {
  let isOpen = true;
  // Upbit and Binance offer compression; without it every client is served alike.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
    autoPong: true,
  });
  const upgrade: StreamUpgrades['upgrade'] = (request, socket, head) => {
    if (!isOpen) {
      socket.destroy();
      return;
    }
    // Until the handshake is done nobody else looks after the socket.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    enter(() => {
      const answer = streams.connect({ target: request.url ?? '/', headers: headersOf(request), address: request.socket.remoteAddress ?? '' });
      if (answer.kind === 'dead') socket.destroy();
      else if (answer.kind === 'refused') refuse(socket, answer.status, answer.body);
      else
        sockets.handleUpgrade(request, socket, head, (connection) => {
          socket.off('error', ignore);
          enter(() => carry(connection, (wire) => answer.open(wire), enter));
        });
    });
  };
  return {
    upgrade,
    close: () => {
      isOpen = false;
      for (const connection of sockets.clients) connection.terminate();
      sockets.close();
    },
  };
}

function carry(connection: WebSocket, open: (wire: StreamWire) => StreamSession, enter: (act: () => void) => void): void {
  const session = open({
    send: (frame) => {
      if (connection.bufferedAmount > UNREAD_MAX_BYTES) connection.terminate();
      else if (connection.readyState === connection.OPEN) connection.send(frame, { binary: typeof frame !== 'string' });
    },
    ping: () => {
      if (connection.readyState === connection.OPEN) connection.ping();
    },
    close: (code, reason) => connection.close(code, reason),
    cut: () => connection.terminate(),
  });
  connection.on('message', (data: RawData) => enter(() => session.receive(textOf(data))));
  connection.on('ping', () => enter(() => session.heard('ping')));
  connection.on('pong', () => enter(() => session.heard('pong')));
  connection.on('close', () => enter(() => session.gone()));
  // A broken frame or a reset: the close that follows tells the session.
  connection.on('error', () => undefined);
}

function refuse(socket: Duplex, status: number, body: string): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}
