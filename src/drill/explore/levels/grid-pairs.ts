import type { VenueId } from '../../../core/units.js';
import type { ExploredRun } from '../explored-run.js';
import { flowOf, type CallPoint } from '../fault-point.js';
import type { Plan, PlannedFault } from '../planned-fault.js';
import { callsOf } from './singles.js';

type Effect = PlannedFault['inject'];

/** What one leg's first order can come to, and the fault that brings it about; fractions differ by leg so that a residual is left. */
const LEG_EFFECTS: readonly { readonly name: string; readonly of: (leg: CallPoint['leg']) => Effect | undefined }[] = [
  { name: 'filled', of: () => undefined },
  { name: 'partial', of: (leg) => ({ fill: { fraction: leg === 'spot' ? 0.4 : 0.6, then: 'expire' } }) },
  { name: 'zero', of: () => ({ fill: { fraction: 0, then: 'expire' } }) },
  { name: 'unknown-sent', of: () => ({ lose: { part: 'response', as: 'timeout' } }) },
  { name: 'unknown-lost', of: () => ({ lose: { part: 'request', as: 'timeout' } }) },
];

/** Orders after the first may be refused on one venue, so that what is missing cannot be completed and must be undone. */
const REFUSED: readonly { readonly name: string; readonly fault?: PlannedFault }[] = [
  { name: 'completable' },
  { name: 'no-spot', fault: refusedAfterFirst('upbit', 'insufficient_funds_bid', 'buy') },
  { name: 'no-perp', fault: refusedAfterFirst('binance', '-2019', 'sell') },
];

function refusedAfterFirst(venue: VenueId, code: string, side: 'buy' | 'sell'): PlannedFault {
  return {
    id: `refused-rest-${venue}-3`,
    when: { venue, method: 'createOrder', side, reduceOnly: false, nth: { from: 2 }, countPer: 'run' },
    inject: { reject: { http: 400, error: 'InsufficientFunds', code } },
    limit: {},
    required: false,
  };
}

/**
 * Every combination of what the first order of each leg can come to, with and without a way to complete it: the few
 * pairs (and triples) that walk the whole grid of leg states, which single faults reach along two edges only.
 */
export function gridPairs(clean: ExploredRun): readonly Plan[] {
  const { flow, seed } = clean.plan;
  const creates = callsOf(clean).filter(({ method }) => method === 'createOrder');
  const spot = creates.find(({ leg }) => leg === 'spot');
  const flowOfSpot = spot === undefined ? undefined : flowOf(spot.id);
  const perp = creates.find(({ leg, id }) => leg === 'perp' && flowOf(id) === flowOfSpot);
  // Legs that a monitor closes belong to no flow that could come through a cell.
  if (spot === undefined || perp === undefined || flowOfSpot === 'f0') return [];
  return LEG_EFFECTS.flatMap((onSpot) =>
    LEG_EFFECTS.flatMap((onPerp) =>
      REFUSED.map(({ fault }): Plan => ({
        level: 'grid',
        flow,
        seed,
        faults: [
          ...at(spot, onSpot.name, onSpot.of('spot'), 1),
          ...at(perp, onPerp.name, onPerp.of('perp'), 2),
          ...(fault === undefined ? [] : [fault]),
        ],
      })),
    ),
  ).filter(({ faults }) => faults.length > 0);
}

const at = (point: CallPoint, name: string, inject: Effect | undefined, index: number): readonly PlannedFault[] =>
  inject === undefined ? [] : [{ id: `${name}-${index}`, when: { point: point.id }, inject, required: false }];
