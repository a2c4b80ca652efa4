import { expect, test } from 'vitest';
import { parseFixed } from '../../src/core/money.js';
import { holds, statePredicate, type StateOperator, type StatePath, type StateValue } from '../../src/faults/state-predicate.js';
import { bench, calls, LOSE_RESPONSE, onCall, rule } from './fault-harness.js';

const predicate = (path: StatePath, op: StateOperator, value: string | readonly string[]) => {
  const made = statePredicate(path, op, value);
  if ('problem' in made) throw new Error(made.problem);
  return made;
};

test.each<{ op: StateOperator; value: string | readonly string[]; found: string; is: boolean }>([
  { op: 'lt', value: '0', found: '-0.05', is: true },
  { op: 'lt', value: '0', found: '0', is: false },
  { op: 'lte', value: '0', found: '0', is: true },
  { op: 'gt', value: '0.05', found: '0.05000001', is: true },
  { op: 'gte', value: '0.05', found: '0.05', is: true },
  { op: 'eq', value: '0.050', found: '0.05', is: true },
  { op: 'ne', value: '0.05', found: '0.05', is: false },
  { op: 'in', value: ['0', '0.05'], found: '0.05', is: true },
  { op: 'in', value: ['0', '0.05'], found: '0.04', is: false },
])('binance.position $op $value with $found: $is, compared as exact amounts', ({ op, value, found, is }) => {
  expect(holds(predicate('binance.position', op, value), parseFixed(found))).toBe(is);
});

test('words and gaps: a mode is compared as a word, and what is unknown is nothing at all', () => {
  expect(holds(predicate('binance.positionMode', 'eq', 'hedge'), 'hedge')).toBe(true);
  expect(holds(predicate('binance.positionMode', 'ne', 'hedge'), 'oneway')).toBe(true);
  expect(holds(predicate('upbit.mid', 'ne', '1'), undefined)).toBe(false);
});

test('a fault with a state: strikes only while all of it holds, and calls before that do not count', () => {
  const truth: Partial<Record<StatePath, StateValue>> = { 'binance.position': parseFixed('0'), openOrders: parseFixed('0') };
  const state = [predicate('binance.position', 'lt', '0'), predicate('openOrders', 'eq', '0')];
  const { host, call } = bench([rule('short-held', calls({ state, nth: { kind: 'list', values: [2] } }), onCall(LOSE_RESPONSE))]);
  Object.assign(host, { read: (path: StatePath) => truth[path] });
  expect([call(1), call(2), call(3)]).toEqual([[], [], []]);
  truth['binance.position'] = parseFixed('-0.05');
  expect(call(4)).toEqual([]);
  truth.openOrders = parseFixed('1');
  expect(call(5)).toEqual([]);
  truth.openOrders = parseFixed('0');
  expect(call(6)).toEqual(['short-held:lose']);
});
