import type { CallAction, DelayDistribution, TransportAction } from '../faults/fault-action.js';
import type { Fired } from '../faults/fault-session.js';
import { MUTATING_METHODS } from '../exchange/exchange-client.js';
import { WIRE_MUTATIONS } from '../exchange/wire-endpoints.js';
import { networkError, timeoutError, wireError } from '../exchange/wire-error.js';
import { addMs, epochMs, legOfVenue, type EpochMs, type VenueId } from '../core/units.js';
import type { OrderOrigin } from './book-order.js';
import type { ClientCall, ClientProcess, Delivery, PipelineHost } from './client-call.js';
import type { CallPlace } from './flow-truth.js';
import { Gateway, type GatewayCall } from './gateway.js';
import { garbled } from './garble.js';
import { LinkLoss } from './link-loss.js';
import { arrivingReply, mangledError, mangledForMs } from './mangled-reply.js';
import type { RateUse } from './rate-counter.js';
import { rejectReply } from './reject-reply.js';
import type { VenueReply } from './venue-reply.js';

type Part = 'request' | 'response';
/** What a proxy says that did not reach the venue, as far as its connection lets anyone hear it. */
const FROM_A_PROXY: VenueReply = { ok: false, http: 502, message: '', bodyForm: 'html' };
const ZERO: DelayDistribution = { kind: 'fixed', ms: 0 };

/** Tells the faults that the process stands at this moment of a call, and answers whether it lives on. */
type Step = (moment: 'pre' | 'sent' | 'got') => boolean;

/** The client's time-out, once it is set. */
interface PendingTimer {
  set: { cancel(): void } | undefined;
}

/** Takes in what became of a call; `error` is what ccxt's client of the venue makes of it, absent for an accepted answer. */
type Receive = (delivery: Delivery, error: Error | undefined) => void;

/** A call on its way; every stage reads and none but `settle` ends it. */
interface Flight {
  call: ClientCall;
  readonly origin: OrderOrigin;
  readonly fired: readonly Fired<CallAction>[];
  /** The client's clock when the request was signed. */
  signedAt: number;
  settle(delivery: Delivery): void;
}

/** A call that the faults have judged and that has not left yet. */
interface OpenCall {
  readonly flight: Flight;
  readonly timer: PendingTimer;
  readonly step: Step;
}

/** A call that waits for its client to let it go. */
export interface HeldCall {
  /** Until the client's own limiter lets it go; undefined: at once. */
  readonly hold: Promise<void> | undefined;
  /**
   * Sends it, once.
   *
   * @param timeoutMs - when its client gives up; undefined: never.
   * @returns never, once the process is dead.
   */
  leave(call: ClientCall, timeoutMs: number | undefined): Promise<Delivery>;
}

/** The answer that a client reads, where it reads one. */
function replyIn(venue: VenueId, delivery: Delivery): VenueReply | undefined {
  if (delivery.kind === 'answer') return delivery.reply;
  return delivery.kind === 'mangled' ? arrivingReply(venue, delivery) : undefined;
}

