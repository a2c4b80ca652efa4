import type { ActiveWindow, FaultSession } from '../faults/fault-session.js';
import type { CallAction, InstantAction } from '../faults/fault-action.js';
import type { VenueWorld } from '../faults/world.js';
import { MUTATING_METHODS } from '../exchange/exchange-client.js';
import { WIRE_MUTATIONS } from '../exchange/wire-endpoints.js';
import { addMs, type EpochMs, type VenueId } from '../core/units.js';
import { RateCounter, type RateClass, type RateUse } from './rate-counter.js';
import { refused, type SignedWindow, type VenueReply } from './venue-reply.js';
import { futuresOf, type VenueRules } from './venue-rules.js';

export type KeyState = NonNullable<Extract<InstantAction, { kind: 'account' }>['key']>;
type Reject = Extract<CallAction, { kind: 'reject' }>;

/** What the gateway sees of a request. */
export interface GatewayCall {
  readonly request: number;
  readonly rate: RateClass;
  /** Needs a key and a signature. */
  readonly isPrivate: boolean;
  readonly method: string;
  readonly reduceOnly: boolean;
  readonly signed: SignedWindow | undefined;
}

/** `drop`: nobody answers; `reset`, `refused`: the connection breaks or is not made; an answer turns the request away; `pass` lets it in. */
export type GatewayVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reset' | 'refused' }
  | { readonly kind: 'answer'; readonly reply: VenueReply };

const PASS: GatewayVerdict = { kind: 'pass' };

/** The venue's front door: outages, bans, limits, keys, clocks. What it turns away was certainly not processed. */
export class Gateway {
  readonly #venue: VenueId;
  readonly #world: VenueWorld;
  readonly #faults: FaultSession;
  readonly #rules: () => VenueRules;
  readonly #counter: RateCounter;
  key: KeyState | undefined;

  constructor(venue: VenueId, world: VenueWorld, faults: FaultSession, rules: () => VenueRules) {
    this.#venue = venue;
    this.#world = world;
    this.#faults = faults;
    this.#rules = rules;
    this.#counter = new RateCounter(rules, (rule, at) => faults.taken?.(venue, rule.name, rule.windowMs, at) ?? 0);
  }

