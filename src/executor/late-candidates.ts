import { formatFixed } from '../core/money.js';
import type { Engine } from './engine.js';
import type { Attempt } from './position-book.js';

/** Ids counted as zero without proof that may still execute. */
export const countedAsZero = ({ book, facts, policy }: Engine): readonly Attempt[] =>
  book.watched((attempt) => facts.sinceSettled(attempt), policy.lateWatchMs);

/** Those, and orders that a cancel of ours has cut short in the last `watchMs`: more of them may still become known. */
export const lateCandidates = (engine: Engine, watchMs: number = engine.policy.correctionWatchMs): readonly Attempt[] => [
  ...countedAsZero(engine),
  ...engine.book.cancelledShort((attempt) => engine.facts.sinceSettled(attempt), watchMs),
];

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
