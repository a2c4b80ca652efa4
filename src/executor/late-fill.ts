import { formatFixed } from '../core/money.js';
import type { Engine } from './engine.js';
import type { Attempt } from './position-book.js';
import { isExposed, repairInBackground } from './reconcile.js';
import type { Supervisor } from './supervisor.js';

/** Ids counted as zero without proof, and orders cut short by a cancel of ours: more of them may still become known. */
export function lateCandidates({ book, facts, policy }: Engine): readonly Attempt[] {
  const age = (attempt: Attempt): number => facts.sinceSettled(attempt);
  return [...book.watched(age, policy.lateWatchMs), ...book.cancelledShort(age, policy.correctionWatchMs)];
}

/** Looks such an order up. @returns whether it has executed more than was counted, which a human is told. */
export async function executedAfterAll(engine: Engine, attempt: Attempt): Promise<boolean> {
  const before = attempt.settled;
  await (before?.certainty === 'proven' ? engine.resolver.lookAgain(attempt) : engine.resolver.step(attempt));
  const { settled, intent } = attempt;
  if (settled?.certainty !== 'proven' || settled.executed === (before?.executed ?? 0n)) return false;
  const { leg, side, clientOrderId } = intent;
  const counted = before?.certainty === 'proven' ? `ended with ${formatFixed(before.executed)} BTC` : 'counted as zero';
  await engine.writer.alert(
    attempt.flow,
    'LATE_FILL',
    'critical',
    `${clientOrderId}, ${counted}, executed ${formatFixed(settled.executed)} BTC after all (${side}, ${leg} leg)`,
  );
  return true;
}

/** Repairs what a late fill has left, like any residual; call it while no flow runs. */
export async function repairLateFill(supervisor: Supervisor, { flow }: Attempt): Promise<void> {
  const { engine } = supervisor;
  // A flow that ran meanwhile may have repaired it together with its own residual.
  if (!isExposed(engine) || (await repairInBackground(supervisor, 'a late fill'))) await engine.writer.mark(flow, 'late-fill.repaired');
  else await engine.killSwitch.lock('a late fill could not be repaired');
}
