import { expect, test } from 'vitest';
import type { ProcessStep } from '../../src/faults/fault-session.js';
import { isStepPoint, matchesStep, parseStepName } from '../../src/faults/step-matcher.js';
import { epochMs } from '../../src/core/units.js';

const append: ProcessStep = {
  name: 'journal.append(intent,perp).before',
  point: 'e0/f1/journal.append(intent,perp)#1.before',
  at: epochMs(1_000),
  flow: 1,
  incarnation: 0,
  leg: 'perp',
};

test.each([
  { step: 'journal.append(intent,perp).before', matches: true },
  { step: 'journal.append(intent).before', matches: true },
  { step: 'journal.append.before', matches: true },
  { step: 'journal.append(intent,spot).before', matches: false },
  { step: 'journal.append(intent).after', matches: false },
  { step: 'binance.createOrder.pre', matches: false },
])('step $step against the intent of the short: $matches', ({ step, matches }) => {
  expect(matchesStep({ step, countPer: 'flow' }, append)).toBe(matches);
});

test.each([
  { name: 'another flow', match: { flow: 2 } },
  { name: 'another life', match: { incarnation: 1 } },
  { name: 'another leg', match: { leg: 'spot' } },
  { name: 'another point', match: { point: 'e0/f1/journal.append(intent,perp)#2.before' } },
] as const)('step of $name: does not match', ({ match }) => {
  expect(matchesStep({ ...match, countPer: 'flow' }, append)).toBe(false);
});

test.each(['journal.append', 'binance.createOrder.later', 'append(intent).before', 'journal append.before'])('"%s": is no name of a step', (text) => {
  expect(parseStepName(text)).toBeUndefined();
});

test('point of a call and point of a step: told apart by the moment at its end', () => {
  expect(isStepPoint(append.point)).toBe(true);
  expect(isStepPoint('e0/f1/open/binance.createOrder#1.got')).toBe(true);
  expect(isStepPoint('e0/f1/open/binance.createOrder#1')).toBe(false);
});
