import fc from 'fast-check';
import { fixed, type Btc, type Fixed } from '../../src/core/money.js';
import { epochMs } from '../../src/core/units.js';
import type { JournalEvent } from '../../src/journal/journal-event.js';

const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map((units) => fixed<Btc>(units));
const money = amount as fc.Arbitrary<Fixed<never>>;
const text = fc.string({ maxLength: 12 });
const id = fc.constantFrom('a', 'b', 'c', 'd');
const flow = fc.constantFrom('enter-1', 'exit-2', 'recover-3', '-');
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 }).map(epochMs);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));

const bodies = fc.oneof(
  fc.record({
    type: fc.constant('flow.started' as const),
    kind: fc.constantFrom('enter', 'exit', 'recover', 'unwind'),
    quantity: amount,
    positionIds: fc.array(id),
    decisionPremium: optional(finite),
    decidedAt: instant,
  }),
  fc.record({
    type: fc.constant('preflight' as const),
    ok: fc.boolean(),
    checks: fc.array(fc.record({ name: text, ok: fc.boolean(), detail: text })),
  }),
  fc.record({
    type: fc.constant('intent' as const),
    intentId: text,
    clientOrderId: id,
    attempt: fc.nat(9),
    leg: fc.constantFrom('spot', 'perp'),
    venue: fc.constantFrom('upbit', 'binance'),
    side: fc.constantFrom('buy', 'sell'),
    purpose: fc.constantFrom('open', 'hedge', 'close', 'rollback', 'repair'),
    orderType: fc.constantFrom('market', 'limit-ioc'),
    quantity: amount,
    limitPrice: optional(money),
    reduceOnly: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('answer' as const),
    clientOrderId: id,
    operation: fc.constantFrom('createOrder', 'cancelOrder', 'fetchOrder'),
    certainty: fc.constantFrom('accepted', 'refused', 'unknown'),
    row: text,
    error: optional(text),
    orderId: optional(text),
    status: optional(text),
    executed: optional(amount),
  }),
  fc.record({
    type: fc.constant('order.settled' as const),
    clientOrderId: id,
    orderId: optional(text),
    executed: amount,
    quoteExecuted: money,
    fee: optional(money),
    certainty: fc.constantFrom('proven', 'presumed-zero'),
    status: optional(text),
  }),
  fc.record({ type: fc.constant('delta' as const), spot: amount, perp: amount, residual: amount }),
  fc.record({ type: fc.constant('repair.started' as const), residual: amount, plan: fc.constantFrom('complete', 'unwind'), reason: text }),
  fc.record({ type: fc.constant('repair.ended' as const), residual: amount, proven: fc.boolean() }),
  fc.record({
    type: fc.constant('flow.ended' as const),
    outcome: fc.constantFrom('hedged', 'flat', 'rolled-back', 'partially-rolled-back', 'aborted', 'locked'),
    spot: amount,
    perp: amount,
    residual: amount,
    reason: text,
  }),
  fc.record({
    type: fc.constant('position.opened' as const),
    positionId: id,
    quantity: amount,
    spotCostKrw: money,
    perpProceedsUsdt: money,
    openedAt: instant,
  }),
  fc.record({ type: fc.constant('position.changed' as const), positionId: id, quantity: amount, reason: text }),
  fc.record({ type: fc.constant('position.closed' as const), positionId: id }),
  fc.record({ type: fc.constant('holdings.adopted' as const), leg: fc.constantFrom('spot', 'perp'), from: amount, to: amount, reason: text }),
  fc.record({ type: fc.constant('dust' as const), leg: fc.constantFrom('spot', 'perp'), quantity: amount, total: amount }),
  fc.record({ type: fc.constant('ban' as const), venue: fc.constantFrom('upbit', 'binance'), until: instant, row: text }),
  fc.record({ type: fc.constant('halt' as const), level: fc.constantFrom('opening', 'flatten', 'freeze'), reason: text }),
  fc.record({ type: fc.constant('resume' as const), by: text }),
  fc.record({
    type: fc.constant('alert' as const),
    alert: fc.constantFrom('HALTED', 'LATE_FILL'),
    severity: fc.constantFrom('info', 'warning', 'critical'),
    message: text,
    delivered: optional(fc.boolean()),
  }),
  fc.record({ type: fc.constant('recovery.started' as const), openFlows: fc.array(id) }),
  fc.record({ type: fc.constant('recovery.ended' as const), resolved: fc.nat(9), residual: amount }),
  fc.record({ type: fc.constant('monitor' as const), spot: amount, perp: amount, marginRatio: optional(finite), finding: text }),
  fc.record({ type: fc.constant('mark' as const), mark: text }),
);

/** Any event there is, with any contents. */
export const journalEvents: fc.Arbitrary<JournalEvent> = fc.tuple(instant, flow, bodies).map(([t, name, body]) => ({ t, flow: name, ...body }));

/** What of a value survives a round trip: absent and undefined are the same on disk. */
export function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
