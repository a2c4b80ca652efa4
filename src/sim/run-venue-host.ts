import type { FaultSession } from '../faults/fault-session.js';
import type { VenueId } from '../core/units.js';
import { isWhole, type BookOrder } from './book-order.js';
import type { Bookkeeper } from './bookkeeper.js';
import type { FlowTruth } from './flow-truth.js';
import type { MarketHistory } from './market-history.js';
import type { UuidSource } from './uuid-source.js';
import type { VenueFeed } from './venue-feed.js';
import type { VenueHost } from './venue-host.js';

/** What of a run stands behind one of its venues. */
type RunParts<Order extends BookOrder> = Pick<
  VenueHost<Order>,
  'world' | 'ledger' | 'liquidity' | 'rules' | 'now' | 'schedule' | 'draw' | 'write'
> & {
  readonly venue: VenueId;
  readonly feed: VenueFeed<Order>;
  readonly faults: Pick<FaultSession, 'observe'>;
  readonly truth: FlowTruth;
  readonly history: Pick<MarketHistory, 'traded'>;
  readonly uuids: UuidSource;
  books(): Bookkeeper;
};

/** Tells flows, books, anchors of faults and streams of all that happens at a venue of a run. */
export function runVenueHost<Order extends BookOrder>(parts: RunParts<Order>): VenueHost<Order> {
  const { venue, feed, faults, truth, history, uuids } = parts;
  /** Requests that made an order when they came first: the copy of another one is the only order there is. */
  const taken = new Set<number>();
  return {
    ...parts,
    uuid: () => uuids.next(),
    opened: (order) => {
      const { leg, flow, purpose, request, isCopy } = order.origin;
      if (isCopy !== true) taken.add(request);
      truth.know(venue, order.id, purpose);
      faults.observe({ event: 'order.accepted', at: parts.now(), leg, flow });
      feed.tell({ kind: 'opened', order });
    },
    printed: (price, quantity, side) => history.traded(price, quantity, side),
    traded: (order, quantity) => {
      const { leg, flow, isCopy, request } = order.origin;
      // Nobody expects the second order of one request, or a trade of an order that has ended.
      const isUnforeseen = isCopy === true || order.ended !== undefined;
      const isOnlyOne = isCopy === true && !taken.has(request);
      if (isUnforeseen) truth.unforeseen(leg, order.side, quantity, parts.now(), isOnlyOne ? flow : undefined);
      const done = !isUnforeseen && truth.traded(leg, order.side, quantity, flow);
      parts.books().filled(parts.now());
      if (done) faults.observe({ event: 'leg.done', at: parts.now(), leg, flow });
      feed.tell({ kind: 'traded', order });
    },
    partly: ({ origin: { leg, flow } }) => faults.observe({ event: 'order.partiallyFilled', at: parts.now(), leg, flow }),
    ended: (order) => {
      feed.tell({ kind: 'ended', order });
      if (order.executed === 0n) return;
      const { leg, flow } = order.origin;
      faults.observe({ event: isWhole(order) ? 'order.filled' : 'order.partiallyFilled', at: parts.now(), leg, flow });
    },
    forced: (leg, trade) => {
      truth.forced(leg, trade.side, trade.quantity);
      parts.books().changed(parts.now());
      feed.tell({ kind: 'forced', trade });
    },
    configured: (setting) => feed.tell({ kind: 'configured', setting }),
  };
}
