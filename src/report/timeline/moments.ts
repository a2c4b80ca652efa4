import { abs, type Btc, fixed, formatFixed, mulDiv, negate, ONE, toNumber } from '../../core/money.js';
import type { Side, VenueId } from '../../core/units.js';
import type { JournalEvent, JournalRecord } from '../../journal/journal-event.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import type { TapeOf } from '../facts/fact-types.js';
import type { JournalOf } from '../facts/journal-facts.js';
import { utc } from '../instants.js';
import { grouped } from '../number-text.js';
import { TOLERANCE_DEFAULT } from '../run-facts.js';

/** One line of a timeline. `weight` says what to keep when there is room for few: 9 must stay, 1 goes first. */
export interface Moment {
  readonly t: number;
  readonly lane: 'truth' | 'belief';
  readonly text: string;
  readonly weight: number;
  readonly venue?: VenueId | undefined;
  readonly fault?: boolean | undefined;
  /** The request that this is the sending of. */
  readonly sends?: number | undefined;
  /** It is the end of a flow, which comes after whatever else happens at that instant. */
  readonly ends?: true | undefined;
}

/** What people call a venue. */
const VENUE_NAMES: Readonly<Record<VenueId, string>> = { upbit: 'Upbit', binance: 'Binance' };
export const venueName = (venue: VenueId): string => VENUE_NAMES[venue];

const VERBS: Readonly<Record<Side, string>> = { buy: 'buy', sell: 'sell' };
const DONE: Readonly<Record<Side, string>> = { buy: 'bought', sell: 'sold' };
const btc = (quantity: bigint): string => `${formatFixed(quantity)} BTC`;
/** To a ten-thousandth of a BTC, with its sign. */
export const briefly = (quantity: bigint): string => signed(mulDiv(quantity, 10_000n, ONE, 'half-up') * 10_000n);
const signed = (quantity: bigint): string => `${quantity > 0n ? '+' : ''}${formatFixed(quantity)}`;

/** What really happened, in the order of the tape. */
export function truthMoments(tape: readonly TapeEvent[]): readonly Moment[] {
  const teller = new TruthTeller();
  return sweeps(tape).flatMap((event) => teller.tell(event));
}

/** Fills of one order at one instant become one, at their average price: a sweep through the book is one thing. */
export function sweeps(tape: readonly TapeEvent[]): readonly TapeEvent[] {
  const merged: TapeEvent[] = [];
  const open = new Map<string, number>();
  for (const event of tape) {
    if (event.type !== 'fill') {
      merged.push(event);
      continue;
    }
    const key = `${event.t}/${event.venue}/${event.orderId}`;
    const index = open.get(key);
    const before = index === undefined ? undefined : merged[index];
    if (index === undefined || before?.type !== 'fill') {
      open.set(key, merged.push(event) - 1);
      continue;
    }
    const quantity = fixed<Btc>(before.quantity + event.quantity);
    const quote = fixed(before.quote + event.quote);
    merged[index] = { ...before, quantity, quote, price: fixed(mulDiv(quote, ONE, quantity, 'half-up')) };
  }
  return merged;
}

class TruthTeller {
  #spot = 0n;
  #perp = 0n;
  #mid = 0;
  readonly #methods = new Map<number, TapeOf<'request'>>();

  tell(event: TapeEvent): readonly Moment[] {
    this.#follow(event);
    const said = this.#say(event);
    return said === undefined ? [] : [{ t: event.t, lane: 'truth', ...said }];
  }

