import { expect, test, vi } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { exclusionOf } from '../../src/faults/applicability.js';
import { CLIENT_METHODS } from '../../src/faults/client-methods.js';
import type { GarbleAction, GarbleMode } from '../../src/faults/fault-action.js';
import type { ExchangeClient } from '../../src/exchange/exchange-client.js';
import { leverageBracketBody } from '../../src/sim/binance-bodies.js';
import { bracketsOf } from '../../src/sim/binance-shapes.js';
import { marginTiersAt } from '../../src/exchange/margin-tiers.js';
import type * as Garble from '../../src/sim/garble.js';
import { wireClient } from '../exchange/wire-harness.js';
import { nth, scriptedFaults } from './support/scripted-faults.js';
import { PERP, simulate, SPOT } from './support/simulate.js';
import { START } from './support/world.js';

const wire = vi.hoisted(() => ({ texts: [] as string[] }));
/** Keeps the text of each garbled answer, which the client never shows whole. */
vi.mock('../../src/sim/garble.js', async (load) => {
  const garble = await load<typeof Garble>();
  return {
    ...garble,
    garbled: (...given: Parameters<typeof garble.garbled>) => {
      const said = garble.garbled(...given);
      // A body that is no JSON reaches the parser as the text it is.
      if (said.ok) wire.texts.push(typeof said.body === 'string' ? said.body : JSON.stringify(said.body));
      return said;
    },
  };
});

const MODES: readonly GarbleMode[] = ['truncated-json', 'html-page', 'empty-body', 'wrong-type', 'missing-field', 'other-order', 'unmapped-status'];
const SYMBOLS = { upbit: SPOT, binance: PERP } as const;

/** One plain call of every method, the same for the simulated and the real client. */
const CALLS: Readonly<Record<string, (client: ExchangeClient, symbol: string, id: string) => Promise<unknown>>> = {
  fetchTime: (client) => client.fetchTime(),
  fetchOrderBook: (client, symbol) => client.fetchOrderBook(symbol, 5),
  fetchTicker: (client, symbol) => client.fetchTicker(symbol),
  fetchBalance: (client) => client.fetchBalance(),
  createOrder: (client, symbol) => client.createOrder(symbol, 'limit', 'buy', 0.01, symbol === SPOT ? 120_000_000 : 80_000, { clientOrderId: 'c-2' }),
  fetchOrder: (client, symbol, id) => client.fetchOrder(id, symbol),
  cancelOrder: (client, symbol, id) => client.cancelOrder(id, symbol),
  fetchOpenOrders: (client, symbol) => client.fetchOpenOrders(symbol),
  fetchMyTrades: (client, symbol) => client.fetchMyTrades(symbol),
  setLeverage: (client, symbol) => client.setLeverage(1, symbol),
  setMarginMode: (client, symbol) => client.setMarginMode('cross', symbol),
  setPositionMode: (client) => client.setPositionMode(true),
  fetchPositionMode: (client) => client.fetchPositionMode(),
  fetchLeverage: (client, symbol) => client.fetchLeverage(symbol),
  fetchPositions: (client, symbol) => client.fetchPositions([symbol]),
  fetchFundingRate: (client, symbol) => client.fetchFundingRate(symbol),
};

type Outcome = { readonly returned: unknown } | { readonly threw: string; readonly message: string };

async function outcomeOf(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { returned: await call() };
  } catch (error) {
    return { threw: (error as Error).constructor.name, message: (error as Error).message };
  }
}

/** What the simulated client makes of a garbled answer, and the text that stood on the wire. */
async function simulated(venue: VenueId, method: string, action: GarbleAction): Promise<{ readonly outcome: Outcome; readonly text: string }> {
  let armed = false;
  const faults = scriptedFaults({
    onCall: (call) => (armed && call.venue === venue && call.method === method && call.prepares !== true ? [action] : []),
  });
  wire.texts.length = 0;
  const run = await simulate({ faults }, async ({ upbit, binance }) => {
    const client: ExchangeClient = venue === 'upbit' ? upbit : binance;
    const symbol = SYMBOLS[venue];
    let id = '';
    if (!method.startsWith('set')) {
      // Something of everything: a position or coins, a trade, and an order that rests.
      await client.createOrder(symbol, 'limit', 'buy', 0.02, venue === 'upbit' ? 131_000_000 : 90_000, { timeInForce: 'IOC' });
      id = (await client.createOrder(symbol, 'limit', 'buy', 0.01, venue === 'upbit' ? 120_000_000 : 80_000, { clientOrderId: 'c-1' })).id ?? '';
    }
    armed = true;
    const outcome = await outcomeOf(() => CALLS[method]?.(client, symbol, id) ?? Promise.reject(new Error(`no call of ${method}`)));
    armed = false;
    return outcome;
  });
  const [text] = wire.texts;
  if (text === undefined) throw new Error(`${method} was not garbled`);
  return { outcome: run.value, text };
}

