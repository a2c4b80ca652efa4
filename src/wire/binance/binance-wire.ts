import type { ClientMethod } from '../../exchange/exchange-client.js';
import type { BinanceCalls } from '../../sim/binance-calls.js';
import type { ClientCall } from '../../sim/client-call.js';
import type { RateUse } from '../../sim/rate-counter.js';
import type { VenueGate } from '../../sim/venue-gate.js';
import type { VenueReply } from '../../sim/venue-reply.js';
import { futuresOf } from '../../sim/venue-rules.js';
import { responseOf } from '../http/response-text.js';
import { endpointOf, type WireRequest, type WireResponse } from '../http/wire-message.js';
import { WireParams } from '../http/wire-params.js';
import type { WireKeys } from '../wire-keys.js';
import type { WireProtocol } from '../wire-venue.js';
import { checkBinanceKey, checkBinanceSignature } from './binance-auth.js';
import { BINANCE_ROUTES } from './binance-routes.js';

/** What signing adds to a request's parameters. */
const SIGNING: ReadonlySet<string> = new Set(['timestamp', 'recvWindow', 'signature']);
/** Headers by the counters of the venue's profile; those of orders come with answers to accepted orders only. */
const WEIGHT_HEADERS: Readonly<Record<string, string>> = { 'REQUEST_WEIGHT 1m': 'x-mbx-used-weight-1m' };
const ORDER_HEADERS: Readonly<Record<string, string>> = { 'ORDERS 10s': 'x-mbx-order-count-10s', 'ORDERS 1m': 'x-mbx-order-count-1m' };

/** Binance's USD-M REST interface: HMAC over query and form, `X-MBX-*`. */
export class BinanceWire implements WireProtocol {
  readonly noSuchPath: VenueReply = { ok: false, http: 404, message: '', bodyForm: 'html' };
  readonly #gate: VenueGate<BinanceCalls>;
  readonly #keys: WireKeys;

  constructor(gate: VenueGate<BinanceCalls>, keys: WireKeys) {
    this.#gate = gate;
    this.#keys = keys;
  }

  callOf(request: WireRequest, preparesFor?: ClientMethod): ClientCall | undefined {
    const route = BINANCE_ROUTES.get(endpointOf(request));
    if (route === undefined) return undefined;
    const all = WireParams.ofQuery(new URL(request.url).search.slice(1)).with(WireParams.ofQuery(request.body ?? ''));
    const signed = {
      recvWindowMs: all.integer('recvWindow') ?? futuresOf(this.#gate.rules()).recvWindowDefaultMs,
      timestamp: all.integer('timestamp'),
    };
    const call = route.call(this.#gate.calls, { params: all.without(SIGNING), signed, preparesFor });
    if (route.security === 'open') return call;
    const isKeyEnough = route.security === 'keyed';
    return {
      ...call,
      denied: () => (isKeyEnough ? checkBinanceKey(request, this.#keys) : checkBinanceSignature(request, all, this.#keys)),
    };
  }

  responseOf(reply: VenueReply, uses: readonly RateUse[], { method }: ClientCall): WireResponse {
    const counts = reply.ok && method === 'createOrder' ? { ...WEIGHT_HEADERS, ...ORDER_HEADERS } : WEIGHT_HEADERS;
    const headers: Record<string, string> = {};
    for (const { rule, used } of uses) {
      const name = counts[rule.name];
      if (name !== undefined) headers[name] = String(used);
    }
    return responseOf('binance', reply, headers);
  }
}
