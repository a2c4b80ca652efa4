import { assert } from '../../core/assert.js';
import { type Btc, fixed, toNumber } from '../../core/money.js';
import { signOf } from '../metrics/price-cost.js';
import type { CancelFacts, FillFacts, OrderFacts, TapeOf } from './fact-types.js';

interface OpenOrder {
  request: TapeOf<'request'>;
  arrivedAt: OrderFacts['arrivedAt'];
  answer: OrderFacts['answer'];
  accepted: OrderFacts['accepted'];
  refused: OrderFacts['refused'];
  ended: OrderFacts['ended'];
  fills: FillFacts[];
  executed: Btc;
}

/** Puts the wire log and the venues' events together: one record an order attempt, one a cancel. */
export class OrderBookKeeper {
  readonly #byRequest = new Map<number, OpenOrder>();
  readonly #byOrder = new Map<string, OpenOrder>();
  readonly #cancels = new Map<number, { request: TapeOf<'request'>; answer: TapeOf<'answer'> | undefined }>();
  readonly #fills: FillFacts[] = [];

  request(event: TapeOf<'request'>): void {
    if (event.method === 'cancelOrder') this.#cancels.set(event.request, { request: event, answer: undefined });
    if (event.method !== 'createOrder') return;
    this.#byRequest.set(event.request, {
      request: event,
      arrivedAt: undefined,
      answer: undefined,
      accepted: undefined,
      refused: undefined,
      ended: undefined,
      fills: [],
      executed: fixed<Btc>(0n),
    });
  }

  arrived(event: TapeOf<'arrived'>): void {
    const order = this.#byRequest.get(event.request);
    if (order !== undefined) order.arrivedAt = event.t;
  }

  answer(event: TapeOf<'answer'>): void {
    const target = this.#byRequest.get(event.request) ?? this.#cancels.get(event.request);
    if (target !== undefined) target.answer = event;
  }

  accepted(event: TapeOf<'order.accepted'>): void {
    const order = this.#byRequest.get(event.request);
    assert(order !== undefined, () => `the tape accepts order ${event.orderId} without a request ${event.request}`);
    order.accepted = event;
    this.#byOrder.set(`${event.venue}/${event.orderId}`, order);
  }

  refused(event: TapeOf<'order.refused'>): void {
    const order = this.#byRequest.get(event.request);
    if (order !== undefined) order.refused = event;
  }

  fill(event: TapeOf<'fill'>): FillFacts {
    const order = this.#byOrder.get(`${event.venue}/${event.orderId}`);
    assert(order?.accepted !== undefined, () => `the tape fills order ${event.orderId} which was never accepted`);
    const fill: FillFacts = {
      event,
      t: event.t,
      venue: event.venue,
      leg: event.leg,
      side: event.side,
      sign: signOf(event.side),
      flow: event.flow,
      purpose: event.purpose,
      price: toNumber(event.price),
      quantity: toNumber(event.quantity),
      fee: toNumber(event.fee),
      feeAsset: event.feeAsset,
      mid: event.mid,
      touch: touchOf(event, order.fills.at(-1)),
      arrivalMid: order.accepted.mid,
    };
    order.fills.push(fill);
    order.executed = fixed<Btc>(order.executed + event.quantity);
    this.#fills.push(fill);
    return fill;
  }

  ended(event: TapeOf<'order.ended'>): void {
    const order = this.#byOrder.get(`${event.venue}/${event.orderId}`);
    if (order !== undefined) order.ended = event;
  }

  get fills(): readonly FillFacts[] {
    return this.#fills;
  }

  orders(): readonly OrderFacts[] {
    return [...this.#byRequest.values()].map((order) => ({ intended: intendedOf(order), ...order }));
  }

  cancels(): readonly CancelFacts[] {
    return [...this.#cancels.values()];
  }
}

/**
 * The best price when the order began to trade. A tape shows each level of a sweep with the book that the levels
 * before it left behind; that this book is worse is the order's own impact.
 */
function touchOf(event: TapeOf<'fill'>, before: FillFacts | undefined): number {
  if (before !== undefined && before.t === event.t) return before.touch;
  return event.side === 'buy' ? event.bestAsk : event.bestBid;
}

function intendedOf(order: OpenOrder): number | undefined {
  const quantity = order.accepted?.quantity ?? order.request.quantity;
  if (quantity !== undefined) return toNumber(quantity);
  const cost = order.accepted?.cost ?? order.request.cost;
  return cost === undefined || order.accepted === undefined ? undefined : toNumber(cost) / order.accepted.mid;
}
