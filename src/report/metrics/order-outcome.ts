import type { AttemptBelief } from '../facts/journal-facts.js';
import type { CancelFacts, OrderFacts } from '../facts/fact-types.js';

/** What became of one send. `refused` and `unknown` speak of the answer, the rest of the executed quantity. */
export type OrderOutcome = 'filled' | 'partial' | 'unfilled' | 'refused' | 'never arrived';

/** Market buys by cost end with a remainder below one satoshi's worth of the quantity; this counts as full. */
const FULL_SHARE = 0.999;

/** The truth about an order, whatever the executor was told. */
export function outcomeOf(order: OrderFacts): OrderOutcome {
  if (order.accepted === undefined) return order.arrivedAt === undefined ? 'never arrived' : 'refused';
  if (order.executed === 0n) return 'unfilled';
  return isFull(order) ? 'filled' : 'partial';
}

/** Fully executed: all of the quantity, or (a market buy by cost) all of the cost but a crumb. */
export function isFull(order: OrderFacts): boolean {
  if (order.accepted?.quantity !== undefined) return order.executed >= order.accepted.quantity;
  const cost = order.accepted?.cost ?? order.request.cost;
  if (cost === undefined) return order.ended?.status === 'filled';
  const spent = order.fills.reduce((sum, fill) => sum + Number(fill.event.quote), 0);
  return spent >= Number(cost) * FULL_SHARE;
}

// Answers that prove the venue did not take the order, by ccxt class; used only for executors without a journal.
const REFUSALS: ReadonlySet<string> = new Set([
  'InsufficientFunds',
  'InvalidOrder',
  'OrderNotFillable',
  'OrderImmediatelyFillable',
  'DuplicateOrderId',
  'BadRequest',
  'BadSymbol',
  'ArgumentsRequired',
  'AuthenticationError',
  'PermissionDenied',
  'AccountNotEnabled',
  'AccountSuspended',
  'RateLimitExceeded',
  'DDoSProtection',
  'InvalidNonce',
  'OnMaintenance',
  'NotSupported',
  'OperationRejected',
  'MarketClosed',
]);

/**
 * What the answer to a create proved to the client: the executor's own classification where it keeps a
 * journal, else by the ccxt class of the error; nothing at all is unknown.
 */
export function certaintyOfSend(order: OrderFacts, belief: AttemptBelief | undefined): 'accepted' | 'refused' | 'unknown' {
  if (belief?.createAnswer !== undefined) return belief.createAnswer.certainty;
  if (order.answer === undefined) return 'unknown';
  if (order.answer.ok) return 'accepted';
  return REFUSALS.has(order.answer.error ?? '') ? 'refused' : 'unknown';
}

/**
 * Cancels that lost to a fill: the order traded after the cancel had left the client, or had traded out before
 * the venue saw it. The share of these among all cancels is the cancel-race loss rate (FLOX, order journeys).
 */
export function cancelsLost(cancels: readonly CancelFacts[], orders: readonly OrderFacts[]): number {
  return cancels.filter(({ request }) => {
    const order = orders.find((candidate) => isTargetOf(request, candidate));
    if (order === undefined) return false;
    return order.fills.some((fill) => fill.t >= request.t);
  }).length;
}

function isTargetOf(cancel: CancelFacts['request'], order: OrderFacts): boolean {
  if (order.request.venue !== cancel.venue) return false;
  const byId = cancel.orderId !== undefined && order.accepted?.orderId === cancel.orderId;
  const byClientId = cancel.clientOrderId !== undefined && order.request.clientOrderId === cancel.clientOrderId;
  return byId || byClientId;
}

/**
 * Extra accepted orders: attempts that executed more, together with the earlier ones of the same intent, than
 * the intent asked for, and client order ids accepted twice. Must be 0.
 */
export function duplicateOrders(orders: readonly OrderFacts[], attempts: ReadonlyMap<string, AttemptBelief>): number {
  const executed = new Map<string, bigint>();
  const accepted = new Set<string>();
  let extra = 0;
  for (const order of orders) {
    const { clientOrderId, venue } = order.request;
    if (clientOrderId === undefined || order.accepted === undefined) continue;
    const key = `${venue}/${clientOrderId}`;
    const twice = accepted.has(key);
    accepted.add(key);
    const intent = attempts.get(clientOrderId)?.intent;
    const name = intent?.intentId ?? key;
    const before = executed.get(name) ?? 0n;
    executed.set(name, before + order.executed);
    const tooMuch = intent !== undefined && order.executed > 0n && before > 0n && before + order.executed > quantityOf(intent.intentId, attempts);
    if (twice || tooMuch) extra += 1;
  }
  return extra;
}

/** The most that any attempt of an intent asked for: its first attempt, since later ones ask for what is left. */
function quantityOf(intentId: string, attempts: ReadonlyMap<string, AttemptBelief>): bigint {
  let most = 0n;
  for (const { intent } of attempts.values()) {
    if (intent?.intentId === intentId && intent.quantity > most) most = intent.quantity;
  }
  return most;
}
