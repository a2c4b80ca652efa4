import { abs, negate, type Btc } from '../core/money.js';
import type { JournalRecord } from '../journal/journal-event.js';
import type { Mark } from '../journal/marks.js';
import type { TapeEvent } from '../sim/tape-event.js';

const REDUCING: ReadonlySet<string> = new Set(['rollback', 'repair', 'close', 'recover']);

/**
 * Promises about single orders that tape and journal show to be broken, whatever the final state says (an entry that
 * hedges the requested instead of the filled size can end flat after a correcting trade).
 */
export function violationsOf(tape: readonly TapeEvent[], journal: readonly JournalRecord[]): readonly Mark[] {
  const found = new Set<Mark>();
  if (hasDuplicateIntent(tape, journal)) found.add('order.duplicate-intent');
  if (exceedsDelta(tape)) found.add('rollback.qty-exceeds-delta');
  if (countsTwice(tape, journal)) found.add('fill.counted-twice');
  for (const mark of sentAgainstHalt(tape, journal)) found.add(mark);
  if (sentDuringBan(tape)) found.add('request.sent-during-known-ban');
  return [...found];
}

function executedByClientId(tape: readonly TapeEvent[]): Map<string, Btc> {
  const clientIds = new Map<string, string>();
  const executed = new Map<string, Btc>();
  for (const event of tape) {
    if (event.type === 'order.accepted' && event.clientOrderId !== undefined) clientIds.set(`${event.venue}/${event.orderId}`, event.clientOrderId);
    if (event.type !== 'fill') continue;
    const id = clientIds.get(`${event.venue}/${event.orderId}`);
    if (id !== undefined) executed.set(id, ((executed.get(id) ?? 0n) + event.quantity) as Btc);
  }
  return executed;
}

/** One intent executed more than it asked for over its attempts, or one client id was accepted twice. */
function hasDuplicateIntent(tape: readonly TapeEvent[], journal: readonly JournalRecord[]): boolean {
  const accepted = tape.flatMap((event) => (event.type === 'order.accepted' && event.clientOrderId !== undefined ? [event.clientOrderId] : []));
  if (new Set(accepted).size !== accepted.length) return true;
  const executed = executedByClientId(tape);
  const sums = new Map<string, { executed: bigint; asked: bigint }>();
  const seen = new Set<string>();
  for (const { event } of journal) {
    // An append that failed and was tried again may stand twice.
    if (event.type !== 'intent' || seen.has(event.clientOrderId)) continue;
    seen.add(event.clientOrderId);
    // A market buy is sized by cost and may bring a crumb more than it was meant to.
    const asked = event.orderType === 'market' && event.side === 'buy' ? event.quantity + event.quantity / 100n : event.quantity;
    const sum = sums.get(event.intentId) ?? { executed: 0n, asked: 0n };
    sum.executed += executed.get(event.clientOrderId) ?? 0n;
    sum.asked = sum.asked > asked ? sum.asked : asked;
    sums.set(event.intentId, sum);
  }
  return [...sums.values()].some((sum) => sum.executed > sum.asked);
}

/** A rollback larger than the residual at the time it was accepted makes a new naked position on the other side. */
function exceedsDelta(tape: readonly TapeEvent[]): boolean {
  let spot = 0n;
  let perp = 0n;
  for (const event of tape) {
    if (event.type === 'order.accepted' && event.purpose === 'rollback' && event.quantity !== undefined) {
      const lotSlack = 100_000n;
      if (event.quantity > abs(spot + perp) + lotSlack) return true;
    }
    if (event.type === 'fill') {
      const signed = event.side === 'buy' ? event.quantity : negate(event.quantity);
      if (event.leg === 'spot') spot += signed;
      else perp += signed;
    }
    if (event.type === 'forced') perp += event.quantity;
  }
  return false;
}

function countsTwice(tape: readonly TapeEvent[], journal: readonly JournalRecord[]): boolean {
  const executed = executedByClientId(tape);
  return journal.some(({ event }) => event.type === 'order.settled' && event.executed > (executed.get(event.clientOrderId) ?? 0n));
}

/** Orders that add exposure although the journal says that opening was halted, or everything frozen. */
function sentAgainstHalt(tape: readonly TapeEvent[], journal: readonly JournalRecord[]): readonly Mark[] {
  const halts = journal.flatMap(({ event }) => (event.type === 'halt' || event.type === 'resume' ? [event] : []));
  const marks = new Set<Mark>();
  for (const request of tape) {
    if (request.type !== 'request' || request.method !== 'createOrder' || REDUCING.has(request.purpose)) continue;
    const last = halts.findLast(({ t }) => t < request.t);
    if (last?.type !== 'halt' || request.purpose === 'hedge') continue;
    marks.add(last.reason.includes('scenario') ? 'order.sent-after-kill' : 'order.sent-while-locked-except-reducing');
  }
  return [...marks];
}

/** Requests to a venue after it answered 418 or 429 with an end that had not come. */
function sentDuringBan(tape: readonly TapeEvent[]): boolean {
  const venueOf = new Map<number, string>();
  const bannedUntil = new Map<string, number>();
  for (const event of tape) {
    if (event.type === 'request') {
      if (event.t < (bannedUntil.get(event.venue) ?? 0)) return true;
      venueOf.set(event.request, event.venue);
    }
    if (event.type !== 'answer' || event.http !== 418) continue;
    const until = /banned until (\d{13})/.exec(event.message ?? '')?.[1];
    const venue = venueOf.get(event.request);
    if (until !== undefined && venue !== undefined) bannedUntil.set(venue, Math.max(bannedUntil.get(venue) ?? 0, Number(until)));
  }
  return false;
}