const cases = (['upbit', 'binance'] as const).flatMap((venue) =>
  CLIENT_METHODS.flatMap((method) =>
    MODES.map((mode): { venue: VenueId; method: string; action: GarbleAction } => ({ venue, method, action: { kind: 'garble', mode } })),
  ).filter(({ method, action }) => exclusionOf(action, method, venue) === undefined),
);
const odd: readonly { venue: VenueId; method: string; action: GarbleAction }[] = [
  { venue: 'upbit', method: 'fetchOrder', action: { kind: 'garble', mode: 'missing-field', field: 'executed_volume' } },
  { venue: 'upbit', method: 'fetchOrder', action: { kind: 'garble', mode: 'missing-field', field: 'state' } },
  { venue: 'upbit', method: 'createOrder', action: { kind: 'garble', mode: 'missing-field', field: 'market' } },
  { venue: 'binance', method: 'fetchOrder', action: { kind: 'garble', mode: 'missing-field', field: 'executedQty' } },
  { venue: 'binance', method: 'fetchOrder', action: { kind: 'garble', mode: 'missing-field', field: 'cumQuote' } },
  { venue: 'binance', method: 'createOrder', action: { kind: 'garble', mode: 'missing-field', field: 'status' } },
  { venue: 'binance', method: 'fetchBalance', action: { kind: 'garble', mode: 'missing-field', field: 'marginBalance' } },
  { venue: 'upbit', method: 'fetchBalance', action: { kind: 'garble', mode: 'missing-field', field: 'locked' } },
  { venue: 'binance', method: 'fetchOrder', action: { kind: 'garble', mode: 'unmapped-status', status: 'FOO' } },
];

test.each([...cases, ...odd])(
  '$venue $method, garbled as $action.mode $action.field: the client gets what ccxt makes of the very text',
  async (given) => {
    const { venue, method, action } = given;
    const { outcome, text } = await simulated(venue, method, action);
    const { client } = await wireClient(venue, () => ({ kind: 'http', status: 200, body: text }));
    const options = (client as unknown as { options: Record<string, unknown> }).options;
    options['leverageBrackets'] = { [PERP]: bracketsOf(leverageBracketBody(marginTiersAt(START).value)).map((row) => [...row]) };
    const real = client as unknown as ExchangeClient;
    const order = venue === 'upbit' ? '9e8f8eba-7050-4837-8969-cfc272cbe083' : '283194212';
    expect(outcome).toStrictEqual(await outcomeOf(() => CALLS[method]?.(real, SYMBOLS[venue], order) ?? Promise.resolve()));
  },
);

test('a garbled answer to a create: the order lives all the same, under its client order id', async () => {
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, { kind: 'garble', mode: 'html-page' }) });
  const run = await simulate({ faults }, async ({ binance }) => {
    const outcome = await outcomeOf(() => binance.createOrder(PERP, 'market', 'sell', 0.01, undefined, { clientOrderId: 'b-1' }));
    return { outcome, order: await binance.fetchOrder(undefined, PERP, { clientOrderId: 'b-1' }) };
  });
  expect(run.value.outcome).toMatchObject({ threw: 'TypeError' });
  expect(run.value.order).toMatchObject({ status: 'closed', filled: 0.01 });
});

test('a garbled refusal: reads as a page of a proxy, which proves nothing', async () => {
  const faults = scriptedFaults({ onCall: nth('upbit', 'createOrder', 1, { kind: 'garble', mode: 'empty-body' }) });
  const run = await simulate({ faults }, async ({ upbit }) => outcomeOf(() => upbit.createOrder(SPOT, 'limit', 'buy', 10, 130_000_000, {})));
  expect(run.value).toMatchObject({ threw: 'ExchangeNotAvailable' });
});
