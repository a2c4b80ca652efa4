import { answeredWith, type ClientCall } from '../../sim/client-call.js';
import { costOf, type RateUse } from '../../sim/rate-counter.js';
import type { UpbitCalls } from '../../sim/upbit-calls.js';
import type { VenueGate } from '../../sim/venue-gate.js';
import { refused, type VenueReply } from '../../sim/venue-reply.js';
import { responseOf } from '../http/response-text.js';
import { endpointOf, headerOf, type WireRequest, type WireResponse } from '../http/wire-message.js';
import { WireParams } from '../http/wire-params.js';
import type { WireKeys } from '../wire-keys.js';
import type { WireProtocol } from '../wire-venue.js';
import { UpbitAuth } from './upbit-auth.js';
import { UPBIT_ROUTES } from './upbit-routes.js';

const BAD_BODY = refused(400, 'validation_error', '잘못된 API 요청입니다.');

/** What is answered with 201. */
const MAKERS: ReadonlySet<string> = new Set(['createOrder', 'testOrder', 'editOrder']);

/** Upbit's REST interface: JWT, JSON bodies, `Remaining-Req`. */
export class UpbitWire implements WireProtocol {
  readonly noSuchPath = refused(404, 'not_found', '요청하신 경로를 찾을 수 없습니다.');
  readonly #calls: UpbitCalls;
  readonly #auth: UpbitAuth;

  constructor(gate: VenueGate<UpbitCalls>, keys: WireKeys) {
    this.#calls = gate.calls;
    this.#auth = new UpbitAuth(keys);
  }

  callOf(request: WireRequest): ClientCall | undefined {
    // Clients of other authors end their paths with a slash.
    const route = UPBIT_ROUTES.get(endpointOf(request).replace(/\/$/, ''));
    if (route === undefined) return undefined;
    const params = paramsOf(request);
    const sent = params ?? new WireParams([]);
    const call = route(this.#calls, sent);
    const isPrivate = call.endpoint.scope !== 'market';
    const made = params === undefined ? answeredWith(call, BAD_BODY) : call;
    if (!isPrivate) return made;
    return { ...made, denied: () => this.#auth.check(headerOf(request.headers, 'authorization'), sent) };
  }

  responseOf(reply: VenueReply, uses: readonly RateUse[], { method, endpoint }: ClientCall): WireResponse {
    const group = uses.find(({ rule }) => costOf(rule, { method, ...endpoint }) > 0);
    const told = reply.ok && MAKERS.has(method) ? { http: 201, ...reply } : reply;
    return responseOf('upbit', told, group === undefined ? {} : { 'remaining-req': remaining(group) });
  }
}

/** `min` is dead and constant; `sec` is what is left of this second. */
function remaining({ rule, used }: RateUse): string {
  return `group=${rule.name}; min=${rule.limit * 60}; sec=${Math.max(0, rule.limit - used)}`;
}

/** Of the query, or of a JSON body; undefined when there is a body that is none. */
function paramsOf({ method, url, body }: WireRequest): WireParams | undefined {
  if (method === 'POST') return WireParams.ofJson(body ?? '');
  return WireParams.ofQuery(new URL(url).search.slice(1));
}
