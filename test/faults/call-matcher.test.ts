import { expect, test } from 'vitest';

import { isNth, matchesCall } from '../../src/faults/call-matcher.js';
import type { CallMatcher, Nth } from '../../src/faults/fault-rule.js';
import type { VenueCall } from '../../src/faults/fault-session.js';
import { aCall } from './fault-harness.js';

const matches = (match: Partial<CallMatcher>, call: Partial<VenueCall> = {}): boolean => matchesCall({ countPer: 'flow', ...match }, aCall(call));

test.each<{ name: string; match: Partial<CallMatcher>; call?: Partial<VenueCall>; result: boolean }>([
  { name: 'nothing given matches every call', match: {}, result: true },
  { name: 'another venue does not', match: { venues: ['upbit'] }, result: false },
  { name: 'one venue of a list does', match: { venues: ['upbit', 'binance'] }, result: true },
  { name: 'mutating means a create', match: { methods: ['mutating'] }, result: true },
  { name: 'mutating does not mean a read', match: { methods: ['mutating'] }, call: { method: 'fetchOrder' }, result: false },
  { name: 'read means a look-up', match: { methods: ['read'] }, call: { method: 'fetchBalance' }, result: true },
  { name: 'a star means every method', match: { methods: ['*'] }, call: { method: 'setLeverage' }, result: true },
  { name: 'another method does not', match: { methods: ['cancelOrder'] }, result: false },
  { name: 'the other leg does not', match: { leg: 'spot' }, result: false },
  { name: 'one purpose of a list does', match: { purposes: ['hedge', 'open'] }, result: true },
  { name: 'another purpose does not', match: { purposes: ['rollback'] }, result: false },
  { name: 'another side does not', match: { side: 'buy' }, call: { side: 'sell' }, result: false },
  { name: 'a call without a side has no side', match: { side: 'buy' }, call: { method: 'fetchOrder' }, result: false },
  { name: 'another order type does not', match: { orderType: 'market' }, call: { orderType: 'limit' }, result: false },
  { name: 'a create that says nothing is not reduce-only', match: { reduceOnly: false }, result: true },
  { name: 'a reduce-only create is not plain', match: { reduceOnly: false }, call: { reduceOnly: true }, result: false },
  { name: 'a look-up is neither', match: { reduceOnly: false }, call: { method: 'fetchOrder' }, result: false },
  { name: 'another flow does not', match: { flow: 2 }, result: false },
  { name: 'another life of the process does not', match: { incarnation: 1 }, result: false },
  { name: 'another point does not', match: { point: 'q' }, result: false },
  { name: 'every key has to match', match: { leg: 'perp', side: 'sell', purposes: ['open'] }, call: { side: 'buy' }, result: false },
])('a matcher: $name', ({ match, call, result }) => {
  expect(matches(match, call)).toBe(result);
});

test.each<{ name: string; nth: Nth | undefined; hits: number[] }>([
  { name: 'without it every call', nth: undefined, hits: [1, 2, 3, 4, 5, 6, 7, 8] },
  { name: 'a list names positions', nth: { kind: 'list', values: [2, 5] }, hits: [2, 5] },
  { name: 'a range has both ends', nth: { kind: 'range', from: 3, to: 5, every: 1 }, hits: [3, 4, 5] },
  { name: 'an open range goes on', nth: { kind: 'range', from: 6, every: 1 }, hits: [6, 7, 8] },
  { name: 'every third from the second', nth: { kind: 'range', from: 2, every: 3 }, hits: [2, 5, 8] },
])('nth of eight calls: $name', ({ nth, hits }) => {
  expect([1, 2, 3, 4, 5, 6, 7, 8].filter((count) => isNth(nth, count))).toEqual(hits);
});
