import { add, fixed, sub, type Btc } from '../core/money.js';
import type { EpochMs, Leg, VenueId } from '../core/units.js';
import { residualOf, signed } from '../hedge/residual.js';
import type { FlowKind, FlowOutcome, HaltLevel, JournalEvent, JournalRecord, OrderIntent, SettledOrder } from '../journal/journal-event.js';
import { PerpOrders } from './perp-orders.js';
import type { OpenPosition } from './ports.js';

const ZERO = fixed<Btc>(0n);
/** Longer than anybody looks for a correction; then a cancelled order is forgotten like any other. */
const CANCELLED_KEPT_MS = 86_400_000;

/** One order attempt as the journal knows it. */
export interface Attempt {
  readonly flow: string;
  readonly intent: OrderIntent;
  /** When the intent became durable; the order was sent right after, or never. */
  readonly intendedAt: EpochMs;
  /** The venue's id, once an answer has named it: proof that the order exists. */
  orderId: string | undefined;
  /** The venue has confirmed it, with or without an id. */
  accepted: boolean;
  /** We asked for its end, whatever was answered to that. */
  cancelAsked: boolean;
  /** Most that any answer has shown as executed while it was not final. */
  executedAtLeast: Btc;
  settled: (SettledOrder & { readonly at: EpochMs }) | undefined;
  /** The venue's holdings were taken as true while it was not proven: whatever it did is in them already. */
  accounted: boolean;
}

export interface FlowBelief {
  readonly flow: string;
  readonly kind: FlowKind;
  readonly quantity: Btc;
  readonly positionIds: readonly string[];
  readonly startedAt: EpochMs;
  /** Residual that was there before the flow sent anything. */
  readonly residualBefore: Btc;
  readonly attempts: Attempt[];
  outcome: FlowOutcome | undefined;
}

export interface BookedPosition extends OpenPosition {
  readonly spotCostKrw: bigint;
  readonly perpProceedsUsdt: bigint;
  readonly openedQuantity: Btc;
}

/**
 * What the executor believes: a fold over its journal and nothing else, so that what it knows after a restart is what
 * it knew before it. Holdings are the sum of executed quantities, never of plans.
 */
export class PositionBook {
  readonly #flows = new Map<string, FlowBelief>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #positions = new Map<string, BookedPosition>();
  #spot: Btc = ZERO;
  #perp: Btc = ZERO;
  #halt: { readonly level: HaltLevel; readonly reason: string } | undefined;
  readonly #perpOrders = new PerpOrders();
  #shortsSent = 0;
  readonly #bannedUntil = new Map<VenueId, EpochMs>();
  #flowCount = 0;
  #lastSettledAt: EpochMs | undefined;
  #perpAdoptedAt: EpochMs | undefined;
  #resumedAt: EpochMs | undefined;

  static from(records: readonly JournalRecord[]): PositionBook {
    const book = new PositionBook();
    for (const { event } of records) book.apply(event);
    return book;
  }

  /** BTC on the spot venue by our own orders. */
  get spot(): Btc {
    return this.#spot;
  }

  /** Signed position of the perpetual by our own orders; a short is negative. */
  get perp(): Btc {
    return this.#perp;
  }