/** What the gateway sees of the request. */
function viewOf({ call, origin, signedAt }: Flight): GatewayCall {
  return {
    request: origin.request,
    rate: { method: call.method, scope: call.endpoint.scope, weight: call.endpoint.weight },
    isPrivate: call.endpoint.scope !== 'market',
    method: call.method,
    reduceOnly: call.facts.reduceOnly ?? false,
    signed: call.recvWindowMs === undefined ? undefined : { timestamp: call.timestamp ?? signedAt, recvWindowMs: call.recvWindowMs },
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
      const open = this.#open(call, process, (delivery, error) => {
        const reply = replyIn(this.#host.venue, delivery);
        const end = (): void => {
          if (error !== undefined) reject(error);
          else resolve(reply?.ok === true ? reply.body : undefined);
        };
        const waitMs = delivery.kind === 'mangled' ? mangledForMs(delivery) : 0;
        if (waitMs === 0) end();
        else this.#host.schedule(addMs(this.#host.now(), waitMs), () => process.deliver(end));
      });
      if (open === undefined) return;
      const sentAt = this.#host.now();
      const hold = this.#held(open.flight);
      const leave = (): void => this.#leave(open, process, this.#host.world.timeoutMs);
      if (hold === undefined) leave();
      else this.#host.schedule(addMs(sentAt, hold), leave);
    });
  }

  /**
   * The same life for a client that reads the wire itself: it gets the answer as it came, whatever it is.
   *
   * @returns undefined when the process died at this step.
   */
  hold(call: ClientCall, process: ClientProcess): HeldCall | undefined {
    let receive: Receive = () => undefined;
    const open = this.#open(call, process, (delivery, error) => receive(delivery, error));
    if (open === undefined) return undefined;
    const host = this.#host;
    const heldMs = this.#held(open.flight);
    return {
      hold: heldMs === undefined ? undefined : new Promise((resolve) => void host.schedule(addMs(host.now(), heldMs), resolve)),
      leave: (leaving, timeoutMs) =>
        new Promise((resolve) => {
          receive = resolve;
          open.flight.call = leaving;
          this.#leave(open, process, timeoutMs);
        }),
    };
  }

  /** @returns undefined when the process died at this step. */
  #open(call: ClientCall, process: ClientProcess, receive: Receive): OpenCall | undefined {
    if (!process.alive) return undefined;
    this.#host.wake();
    const place = this.#place(call, process);
    const step = this.#stepper(call, place, process);
    if (!step('pre')) return undefined;
    return { ...this.#launch(call, place, process, step, receive), step };
  }

  /** How long our own limiter or retry queue keeps the request back; neither the time-out nor the signature's age runs yet. */
  #held(flight: Flight): number | undefined {
    const held = flight.fired.find(({ action }) => action.kind === 'delay' && action.part === 'limiter');
    return held?.action.kind === 'delay' ? this.#host.draw(`delay/${held.fault}`, held.action.by, flight.origin.point) : undefined;
  }

  #leave({ flight, timer, step }: OpenCall, process: ClientProcess, timeoutMs: number | undefined): void {
    if (!process.alive) return;
    const host = this.#host;
    const sentAt = host.now();
    flight.signedAt = sentAt + host.world.clockSkewMs + process.wallOffsetMs();
    if (timeoutMs !== undefined) timer.set = host.schedule(addMs(sentAt, timeoutMs), () => flight.settle({ kind: 'timeout' }));
    this.#outbound(flight, sentAt);
    step('sent');
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
    receive: Receive,
  ): { readonly flight: Flight; readonly timer: PendingTimer } {
    const host = this.#host;
    const request = host.nextRequest();
    const fired = this.#judge(call, place, request, process);
    const timer: PendingTimer = { set: undefined };
    let settled = false;
    const settle: Flight['settle'] = (delivery) => {
      if (settled) return;
      settled = true;
      timer.set?.cancel();
      process.deliver(() => {
        if (process.alive && step('got')) this.#hand(flight, delivery, receive);
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
      mutating: MUTATING_METHODS.has(call.method) || WIRE_MUTATIONS.has(call.method),
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
  #hand({ call, origin }: Flight, delivery: Delivery, receive: Receive): void {
    const host = this.#host;
    const { request } = origin;
    host.wake();
    const error = this.#errorOf(call, delivery);
    const arrived = replyIn(host.venue, delivery);
    if (arrived !== undefined) call.answered?.(arrived);
    if (error === undefined) host.write({ type: 'answer', request, ok: true });
    else {
      const reply = 'reply' in delivery && !delivery.reply.ok ? delivery.reply : undefined;
      host.write({ type: 'answer', request, ok: false, error: error.name, code: reply?.code, http: reply?.http, message: error.message });
    }
    receive(delivery, error);
  }

  /** What ccxt's client of the venue makes of it. */
  #errorOf({ method: unified, request, query }: ClientCall, delivery: Delivery): Error | undefined {
    const method = request ?? unified;
    const { venue, world } = this.#host;
    if (delivery.kind === 'timeout') return timeoutError(venue, method, world.timeoutMs, query);
    if (delivery.kind === 'broken') return networkError(venue, method, delivery.how, query);
    if (delivery.kind === 'mangled') return mangledError(venue, method, delivery, query);
    return delivery.reply.ok ? undefined : wireError(venue, method, { ...delivery.reply, query });
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
    // The token of a private request of Upbit bears a nonce that is good once.
    const isSpent = host.venue === 'upbit' && view.isPrivate;
    if (this.gateway.judge(view, host.now(), call.denied).kind === 'pass' && !isSpent)
      call.perform({ origin: { ...origin, isCopy: true }, actions: [], asOf: host.now(), signed: view.signed }, () => undefined);
  }

  #arrive(flight: Flight): void {
    const host = this.#host;
    const { call, origin, fired } = flight;
    host.write({ type: 'arrived', request: origin.request });
    if (call.method === 'createOrder') host.truth.createArrived();
    const view = viewOf(flight);
    const verdict = this.gateway.judge(view, host.now(), call.denied);
    if (verdict.kind === 'drop') return;
    if (verdict.kind === 'reset' || verdict.kind === 'refused') {
      const { kind } = verdict;
      this.#later(flight, () => this.#breakConnection(flight, kind));
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
    if (actions.some((action) => action.kind === 'transport' && !action.processed)) {
      this.#inbound(flight, FROM_A_PROXY);
      return;
    }
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
    const uses = flight.call.readsHeaders === true ? this.gateway.uses(this.#host.now()) : [];
    const transport = flight.fired.find(({ action }) => action.kind === 'transport');
    const delivery: Delivery =
      transport?.action.kind === 'transport'
        ? this.#mangled(flight, transport.fault, transport.action, said, uses)
        : { kind: 'answer', reply: said, uses };
    this.#later(flight, () => flight.settle(delivery));
    const again = flight.fired.find(({ action }) => action.kind === 'duplicate' && action.part === 'response');
    if (again?.action.kind !== 'duplicate') return;
    // A client that has its answer does not look at a second one.
    const after = this.#host.draw(`duplicate/${again.fault}`, again.action.after, flight.origin.point);
    this.#host.schedule(addMs(this.#host.now(), after), () => this.#later(flight, () => flight.settle(delivery)));
  }

  #mangled(flight: Flight, fault: string, { mode, over }: TransportAction, reply: VenueReply, uses: readonly RateUse[]): Delivery {
    const dripMs = mode === 'slow-drip' ? this.#host.draw(`transport/${fault}`, over, flight.origin.point) : 0;
    return { kind: 'mangled', mode, reply, uses, dripMs };
  }

  #breakConnection(flight: Flight, how: 'reset' | 'dns' | 'refused'): void {
    flight.settle({ kind: 'broken', how });
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
