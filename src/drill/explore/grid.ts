import type { JournalRecord } from '../../journal/journal-event.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import { LEG_STATES, type GridCell, type LegState } from './explored-run.js';

type Request = Extract<TapeEvent, { type: 'request' }>;
type Leg = 'spot' | 'perp';

/** What a flow's first order on each leg came to, for every flow of a run. */
export function gridCells(tape: readonly TapeEvent[], journal: readonly JournalRecord[]): readonly GridCell[] {
  const doubted = new Set(
    journal.flatMap(({ event }) =>
      event.type === 'answer' && event.operation === 'createOrder' && event.certainty === 'unknown' ? [event.clientOrderId] : [],
    ),
  );
  const executed = executedByRequest(tape);
  const cells: GridCell[] = [];
  for (const begin of tape) {
    if (begin.type !== 'flow.begin') continue;
    const creates = tape.filter((event): event is Request => event.type === 'request' && event.method === 'createOrder' && event.flow === begin.flow);
    const forward = new Set(begin.kind === 'enter' ? ['open', 'hedge'] : ['close']);
    const state = (leg: Leg): LegState => {
      const first = creates.find((request) => request.leg === leg && forward.has(request.purpose));
      if (first === undefined) return 'zero';
      return stateOf(first, executed.get(first.request) ?? 0n, doubted);
    };
    const cell = { spot: state('spot'), perp: state('perp') };
    cells.push({ flow: begin.kind === 'enter' ? 'entry' : 'exit', ...cell });
    if (creates.some(({ purpose }) => purpose === 'rollback')) cells.push({ flow: 'rollback', ...cell });
  }
  return cells;
}

function stateOf(order: Request, executed: bigint, doubted: ReadonlySet<string>): LegState {
  if (order.clientOrderId !== undefined && doubted.has(order.clientOrderId)) return 'unknown';
  if (executed === 0n) return 'zero';
  // A buy by cost names no quantity: what it executed is all it could.
  return order.quantity === undefined || executed >= order.quantity ? 'filled' : 'partial';
}

function executedByRequest(tape: readonly TapeEvent[]): ReadonlyMap<number, bigint> {
  const requests = new Map<string, number>();
  const executed = new Map<number, bigint>();
  for (const event of tape) {
    if (event.type === 'order.accepted') requests.set(`${event.venue}/${event.orderId}`, event.request);
    if (event.type !== 'fill') continue;
    const request = requests.get(`${event.venue}/${event.orderId}`);
    if (request !== undefined) executed.set(request, (executed.get(request) ?? 0n) + event.quantity);
  }
  return executed;
}

/** Cells that no flow can come through, and why. */
const IMPOSSIBLE: readonly { readonly is: (cell: GridCell) => boolean; readonly reason: string }[] = [
  {
    is: ({ flow, spot, perp }) => flow === 'rollback' && spot === 'filled' && perp === 'filled',
    reason: 'both legs are on in full: there is nothing to roll back',
  },
  {
    is: ({ flow, spot, perp }) => flow === 'rollback' && spot === 'zero' && perp === 'zero',
    reason: 'neither leg is on: there is nothing to roll back',
  },
];

/** The whole grid, with how often each cell was visited and why it cannot be where that is known. */
export function gridTable(
  visits: ReadonlyMap<string, number>,
): readonly (GridCell & { readonly visits: number; readonly reason?: string | undefined })[] {
  return (['entry', 'exit', 'rollback'] as const).flatMap((flow) =>
    LEG_STATES.flatMap((spot) =>
      LEG_STATES.map((perp) => {
        const cell: GridCell = { flow, spot, perp };
        return { ...cell, visits: visits.get(cellName(cell)) ?? 0, reason: IMPOSSIBLE.find(({ is }) => is(cell))?.reason };
      }),
    ),
  );
}

export const cellName = ({ flow, spot, perp }: GridCell): string => `${flow}: spot ${spot}, perp ${perp}`;
