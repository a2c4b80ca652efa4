import type { EpochMs, VenueId } from '../core/units.js';
import { epochMs } from '../core/units.js';
import { AuthenticationError, DDoSProtection, InsufficientFunds, InvalidNonce, RateLimitExceeded } from './ccxt-errors.js';
import { rowOf } from './certainty-table.js';
import type { ErrorFacts } from './error-facts.js';
import { factsOf } from './error-facts.js';
import type { ClientOrder } from './exchange-client.js';
import type { Judgement, OrderOperation } from './judgement.js';
import { retryAfterOf } from './live/status-errors.js';
import { isMappedStatus } from './order-reading.js';

export type { Judgement, OrderOperation } from './judgement.js';

/** What the caller knows about the order it asked for; an answer about another order proves nothing. */
export interface ExpectedOrder {
  readonly orderId?: string | undefined;
  readonly clientOrderId?: string | undefined;
}

/**
 * Judges an error that a client's call threw. The venue's code and the HTTP status decide (they stand in
 * the message); where neither can be read, ccxt's class may prove a refusal. What is not in the
 * table is `unknown`, also an error that is not ccxt's.
 *
 * @param now - turns a ban's end into `retryAfterMs`.
 */
export function judgeError(venue: VenueId, operation: OrderOperation, error: unknown, now?: EpochMs): Judgement {
  const facts = factsOf(error);
  return { ...verdictOf(venue, operation, facts, error), ...(waitIn(facts.message, now) ?? waitOf(error)) };
}

/** Judges an order that a client's call returned. */
export function judgeOrder(venue: VenueId, _operation: OrderOperation, order: ClientOrder, expected: ExpectedOrder = {}): Judgement {
  const unknown = (what: string): Judgement => ({ certainty: 'unknown', row: `${venue} order ${what}`, advice: 'look-up' });
  if (order.id === undefined || order.id === '') return unknown('without id');
  const other = differs(expected.orderId, order.id) || differs(expected.clientOrderId, order.clientOrderId === '' ? undefined : order.clientOrderId);
  if (other) return unknown('of another id');
  if (!isMappedStatus(order.status)) return unknown(String(order.status));
  return { certainty: 'accepted', row: `${venue} order ${order.status}`, advice: 'none' };
}

const differs = (expected: string | undefined, found: string | undefined): boolean =>
  expected !== undefined && found !== undefined && expected !== found;

function verdictOf(venue: VenueId, operation: OrderOperation, facts: ErrorFacts, error: unknown): Judgement {
  const row = `${venue} ${facts.key}`;
  const known = rowOf(venue, facts.key);
  if (known !== undefined) {
    const { certainty, advice } = known.outcomes[operation];
    return { certainty, row, advice };
  }
  if (facts.code !== undefined || facts.status !== undefined) return { certainty: 'unknown', row: `${row} (not listed)`, advice: 'look-up' };
  return classVerdict(venue, operation, error);
}

/** For errors whose text holds neither code nor status: only what every source reads as a refusal. */
function classVerdict(venue: VenueId, operation: OrderOperation, error: unknown): Judgement {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  const row = `${venue} class ${name}`;
  const write = operation === 'fetchOrder' ? 'unknown' : 'refused';
  if (error instanceof RateLimitExceeded || error instanceof DDoSProtection) return { certainty: write, row, advice: 'back-off' };
  if (error instanceof InvalidNonce) return { certainty: write, row, advice: 'resync-clock' };
  if (error instanceof InsufficientFunds && operation === 'createOrder') return { certainty: 'refused', row, advice: 'insufficient-funds' };
  return { certainty: 'unknown', row, advice: error instanceof AuthenticationError ? 'halt' : 'look-up' };
}

type Wait = Pick<Judgement, 'retryAfterMs' | 'bannedUntil'>;

/** The header, where a guard has kept it. */
function waitOf(error: unknown): Wait {
  const retryAfterMs = retryAfterOf(error);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function waitIn(message: string, now: EpochMs | undefined): Wait | undefined {
  const until = /banned until (\d{13})/.exec(message)?.[1];
  if (until !== undefined) {
    const bannedUntil = epochMs(Number(until));
    return now === undefined ? { bannedUntil } : { bannedUntil, retryAfterMs: Math.max(0, bannedUntil - now) };
  }
  const blocked = /\bblocked (?:for )?(\d{1,9}) ?s(?:ec(?:onds)?)?\b/.exec(message)?.[1];
  return blocked === undefined ? undefined : { retryAfterMs: Number(blocked) * 1_000 };
}
