import { MUTATING_METHODS } from '../exchange/exchange-client.js';
import type { VenueId } from '../core/units.js';
import { CLIENT_METHODS } from './client-methods.js';
import type { CallAction } from './fault-action.js';

/** Why an action can do nothing to this call; undefined where it can. */
type Rule<Action> = (action: Action, method: string, venue: VenueId) => string | undefined;
type Rules = { readonly [Kind in CallAction['kind']]: Rule<Extract<CallAction, { kind: Kind }>> };

/** Calls that ccxt refuses by itself on Upbit, without sending anything. */
const UNKNOWN_TO_UPBIT = new Set([
  'fetchTime',
  'fetchMyTrades',
  'setLeverage',
  'setMarginMode',
  'setPositionMode',
  'fetchPositionMode',
  'fetchLeverage',
  'fetchPositions',
  'fetchFundingRate',
]);
/** Reads of something that changes with trades, so that an old answer differs from a new one. */
const READS_OF_STATE = new Set(['fetchOrder', 'fetchOpenOrders', 'fetchMyTrades', 'fetchBalance', 'fetchPositions', 'fetchOrderBook', 'fetchTicker']);
const ORDER_ANSWERS = new Set(['createOrder', 'cancelOrder', 'fetchOrder']);

const only =
  (methods: readonly string[], reason: string) =>
  (method: string): string | undefined =>
    methods.includes(method) ? undefined : `${reason}: it happens to ${methods.join(' or ')} only`;
const ofNewOrder = only(['createOrder'], 'only a new order is executed');
const ofCancel = only(['cancelOrder'], 'only a cancel can cross a fill');
const ofLookUp = only(['fetchOrder'], 'only a look-up of one order can deny it');
const ofEnd = only(['createOrder', 'cancelOrder'], 'only an order that ends can be corrected afterwards');

const RULES: Rules = {
  lose: () => undefined,
  delay: () => undefined,
  duplicate: ({ part }, method) =>
    part === 'request' && !MUTATING_METHODS.has(method) ? 'a read that arrives twice changes nothing, at the venue or at the client' : undefined,
  reject: () => undefined,
  garble: (action, method) => {
    if (method === 'loadMarkets') return 'the parser of market tables is not modelled; lose or reject it';
    if (action.mode === 'other-order' || action.mode === 'unmapped-status')
      return ORDER_ANSWERS.has(method) ? undefined : `${method} answers with no single order; garble createOrder, cancelOrder or fetchOrder`;
    if (action.mode === 'missing-field' && ['setLeverage', 'setMarginMode', 'setPositionMode'].includes(method))
      return 'ccxt hands this answer on unread, so no field is missed';
    return undefined;
  },
  transport: () => undefined,
  stale: (_action, method) => {
    if (MUTATING_METHODS.has(method)) return 'a write is answered by what it did, not by a cache';
    return READS_OF_STATE.has(method) ? undefined : `${method} reads nothing that our trades or the market change`;
  },
  notFound: (_action, method) => ofLookUp(method),
  fill: (_action, method) => ofNewOrder(method),
  cancelRace: (_action, method) => ofCancel(method),
  fillAfterCancel: (_action, method) => ofEnd(method),
  stuck: ({ state }, method) =>
    state === 'pending-cancel'
      ? only(['cancelOrder'], 'only a cancel can be pending')(method)
      : only(['createOrder'], 'only a new order can hang')(method),
};

/** Whether the venue's client sends anything for a method; for the others it answers NotSupported by itself. */
export const hasCall = (venue: VenueId, method: string): boolean => venue !== 'upbit' || !UNKNOWN_TO_UPBIT.has(method);

/**
 * Whether `action` can do anything to a call of `method` at `venue`: what lint refuses, what a session never
 * matches and what an explorer need not try.
 *
 * @returns why it cannot; undefined where it can.
 */
export function exclusionOf(action: CallAction, method: string, venue: VenueId): string | undefined {
  if (!hasCall(venue, method)) return `ccxt.upbit has no ${method}: nothing is sent`;
  return (RULES[action.kind] as Rule<CallAction>)(action, method, venue);
}

/** The methods at `venue` that the action can happen to. */
export function methodsFor(action: CallAction, venue: VenueId): readonly string[] {
  return CLIENT_METHODS.filter((method) => exclusionOf(action, method, venue) === undefined);
}
