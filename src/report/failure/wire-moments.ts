import { formatFixed, toNumber } from '../../core/money.js';
import type { RunFacts } from '../facts/fact-types.js';
import { grouped } from '../number-text.js';
import { type Call, fateOf } from '../timeline/calls.js';
import { type Moment, venueName } from '../timeline/moments.js';

/** What passed between executor and venue at a moment; the lost ones went no further than half the way. */
export type Arrow = 'sent' | 'answered' | 'request lost' | 'reply lost';

/** A message of a call, seen from the executor's end of the wire. */
export interface WireMoment extends Moment {
  readonly arrow: Arrow;
}

const WHAT: Readonly<Record<string, string>> = { createOrder: 'order', cancelOrder: 'cancel', fetchOrder: 'look-up' };

/**
 * What the executor sent and was told, as the wire saw it: all that is known of one that keeps no journal.
 *
 * @param verb - `orders` where this is all that is known, `sends` beside a journal that says why.
 */
export function wireMoments(calls: readonly Call[], facts: RunFacts, verb: 'orders' | 'sends'): readonly WireMoment[] {
  return calls.flatMap((call) => {
    const { answer } = call;
    return answer === undefined ? [sending(call, verb)] : [sending(call, verb), telling(call, answer.t, facts)];
  });
}

function sending(call: Call, verb: string): WireMoment {
  const { request } = call;
  const lane = { t: request.t, lane: 'belief', venue: request.venue, sends: request.request } as const;
  const arrow = fateOf(call) === 'request lost' ? 'request lost' : 'sent';
  const venue = venueName(request.venue);
  if (request.method === 'cancelOrder') return { ...lane, arrow, text: `cancels on ${venue}`, weight: 4 };
  if (request.method === 'fetchOrder') return { ...lane, arrow, text: `asks ${venue} about its order`, weight: 1 };
  const { quantity, cost, side, purpose } = request;
  const size = quantity !== undefined ? ` ${formatFixed(quantity)} BTC` : cost === undefined ? '' : ` for ${grouped(toNumber(cost))} KRW`;
  return { ...lane, arrow, text: `${verb}: ${side ?? 'trade'}${size} on ${venue} (${purpose})`, weight: 7 };
}

function telling(call: Call, t: number, facts: RunFacts): WireMoment {
  const { request, answer } = call;
  const fate = fateOf(call);
  const lane = { t, lane: 'belief', venue: request.venue, arrow: fate === 'answered' ? 'answered' : 'reply lost' } as const;
  const what = `${venueName(request.venue)} ${WHAT[request.method] ?? request.method}`;
  const isCreate = request.method === 'createOrder';
  if (answer?.ok === true) return { ...lane, text: `told: ${what} ok`, weight: isCreate ? 5 : request.method === 'cancelOrder' ? 4 : 1 };
  const error = answer?.error ?? 'an error';
  const code = answer?.code === undefined ? '' : ` ${answer.code}`;
  // What the error hides is what a reader must not miss.
  const isMisled = isCreate && facts.orders.some((order) => order.request.request === request.request && order.accepted !== undefined);
  return { ...lane, text: `told: ${what}: ${error}${code}`, weight: isMisled ? 9 : isCreate ? 8 : request.method === 'cancelOrder' ? 6 : 2 };
}
