import type { CallAction, DelayDistribution } from '../faults/fault-action.js';
import type { FaultSession, Fired, ProcessStep, TruthEvent } from '../faults/fault-session.js';
import type { VenueWorld } from '../faults/world.js';
import { MUTATING_METHODS } from '../exchange/exchange-client.js';
import { networkError, timeoutError, wireError } from '../exchange/wire-error.js';
import type { WireMethod } from '../exchange/wire-endpoints.js';
import type { Btc, Fixed } from '../core/money.js';
import { addMs, epochMs, legOfVenue, type EpochMs, type Leg, type Side, type VenueId } from '../core/units.js';
import type { OrderOrigin } from './book-order.js';
import type { CallPlace, FlowTruth } from './flow-truth.js';
import { Gateway, type GatewayCall } from './gateway.js';
import { garbled } from './garble.js';
import { LinkLoss } from './link-loss.js';
import type { RateClass } from './rate-counter.js';
import { rejectReply } from './reject-reply.js';
import type { TruthEntry } from './venue-host.js';
import type { RequestContext, Respond, VenueReply } from './venue-reply.js';
import type { VenueRules } from './venue-rules.js';

/** One life of the client's process: a dead one is never answered, one whose event loop stands still not until it turns again. */
export interface ClientProcess {
  readonly incarnation: number;
  alive: boolean;
  /** How far its wall clock is ahead of true time: what it signs with. */
  wallOffsetMs(): number;
  /** Runs `act` when the process next takes in what has come for it. */
  deliver(act: () => void): void;
}

/** What of a call the venue can see, for the tape and for fault matchers. */
export interface CallFacts {
  readonly clientOrderId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly side?: Side | undefined;
  readonly orderType?: 'limit' | 'market' | 'market-by-cost' | undefined;
  readonly quantity?: Btc | undefined;
  readonly cost?: Fixed<string> | undefined;
  readonly price?: Fixed<string> | undefined;
  readonly reduceOnly?: boolean | undefined;
}

/** An endpoint's cost for ccxt's own limiter and how the venue counts it; only market data needs no key. */
export interface Endpoint {
  readonly cost: number;
  readonly scope: RateClass['scope'];
  readonly weight: number;
}

/** A request as a client hands it to the network. */
export interface ClientCall {
  /** The unified name; every way of creating an order is `createOrder`. */
  readonly method: Exclude<WireMethod, 'createMarketBuyOrderWithCost'>;
  readonly endpoint: Endpoint;
  readonly facts: CallFacts;
  /** Of a signed Binance request. */
  readonly recvWindowMs?: number | undefined;
  /** What follows `?` in the URL of a read or cancel; stands in messages of answers that are not JSON. */
  readonly query?: string | undefined;
  /** Told the headers of an answer that came in time, before the call settles. */
  readonly answered?: ((headers: Readonly<Record<string, string>>) => void) | undefined;
  /** It only fetches what the client needs to read another answer. */
  readonly prepares?: boolean | undefined;
  /** Carries the request out at the venue. */
  perform(context: RequestContext, respond: Respond): void;
}

/** What the pipeline may use of the run. */
export interface PipelineHost {
  readonly venue: VenueId;
  readonly world: VenueWorld;
  readonly faults: FaultSession;
  readonly truth: FlowTruth;
  now(): EpochMs;
  /** Brings the books up to the present before something happens. */
  wake(): void;
  schedule(at: EpochMs, act: () => void): { cancel(): void };
  draw(purpose: string, distribution: DelayDistribution, point: string): number;
  /** A number in [0, 1) of the named purpose, always the same for the point. */
  uniform(purpose: string, point: string): number;
  write(entry: TruthEntry): void;
  rules(): VenueRules;
  openOrders(): number;
  nextRequest(): number;
  observe(event: TruthEvent): void;
  /** The process stands before or after this call; when it returns the process may be dead. */
  step(step: Omit<ProcessStep, 'at'>): void;
  /** An order that undoes what a flow did leaves the client. */
  rollbackBegan(flow: number, leg: Leg): void;
}

type Part = 'request' | 'response';
const ZERO: DelayDistribution = { kind: 'fixed', ms: 0 };

/** Tells the faults that the process stands at this moment of a call, and answers whether it lives on. */
type Step = (moment: 'pre' | 'sent' | 'got') => boolean;

