/** A request to open a stream, as it stands on the wire. */
export interface StreamRequest {
  /** Path and query. */
  readonly target: string;
  /** Names in lower case, as Node's own HTTP gives them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Where it comes from: what limits of connections count by. */
  readonly address: string;
}

/** What a venue does to a client's connection. */
export interface StreamWire {
  send(frame: string | Uint8Array): void;
  ping(): void;
  /** Orderly, with a close frame. */
  close(code: number, reason: string): void;
  /** As a cut cable does it: no close frame. */
  cut(): void;
}

/** One connection as a venue sees it. Nothing here knows what carries the frames. */
export interface StreamSession {
  receive(text: string): void;
  /** A ping or pong frame came from the client; the transport answers pings itself. */
  heard(frame: 'ping' | 'pong'): void;
  /** The connection is gone, whoever ended it. */
  gone(): void;
}

/** How a venue answers a request to open a stream: a session, an HTTP refusal, or nobody is there. */
export type StreamAnswer =
  | { readonly kind: 'open'; open(wire: StreamWire): StreamSession }
  | { readonly kind: 'refused'; readonly status: number; readonly body: string }
  | { readonly kind: 'dead' };

/** A venue's stream server without its sockets. */
export interface StreamServer {
  connect(request: StreamRequest): StreamAnswer;
}
