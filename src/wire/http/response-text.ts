import { bodyOf } from '../../exchange/wire-error.js';
import type { VenueId } from '../../core/units.js';
import type { VenueReply } from '../../sim/venue-reply.js';
import type { WireResponse } from './wire-message.js';

const TYPES = { json: 'application/json; charset=utf-8', text: 'text/plain; charset=utf-8', html: 'text/html' } as const;

/** A venue's answer as bytes: status, text and what of the headers every answer has. */
export function responseOf(venue: VenueId, reply: VenueReply, headers: Readonly<Record<string, string>>): WireResponse {
  if (reply.ok) {
    const body = reply.text ?? JSON.stringify(reply.body);
    return { status: reply.http ?? 200, headers: { 'content-type': typeOf(body), ...headers }, body };
  }
  const body = bodyOf(venue, reply);
  const retry = reply.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(reply.retryAfterMs / 1_000)) };
  return { status: reply.http, headers: { 'content-type': typeOf(body), ...headers, ...retry }, body };
}

const typeOf = (body: string): string => (body.startsWith('<') ? TYPES.html : /^[[{]/.test(body) ? TYPES.json : TYPES.text);
