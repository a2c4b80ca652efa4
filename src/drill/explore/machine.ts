import type { IntentPurpose, JournalRecord } from '../../journal/journal-event.js';

const PURPOSES: readonly IntentPurpose[] = ['open', 'hedge', 'close', 'rollback', 'repair'];
const OPERATIONS = ['createOrder', 'fetchOrder', 'cancelOrder'] as const;
const CERTAINTIES = ['accepted', 'refused', 'unknown'] as const;

/** Every (state, event) of the executor's order machine: what an order is for, what was asked, what the answer proved. */
export const MACHINE_CELLS: readonly string[] = PURPOSES.flatMap((purpose) =>
  OPERATIONS.flatMap((operation) => CERTAINTIES.map((certainty) => `${purpose} / ${operation} / ${certainty}`)),
);

/** The cells that a run came through, from the journal alone. */
export function machineCells(journal: readonly JournalRecord[]): readonly string[] {
  const purposes = new Map<string, IntentPurpose>();
  const cells = new Set<string>();
  for (const { event } of journal) {
    if (event.type === 'intent') purposes.set(event.clientOrderId, event.purpose);
    if (event.type !== 'answer') continue;
    const purpose = purposes.get(event.clientOrderId);
    if (purpose !== undefined) cells.add(`${purpose} / ${event.operation} / ${event.certainty}`);
  }
  return [...cells];
}

/** Why no run comes through a cell; undefined where one could. */
export function unreachableCell(cell: string): string | undefined {
  return UNREACHABLE.find(({ is }) => is.test(cell))?.reason;
}

const UNREACHABLE: readonly { readonly is: RegExp; readonly reason: string }[] = [
  {
    is: / fetchOrder \/ refused$/,
    reason: 'a look-up that fails leaves its order in doubt: the table of answers calls no failure of a read a refusal',
  },
];
