import type { CallAction } from '../faults/fault-action.js';
import type { VenueWorld } from '../faults/world.js';
import { rowOf } from '../exchange/certainty-table.js';
import { addMs, type EpochMs, type Side, type VenueId } from '../core/units.js';
import { bannedReply, inForm } from './gateway.js';
import type { VenueReply } from './venue-reply.js';

type Reject = Extract<CallAction, { kind: 'reject' }>;

interface Answer {
  readonly http: number;
  readonly code?: string;
  readonly bodyForm?: 'html';
}

/** An answer that gives this ccxt class, for a fault that names only the class. `<side>` stands for bid or ask. */
const BY_CLASS: Readonly<Record<VenueId, Readonly<Record<string, Answer>>>> = {
  upbit: {
    InsufficientFunds: { http: 400, code: 'insufficient_funds_<side>' },
    InvalidOrder: { http: 400, code: 'create_<side>_error' },
    OrderNotFound: { http: 404, code: 'order_not_found' },
    AuthenticationError: { http: 401, code: 'invalid_access_key' },
    PermissionDenied: { http: 403, code: 'out_of_scope' },
    RateLimitExceeded: { http: 429 },
    DDoSProtection: { http: 418 },
    RequestTimeout: { http: 504, bodyForm: 'html' },
    ExchangeNotAvailable: { http: 503, bodyForm: 'html' },
    OnMaintenance: { http: 503, bodyForm: 'html' },
    ExchangeError: { http: 500, code: 'server_error' },
  },
  binance: {
    InsufficientFunds: { http: 400, code: '-2019' },
    InvalidOrder: { http: 400, code: '-4164' },
    OrderNotFound: { http: 400, code: '-2013' },
    OperationRejected: { http: 400, code: '-4131' },
    OperationFailed: { http: 503, code: '-1001' },
    AuthenticationError: { http: 401, code: '-2015' },
    PermissionDenied: { http: 400, code: '-4400' },
    BadRequest: { http: 400, code: '-1111' },
    InvalidNonce: { http: 400, code: '-1021' },
    RateLimitExceeded: { http: 429, code: '-1003' },
    DDoSProtection: { http: 429, code: '-1003' },
    RequestTimeout: { http: 408, code: '-1007' },
    ExchangeNotAvailable: { http: 503, bodyForm: 'html' },
    OnMaintenance: { http: 503, bodyForm: 'html' },
    ExchangeError: { http: 400, code: '-9999' },
  },
};

/**
 * The answer that a `reject` fault puts on the wire. Status and code decide; the class a scenario names only fills
 * in for them, since the class is what ccxt makes of the wire.
 */
export function rejectReply(venue: VenueId, world: VenueWorld, reject: Reject, side: Side | undefined, now: EpochMs): VenueReply {
  const { retryAfterMs } = reject;
  const answer = answerOf(venue, reject);
  if (answer.bodyForm !== undefined) return { ok: false, http: answer.http, message: '', bodyForm: answer.bodyForm, retryAfterMs };
  if (answer.http === 418 && retryAfterMs !== undefined) return bannedReply(venue, world, addMs(now, retryAfterMs), now);
  const code = answer.code?.replace('<side>', side === 'sell' ? 'ask' : 'bid') ?? defaultCode(venue, answer.http);
  if (code === undefined) return { ok: false, http: answer.http, message: 'Service Unavailable.', bodyForm: 'text', retryAfterMs };
  return inForm(world, { ok: false, http: answer.http, code, message: messageOf(venue, code) ?? code, retryAfterMs });
}

/** Status and code of the fault; what it leaves out comes from the certainty table's row of its code, or from its class. */
function answerOf(venue: VenueId, reject: Reject): Answer {
  const { http, code, error } = reject;
  if (code !== undefined) {
    const row = rowOf(venue, code)?.answer;
    return { http: http ?? (row?.kind === 'http' ? row.status : 400), code };
  }
  if (http !== undefined) return { http };
  return BY_CLASS[venue][error ?? ''] ?? { http: 400 };
}

/** What a bare status comes with; a bare 5xx of Binance is text. */
function defaultCode(venue: VenueId, http: number): string | undefined {
  if (http === 429) return venue === 'upbit' ? 'too_many_requests' : '-1003';
  if (http === 418) return venue === 'upbit' ? 'blocked' : '-1003';
  if (venue === 'binance') return http >= 500 ? undefined : '-1000';
  return http >= 500 ? 'server_error' : 'validation_error';
}

function messageOf(venue: VenueId, code: string): string | undefined {
  const answer = rowOf(venue, code)?.answer;
  if (answer?.kind !== 'http' || !answer.body.startsWith('{')) return undefined;
  const body = JSON.parse(answer.body) as { msg?: string; error?: { message?: string } };
  return body.msg ?? body.error?.message;
}
