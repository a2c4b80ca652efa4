import { ArgumentsRequired, NullResponse } from '../ccxt-errors.js';
import type { VenueId } from '../../core/units.js';
import { NO_ORDER } from '../error-facts.js';
import type { ClientOrder } from '../exchange-client.js';
import { unreadable } from './guarded-call.js';

export type Params = Record<string, unknown>;

/** Which call an answer came to, for messages. */
export interface AnsweredCall {
  readonly id: string;
  /** `METHOD URL`. */
  readonly request: string;
}

/**
 * An order that a client returned, as the port has it.
 *
 * @throws NullResponse when it has no id: ccxt makes such an order of an empty, cut or foreign body with status 200, and
 *   nothing is known of what the venue did.
 */
export function orderIn({ id, request }: AnsweredCall, order: ClientOrder | undefined): ClientOrder {
  if (order?.id === undefined || order.id === '') throw new NullResponse(`${id} ${request} ${NO_ORDER}: it has no id, so the outcome is unknown`);
  return withFeeAsNumber(order);
}

/** @throws BadResponse when the answer is no list of orders with ids. */
export function ordersIn(call: AnsweredCall, orders: readonly ClientOrder[] | undefined): ClientOrder[] {
  if (!Array.isArray(orders)) throw unreadable(call.id, call.request, 'it is no list of orders');
  return (orders as readonly ClientOrder[]).map((order) => {
    if (order.id === undefined || order.id === '') throw unreadable(call.id, call.request, 'it lists an order without id');
    return withFeeAsNumber(order);
  });
}

/** On Upbit `fee.cost` is a text and `fees[0].cost` the number. */
function withFeeAsNumber(order: ClientOrder): ClientOrder {
  const { fee } = order;
  if (typeof fee?.cost !== 'string') return order;
  const cost = Number(fee.cost);
  return { ...order, fee: { ...fee, cost: Number.isFinite(cost) && fee.cost.trim() !== '' ? cost : undefined } };
}

/** How a call names the order it asks for. */
export interface NamedOrder {
  readonly id: string | undefined;
  readonly params: Params;
}

/**
 * Names an order as its venue understands it. Upbit knows a client order id as `identifier` only and finds nothing by any
 * other name, which reads as "no such order"; with an empty id it is sent `uuid=`, which wins over everything.
 *
 * @throws ArgumentsRequired when nothing names an order; no byte is sent.
 */
export function namedOrder(venue: VenueId, client: string, method: string, id: string | undefined, params: Params): NamedOrder {
  const { clientOrderId, identifier, ...others } = params;
  const orderId = id === '' ? undefined : id;
  const own = clientOrderId ?? identifier ?? (venue === 'binance' ? others['origClientOrderId'] : undefined);
  if (orderId !== undefined) return { id: orderId, params: venue === 'upbit' ? others : params };
  if (own === undefined || own === '' || own === null)
    throw new ArgumentsRequired(`${client} ${method}() requires "id": or the order's own id as params.clientOrderId`);
  return { id: undefined, params: venue === 'upbit' ? { ...others, identifier: own } : params };
}

/**
 * @throws ArgumentsRequired for a new order without an id of its own; no byte is sent. Were its answer lost, nobody could
 *   find it again, and a second one would be a second order.
 */
export function requireOwnId(venue: VenueId, client: string, method: string, params: Params): void {
  const own = params['clientOrderId'] ?? params[venue === 'upbit' ? 'identifier' : 'newClientOrderId'];
  if (typeof own === 'string' && own !== '') return;
  throw new ArgumentsRequired(`${client} ${method}() requires "clientOrderId": an order whose answer is lost is looked up by it`);
}
