import type { VenueId } from '../../../core/units.js';
import type { ExploredRun } from '../explored-run.js';
import { REFUSALS } from '../fault-kinds.js';
import type { Plan, PlannedFault } from '../planned-fault.js';

const PURPOSES = ['open', 'hedge', 'close', 'rollback', 'repair'] as const;
type OrderPurpose = (typeof PURPOSES)[number];

const onCreate = (id: string, purpose: OrderPurpose, inject: PlannedFault['inject'], venue?: VenueId): PlannedFault => ({
  id,
  when: { method: 'createOrder', purpose, ...(venue === undefined ? {} : { venue }) },
  inject,
  required: false,
});
const onCancel = (id: string, inject: PlannedFault['inject']): PlannedFault => ({ id, when: { method: 'cancelOrder' }, inject, required: false });

/** Orders that take off: a venue refuses these for other reasons than those that add. */
const TAKES_OFF: ReadonlySet<OrderPurpose> = new Set(['close', 'rollback']);

const refusal = (purpose: OrderPurpose, venue: VenueId, index: number): PlannedFault => {
  const isClosing = TAKES_OFF.has(purpose);
  return onCreate(`refused-${index}`, purpose, REFUSALS[venue]({ side: isClosing ? 'sell' : 'buy', reduceOnly: isClosing }), venue);
};

/** What can become of an order for some purpose and of its cancel; an order that rests is what cancels are for. */
function endings(purpose: OrderPurpose): readonly (readonly PlannedFault[])[] {
  const rests = onCreate('rests-8', purpose, { fill: { fraction: 0.4, then: 'rest' } });
  return [
    [refusal(purpose, 'upbit', 8), refusal(purpose, 'binance', 9)],
    [onCreate('reply-lost-8', purpose, { lose: { part: 'response', as: 'timeout' } })],
    [rests],
    [rests, onCancel('429-9', { reject: { http: 429, retryAfter: '1s' } })],
    [rests, onCancel('request-lost-9', { lose: { part: 'request', as: 'timeout' } })],
  ];
}

/**
 * Repairs and rollbacks exist in faulted runs only: for each purpose of an order the simplest run of a flow that sends
 * one, with each thing that can then happen to it.
 *
 * @param runs - of one flow, simplest first.
 */
export function machineCellPlans(runs: readonly ExploredRun[]): readonly Plan[] {
  return PURPOSES.flatMap((purpose) => {
    const base = runs.find(({ cells }) => cells.includes(`${purpose} / createOrder / accepted`));
    if (base === undefined) return [];
    const { flow, seed, faults } = base.plan;
    return endings(purpose).map((ending): Plan => ({ level: 'grid', flow, seed, faults: [...faults, ...ending] }));
  });
}
