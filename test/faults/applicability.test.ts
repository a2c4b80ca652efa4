import { expect, test } from 'vitest';
import { exclusionOf, methodsFor } from '../../src/faults/applicability.js';
import { CLIENT_METHODS } from '../../src/faults/client-methods.js';
import type { CallAction, GarbleMode } from '../../src/faults/fault-action.js';

const fixed = { kind: 'fixed', ms: 100 } as const;
const garble = (mode: GarbleMode): CallAction => ({ kind: 'garble', mode });

test.each<{ name: string; action: CallAction; upbit: readonly string[] | 'all'; binance: readonly string[] | 'all' }>([
  { name: 'lose', action: { kind: 'lose', part: 'request', as: 'dns' }, upbit: 'all', binance: 'all' },
  { name: 'fill', action: { kind: 'fill', fraction: 0.5, pieces: 1, then: 'rest', slipBp: 0 }, upbit: ['createOrder'], binance: ['createOrder'] },
  { name: 'notFound', action: { kind: 'notFound', forMs: 1 }, upbit: ['fetchOrder'], binance: ['fetchOrder'] },
  { name: 'pending-cancel', action: { kind: 'stuck', state: 'pending-cancel', for: 'forever' }, upbit: ['cancelOrder'], binance: ['cancelOrder'] },
  {
    name: 'a doubled request',
    action: { kind: 'duplicate', part: 'request', after: fixed },
    upbit: ['createOrder', 'cancelOrder'],
    binance: ['createOrder', 'cancelOrder', 'setLeverage', 'setMarginMode', 'setPositionMode'],
  },
  {
    name: 'stale',
    action: { kind: 'stale', byMs: 1_000 },
    upbit: ['fetchOrderBook', 'fetchTicker', 'fetchBalance', 'fetchOrder', 'fetchOpenOrders'],
    binance: ['fetchOrderBook', 'fetchTicker', 'fetchBalance', 'fetchOrder', 'fetchOpenOrders', 'fetchMyTrades', 'fetchPositions'],
  },
  {
    name: 'other-order',
    action: garble('other-order'),
    upbit: ['createOrder', 'fetchOrder', 'cancelOrder'],
    binance: ['createOrder', 'fetchOrder', 'cancelOrder'],
  },
  {
    name: 'fillAfterCancel',
    action: { kind: 'fillAfterCancel', fraction: 1, after: fixed },
    upbit: ['createOrder', 'cancelOrder'],
    binance: ['createOrder', 'cancelOrder'],
  },
])('$name: happens to the calls it can do something to, and to no other', ({ action, upbit, binance }) => {
  const onUpbit = CLIENT_METHODS.filter((method) => exclusionOf({ kind: 'lose', part: 'request', as: 'dns' }, method, 'upbit') === undefined);
  expect(methodsFor(action, 'upbit')).toEqual(upbit === 'all' ? onUpbit : upbit);
  expect(methodsFor(action, 'binance')).toEqual(binance === 'all' ? CLIENT_METHODS : binance);
});

test('every exclusion: says why in a sentence of its own', () => {
  const actions: readonly CallAction[] = [garble('empty-body'), garble('missing-field'), garble('other-order'), { kind: 'stale', byMs: 1 }];
  for (const action of actions)
    for (const method of CLIENT_METHODS)
      for (const venue of ['upbit', 'binance'] as const) {
        const reason = exclusionOf(action, method, venue);
        expect(reason === undefined || reason.length > 20).toBe(true);
      }
  expect(exclusionOf(garble('empty-body'), 'loadMarkets', 'binance')).toMatch(/not modelled/);
  expect(exclusionOf(garble('empty-body'), 'setLeverage', 'binance')).toBeUndefined();
});
