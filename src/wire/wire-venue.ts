import type { ClientMethod } from '../exchange/exchange-client.js';
import type { ClientCall, ClientProcess, Endpoint } from '../sim/client-call.js';
import type { RequestPipeline } from '../sim/request-pipeline.js';
import type { RateUse } from '../sim/rate-counter.js';
import type { VenueReply } from '../sim/venue-reply.js';
import { endpointOf, type WireOutcome, type WireRequest, type WireResponse } from './http/wire-message.js';

const UNLISTED: Endpoint = { cost: 1, scope: 'market', weight: 1 };

/** How a venue reads requests and writes answers. */
export interface WireProtocol {
  /** The venue's answer to a path that it does not know. */
  readonly noSuchPath: VenueReply;
  /**
   * The call that a request stands for; undefined when the path is not emulated.
   *
   * @param preparesFor - the unified call on whose behalf a client fetches a table, where the transport knows it.
   */
  callOf(request: WireRequest, preparesFor?: ClientMethod): ClientCall | undefined;
  responseOf(reply: VenueReply, uses: readonly RateUse[], call: ClientCall): WireResponse;
}

/** A request that is under way, or still held back by its client's own limiter. */
export interface WireExchange {
  /** Until the limiter lets it go; undefined: at once. */
  readonly hold: Promise<void> | undefined;
  /**
   * Sends it, once; after a hold with a signature of then.
   *
   * @param timeoutMs - when the client gives up; undefined: never.
   * @returns never, once the client's process is dead or when nobody answers.
   */
  leave(request: WireRequest, timeoutMs: number | undefined): Promise<WireOutcome>;
}

/**
 * A simulated venue as its wire: bytes in, bytes out, whatever carries them. Everything between (latency, faults,
 * counters, matching, tape) is the pipeline that the object-level clients use.
 */
export class WireVenue {
  readonly #protocol: WireProtocol;
  readonly #pipeline: Pick<RequestPipeline, 'hold'>;
  readonly #onCall: ((call: ClientCall) => void) | undefined;
  readonly #unlisted = new Set<string>();

  /** @param onCall - sees each call before faults and the venue do. */
  constructor(protocol: WireProtocol, pipeline: Pick<RequestPipeline, 'hold'>, onCall?: (call: ClientCall) => void) {
    this.#protocol = protocol;
    this.#pipeline = pipeline;
    this.#onCall = onCall;
  }

  /** Requests to paths that are not emulated, once each, in the order in which they came first. */
  get unlisted(): readonly string[] {
    return [...this.#unlisted];
  }

  /** @returns undefined when the process died at this step. */
  begin(request: WireRequest, process: ClientProcess, preparesFor?: ClientMethod): WireExchange | undefined {
    const callOf = (sent: WireRequest): ClientCall => ({ ...this.#callOf(sent, preparesFor), readsHeaders: true });
    const first = callOf(request);
    this.#onCall?.(first);
    const held = this.#pipeline.hold(first, process);
    if (held === undefined) return undefined;
    return {
      hold: held.hold,
      leave: async (leaving, timeoutMs) => {
        const call = leaving.url === request.url && leaving.body === request.body ? first : callOf(leaving);
        const delivery = await held.leave(call, timeoutMs);
        if (delivery.kind === 'timeout' || delivery.kind === 'broken') return delivery;
        const response = this.#protocol.responseOf(delivery.reply, delivery.uses, call);
        if (delivery.kind === 'answer') return { kind: 'response', response };
        return { kind: 'mangled', response, mode: delivery.mode, dripMs: delivery.dripMs };
      },
    };
  }

  #callOf(request: WireRequest, preparesFor: ClientMethod | undefined): ClientCall {
    const call = this.#protocol.callOf(request, preparesFor);
    if (call !== undefined) return call;
    this.#unlisted.add(endpointOf(request));
    return { method: 'unlisted', endpoint: UNLISTED, facts: {}, perform: (_context, respond) => respond(this.#protocol.noSuchPath) };
  }
}
