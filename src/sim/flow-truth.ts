import { abs, fixed, type Btc } from '../core/money.js';
import type { Purpose } from '../core/purpose.js';
import type { EpochMs, Leg, Side, VenueId } from '../core/units.js';
import { forwardSide, purposeOfCreate, purposeOfOther } from './purpose.js';

export type FlowKind = 'enter' | 'exit';

/** A monitor looks once a minute and believes what it has seen twice. */
const UNSEEN_MS = 120_000;

/** What the driver decided on when it began a flow. */
export interface FlowDecision {
  readonly decidedAt: EpochMs;
  readonly upbitMid: number;
  readonly binanceMid: number;
  readonly usdKrw: number;
  readonly premium: number;
}

/** A trade that nobody expects. While a flow runs holdings are compared with nothing, so that it can be seen from the flow's end on. */
interface Unforeseen {
  readonly leg: Leg;
  readonly change: bigint;
  readonly during: number | undefined;
  readonly visibleFrom: EpochMs;
}

interface Flow {
  readonly number: number;
  readonly kind: FlowKind;
  readonly quantity: Btc;
  /** Net executed quantity in the flow's forward direction is `|executed|`; signed by side, buys positive. */
  readonly executed: Record<Leg, bigint>;
  readonly done: Record<Leg, boolean>;
  creates: number;
}

/** What of a call decides its purpose and its place in the run. */
export interface CallNames {
  readonly venue: VenueId;
  readonly method: string;
  readonly leg: Leg;
  readonly side?: Side | undefined;
  readonly clientOrderId?: string | undefined;
  readonly orderId?: string | undefined;
}

export interface CallPlace {
  readonly flow: number;
  readonly purpose: Purpose;
  /** `e<incarnation>/f<flow>/<purpose>/<venue>.<method>#<n>`: survives time shifts and retries elsewhere. */
  readonly point: string;
}

/** Which flow runs, what each leg has executed, and which orders are known: the truth that purposes are derived from. */
export class FlowTruth {
  readonly #counts = new Map<string, number>();
  readonly #purposes = new Map<string, Purpose>();
  readonly #held: Record<Leg, bigint> = { spot: 0n, perp: 0n };
  #unforeseen: readonly Unforeseen[] = [];
  #flow: Flow | undefined;
  #flowCount = 0;
  #recovering = false;
  #createsInFlight = 0;

  get running(): Flow | undefined {
    return this.#flow;
  }

