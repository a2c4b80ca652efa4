import type { Purpose } from '../core/purpose.js';
import type { Btc, Fixed } from '../core/money.js';
import type { EpochMs, Leg, Side } from '../core/units.js';

/** Which request an order or a movement comes from, and what it was for. */
export interface OrderOrigin {
  readonly request: number;
  readonly leg: Leg;
  readonly purpose: Purpose;
  readonly flow: number;
  /** The fault-point id of the request, from which later draws of its life are hashed. */
  readonly point: string;
  /** The same bytes had arrived before: nobody asked for this one. */
  readonly isCopy?: boolean | undefined;
}

/** `prevented`: the rest would have met our own order. */
export type EndStatus = 'filled' | 'canceled' | 'expired' | 'rejected' | 'prevented';

/** What both venues' matching needs to know of an order; the venues add their own fields. */
export interface BookOrder {
  readonly id: string;
  readonly clientOrderId: string | undefined;
  readonly side: Side;
  readonly timeInForce: 'gtc' | 'ioc' | 'fok' | 'post-only';
  /** Absent for market orders. */
  readonly limit: Fixed<string> | undefined;
  /** Absent for an order by cost. */
  readonly quantity: Btc | undefined;
  /** KRW to spend, for a market buy by cost. */
  readonly cost: Fixed<string> | undefined;
  readonly reduceOnly: boolean;
  readonly origin: OrderOrigin;
  readonly createdAt: EpochMs;
  executed: Btc;
  /** Quote amount of the executed quantity, before fees. */
  quote: bigint;
  fee: bigint;
  /** Undefined while it is open. */
  ended: EndStatus | undefined;
  updatedAt: EpochMs;
}

/** Whether it did all that it was sent for: a buy by cost is whole although a crumb of its KRW came back. */
export const isWhole = ({ ended, quantity }: BookOrder): boolean => ended === 'filled' || (quantity === undefined && ended === 'canceled');
