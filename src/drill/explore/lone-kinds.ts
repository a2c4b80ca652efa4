import type { FaultKind } from './fault-kinds.js';
import { flowOf, type CallPoint } from './fault-point.js';
import type { PlannedFault } from './planned-fault.js';

const MUTATING = new Set(['createOrder', 'cancelOrder']);
const atOrders =
  (shorter: string) =>
  ({ method }: CallPoint): string | undefined =>
    MUTATING.has(method) ? undefined : `a read that waits longer only ends its flow later than under ${shorter}`;
const onlyCreates = ({ method }: CallPoint): string | undefined => (method === 'createOrder' ? undefined : 'only an order is placed');

/** One lot of the perpetual, in 1e-8 BTC: what is left is the least that can be hedged, and less than Binance lets open. */
const LOT = 100_000;

const allButOneLot = ({ quantity = LOT }: CallPoint): PlannedFault['inject'] => ({
  fill: { fraction: 1 - LOT / quantity, then: 'expire' },
});

/** Somebody else makes the short smaller. It is noticed where positions are read, or where the venue is told to close them. */
const shrinksShort = ({ id, venue, method, holdsShort, reduceOnly }: CallPoint): string | undefined => {
  if (venue === 'upbit') return 'there are no positions on a spot venue';
  if (holdsShort !== true) return 'there is no short yet';
  if (method === 'createOrder' && reduceOnly === true) return undefined;
  if (method !== 'fetchPositions') return 'a smaller short shows where positions are read or closed';
  return flowOf(id) === 'f0' ? undefined : 'an entry looks at its own orders only: the monitor finds it, and it is struck there';
};

/**
 * Faults at a call that last, or that change the account for good. They are planned one at a time: a run has to be watched for
 * minutes to see them through, so pairs and the swarm are left to the shorter faults of the same families.
 */
export const LONE_KINDS: readonly FaultKind[] = [
  {
    name: 'request-25s-late',
    family: 'R2',
    inject: () => ({ delay: { part: 'request', by: '25s' } }),
    excluded: (point) =>
      point.venue === 'binance' ? 'its receive window refuses so late a request: same observation as request-12s-late' : onlyCreates(point),
  },
  { name: 'held-25s', family: 'R3', inject: () => ({ delay: { part: 'limiter', by: '25s' } }), excluded: onlyCreates },
  { name: 'ban-2m', family: 'R5', inject: () => ({ ban: { for: '2m', extendOnHit: '30s' } }), excluded: atOrders('ban-20s') },
  { name: 'outage-5m', family: 'V9', inject: () => ({ outage: { for: '5m', as: 'timeout' } }), excluded: atOrders('outage-30s') },
  {
    name: 'gap-500bp',
    family: 'V7',
    inject: () => ({ market: { gapBp: -500 } }),
    excluded: ({ method, purpose }) => {
      if (method !== 'createOrder') return 'a gap matters when an order is under way';
      return purpose === 'repair' ? 'outside a flow it would last into the next one, whose decision is made without it' : undefined;
    },
  },
  {
    name: 'fill-all-but-a-lot',
    family: 'V4',
    inject: allButOneLot,
    excluded: (point) => {
      if (point.method !== 'createOrder') return 'only an order can be executed';
      if (point.quantity === undefined) return 'an order by cost names no quantity of which a lot could be left';
      return point.quantity > LOT ? undefined : 'an order of one lot leaves nothing else';
    },
  },
  {
    name: 'cancel-taken-crosses-fill',
    family: 'V20',
    inject: () => ({ cancelRace: { fillFraction: 0.2, report: 'canceled' } }),
    excluded: ({ method }) => (method === 'cancelOrder' ? undefined : 'only a cancel can cross a fill'),
  },
  { name: 'deleveraged-40', family: 'V16', inject: () => ({ account: { adl: 0.4 } }), ofAccount: true, excluded: shrinksShort },
  { name: 'liquidated', family: 'V15', inject: () => ({ account: { liquidate: 1 } }), ofAccount: true, excluded: shrinksShort },
];