  get spot(): Btc {
    return fixed(this.#held.spot);
  }

  get perp(): Btc {
    return fixed(this.#held.perp);
  }

  get residual(): Btc {
    return fixed(this.#held.spot + this.#held.perp);
  }

  begin(kind: FlowKind, quantity: Btc): number {
    this.#flowCount += 1;
    this.#recovering = false;
    this.#flow = { number: this.#flowCount, kind, quantity, executed: { spot: 0n, perp: 0n }, done: { spot: false, perp: false }, creates: 0 };
    return this.#flowCount;
  }

  end(flow: number, at: EpochMs): void {
    if (this.#flow?.number !== flow) return;
    this.#flow = undefined;
    this.#unforeseen = this.#unforeseen.map((trade) => (trade.during === flow ? { ...trade, visibleFrom: at } : trade));
  }

  /** A new process life began: until nothing is open and nothing is unhedged its creates only recover. */
  restart(): void {
    this.#recovering = true;
  }

  /**
   * @param openOrders - at both venues.
   * @returns where the call stands; the call is counted.
   */
  place(call: CallNames, incarnation: number, openOrders: number): CallPlace {
    if (this.#recovering && openOrders === 0 && this.#createsInFlight === 0 && this.residual === 0n) this.#recovering = false;
    const flow = this.#flowOf(call);
    const number = flow?.number ?? (this.#recovering ? this.#flowCount : 0);
    const purpose = this.#purposeOf(call, flow);
    const name = `e${incarnation}/f${number}/${purpose}/${call.venue}.${call.method}`;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (call.method === 'createOrder') {
      if (flow !== undefined) flow.creates += 1;
      if (call.clientOrderId !== undefined) this.#purposes.set(`${call.venue}/client/${call.clientOrderId}`, purpose);
    }
    return { flow: number, purpose, point: `${name}#${count}` };
  }

  /** An order that takes off before an entry has sent any is none of the entry's: it mends something while the entry waits. */
  #flowOf({ method, leg, side }: CallNames): Flow | undefined {
    const flow = this.#flow;
    const takesOff = method === 'createOrder' && side !== undefined && flow?.kind === 'enter' && side !== forwardSide(flow.kind, leg);
    return takesOff && flow.creates === 0 ? undefined : flow;
  }

  /**
   * Where a step of the process stands that is no call.
   *
   * @param name - such as `journal.append(intent,perp)`; it is counted.
   */
  stepPlace(name: string, incarnation: number): { readonly flow: number; readonly point: string } {
    const flow = this.#flow?.number ?? (this.#recovering ? this.#flowCount : 0);
    const place = `e${incarnation}/f${flow}/${name}`;
    const count = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, count);
    return { flow, point: `${place}#${count}` };
  }

  createLeft(): void {
    this.#createsInFlight += 1;
  }

  createArrived(): void {
    this.#createsInFlight -= 1;
  }

  /** An order exists at the venue from now on. */
  know(venue: VenueId, orderId: string, purpose: Purpose): void {
    this.#purposes.set(`${venue}/order/${orderId}`, purpose);
  }

  /** @returns whether the leg just reached the quantity of the flow it traded in. */
  traded(leg: Leg, side: Side, quantity: bigint, flowNumber: number): boolean {
    const signed = side === 'buy' ? quantity : -quantity;
    this.#held[leg] += signed;
    const flow = this.#flow;
    if (flow?.number !== flowNumber) return false;
    flow.executed[leg] += signed;
    const size = flow.executed[leg] < 0n ? -flow.executed[leg] : flow.executed[leg];
    if (flow.done[leg] || size < flow.quantity) return false;
    flow.done[leg] = true;
    return true;
  }

  /**
   * A copy of a request has traded, or an order after its end: no leg of a flow is done by this.
   *
   * @param executedIn - the flow whose only order of that request it is: the other leg is hedged against it.
   */
  unforeseen(leg: Leg, side: Side, quantity: bigint, at: EpochMs, executedIn?: number): void {
    this.forced(leg, side, quantity);
    const change = side === 'buy' ? quantity : -quantity;
    if (this.#flow !== undefined && this.#flow.number === executedIn) this.#flow.executed[leg] += change;
    this.#unforeseen = [...this.#unforeseen, { leg, change, during: this.#flow?.number, visibleFrom: at }];
  }

  /**
   * What no client need know of yet, by leg: the latest trades that nobody expects, without which the legs are even to
   * less than a lot; as few as possible, of spot first. Whoever looks at a venue sees all that it has done by then, so
   * only the latest can be unseen. Nothing, where the legs are even as they are or no such trades explain that they are not.
   */
  unseen(lot: bigint, now: EpochMs): Record<Leg, Btc> {
    const pairs = this.#latest('spot', now).flatMap((spot) => this.#latest('perp', now).map((perp) => ({ spot, perp })));
    const explains = ({ spot, perp }: Record<Leg, bigint>): boolean => abs(fixed<Btc>(this.residual - spot - perp)) < lot;
    const { spot, perp } = pairs.find(explains) ?? { spot: 0n, perp: 0n };
    return { spot: fixed(spot), perp: fixed(perp) };
  }

  /** Sums of the latest none, one, two, ... trades on a leg that nobody expects and a monitor need not have seen by now. */
  #latest(leg: Leg, now: EpochMs): readonly bigint[] {
    const sums = [0n];
    for (const trade of this.#unforeseen.toReversed()) {
      const isHidden = trade.during !== undefined && trade.during === this.#flow?.number;
      if (trade.leg === leg && (isHidden || now - trade.visibleFrom < UNSEEN_MS)) sums.push((sums.at(-1) ?? 0n) + trade.change);
    }
    return sums;
  }

  /** A leg changed without an order of ours. */
  forced(leg: Leg, side: Side, quantity: bigint): void {
    this.#held[leg] += side === 'buy' ? quantity : -quantity;
  }

  #purposeOf(call: CallNames, flow: Flow | undefined): Purpose {
    if (call.method === 'createOrder' && call.side !== undefined) {
      const other: Leg = call.leg === 'spot' ? 'perp' : 'spot';
      const facts = { flowKind: flow?.kind, recovering: this.#recovering, otherLegExecuted: flow !== undefined && flow.executed[other] !== 0n };
      return purposeOfCreate(facts, call.leg, call.side);
    }
    const ofOrder =
      (call.orderId === undefined ? undefined : this.#purposes.get(`${call.venue}/order/${call.orderId}`)) ??
      (call.clientOrderId === undefined ? undefined : this.#purposes.get(`${call.venue}/client/${call.clientOrderId}`));
    return purposeOfOther(call.method, ofOrder, (flow?.creates ?? 0) > 0);
  }
}
