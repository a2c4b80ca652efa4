import { describe, expect, test } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { CERTAINTY_TABLE } from '../../src/exchange/certainty-table.js';
import type { Certainty } from '../../src/exchange/judgement.js';
import { judgeError, judgeOrder } from '../../src/exchange/certainty.js';
import { isMappedStatus } from '../../src/exchange/order-reading.js';
import { TRANSPORT_MODES, transportEffect } from '../../src/exchange/transport-fault.js';
import type { call } from '../exchange/wire-harness.js';
import { settle } from '../exchange/wire-harness.js';
import { clientsOf, served, SYMBOL, type Clients } from './support/served.js';

const VENUES: readonly VenueId[] = ['upbit', 'binance'];

interface Case {
  readonly name: string;
  readonly venue: VenueId;
  /** The action as a scenario has it. */
  readonly inject: string;
  readonly gives: string;
  readonly certainty: Certainty;
  /** Whether the order stands at the venue: what nobody but the tape knows. */
  readonly isLive: boolean;
}

function transportCases(venue: VenueId): readonly Case[] {
  return TRANSPORT_MODES.flatMap((mode) => {
    const row = CERTAINTY_TABLE.find(({ answer, venue: of }) => of === venue && answer.kind === 'mangled' && answer.mode === mode);
    if (row === undefined) throw new Error(`the table has no row for ${mode}`);
    const { gives, certainty } = row.outcomes.createOrder;
    const over = mode === 'slow-drip' ? ', over: 200ms' : '';
    const processed = { name: mode, venue, inject: `{ transport: { mode: ${mode}${over} } }`, gives, certainty, isLive: true };
    const { kind } = transportEffect(mode);
    if (kind === 'text' || kind === 'whole') return [processed];
    const unseen = { ...processed, name: `${mode}, of a proxy`, inject: `{ transport: { mode: ${mode}, processed: false } }`, isLive: false };
    return [processed, unseen];
  });
}

function otherCases(venue: VenueId): readonly Case[] {
  const garbled = venue === 'upbit' ? 'order without id' : 'TypeError';
  const made = (name: string, inject: string, gives: string, isLive: boolean): Case => ({ name, venue, inject, gives, certainty: 'unknown', isLive });
  return [
    made('reset, of the request', '{ lose: { part: request, as: reset } }', 'NetworkError', false),
    made('reset, of the answer', '{ lose: { part: response, as: reset } }', 'NetworkError', true),
    made('half-open, of the request', '{ lose: { part: request, as: timeout } }', 'RequestTimeout', false),
    made('half-open, of the answer', '{ lose: { part: response, as: timeout } }', 'RequestTimeout', true),
    made('truncated JSON', '{ garble: { mode: truncated-json } }', garbled, true),
    made('HTML page with status 200', '{ garble: { mode: html-page } }', garbled, true),
    made('empty body with status 200', '{ garble: { mode: empty-body } }', garbled, true),
    made(
      "502 in the venue's own form",
      '{ reject: { http: 502, processed: true } }',
      venue === 'upbit' ? 'ExchangeError' : 'ExchangeNotAvailable',
      true,
    ),
  ];
}

async function openOrder(clients: Clients, venue: VenueId): ReturnType<typeof call> {
  const client = clients[venue];
  await client.loadMarkets();
  return settle(() =>
    client.createOrder(SYMBOL[venue], 'limit', venue === 'upbit' ? 'buy' : 'sell', 0.02, venue === 'upbit' ? 120_000_000 : 99_000, {
      clientOrderId: 'hd-1',
    }),
  );
}

const shapeOf = (result: Awaited<ReturnType<typeof call>>): string => {
  if ('threw' in result) return result.threw.constructor.name;
  const { id, status } = result.returned;
  if (id === undefined) return 'order without id';
  return isMappedStatus(status) ? 'order' : 'order of unmapped status';
};

const CASES = VENUES.flatMap((venue) => [...transportCases(venue), ...otherCases(venue)]);

test('the table is about at least 30 distinct faults at each venue', () => {
  for (const venue of VENUES) expect(CASES.filter((each) => each.venue === venue).length).toBeGreaterThanOrEqual(30);
});

describe('a create over real sockets by real ccxt', () => {
  test.each(CASES)('$venue, $name: $gives, $certainty', async ({ venue, inject, gives, certainty, isLive }) => {
    await served(
      async (open) => {
        const clients = await clientsOf(open, { timeoutMs: 700, bodyTimeoutMs: 250 });
        const result = await openOrder(clients, venue);
        expect(shapeOf(result), 'threw' in result ? result.threw.message : '').toBe(gives);
        const judged = 'threw' in result ? judgeError(venue, 'createOrder', result.threw) : judgeOrder(venue, 'createOrder', result.returned);
        expect(judged.certainty).toBe(certainty);
        const events = open.events();
        expect(events.some(({ type }) => type === 'order.accepted')).toBe(isLive);
        expect(events.filter(({ type }) => type === 'fault')).toHaveLength(1);
        // The next request of the same client goes through, whatever became of its connection.
        const found = await settle(() => lookUp(clients, venue));
        expect('returned' in found && found.returned.status).toBe(isLive ? 'open' : false);
        expect(open.problems).toEqual([]);
      },
      { faults: `  - { id: it, when: { venue: ${venue}, method: createOrder }, inject: ${inject} }` },
    );
  });
});

const lookUp = ({ upbit, binance }: Clients, venue: VenueId): Promise<unknown> =>
  venue === 'upbit'
    ? upbit.fetchOrder(undefined as unknown as string, SYMBOL.upbit, { identifier: 'hd-1' })
    : binance.fetchOrder(undefined as unknown as string, SYMBOL.binance, { clientOrderId: 'hd-1' });
