import type { VenueId } from '../core/units.js';
import { rawError, transportEffect, type TransportEffect } from '../exchange/transport-fault.js';
import type { WireMethod, WirePath } from '../exchange/wire-endpoints.js';
import { bodyOf, networkError, wireError } from '../exchange/wire-error.js';
import type { Delivery } from './client-call.js';
import { readByCcxt } from './garble.js';
import type { VenueReply } from './venue-reply.js';

type Mangled = Extract<Delivery, { kind: 'mangled' }>;

/** How long after the headers a client of ccxt has it: all of it, or the error. */
export function mangledForMs({ mode, dripMs }: Mangled): number {
  const effect = transportEffect(mode);
  return effect.kind === 'raw' ? effect.afterMs : dripMs;
}

/** The answer as far as a client can read it; undefined: an error comes in its place. */
export function arrivingReply(venue: VenueId, { mode, reply }: Mangled): VenueReply | undefined {
  const effect = transportEffect(mode);
  if (effect.kind === 'whole') return reply;
  return effect.kind === 'text' ? cutShort(venue, reply, effect) : undefined;
}

function cutShort(venue: VenueId, reply: VenueReply, { of, status }: Extract<TransportEffect, { kind: 'text' }>): VenueReply {
  const text = of(reply.ok ? (reply.text ?? JSON.stringify(reply.body)) : bodyOf(venue, reply));
  const http = status ?? reply.http;
  if (reply.ok || (http !== undefined && http < 300)) return { ok: true, http, body: readByCcxt(text), text };
  return { ok: false, http: reply.http, message: text, bodyForm: 'text' };
}

/** What ccxt throws for it; undefined when it reads an accepted answer. */
export function mangledError(venue: VenueId, method: WireMethod | WirePath, mangled: Mangled, query: string | undefined): Error | undefined {
  const effect = transportEffect(mangled.mode);
  if (effect.kind === 'network') return networkError(venue, method, effect.how, query);
  if (effect.kind === 'raw') return rawError(effect);
  const reply = arrivingReply(venue, mangled);
  return reply === undefined || reply.ok ? undefined : wireError(venue, method, { ...reply, query });
}
