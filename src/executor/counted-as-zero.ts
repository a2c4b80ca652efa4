import { formatFixed } from '../core/money.js';
import type { Engine } from './engine.js';
import type { Attempt } from './position-book.js';

/** Ids counted as zero without proof that may still execute. */
export const countedAsZero = ({ book, facts, policy }: Engine): readonly Attempt[] =>
  book.watched((attempt) => facts.sinceSettled(attempt), policy.lateWatchMs);

/** Looks up an id that was counted as zero. @returns whether it executed after all, which a human is told. */
export async function executedAfterAll(engine: Engine, attempt: Attempt): Promise<boolean> {
  await engine.resolver.step(attempt);
  const { settled, intent } = attempt;
  if (settled === undefined || settled.certainty !== 'proven' || settled.executed === 0n) return false;
  const { leg, side, clientOrderId } = intent;
  await engine.writer.alert(
    attempt.flow,
    'LATE_FILL',
    'critical',
    `${clientOrderId}, counted as zero, executed ${formatFixed(settled.executed)} BTC after all (${side}, ${leg} leg)`,
  );
  return true;
}
