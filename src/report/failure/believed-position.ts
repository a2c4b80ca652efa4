import type { Leg } from '../../core/units.js';
import type { JournalRecord } from '../../journal/journal-event.js';
import type { TapeEvent } from '../../sim/tape-event.js';

/** What the executor takes for true from `t` on, in 1e-8 BTC, a short negative. */
export interface BeliefStep {
  readonly t: number;
  readonly spot: bigint;
  readonly perp: bigint;
  /** The same without orders that it knows not to know yet. */
  readonly sure: Readonly<Record<Leg, bigint>>;
  /** Client ids of those: sent and not settled. */
  readonly open: readonly string[];
  /** Whether the answer to one of them proved nothing. */
  readonly inDoubt: boolean;
}

/** Whether the journal tells of orders at all; one of another kind says nothing about what is believed to be held. */
export function tellsOrders(tape: readonly TapeEvent[], journal: readonly JournalRecord[]): boolean {
  if (journal.some(({ event }) => event.type === 'intent')) return true;
  return journal.length > 0 && !tape.some((event) => event.type === 'request' && event.method === 'createOrder');
}

interface Attempt {
  readonly leg: Leg;
  readonly sign: 1n | -1n;
  executed: bigint;
  state: 'open' | 'doubted' | 'done';
}

/** Follows the journal: what its settled and answered orders, and holdings adopted from the venues, add up to. */
export function believedPositions(journal: readonly JournalRecord[]): readonly BeliefStep[] {
  const attempts = new Map<string, Attempt>();
  const adopted = { spot: 0n, perp: 0n };
  const steps: BeliefStep[] = [];
  for (const { event } of journal) {
    const attempt = 'clientOrderId' in event ? attempts.get(event.clientOrderId) : undefined;
    if (event.type === 'intent')
      attempts.set(event.clientOrderId, { leg: event.leg, sign: event.side === 'buy' ? 1n : -1n, executed: 0n, state: 'open' });
    else if (event.type === 'holdings.adopted') adopted[event.leg] += event.to - event.from;
    else if (event.type === 'order.settled' && attempt !== undefined) Object.assign(attempt, { executed: event.executed, state: 'done' });
    else if (event.type === 'answer' && attempt !== undefined) {
      if (event.executed !== undefined && event.executed > attempt.executed) attempt.executed = event.executed;
      if (event.operation === 'createOrder' && attempt.state === 'open' && event.certainty === 'unknown') attempt.state = 'doubted';
    } else continue;
    const step = stepAt(event.t, attempts, adopted);
    if (steps.at(-1)?.t === event.t) steps.pop();
    steps.push(step);
  }
  return steps;
}

function stepAt(t: number, attempts: ReadonlyMap<string, Attempt>, adopted: Readonly<Record<Leg, bigint>>): BeliefStep {
  const held = { ...adopted };
  const sure = { ...adopted };
  const open: string[] = [];
  let inDoubt = false;
  for (const [id, { leg, sign, executed, state }] of attempts) {
    held[leg] += sign * executed;
    if (state === 'done') sure[leg] += sign * executed;
    else open.push(id);
    if (state === 'doubted') inDoubt = true;
  }
  return { t, ...held, sure, open, inDoubt };
}
