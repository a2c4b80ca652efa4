import type { AttemptBelief } from '../facts/journal-facts.js';
import type { OrderFacts } from '../facts/fact-types.js';
import { isFull } from './order-outcome.js';
import { type Tails, tailsOf } from './tails.js';

/** Times of one order in milliseconds from its request leaving the client; undefined when it never came to that. */
export interface OrderTimes {
  /** Until the client held a positive answer. */
  readonly ackClientMs: number | undefined;
  /** Until the venue accepted, in truth. */
  readonly ackTrueMs: number | undefined;
  readonly firstFillMs: number | undefined;
  readonly fullFillMs: number | undefined;
}

/** @see SEC Rule 605 (time to execution), FLOX order journeys. */
export function orderTimes(order: OrderFacts): OrderTimes {
  const since = (t: number | undefined): number | undefined => (t === undefined ? undefined : t - order.request.t);
  return {
    ackClientMs: order.answer?.ok === true ? since(order.answer.t) : undefined,
    ackTrueMs: since(order.accepted?.t),
    firstFillMs: since(order.fills[0]?.t),
    fullFillMs: isFull(order) ? since(order.fills.at(-1)?.t) : undefined,
  };
}

/** Tails of one of the times over orders; an order that the venue took but that never got there is censored. */
export function timeTails(orders: readonly OrderFacts[], which: keyof OrderTimes): Tails {
  const taken = orders.filter((order) => order.accepted !== undefined);
  const times = taken.map((order) => orderTimes(order)[which]).filter((time) => time !== undefined);
  return tailsOf(times, taken.length - times.length);
}

/**
 * Unknown-state time: from the answer that gave no certainty until the outcome was settled, ms on the
 * executor's clock; never settled is censored.
 */
export function unknownStateTails(attempts: ReadonlyMap<string, AttemptBelief>): Tails {
  const doubted = [...attempts.values()].filter((attempt) => attempt.doubtedAt !== undefined);
  const times = doubted.flatMap(({ doubtedAt, settled }) => (settled === undefined || doubtedAt === undefined ? [] : [settled.t - doubtedAt]));
  return tailsOf(times, doubted.length - times.length);
}
