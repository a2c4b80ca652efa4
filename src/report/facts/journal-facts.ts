import type { EpochMs } from '../../core/units.js';
import type { JournalEvent, JournalRecord } from '../../journal/journal-event.js';

/** The journal's event of one type. */
export type JournalOf<Type extends JournalEvent['type']> = Extract<JournalEvent, { readonly type: Type }>;

/** What the executor knew of one order attempt, by its client order id. */
export interface AttemptBelief {
  readonly clientOrderId: string;
  readonly intent: JournalOf<'intent'> | undefined;
  readonly createAnswer: JournalOf<'answer'> | undefined;
  /** The first answer that gave no certainty about it. */
  readonly doubtedAt: EpochMs | undefined;
  readonly settled: JournalOf<'order.settled'> | undefined;
}

export interface JournalFacts {
  /** False when the executor keeps no journal (a foreign one): figures of belief then say N/A. */
  readonly present: boolean;
  readonly events: readonly JournalEvent[];
  readonly attempts: ReadonlyMap<string, AttemptBelief>;
  readonly deltas: readonly JournalOf<'delta'>[];
  readonly repairsStarted: readonly JournalOf<'repair.started'>[];
  readonly repairsEnded: readonly JournalOf<'repair.ended'>[];
  readonly flowsEnded: readonly JournalOf<'flow.ended'>[];
  readonly halts: readonly JournalOf<'halt'>[];
  readonly alerts: readonly JournalOf<'alert'>[];
}

/** Sorts a journal, read once, by what the metrics ask for. */
export function journalFacts(journal: readonly JournalRecord[]): JournalFacts {
  const events = journal.map((record) => record.event);
  const only = <Type extends JournalEvent['type']>(type: Type): readonly JournalOf<Type>[] =>
    events.filter((event): event is JournalOf<Type> => event.type === type);
  return {
    present: events.length > 0,
    events,
    attempts: attemptsOf(events),
    deltas: only('delta'),
    repairsStarted: only('repair.started'),
    repairsEnded: only('repair.ended'),
    flowsEnded: only('flow.ended'),
    halts: only('halt'),
    alerts: only('alert'),
  };
}

function attemptsOf(events: readonly JournalEvent[]): ReadonlyMap<string, AttemptBelief> {
  const attempts = new Map<string, AttemptBelief>();
  const change = (clientOrderId: string, news: Partial<AttemptBelief>): void => {
    const known = attempts.get(clientOrderId) ?? {
      clientOrderId,
      intent: undefined,
      createAnswer: undefined,
      doubtedAt: undefined,
      settled: undefined,
    };
    attempts.set(clientOrderId, { ...known, ...news });
  };
  for (const event of events) {
    if (event.type === 'intent') change(event.clientOrderId, { intent: event });
    if (event.type === 'order.settled') change(event.clientOrderId, { settled: event });
    if (event.type !== 'answer') continue;
    const known = attempts.get(event.clientOrderId);
    if (event.operation === 'createOrder' && known?.createAnswer === undefined) change(event.clientOrderId, { createAnswer: event });
    // A look-up that fails leaves an accepted order as it was; only a create in doubt may exist unknown to us.
    if (event.operation === 'createOrder' && event.certainty === 'unknown' && known?.doubtedAt === undefined)
      change(event.clientOrderId, { doubtedAt: event.t });
  }
  return attempts;
}