/** The client's time-out, once it is set. */
interface PendingTimer {
  set: { cancel(): void } | undefined;
}

type Outcome = { readonly body: unknown } | { readonly error: Error; readonly reply?: VenueReply };

/** A call on its way; every stage reads and none but `settle` ends it. */
interface Flight {
  readonly call: ClientCall;
  readonly origin: OrderOrigin;
  readonly fired: readonly Fired<CallAction>[];
  /** The client's clock when the request was signed. */
  signedAt: number;
  settle(outcome: Outcome): void;
}

/** Of all headers only the one that a client may act on; in whole seconds. */
function headersOf(wait: number | undefined): Readonly<Record<string, string>> {
  return wait === undefined ? {} : { 'Retry-After': String(Math.ceil(wait / 1_000)) };
}

/** What the gateway sees of the request. */
function viewOf({ call, origin, signedAt }: Flight): GatewayCall {
  return {
    request: origin.request,
    rate: { method: call.method, scope: call.endpoint.scope, weight: call.endpoint.weight },
    isPrivate: call.endpoint.scope !== 'market',
    method: call.method,
    reduceOnly: call.facts.reduceOnly ?? false,
    signed: call.recvWindowMs === undefined ? undefined : { timestamp: signedAt, recvWindowMs: call.recvWindowMs },
  };
}

/**
 * The life of a request (design/architecture.md, 3): outbound, gateway, acceptance, matching, inbound. What a client
 * gave up waiting for still arrives, and still acts.
 */
export class RequestPipeline {
  readonly gateway: Gateway;
  readonly #host: PipelineHost;
  readonly #link: LinkLoss;
  readonly #begunAt: EpochMs;

  constructor(host: PipelineHost) {
    this.#host = host;
    this.#begunAt = host.now();
    this.#link = new LinkLoss(host);
    this.gateway = new Gateway(host.venue, host.world, host.faults, () => host.rules());
  }

