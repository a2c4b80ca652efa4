import type { ExploredRun } from '../explored-run.js';
import type { Plan, PlannedFault } from '../planned-fault.js';
import { isAppend } from '../step-kinds.js';
import { callsOf } from './singles.js';

type Loss = 'venue' | 'other-venue' | 'both-venues';

/**
 * From each call on, its venue or both never answer again; from each write on, the disk is gone. People cannot be reached
 * from the start, in one run: when they are told is not a point of the trace.
 */
export function permanentLosses(clean: ExploredRun): readonly Plan[] {
  const { flow, seed } = clean.plan;
  const plan = (...faults: readonly PlannedFault[]): Plan => ({ level: 'permanent', flow, seed, faults });
  const disks = clean.points
    .filter((point) => point.kind === 'step' && isAppend(point))
    .map(({ id }) => plan({ id: 'lost-disk-1', when: { point: id }, inject: { disk: { error: 'EIO', for: 'forever' } }, required: false }));
  const silence = plan({ id: 'lost-people-1', when: { venue: 'alerts' }, inject: { outage: { for: 'forever', as: 'timeout' } }, required: false });
  const venues = callsOf(clean).flatMap((point) => {
    const other = point.venue === 'upbit' ? 'binance' : 'upbit';
    const losses: readonly { readonly loss: Loss; readonly venues: readonly ('upbit' | 'binance')[] }[] = [
      { loss: 'venue', venues: [point.venue] },
      { loss: 'both-venues', venues: [point.venue, other] },
    ];
    return losses.map(({ loss, venues: gone }) => plan(...gone.map((venue) => goneFrom(point.id, venue, loss))));
  });
  return [...venues, ...disks, silence];
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
