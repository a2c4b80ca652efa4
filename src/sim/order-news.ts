import type { EpochMs, VenueId } from '../core/units.js';
import type { FaultSession } from '../faults/fault-session.js';
import { isWhole } from './book-order.js';
import type { FlowTruth } from './flow-truth.js';
import type { VenueHost } from './venue-host.js';

/** What a venue tells of its orders: truth keeps it, and faults that wait for it hear of it. */
export function orderNews(
  venue: VenueId,
  truth: FlowTruth,
  faults: FaultSession,
  now: () => EpochMs,
  filled: () => void,
): Pick<VenueHost, 'opened' | 'traded' | 'partly' | 'ended'> {
  return {
    opened: (order) => {
      const { leg, flow, purpose } = order.origin;
      truth.know(venue, order.id, purpose);
      faults.observe({ event: 'order.accepted', at: now(), leg, flow });
    },
    traded: (order, quantity) => {
      const { leg, flow, isCopy } = order.origin;
      const done = isCopy === true ? truth.copied(leg, order.side, quantity, now()) : truth.traded(leg, order.side, quantity, flow);
      filled();
      if (done) faults.observe({ event: 'leg.done', at: now(), leg, flow });
    },
    partly: ({ origin: { leg, flow } }) => faults.observe({ event: 'order.partiallyFilled', at: now(), leg, flow }),
    ended: (order) => {
      if (order.executed === 0n) return;
      const { leg, flow } = order.origin;
      faults.observe({ event: isWhole(order) ? 'order.filled' : 'order.partiallyFilled', at: now(), leg, flow });
    },
  };
}
