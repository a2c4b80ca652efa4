import { fixedFromNumber, mulDiv, ONE } from '../../core/money.js';
import type { EpochMs, Leg, Side, VenueId } from '../../core/units.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import { ExposureMeter } from './exposure-meter.js';
import type { TapeOf } from './invariant.js';
import type { OracleContext } from './oracle-context.js';
import { bySide, magnitude } from './words.js';

/** One attempt to create an order, as far as the tape has come. */
export interface OrderTrack {
  readonly request: TapeOf<'request'>;
  /** What it asks for in 1e-8 BTC; an order by cost counts its cost at the last mid. */
  readonly wanted: bigint;
  /** It reached the venue later than a request can be waited for: nobody can have known of it. */
  readonly isLate: boolean;
  accepted: TapeOf<'order.accepted'> | undefined;
  refused: TapeOf<'order.refused'> | undefined;
  answer: TapeOf<'answer'> | undefined;
  ended: TapeOf<'order.ended'> | undefined;
  /** What the venue owns up to: without fills after it had called the order ended, and without a copy's. */
  executed: bigint;
  quote: bigint;
  fee: bigint;
  /** Filled after the venue had called the order ended. */
  afterEnd: bigint;
  /** What copies of the request executed. */
  copied: bigint;
  /** Orders that the venue made of the same bytes once it had answered the first: nobody knows of them. */
  readonly copies: Set<string>;
  /** Executed in all after each fill. */
  readonly steps: { readonly t: EpochMs; readonly executed: bigint }[];
}

export interface FlowTrack {
  readonly begin: TapeOf<'flow.begin'>;
  end: TapeOf<'flow.end'> | undefined;
  /** Executed by its orders, buys positive, without what came too late to be known. */
  readonly net: Record<Leg, bigint>;
  /** spot + perp when it began. */
  readonly residualBefore: bigint;
}

/** A change that no client could expect, and the flow that ran then. */
interface Surprise {
  readonly t: EpochMs;
  readonly leg: Leg;
  readonly change: bigint;
  readonly flow: FlowTrack | undefined;
}

/** What becomes of a create: looked up beforehand, since truth knows of an order on its way what no client can. */
interface Fate {
  readonly arrivedAt: EpochMs;
  willBeAccepted: boolean;
}

type OrderEvent = TapeOf<'request' | 'arrived' | 'answer' | 'order.accepted' | 'order.refused' | 'order.ended'>;

/** What the venues hold and what is on its way to them, rebuilt from the tape event by event. Amounts in 1e-8 units, signed. */
export class Truth {
  readonly orders = new Map<number, OrderTrack>();
  readonly flows = new Map<number, FlowTrack>();
  readonly exposure: ExposureMeter;
  /** Kinds of fault that struck anywhere in the run. */
  readonly faultKinds = new Set<string>();
  /** Kinds of fault that struck a request. */
  readonly struck = new Map<number, string[]>();
  running: FlowTrack | undefined;
  incarnation = 0;
  restartedAt: EpochMs | undefined;
  isProcessUp = true;
  /** An operator wants everything closed: what takes off an even hedge is no mistake, in a flow or outside. */
  isFlattening = false;
  spot = 0n;
  perp = 0n;
  /** Before the last event that changed it. */
  deltaBefore = 0n;
  /** All BTC of the Upbit account. */
  coins = 0n;
  readonly #context: OracleContext;
  readonly #byOrder = new Map<string, OrderTrack>();
  readonly #fates = new Map<number, Fate>();
  /** Creates that are on their way or open. */
  readonly #live = new Set<OrderTrack>();
  /** Spot of the hedge that somebody else holds for now. */
  #taken = 0n;
  /** Changes of a leg that no client could expect, the latest last. */
  readonly #surprises: Surprise[] = [];
  readonly #departures: { readonly t: EpochMs; readonly amount: bigint }[] = [];
  #upbitMid = 0;

  constructor(tape: readonly TapeEvent[], context: OracleContext) {
    this.#context = context;
    this.exposure = new ExposureMeter(context.tolerance);
    for (const event of tape) {
      if (event.type === 'arrived') this.#fates.set(event.request, { arrivedAt: event.t, willBeAccepted: false });
      else if (event.type === 'order.accepted' && event.copy !== true) {
        const fate = this.#fates.get(event.request);
        if (fate !== undefined) fate.willBeAccepted = true;
      } else if (event.type === 'fault') {
        this.faultKinds.add(event.action);
        if (event.request !== undefined) {
          const kinds = this.struck.get(event.request);
          if (kinds === undefined) this.struck.set(event.request, [event.action]);
          else kinds.push(event.action);
        }
      }
    }
  }

  get delta(): bigint {
    return this.spot + this.perp;
  }

