import type { EpochMs } from '../../core/units.js';
import { type At, EXPOSURE_ALERTS } from './belief.js';
import type { Invariant, Probe, Scene } from './invariant.js';
import { btc } from './words.js';

/** An order in doubt on one leg is told of before the other one fills. */
const ALERT_BEFORE_MS = 60_000;
/** Alerts follow what they tell of; trouble further back explains nothing. */
const CAUSE_MS = 600_000;

/**
 * I13. Legs that stay unequal for longer than a leg may take (`legMs`; `unseenMs` where no order of ours did it) are
 * told of within another `alertMs`. In a run without faults there is neither a warning nor a critical alert, unless the
 * tape itself shows the reason: an error answer, a forced trade, unequal legs, an operator's hand, the margin.
 */
export const alertHonesty: Invariant = {
  id: 'I13',
  name: 'alert-honesty',
  promise: 'People are told of every exposure that lasts, and of nothing that is none.',
  against: 'exposure that lasts, or alert of weight in a run without faults',
  watch(scene, probe) {
    if (!scene.context.capabilities.includes('alerts')) return { why: 'this executor declares no alerts' };
    if (scene.truth.faultKinds.has('clock')) return { why: "the process's clock was moved: alerts and wire cannot be put in order" };
    const troubles: EpochMs[] = [];
    return {
      on: {
        answer: (event) => {
          if (!event.ok) troubles.push(event.t);
        },
        forced: (event) => troubles.push(event.t),
      },
      end: () => {
        scene.truth.exposure.finish(scene.endAt);
        checkTold(scene, probe);
        if (scene.context.isFaultFree) for (const alert of scene.belief.alerts) checkCause(scene, probe, alert, troubles);
      },
    };
  },
};

function checkTold({ truth, belief, context, endAt }: Scene, probe: Probe): void {
  const { legMs, unseenMs, alertMs } = context.budgets;
  for (const excursion of truth.exposure.excursions) {
    const patience = (excursion.cause === 'own' ? legMs : unseenMs) + alertMs;
    const long = excursion.stretches.find(({ start, end }) => (end ?? endAt) - start > patience);
    if (long === undefined) continue;
    const told = belief.alertIn(EXPOSURE_ALERTS, excursion.start - ALERT_BEFORE_MS, long.start + patience);
    probe.check(told !== undefined, () => ({
      at: long.start,
      tapeSeq: excursion.startSeq,
      expected: `an exposure is alerted within ${patience} ms`,
      found: `${btc(excursion.peak)} stayed naked for ${(long.end ?? endAt) - long.start} ms in silence`,
    }));
  }
}

function checkCause({ truth, context }: Scene, probe: Probe, alert: At<'alert'>, troubles: readonly EpochMs[]): void {
  if (alert.severity === 'info' || (alert.alert === 'HALTED' && alert.message.includes('scenario'))) return;
  const isExposed = truth.exposure.excursions.some(
    ({ start, end }) => start <= alert.t && (end === undefined || end + context.budgets.alertMs >= alert.t),
  );
  const hadTrouble = troubles.some((t) => t <= alert.t && t >= alert.t - CAUSE_MS);
  probe.check(isExposed || hadTrouble || alert.alert === 'MARGIN_FLOOR', () => ({
    at: alert.t,
    journalSeq: alert.seq,
    expected: 'no alarm while nothing is wrong',
    found: `${alert.alert} (${alert.severity}): ${alert.message}`,
  }));
}