  /** @param isDenied - what is wrong with the request's own key or signature, asked once nothing else turns it away before. */
  judge(call: GatewayCall, at: EpochMs, isDenied?: () => VenueReply | undefined): GatewayVerdict {
    for (const window of this.#faults.windows(this.#venue, at)) {
      const verdict = this.#window(window, call, at);
      if (verdict !== undefined) return verdict;
    }
    const rate = this.#counter.admit(call.rate, at);
    if (rate.kind === 'banned') return answer(bannedReply(this.#venue, this.#world, rate.until, at));
    if (rate.kind === 'limited') return answer(this.#limited(rate.rule.scope, rate.rule.limit, rate.rule.windowMs, rate.retryAfterMs));
    const denied = (call.isPrivate ? this.#keyDenied(call) : undefined) ?? isDenied?.();
    if (denied !== undefined) return answer(denied);
    return this.#clockDenied(call, at);
  }

  /** How far each of the venue's counters is used up in its present window. */
  uses(at: EpochMs): readonly RateUse[] {
    return this.#counter.uses(at);
  }

  /** Whether the fault's answer spares this call: closes pass an overload where the venue says so. */
  spares(reject: Reject, call: GatewayCall): boolean {
    const closing = call.reduceOnly || call.method === 'cancelOrder';
    return this.#venue === 'binance' && reject.code === '-1008' && this.#world.overloadSparesReduceOnly && closing;
  }

  #window(window: ActiveWindow, call: GatewayCall, at: EpochMs): GatewayVerdict | undefined {
    const { action } = window;
    if (action.kind === 'ban') {
      this.#faults.hit(window, at, call.request);
      const current = this.#faults.windows(this.#venue, at).find(({ fault }) => fault === window.fault) ?? window;
      return answer(bannedReply(this.#venue, this.#world, current.until ?? addMs(at, 3 * 86_400_000), at));
    }
    if (action.kind !== 'outage' || !inScope(action.scope, call)) return undefined;
    this.#faults.hit(window, at, call.request);
    switch (action.as) {
      case 'timeout':
        return { kind: 'drop' };
      case 'reset':
        return { kind: 'reset' };
      case 'refused':
        return { kind: 'refused' };
      case 'http503':
        return answer({ ok: false, http: 503, message: 'Service Unavailable.', bodyForm: 'text' });
      case 'html-page':
        return answer({ ok: false, http: 502, message: '', bodyForm: 'html' });
      case 'maintenance':
        return answer(this.#maintenance());
    }
  }

  /** The form of a maintenance answer is not documented; Upbit's error page names it under 500, Binance's under 503. */
  #maintenance(): VenueReply {
    if (this.#venue === 'binance') return { ok: false, http: 503, message: 'Service Unavailable.', bodyForm: 'text' };
    return inForm(this.#world, { ok: false, http: 500, code: 'server_error', message: '서비스 점검 중입니다.' });
  }

  #limited(scope: string, limit: number, windowMs: number, retryAfterMs: number): VenueReply {
    if (this.#venue === 'upbit')
      return inForm(this.#world, { ok: false, http: 429, code: 'too_many_requests', message: 'Too many API requests.', retryAfterMs });
    const [code, message] =
      scope === 'orders'
        ? ['-1015', `Too many new orders; current limit is ${limit} orders per ${windowMs === 60_000 ? 'MINUTE' : 'TEN_SECONDS'}.`]
        : [
            '-1003',
            `Too many requests; current limit is ${limit} requests per minute. Please use the websocket for live updates to avoid polling the API.`,
          ];
    return { ok: false, http: 429, code, message, retryAfterMs };
  }

  #keyDenied(call: GatewayCall): VenueReply | undefined {
    const trading = MUTATING_METHODS.has(call.method) || WIRE_MUTATIONS.has(call.method);
    if (this.key === undefined || (this.key === 'read-only' && !trading)) return undefined;
    if (this.#venue === 'binance') return refused(401, '-2015', 'Invalid API-key, IP, or permissions for action.');
    if (this.key === 'revoked') return refused(401, 'invalid_access_key', '잘못된 엑세스 키입니다.');
    if (this.key === 'ip-blocked') return refused(401, 'no_authorization_ip', '허용되지 않은 IP 주소입니다.');
    return refused(403, 'out_of_scope', '권한이 부족합니다.');
  }

  /** A signed request is taken if it is at most 1 s ahead of the venue's clock and at most `recvWindow` behind it. */
  #clockDenied(call: GatewayCall, at: EpochMs): GatewayVerdict {
    if (call.signed === undefined) return PASS;
    const ahead = futuresOf(this.#rules()).timestampAheadMaxMs;
    if (call.signed.timestamp >= at + ahead)
      return answer(refused(400, '-1021', `Timestamp for this request was ${ahead}ms ahead of the server's time.`));
    if (at - call.signed.timestamp > call.signed.recvWindowMs)
      return answer(refused(400, '-1021', 'Timestamp for this request is outside of the recvWindow.'));
    return PASS;
  }
}

const answer = (reply: VenueReply): GatewayVerdict => ({ kind: 'answer', reply });

/** The answer to whoever is banned: both venues name the end in words, Binance as an instant, Upbit as a length. */
export function bannedReply(venue: VenueId, world: VenueWorld, until: EpochMs, at: EpochMs): VenueReply {
  const retryAfterMs = until - at;
  if (venue === 'binance')
    return {
      ok: false,
      http: 418,
      code: '-1003',
      message: `Way too many requests; IP banned until ${until}. Please use the websocket for live updates to avoid bans.`,
      retryAfterMs,
    };
  return inForm(world, { ok: false, http: 418, code: 'blocked', message: `blocked for ${Math.ceil(retryAfterMs / 1_000)} seconds`, retryAfterMs });
}

/** Limits, bans and server failures of Upbit come as JSON or as text: unsettled, hence a switch of the world. */
export function inForm(world: VenueWorld, reply: VenueReply): VenueReply {
  if (reply.ok || world.errorBody === 'json' || (reply.http < 500 && reply.http !== 418 && reply.http !== 429)) return reply;
  return { ...reply, code: undefined, bodyForm: 'text' };
}

function inScope(scope: 'all' | 'private' | 'public' | 'orders', call: GatewayCall): boolean {
  switch (scope) {
    case 'all':
      return true;
    case 'private':
      return call.isPrivate;
    case 'public':
      return !call.isPrivate;
    case 'orders':
      return call.method === 'createOrder' || call.method === 'cancelOrder';
  }
}