  /**
   * @returns the body of the venue's answer; never settles once the process is dead.
   * @throws the ccxt error that the real client throws for what came back, or for nothing coming back.
   */
  send(call: ClientCall, process: ClientProcess): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!process.alive) return;
      const host = this.#host;
      host.wake();
      const place = this.#place(call, process);
      const step = this.#stepper(call, place, process);
      if (!step('pre')) return;
      const sentAt = host.now();
      const { flight, timer } = this.#launch(call, place, process, step, resolve, reject);
      const hold = this.#held(flight);
      const leave = (): void => {
        if (!process.alive) return;
        this.#leave(flight, timer, process);
        step('sent');
      };
      if (hold === undefined) leave();
      else host.schedule(addMs(sentAt, hold), leave);
    });
  }

  /** How long our own limiter or retry queue keeps the request back; neither the time-out nor the signature's age runs yet. */
  #held(flight: Flight): number | undefined {
    const held = flight.fired.find(({ action }) => action.kind === 'delay' && action.part === 'limiter');
    return held?.action.kind === 'delay' ? this.#host.draw(`delay/${held.fault}`, held.action.by, flight.origin.point) : undefined;
  }

  #leave(flight: Flight, timer: PendingTimer, process: ClientProcess): void {
    const host = this.#host;
    const { call } = flight;
    const sentAt = host.now();
    flight.signedAt = sentAt + host.world.clockSkewMs + process.wallOffsetMs();
    timer.set = host.schedule(addMs(sentAt, host.world.timeoutMs), () =>
      flight.settle({ error: timeoutError(host.venue, call.method, host.world.timeoutMs, call.query) }),
    );
    this.#outbound(flight, sentAt);
  }

  #place(call: ClientCall, process: ClientProcess): CallPlace {
    const host = this.#host;
    const names = { venue: host.venue, method: call.method, leg: legOfVenue(host.venue), ...call.facts };
    return host.truth.place(names, process.incarnation, host.openOrders());
  }

  /** @returns what tells a moment of this call to the faults; its answer: whether the process is still alive. */
  #stepper(call: ClientCall, place: CallPlace, process: ClientProcess): Step {
    const { venue } = this.#host;
    const { flow, purpose, point } = place;
    return (moment) => {
      const name = `${venue}.${call.method}.${moment}`;
      this.#host.step({ name, point: `${point}.${moment}`, flow, incarnation: process.incarnation, purpose, leg: legOfVenue(venue) });
      return process.alive;
    };
  }

  #launch(
    call: ClientCall,
    place: CallPlace,
    process: ClientProcess,
    step: Step,
    resolve: (body: unknown) => void,
    reject: (error: Error) => void,
  ): { readonly flight: Flight; readonly timer: PendingTimer } {
    const host = this.#host;
    const request = host.nextRequest();
    const fired = this.#judge(call, place, request, process);
    const timer: PendingTimer = { set: undefined };
    let settled = false;
    const settle: Flight['settle'] = (outcome) => {
      if (settled) return;
      settled = true;
      timer.set?.cancel();
      process.deliver(() => {
        if (process.alive && step('got')) this.#hand(flight, outcome, resolve, reject);
      });
    };
    const origin = { request, leg: legOfVenue(host.venue), purpose: place.purpose, flow: place.flow, point: place.point };
    const flight: Flight = { call, origin, fired, signedAt: host.now() + host.world.clockSkewMs + process.wallOffsetMs(), settle };
    return { flight, timer };
  }

  /** Writes the request down and asks the faults what becomes of it. */
  #judge(call: ClientCall, place: CallPlace, request: number, process: ClientProcess): Flight['fired'] {
    const host = this.#host;
    const leg = legOfVenue(host.venue);
    const { facts } = call;
    host.write({
      type: 'request',
      request,
      point: place.point,
      venue: host.venue,
      method: call.method,
      leg,
      purpose: place.purpose,
      flow: place.flow,
      ...facts,
      ...(call.prepares === true ? { prepares: true } : {}),
    });
    return host.faults.judge({
      request,
      venue: host.venue,
      method: call.method,
      mutating: MUTATING_METHODS.has(call.method),
      leg,
      purpose: place.purpose,
      flow: place.flow,
      side: facts.side,
      orderType: facts.orderType,
      reduceOnly: facts.reduceOnly,
      clientOrderId: facts.clientOrderId,
      orderId: facts.orderId,
      at: host.now(),
      point: place.point,
      incarnation: process.incarnation,
      prepares: call.prepares,
    });
  }

  /** The client takes in what became of its request. */
  #hand({ call, origin }: Flight, outcome: Outcome, resolve: (body: unknown) => void, reject: (error: Error) => void): void {
    const host = this.#host;
    const { request } = origin;
    host.wake();
    if ('body' in outcome) {
      call.answered?.({});
      host.write({ type: 'answer', request, ok: true });
      resolve(outcome.body);
      return;
    }
    const reply = outcome.reply?.ok === false ? outcome.reply : undefined;
    if (reply !== undefined) call.answered?.(headersOf(reply.retryAfterMs));
    const { name: error, message } = outcome.error;
    host.write({ type: 'answer', request, ok: false, error, code: reply?.code, http: reply?.http, message });
    reject(outcome.error);
  }

  #outbound(flight: Flight, sentAt: EpochMs): void {
    const host = this.#host;
    const { call, origin, fired } = flight;
    if (call.method === 'createOrder') {
      host.truth.createLeft();
      host.observe({ event: 'order.sent', at: sentAt, leg: origin.leg, flow: origin.flow });
      if (origin.purpose === 'rollback') host.rollbackBegan(origin.flow, origin.leg);
    }
    const arrivesAt = addMs(sentAt, this.#latency(flight, 'request'));
    const lost = fired.map(({ action }) => action).find((action) => action.kind === 'lose' && action.part === 'request');
    if (lost?.kind !== 'lose' && !this.#link.loses('request', origin)) {
      host.schedule(arrivesAt, () => this.#arrive(flight));
      const again = fired.find(({ action }) => action.kind === 'duplicate' && action.part === 'request');
      if (again?.action.kind === 'duplicate') {
        const after = host.draw(`duplicate/${again.fault}`, again.action.after, origin.point);
        host.schedule(addMs(arrivesAt, after), () => this.#arriveAgain(flight));
      }
      return;
    }
    if (call.method === 'createOrder') host.truth.createArrived();
    if (lost?.kind === 'lose' && lost.as !== 'timeout')
      host.schedule(arrivesAt, () => this.#breakConnection(flight, lost.as === 'dns' ? 'dns' : 'reset'));
  }

  /** The same bytes once more: the venue judges and performs them like any request, and nobody waits for the answer. */
  #arriveAgain(flight: Flight): void {
    const host = this.#host;
    const { call, origin } = flight;
    host.write({ type: 'note', text: `${host.venue}: request ${origin.request} arrives a second time` });
    const view = viewOf(flight);
    if (this.gateway.judge(view, host.now()).kind === 'pass')
      call.perform({ origin, actions: [], asOf: host.now(), signed: view.signed }, () => undefined);
  }

  #arrive(flight: Flight): void {
    const host = this.#host;
    const { call, origin, fired } = flight;
    host.write({ type: 'arrived', request: origin.request });
    if (call.method === 'createOrder') host.truth.createArrived();
    const view = viewOf(flight);
    const verdict = this.gateway.judge(view, host.now());
    if (verdict.kind === 'drop') return;
    if (verdict.kind === 'reset') {
      this.#later(flight, () => this.#breakConnection(flight, 'reset'));
      return;
    }
    if (verdict.kind === 'answer') {
      this.#inbound(flight, verdict.reply);
      return;
    }
    const rejects = fired.map(({ action }) => action).find((action) => action.kind === 'reject');
    const reject = rejects?.kind === 'reject' && !this.gateway.spares(rejects, view) ? rejects : undefined;
    const forged = reject === undefined ? undefined : rejectReply(host.venue, host.world, reject, call.facts.side, host.now());
    if (forged !== undefined && reject?.processed === false) {
      this.#inbound(flight, forged);
      return;
    }
    const actions = fired.map(({ action }) => action);
    const stale = actions.find((action) => action.kind === 'stale');
    // Before the world began there was neither a book nor an account: no cache holds that.
    const asOf = stale === undefined ? host.now() : epochMs(Math.max(addMs(host.now(), -stale.byMs), this.#begunAt));
    call.perform({ origin, actions, asOf, signed: view.signed }, (reply) => this.#inbound(flight, forged ?? reply));
  }

  #inbound(flight: Flight, reply: VenueReply): void {
    const actions = flight.fired.map(({ action }) => action);
    const lost = actions.find((action) => action.kind === 'lose' && action.part === 'response');
    const race = actions.find((action) => action.kind === 'cancelRace');
    if (race?.kind === 'cancelRace' && race.report === 'timeout') return;
    if (lost?.kind === 'lose') {
      if (lost.as !== 'timeout') this.#later(flight, () => this.#breakConnection(flight, lost.as === 'dns' ? 'dns' : 'reset'));
      return;
    }
    if (this.#link.loses('response', flight.origin)) return;
    const garble = actions.find((action) => action.kind === 'garble');
    const said = garble === undefined ? reply : garbled(this.#host.venue, flight.call.method, reply, garble);
    this.#later(flight, () => this.#answer(flight, said));
    const again = flight.fired.find(({ action }) => action.kind === 'duplicate' && action.part === 'response');
    if (again?.action.kind !== 'duplicate') return;
    // A client that has its answer does not look at a second one.
    const after = this.#host.draw(`duplicate/${again.fault}`, again.action.after, flight.origin.point);
    this.#host.schedule(addMs(this.#host.now(), after), () => this.#later(flight, () => this.#answer(flight, said)));
  }

  #answer(flight: Flight, reply: VenueReply): void {
    if (reply.ok) flight.settle({ body: reply.body });
    else flight.settle({ error: wireError(this.#host.venue, flight.call.method, { query: flight.call.query, ...reply }), reply });
  }

  #breakConnection(flight: Flight, how: 'reset' | 'dns'): void {
    flight.settle({ error: networkError(this.#host.venue, flight.call.method, how, flight.call.query) });
  }

  #later(flight: Flight, act: () => void): void {
    this.#host.schedule(addMs(this.#host.now(), this.#latency(flight, 'response')), act);
  }

  /** The venue's latency in one direction, with what windows and the call's own faults add to it. */
  #latency(flight: Flight, part: Part): number {
    const host = this.#host;
    const { point } = flight.origin;
    const model = host.world.latency[part];
    let latency = host.draw(`latency/${part}`, model[flight.call.method] ?? model['*'] ?? ZERO, point);
    for (const { fault, action } of host.faults.windows(host.venue, host.now()))
      if (action.kind === 'slow' && action.part === part) latency += host.draw(`slow/${fault}`, action.by, point);
    for (const { fault, action } of flight.fired)
      if (action.kind === 'delay' && action.part === part) latency += host.draw(`delay/${fault}`, action.by, point);
    return latency;
  }
}