  #follow(event: TapeEvent): void {
    if (event.type === 'request') this.#methods.set(event.request, event);
    if (event.type === 'flow.begin') this.#mid = event.upbitMid;
    if (event.type === 'mark' && event.upbitMid !== undefined) this.#mid = event.upbitMid;
    if (event.type === 'forced') this.#perp += event.quantity;
    if (event.type !== 'fill') return;
    const change = event.side === 'buy' ? event.quantity : negate(event.quantity);
    if (event.venue === 'upbit') this.#spot += change;
    else this.#perp += change;
  }

  #say(event: TapeEvent): Omit<Moment, 't' | 'lane'> | undefined {
    switch (event.type) {
      case 'flow.begin':
        return { text: `${event.kind} ${btc(event.quantity)}, premium ${grouped(event.premium * 100, 2)} %`, weight: 6 };
      case 'flow.end':
        return { text: this.#holding(), weight: 9, ends: true };
      case 'request':
        return requestMoment(event);
      case 'order.accepted':
        return { text: `${venueName(event.venue)} accepts the ${event.side}`, weight: 2, venue: event.venue };
      case 'order.refused':
        return { text: `${venueName(event.venue)} refuses: ${event.code} ${event.message}`, weight: 8, venue: event.venue };
      case 'fill':
        return { text: this.#fillText(event), weight: 8, venue: event.venue };
      case 'order.ended':
        return event.status === 'filled' ? undefined : { text: endText(event), weight: 4, venue: event.venue };
      case 'fault':
        return this.#faultMoment(event);
      case 'process':
        return { text: event.event === 'crash' ? 'PROCESS DIES' : 'process starts again', weight: 9, fault: event.event === 'crash' };
      case 'operator':
        return { text: event.action === 'unlock' ? 'KILL SWITCH released' : `KILL SWITCH thrown (${event.level ?? 'opening'})`, weight: 9 };
      case 'forced':
        return { text: `Binance ${event.kind}: ${btc(abs(event.quantity))} of the short is gone`, weight: 9, venue: 'binance', fault: true };
      case 'funding':
        return { text: `funding ${signed(event.amount)} USDT`, weight: 3, venue: 'binance' };
      default:
        return undefined;
    }
  }

  #fillText(event: TapeOf<'fill'>): string {
    const price = grouped(toNumber(event.price), event.venue === 'upbit' ? 0 : 1);
    const residual = this.#spot + this.#perp;
    // The net comes before the price: it is what a narrow column must not lose.
    const net = abs(residual) <= TOLERANCE_DEFAULT ? '' : `, net ${briefly(residual)}`;
    return `${venueName(event.venue)} ${DONE[event.side]} ${formatFixed(event.quantity)}${net}, at ${price}`;
  }

  #faultMoment(event: TapeOf<'fault'>): Omit<Moment, 't' | 'lane'> {
    const request = event.request === undefined ? undefined : this.#methods.get(event.request);
    const target = request === undefined ? '' : `: ${venueName(request.venue)} ${CALLS[request.method] ?? request.method}`;
    const detail = event.detail === undefined ? '' : `, ${withClock(event.detail)}`;
    return { text: `FAULT ${faultWords(event)}${target}${detail}`, weight: 9, venue: request?.venue, fault: true };
  }

  #holding(): string {
    const residual = this.#spot + this.#perp;
    const worth = grouped(toNumber(abs(residual)) * this.#mid);
    const state = abs(residual) <= TOLERANCE_DEFAULT ? 'nothing naked' : `NAKED ${worth} KRW`;
    return `holds ${formatFixed(this.#spot)} / ${formatFixed(this.#perp)}: ${state}`;
  }
}

const CALLS: Readonly<Record<string, string>> = { createOrder: 'order', cancelOrder: 'cancel', fetchOrder: 'look-up' };

/** What the fault did to the call, by the stage of its life that was struck. */
function faultWords({ action, stage }: TapeOf<'fault'>): string {
  const part = stage === 'inbound' ? 'reply' : 'request';
  if (action === 'lose') return `${part} lost`;
  if (action === 'delay') return `${part} delayed`;
  if (action === 'reject') return stage === 'inbound' ? 'taken, but refusal sent' : 'refused';
  return action;
}

/** Instants in milliseconds, as the tape writes them, as a clock in UTC. */
const withClock = (text: string): string => text.replace(/\b1\d{12}\b/g, (instant) => `${utc(Number(instant)).slice(11)} UTC`);

/** The class of an error without the venue's whole answer. */
const errorClass = (error: string): string => error.split(':')[0] ?? error;

function requestMoment(event: TapeOf<'request'>): Omit<Moment, 't' | 'lane'> | undefined {
  const { venue, method, side, quantity, cost } = event;
  if (method === 'createOrder') {
    const size = quantity === undefined ? (cost === undefined ? '' : ` for ${grouped(toNumber(cost))} KRW`) : ` ${btc(quantity)}`;
    return {
      text: `sent to ${venueName(venue)}: ${side === undefined ? 'order' : VERBS[side]}${size} (${event.purpose})`,
      weight: 5,
      venue,
      sends: event.request,
    };
  }
  if (method === 'cancelOrder') return { text: `sent to ${venueName(venue)}: cancel`, weight: 4, venue, sends: event.request };
  return method === 'fetchOrder' ? { text: `asked ${venueName(venue)} about the order`, weight: 1, venue, sends: event.request } : undefined;
}

function endText(event: TapeOf<'order.ended'>): string {
  return `${venueName(event.venue)} order ${event.status}, ${btc(event.executed)} executed`;
}

/**
 * What the executor thought: its journal. For one that keeps none, the answers it was given stand in.
 */