  orderOf(venue: VenueId, orderId: string): OrderTrack | undefined {
    return this.#byOrder.get(`${venue}/${orderId}`);
  }

  /** What a create asks for, in 1e-8 BTC. */
  wantedOf(request: TapeOf<'request'>): bigint {
    if (request.quantity !== undefined) return request.quantity;
    if (request.cost === undefined || this.#upbitMid === 0) return 0n;
    return mulDiv(request.cost, ONE, fixedFromNumber(this.#upbitMid), 'down');
  }

  /** What orders on their way or open may still execute on this side of a leg. */
  pending(leg: Leg, side: Side): bigint {
    let sum = 0n;
    for (const { request, wanted, executed } of this.#live)
      if (request.leg === leg && request.side === side && wanted > executed) sum += wanted - executed;
    return sum;
  }

  /**
   * What of delta a client need not know of that has looked at both venues at some time since `since`: of the changes
   * that no client could expect (forced trades, orders that came too late) the latest of either leg, any number of them.
   * Nobody compares while a flow runs: a change in one can be seen from the flow's end on.
   */
  surprisesSince(since: number): readonly bigint[] {
    const sums: Record<Leg, bigint[]> = { spot: [0n], perp: [0n] };
    for (const surprise of this.#surprises.toReversed()) {
      if (seenFrom(surprise) < since) break;
      const { leg, change } = surprise;
      sums[leg].push((sums[leg].at(-1) ?? 0n) + change);
    }
    return sums.spot.flatMap((spot) => sums.perp.map((perp) => spot + perp));
  }

  hasSurprise(since: number): boolean {
    const last = this.#surprises.at(-1);
    return last !== undefined && seenFrom(last) >= since;
  }

  /** Whether a leg moved between two times by what no client could expect. */
  wasSurprised(leg: Leg, from: number, to: number): boolean {
    return this.#surprises.some((surprise) => surprise.leg === leg && surprise.t >= from && surprise.t <= to);
  }

  /** BTC that left Upbit since then by what no client could expect: somebody took it, or an order sold it after its end or once more. */
  leftUnforeseenSince(since: number): bigint {
    return this.#departures.reduce((sum, { t, amount }) => (t >= since ? sum + amount : sum), 0n);
  }

  apply(event: TapeEvent): void {
    switch (event.type) {
      case 'request':
      case 'arrived':
      case 'answer':
      case 'order.accepted':
      case 'order.refused':
      case 'order.ended':
        this.#applyToOrder(event);
        return;
      case 'fill':
        this.#filled(event);
        return;
      case 'forced':
        this.#surprises.push({ t: event.t, leg: 'perp', change: event.quantity, flow: this.running });
        this.#change('perp', event.quantity, event, 'forced');
        return;
      case 'posting':
        this.#posted(event);
        return;
      case 'flow.begin': {
        const track = { begin: event, end: undefined, net: { spot: 0n, perp: 0n }, residualBefore: this.delta };
        this.flows.set(event.flow, track);
        this.running = track;
        this.#upbitMid = event.upbitMid;
        this.exposure.sized(event.quantity);
        return;
      }
      case 'flow.end': {
        const flow = this.flows.get(event.flow);
        if (flow !== undefined) flow.end = event;
        if (flow === this.running) this.running = undefined;
        return;
      }
      case 'mark':
        this.#upbitMid = event.upbitMid ?? this.#upbitMid;
        return;
      case 'process':
        this.#process(event);
        return;
      case 'operator':
        this.isFlattening = event.level === 'flatten';
        return;
      default:
        return;
    }
  }

  /** A second instance that was turned away changes nothing; one that takes over is the process from now on. */
  #process({ event, incarnation, t }: TapeOf<'process'>): void {
    if (event === 'refused') return;
    if (event === 'crash') this.exposure.process('crash', t);
    else {
      this.incarnation = incarnation;
      this.restartedAt = t;
      if (!this.isProcessUp) this.exposure.process('restart', t);
    }
    this.isProcessUp = event !== 'crash';
  }

  #applyToOrder(event: OrderEvent): void {
    switch (event.type) {
      case 'request':
        if (event.method === 'createOrder') this.#sent(event);
        return;
      case 'arrived': {
        const track = this.orders.get(event.request);
        if (track !== undefined && this.#fates.get(event.request)?.willBeAccepted === false) this.#live.delete(track);
        return;
      }
      case 'answer': {
        const track = this.orders.get(event.request);
        if (track !== undefined) track.answer = event;
        return;
      }
      case 'order.accepted':
        this.#accepted(event);
        return;
      case 'order.refused': {
        const track = this.orders.get(event.request);
        if (track === undefined) return;
        track.refused = event;
        this.#live.delete(track);
        return;
      }
      case 'order.ended': {
        const track = this.orderOf(event.venue, event.orderId);
        if (track === undefined || (track.accepted !== undefined && track.accepted.orderId !== event.orderId)) return;
        track.ended = event;
        this.#live.delete(track);
        return;
      }
    }
  }

  #sent(request: TapeOf<'request'>): void {
    const fate = this.#fates.get(request.request);
    const isLate = fate !== undefined && fate.arrivedAt - request.t > this.#context.budgets.lifetimeMs[request.venue];
    const track: OrderTrack = {
      request,
      wanted: this.wantedOf(request),
      isLate,
      accepted: undefined,
      refused: undefined,
      answer: undefined,
      ended: undefined,
      executed: 0n,
      quote: 0n,
      fee: 0n,
      afterEnd: 0n,
      copied: 0n,
      copies: new Set(),
      steps: [],
    };
    this.orders.set(request.request, track);
    if (fate?.willBeAccepted === true) this.#live.add(track);
  }

  #accepted(event: TapeOf<'order.accepted'>): void {
    const track = this.orders.get(event.request);
    if (track === undefined) return;
    if (event.copy === true) track.copies.add(event.orderId);
    else track.accepted ??= event;
    this.#byOrder.set(`${event.venue}/${event.orderId}`, track);
  }

  #filled(event: TapeOf<'fill'>): void {
    const change = bySide(event.side, event.quantity);
    const track = this.orderOf(event.venue, event.orderId);
    const isCopy = track?.copies.has(event.orderId) === true;
    const isAfterEnd = track?.ended !== undefined && track.ended.orderId === event.orderId;
    const isLate = track !== undefined && (track.isLate || isCopy || isAfterEnd);
    if (track !== undefined) countFill(track, event, isCopy, isAfterEnd);
    // A request that may still arrive late is a doubt of whoever sent it; a copy, or a trade after the end, is nobody's.
    if ((isCopy || isAfterEnd) && event.leg === 'spot' && change < 0n) this.#departures.push({ t: event.t, amount: -change });
    if (isLate) this.#surprises.push({ t: event.t, leg: event.leg, change, flow: this.running });
    else {
      const flow = this.flows.get(event.flow);
      if (flow !== undefined) flow.net[event.leg] += change;
    }
    this.#change(event.leg, change, event, isLate ? 'late' : 'own', track?.request.t);
  }

