import type { TransportMode } from '../../exchange/transport-fault.js';

/** A request as it stands on the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface WireResponse {
  readonly status: number;
  /** Names in lower case, as Node's own HTTP gives them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What comes of a request: a response, a connection that breaks first, or a client that has waited long enough. */
export type WireOutcome =
  | { readonly kind: 'response'; readonly response: WireResponse }
  /** The venue's response, and how the connection breaks it. */
  | { readonly kind: 'mangled'; readonly response: WireResponse; readonly mode: TransportMode; readonly dripMs: number }
  | { readonly kind: 'broken'; readonly how: 'reset' | 'dns' | 'refused' }
  | { readonly kind: 'timeout' };

/** `METHOD path` of a request, as a venue's documentation has it. */
export const endpointOf = ({ method, url }: WireRequest): string => `${method} ${new URL(url).pathname}`;

/** A header by its name, in whatever case it was sent. */
export function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(headers).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
