import type { EpochMs } from '../../core/units.js';
import { type At, EXPOSURE_ALERTS } from './belief.js';
import type { Invariant, Probe, Scene, TapeOf } from './invariant.js';
import { btc, orderText } from './words.js';

/** An order in doubt on one leg is told of before the other one fills. */
const ALERT_BEFORE_MS = 60_000;
/** Alerts follow what they tell of; trouble further back explains nothing. */
const CAUSE_MS = 600_000;

/** An order that may or may not be on is a doubt, whatever it does to delta. */
const DOUBT_ALERTS: ReadonlySet<string> = new Set(['UNKNOWN_OUTCOME']);

/**
 * I13. Legs that stay unequal for longer than a leg may take (`legMs`; `unseenMs` where no order of ours did it) are
 * told of within another `alertMs` (or were while the order behind them was in doubt, and not said to be over); so are a
 * rollback and an order whose outcome stays unknown for longer than `legMs`. A message that did not go out is itself written down. In a run without faults there is neither a warning nor a critical alert, unless the
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
    const rollbacks: TapeOf<'request'>[] = [];
    const undelivered: EpochMs[] = [];
    return {
      on: {
        answer: (event) => {
          if (!event.ok) troubles.push(event.t);
        },
        forced: (event) => troubles.push(event.t),
        request: (event) => {
          if (event.method === 'createOrder' && event.purpose === 'rollback') rollbacks.push(event);
        },
        fault: (event) => {
          if (event.action === 'alarm' && event.stage === 'met') undelivered.push(event.t);
        },
      },
      end: () => {
        scene.truth.exposure.finish(scene.endAt);
        checkTold(scene, probe);
        for (const rollback of rollbacks) checkRollbackTold(scene, probe, rollback);
        checkDoubtsTold(scene, probe);
        for (const t of undelivered) checkChannelTold(scene, probe, t);
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
    probe.check(belief.knowsOf(excursion, excursion.start - ALERT_BEFORE_MS, long.start + patience), () => ({
      at: long.start,
      tapeSeq: excursion.startSeq,
      expected: `an exposure is alerted within ${patience} ms`,
      found: `${btc(excursion.peak)} stayed naked for ${(long.end ?? endAt) - long.start} ms in silence`,
    }));
  }
}

/** Whoever is asleep while a leg is sold again has to hear of it (owner's specification, section 9: on entering any repair). */
function checkRollbackTold({ truth, belief, context }: Scene, probe: Probe, event: TapeOf<'request'>): void {
  const begunAt = truth.flows.get(event.flow)?.begin.t ?? event.t;
  const told = belief.alertIn(EXPOSURE_ALERTS, Math.min(begunAt, event.t - ALERT_BEFORE_MS), event.t + context.budgets.alertMs);
  probe.check(told !== undefined, () => ({
    at: event.t,
    tapeSeq: event.seq,
    expected: `a rollback is told of within ${context.budgets.alertMs} ms`,
    found: `${orderText(event)} left in silence`,
  }));
}

function checkDoubtsTold({ belief, context, endAt }: Scene, probe: Probe): void {
  const { legMs, alertMs } = context.budgets;
  for (const [id, { intent, answers, settled }] of belief.attempts) {
    const doubt = answers.find(({ operation }) => operation === 'createOrder');
    if (doubt?.certainty !== 'unknown') continue;
    const known = Math.min(answers.find(({ certainty }) => certainty !== 'unknown')?.t ?? endAt, settled[0]?.t ?? endAt);
    if (known - doubt.t <= legMs) continue;
    const told = belief.alertIn(DOUBT_ALERTS, intent.t, doubt.t + legMs + alertMs);
    probe.check(told !== undefined, () => ({
      at: doubt.t,
      journalSeq: doubt.seq,
      expected: `an order that stays in doubt for more than ${legMs} ms is told of`,
      found: `${id} was in doubt for ${known - doubt.t} ms in silence`,
    }));
  }
}

function checkChannelTold({ belief, context, endAt }: Scene, probe: Probe, t: EpochMs): void {
  const by = t + context.budgets.alertMs;
  if (by > endAt) return;
  probe.check(
    belief.alerts.some(({ alert }) => alert === 'ALARM_CHANNEL_DOWN'),
    () => ({
      at: t,
      expected: `a message that does not go out is written down within ${context.budgets.alertMs} ms`,
      found: 'the journal does not say that the channel is down',
    }),
  );
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