  /** Whether the legs would be even without what no client could expect. */
  #isUnexpected(t: EpochMs): boolean {
    const surprises = this.surprisesSince(t - this.#context.budgets.unseenMs);
    return surprises.some((surprise) => surprise !== 0n && magnitude(this.delta - surprise) <= this.#context.tolerance);
  }

  #posted(event: TapeOf<'posting'>): void {
    if (event.venue !== 'upbit' || event.asset !== 'BTC') return;
    this.coins += event.amount;
    if (event.reason !== 'external') return;
    if (event.amount < 0n) this.#departures.push({ t: event.t, amount: magnitude(event.amount) });
    // Coins that somebody took were the hedge's as soon as fewer are left than the flows bought; what comes back is its own again.
    const returned = event.amount > 0n ? smaller(event.amount, this.#taken) : 0n;
    const change = this.coins < this.spot ? this.coins - this.spot : returned;
    if (change === 0n) return;
    this.#taken -= change;
    this.#surprises.push({ t: event.t, leg: 'spot', change, flow: this.running });
    this.#change('spot', change, event, 'external');
  }

  #change(leg: Leg, change: bigint, event: TapeEvent, cause: 'own' | 'forced' | 'late' | 'external', sentAt?: EpochMs): void {
    this.deltaBefore = this.delta;
    this.exposure.sized(magnitude(this.spot), magnitude(this.perp));
    if (leg === 'spot') this.spot += change;
    else this.perp += change;
    this.exposure.delta(this.delta, event, cause, this.#isUnexpected(event.t), { flow: this.running?.begin.flow, sentAt });
  }
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function countFill(track: OrderTrack, { t, quantity, quote, fee }: TapeOf<'fill'>, isCopy: boolean, isAfterEnd: boolean): void {
  if (isCopy) {
    track.copied += quantity;
    // A request that never came itself has its copy for its order.
    if (track.accepted === undefined) track.steps.push({ t, executed: track.copied });
    return;
  }
  if (isAfterEnd) track.afterEnd += quantity;
  else {
    track.executed += quantity;
    track.quote += quote;
    track.fee += fee;
  }
  track.steps.push({ t, executed: track.executed + track.afterEnd });
}

const seenFrom = ({ t, flow }: Surprise): number => (flow === undefined ? t : (flow.end?.t ?? Number.POSITIVE_INFINITY));
