import type { ExploredRun } from '../explored-run.js';
import type { Plan, PlannedFault } from '../planned-fault.js';
import { callsOf } from './singles.js';

type Loss = 'venue' | 'other-venue' | 'both-venues';

/** From each call on, its venue, the other one or both never answer again. */
export function permanentLosses(clean: ExploredRun): readonly Plan[] {
  const { flow, seed } = clean.plan;
  return callsOf(clean).flatMap((point) => {
    const other = point.venue === 'upbit' ? 'binance' : 'upbit';
    const losses: readonly { readonly loss: Loss; readonly venues: readonly ('upbit' | 'binance')[] }[] = [
      { loss: 'venue', venues: [point.venue] },
      { loss: 'both-venues', venues: [point.venue, other] },
    ];
    return losses.map(({ loss, venues }): Plan => ({
      level: 'permanent',
      flow,
      seed,
      faults: venues.map((venue) => goneFrom(point.id, venue, loss)),
    }));
  });
}

/** The first window opens with the call; the other venue's hangs on it, since a point belongs to one venue. */
function goneFrom(point: string, venue: 'upbit' | 'binance', loss: Loss): PlannedFault {
  const isPoint = point.includes(`/${venue}.`);
  const id = isPoint ? `lost-${loss}-1` : `lost-${loss}-2`;
  return {
    id,
    when: isPoint ? { point } : { venue, at: { event: 'fault.fired', fault: `lost-${loss}-1` } },
    inject: { outage: { for: 'forever', as: 'timeout' } },
    required: false,
  };
}
