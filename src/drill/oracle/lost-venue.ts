import type { EpochMs } from '../../core/units.js';
import { EXPOSURE_ALERTS } from './belief.js';
import type { Invariant, Probe, Scene } from './invariant.js';
import { btc } from './words.js';

const MINUTE = 60_000;
/** While it is locked somebody looks again at least this often. */
const RECONCILED_EVERY_MS = 180_000;

/**
 * L2. A venue is gone for ever and something is naked: `lostVenueLockMs` later entries are locked and an alert is out,
 * at most six requests leave in any minute after that (those of flows the driver asks for aside), and it goes on looking.
 */
export const lostVenue: Invariant = {
  id: 'L2',
  name: 'lost-venue',
  promise: 'With one venue gone for ever it locks, tells people, and goes on looking without hammering.',
  against: 'exposure that outlives the loss of a venue for ever',
  watch(scene, probe) {
    const { context, truth } = scene;
    const loss = context.permanent.find(({ venue }) => venue !== undefined);
    if (loss === undefined) return { why: 'no venue is lost for ever' };
    if (!context.capabilities.includes('lock') || !context.capabilities.includes('alerts'))
      return { why: 'this executor declares neither alerts nor a lock' };
    const idle: EpochMs[] = [];
    return {
      on: {
        request: (event) => {
          if (truth.running === undefined) idle.push(event.t);
        },
      },
      end: () => judge(scene, probe, loss.since, idle),
    };
  },
};

function judge({ context, truth, belief, endAt }: Scene, probe: Probe, lostAt: EpochMs, idle: readonly EpochMs[]): void {
  const { lostVenueLockMs, lostVenueRequestsPerMinute } = context.budgets;
  const naked = truth.exposure.excursions.find(({ end }) => end === undefined || end > lostAt);
  if (naked === undefined) return;
  const by = Math.max(lostAt, naked.start) + lostVenueLockMs;
  if ((naked.end ?? endAt) <= by) return;
  const lock = belief.switches.findLast(({ t }) => t <= by);
  const told = belief.alertIn(EXPOSURE_ALERTS, lostAt - MINUTE, by);
  probe.check(lock?.type === 'halt' && told !== undefined, () => ({
    at: by as EpochMs,
    tapeSeq: naked.startSeq,
    expected: `entries are locked and people told ${lostVenueLockMs} ms after a venue was lost with ${btc(naked.peak)} naked`,
    found: lock?.type === 'halt' ? 'no alert' : 'no lock',
  }));
  const after = idle.filter((t) => t > by);
  after.forEach((t, index) => {
    const inMinute = index - after.findIndex((other) => other > t - MINUTE) + 1;
    probe.check(inMinute <= lostVenueRequestsPerMinute, () => ({
      at: t,
      expected: `at most ${lostVenueRequestsPerMinute} requests leave in a minute while locked`,
      found: String(inMinute),
    }));
  });
  const looks = [by, ...after, endAt];
  const longest = Math.max(...looks.slice(1).map((t, index) => t - (looks[index] ?? t)));
  probe.check(longest <= RECONCILED_EVERY_MS || !truth.isProcessUp, () => ({
    at: by as EpochMs,
    expected: `it looks again at least every ${RECONCILED_EVERY_MS} ms`,
    found: `it was silent for ${longest} ms`,
  }));
}