  get residual(): Btc {
    return residualOf(this.#spot, this.#perp);
  }

  get halt(): { readonly level: HaltLevel; readonly reason: string } | undefined {
    return this.#halt;
  }

  /** The highest number of a flow that any event names; the next one's is one more. A lost `flow.started` must not free its id. */
  get flowCount(): number {
    return this.#flowCount;
  }

  /** When an order of ours last became final. */
  get lastSettledAt(): EpochMs | undefined {
    return this.#lastSettledAt;
  }

  /** When the perpetual's holding was last taken as the truth: what was traded before is in it. */
  get perpAdoptedAt(): EpochMs | undefined {
    return this.#perpAdoptedAt;
  }

  /** How many orders that make the short larger we have meant to send so far. */
  get shortsSent(): number {
    return this.#shortsSent;
  }

  /** Whether this id of ours went to the perpetual venue. */
  hasSentPerp(clientOrderId: string): boolean {
    return this.#perpOrders.hasSent(clientOrderId);
  }

  /** Whether what the venue's order did is in the book already. */
  knowsPerpOrder(orderId: string): boolean {
    return this.#perpOrders.knows(orderId);
  }

  /** Until when a venue has told us to stay away. */
  bannedUntil(venue: VenueId): EpochMs | undefined {
    return this.#bannedUntil.get(venue);
  }

  positions(): readonly BookedPosition[] {
    return [...this.#positions.values()];
  }

  hedged(): Btc {
    return this.positions().reduce((sum, position) => add(sum, position.quantity), ZERO);
  }

  flow(id: string): FlowBelief | undefined {
    return this.#flows.get(id);
  }

  attempt(clientOrderId: string): Attempt | undefined {
    return this.#attempts.get(clientOrderId);
  }

  attempts(): readonly Attempt[] {
    return [...this.#attempts.values()];
  }

  /** Flows without an end, oldest first. */
  openFlows(): readonly FlowBelief[] {
    return [...this.#flows.values()].filter((flow) => flow.outcome === undefined);
  }

  /** Attempts of which more may still become known. */
  unsettled(): readonly Attempt[] {
    return this.attempts().filter((attempt) => attempt.settled === undefined);
  }

  /**
   * Attempts counted as zero without proof, whose watch has not ended.
   *
   * @param ageOf - milliseconds since one was counted so; a wall clock that jumps must not cut a watch short.
   */
  watched(ageOf: (attempt: Attempt) => number, watchMs: number): readonly Attempt[] {
    return this.attempts().filter((attempt) => attempt.settled?.certainty === 'presumed-zero' && ageOf(attempt) < watchMs);
  }

  /** Watched attempts that no human has seen yet: whoever resumed after them has taken them on. */
  quarantined(ageOf: (attempt: Attempt) => number, watchMs: number): readonly Attempt[] {
    return this.watched(ageOf, watchMs).filter(({ settled }) => this.#resumedAt === undefined || (settled?.at ?? 0) > this.#resumedAt);
  }

  /** Attempts that ended short by a cancel of ours less than `watchMs` ago: a venue may still find an execution of them. */
  cancelledShort(ageOf: (attempt: Attempt) => number, watchMs: number): readonly Attempt[] {
    return this.attempts().filter((attempt) => isCancelledShort(attempt) && ageOf(attempt) < watchMs);
  }

  apply(event: JournalEvent): void {
    this.#flowCount = Math.max(this.#flowCount, numberOf(event.flow));
    switch (event.type) {
      case 'flow.started':
        this.#startFlow(event);
        return;
      case 'flow.ended':
        this.#endFlow(event.flow, event.outcome, event.t);
        return;
      case 'intent':
        this.#intend(event);
        return;
      case 'answer':
        this.#answer(event);
        return;
      case 'order.settled':
        this.#settle(event);
        return;
      case 'position.opened':
        this.#positions.set(event.positionId, {
          positionId: event.positionId,
          quantity: event.quantity,
          openedQuantity: event.quantity,
          openedAt: event.openedAt,
          spotCostKrw: event.spotCostKrw,
          perpProceedsUsdt: event.perpProceedsUsdt,
        });
        return;
      case 'position.changed':
        this.#resize(event.positionId, event.quantity);
        return;
      case 'position.closed':
        this.#positions.delete(event.positionId);
        return;
      case 'holdings.adopted':
        this.#adopt(event.leg, event.to, event.orders);
        if (event.leg === 'perp') this.#perpAdoptedAt = event.t;
        this.#perpOrders.adopted(event.orders ?? []);
        return;
      case 'ban':
        this.#bannedUntil.set(event.venue, event.until);
        return;
      case 'halt':
        this.#halt = { level: event.level, reason: event.reason };
        return;
      case 'resume':
        this.#halt = undefined;
        this.#resumedAt = event.t;
        return;
      // The other events tell the story and change nothing that is believed.
      default:
        return;
    }
  }

  #startFlow(event: Extract<JournalEvent, { type: 'flow.started' }>): void {
    // An append that failed and was tried again may stand twice.
    if (this.#flows.has(event.flow)) return;
    this.#flows.set(event.flow, {
      flow: event.flow,
      kind: event.kind,
      quantity: event.quantity,
      positionIds: event.positionIds,
      startedAt: event.t,
      residualBefore: this.residual,
      attempts: [],
      outcome: undefined,
    });
  }

  /** A flow that has ended is forgotten but for its attempts that may still be heard of: a book stays small over years. */
  #endFlow(id: string, outcome: FlowOutcome, now: EpochMs): void {
    const flow = this.#flows.get(id);
    if (flow === undefined) return;
    flow.outcome = outcome;
    this.#perpOrders.forgetBefore(now);
    // A locked flow is kept until a later one has ended well: its doubts are still being followed.
    if (outcome === 'locked') return;
    for (const ended of this.#flows.values()) if (ended.outcome !== undefined && isSettled(ended)) this.#flows.delete(ended.flow);
    for (const [clientOrderId, attempt] of this.#attempts) {
      if (this.#flows.has(attempt.flow) || attempt.settled?.certainty !== 'proven') continue;
      if (!isCancelledShort(attempt) || now - attempt.settled.at > CANCELLED_KEPT_MS) this.#attempts.delete(clientOrderId);
    }
  }

  #intend(event: Extract<JournalEvent, { type: 'intent' }>): void {
    if (this.#attempts.has(event.clientOrderId)) return;
    const attempt: Attempt = {
      flow: event.flow,
      intent: event,
      intendedAt: event.t,
      orderId: undefined,
      accepted: false,
      cancelAsked: false,
      executedAtLeast: ZERO,
      settled: undefined,
      accounted: false,
    };
    this.#attempts.set(event.clientOrderId, attempt);
    this.#flows.get(event.flow)?.attempts.push(attempt);
    if (event.leg !== 'perp') return;
    this.#perpOrders.sent(event.clientOrderId, event.t);
    if (event.side === 'sell') this.#shortsSent += 1;
  }

  #answer(event: Extract<JournalEvent, { type: 'answer' }>): void {
    const attempt = this.#attempts.get(event.clientOrderId);
    if (attempt === undefined) return;
    attempt.orderId ??= event.orderId;
    this.#perpOrders.named(event.clientOrderId, attempt.orderId);
    if (event.operation === 'cancelOrder') attempt.cancelAsked = true;
    if (event.certainty === 'accepted' && event.operation !== 'cancelOrder') attempt.accepted = true;
    if (event.executed !== undefined && event.executed > attempt.executedAtLeast) attempt.executedAtLeast = event.executed;
  }

  #settle(event: Extract<JournalEvent, { type: 'order.settled' }>): void {
    const attempt = this.#attempts.get(event.clientOrderId);
    if (attempt === undefined) return;
    if (event.executed > 0n) this.#lastSettledAt = event.t;
    // A late fill settles the same attempt again: only what is new counts.
    const news = sub(event.executed, attempt.settled?.executed ?? ZERO);
    const { leg, side } = attempt.intent;
    this.#perpOrders.named(event.clientOrderId, event.orderId);
    if (!attempt.accounted) {
      if (leg === 'spot') this.#spot = add(this.#spot, signed(side, news));
      else this.#perp = add(this.#perp, signed(side, news));
    }
    attempt.settled = { at: event.t, ...event };
  }

  /** @param orders - that explain all of the change; without them an attempt in doubt may be what has made it. */
  #adopt(leg: Leg, quantity: Btc, orders: readonly string[] | undefined): void {
    if (leg === 'spot') this.#spot = quantity;
    else this.#perp = quantity;
    if (orders !== undefined) return;
    for (const attempt of this.#attempts.values())
      if (attempt.intent.leg === leg && attempt.settled?.certainty !== 'proven') attempt.accounted = true;
  }

  #resize(positionId: string, quantity: Btc): void {
    const position = this.#positions.get(positionId);
    if (position !== undefined) this.#positions.set(positionId, { ...position, quantity });
  }
}

/** The number at the end of a flow's id; 0 for what belongs to no flow. */
function numberOf(flow: string): number {
  const number = Number(flow.slice(flow.lastIndexOf('-') + 1));
  return Number.isSafeInteger(number) ? number : 0;
}

const isSettled = (flow: FlowBelief): boolean => flow.attempts.every(({ settled }) => settled !== undefined);
const isCancelledShort = ({ cancelAsked, settled, intent }: Attempt): boolean =>
  cancelAsked && settled?.certainty === 'proven' && settled.executed < intent.quantity;