export function beliefMoments(tape: readonly TapeEvent[], journal: readonly JournalRecord[]): readonly Moment[] {
  if (journal.length === 0) return answersGiven(tape);
  const venues = new Map<string, VenueId>();
  return journal.flatMap(({ event }) => {
    if (event.type === 'intent') venues.set(event.clientOrderId, event.venue);
    const said = sayBelief(event, (clientOrderId) => venues.get(clientOrderId));
    return said === undefined ? [] : [{ t: event.t, lane: 'belief' as const, ...said }];
  });
}

function answersGiven(tape: readonly TapeEvent[]): readonly Moment[] {
  const requests = new Map<number, TapeOf<'request'>>();
  return tape.flatMap((event): readonly Moment[] => {
    if (event.type === 'request') requests.set(event.request, event);
    if (event.type === 'flow.end') {
      const error = event.error === undefined ? '' : `, ${event.error}`;
      return [{ t: event.t, lane: 'belief', text: `ends: ${event.outcome}${error}`, weight: 9 }];
    }
    if (event.type !== 'answer') return [];
    const request = requests.get(event.request);
    const what = request === undefined ? 'a call' : `${venueName(request.venue)} ${request.method}`;
    const orders = request?.method === 'createOrder' || request?.method === 'cancelOrder';
    if (event.ok) return orders ? [{ t: event.t, lane: 'belief', text: `${what}: ok`, weight: 4, venue: request.venue }] : [];
    return [{ t: event.t, lane: 'belief', text: `${what}: ${event.error ?? 'error'}`, weight: orders ? 8 : 3, venue: request?.venue }];
  });
}

type VenueOf = (clientOrderId: string) => VenueId | undefined;

function sayBelief(event: JournalEvent, venueOf: VenueOf): Omit<Moment, 't' | 'lane'> | undefined {
  switch (event.type) {
    case 'intent':
      return { text: `intends ${event.side} ${btc(event.quantity)} on ${venueName(event.venue)} (${event.purpose})`, weight: 3, venue: event.venue };
    case 'answer':
      return { ...answerBelief(event, venueOf(event.clientOrderId)), venue: venueOf(event.clientOrderId) };
    case 'order.settled': {
      const venue = venueOf(event.clientOrderId);
      const sure = event.certainty === 'proven' ? 'knows' : 'presumes';
      return { text: `${sure}: ${formatFixed(event.executed)} executed${venue === undefined ? '' : ` on ${venueName(venue)}`}`, weight: 6, venue };
    }
    case 'delta':
      return { text: `residual ${signed(event.residual)} BTC`, weight: event.residual === 0n ? 4 : 6 };
    case 'repair.started':
      return { text: `REPAIR: ${event.plan} ${signed(event.residual)} BTC`, weight: 8 };
    case 'repair.ended':
      return { text: `repair ends, residual ${signed(event.residual)}${event.proven ? ' proven' : ''}`, weight: 7 };
    case 'flow.ended':
      return { text: `ends: ${event.outcome}, residual ${signed(event.residual)} BTC`, weight: 9, ends: true };
    case 'halt':
      return { text: `HALT ${event.level}: ${event.reason}`, weight: 9 };
    case 'alert':
      return { text: `ALERT ${event.alert}`, weight: event.severity === 'critical' ? 6 : 3 };
    case 'recovery.started':
      return { text: `recovers ${event.openFlows.length} open flow(s) from the journal`, weight: 7 };
    case 'recovery.ended':
      return { text: `recovered, residual ${signed(event.residual)} BTC`, weight: 7 };
    default:
      return undefined;
  }
}

const reasonOf = (event: JournalOf<'answer'>): string => (event.error === undefined ? event.row : errorClass(event.error));

function answerBelief(event: JournalOf<'answer'>, venue: VenueId | undefined): Omit<Moment, 't' | 'lane'> {
  const place = venue === undefined ? '' : `${venueName(venue)} `;
  const what = place + { createOrder: 'order', cancelOrder: 'cancel', fetchOrder: 'look-up' }[event.operation];
  if (event.certainty === 'unknown') return { text: `IN DOUBT: ${what}, ${reasonOf(event)}`, weight: event.operation === 'createOrder' ? 9 : 4 };
  if (event.certainty === 'refused') return { text: `${what} refused: ${reasonOf(event)}`, weight: event.operation === 'createOrder' ? 8 : 4 };
  const executed = event.executed === undefined ? '' : `, ${formatFixed(event.executed)} executed`;
  return {
    text: `${what} ${event.operation === 'fetchOrder' ? 'answered' : 'accepted'}${executed}`,
    weight: event.operation === 'fetchOrder' ? 2 : 3,
  };
}
