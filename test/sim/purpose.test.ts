import { expect, test } from 'vitest';
import { purposeOfCreate, purposeOfOther, type PurposeFacts } from '../../src/sim/purpose.js';

const facts = (change: Partial<PurposeFacts>): PurposeFacts => ({ flowKind: 'enter', recovering: false, otherLegExecuted: false, ...change });

test.each([
  { name: 'entry, spot buy, other leg empty', facts: {}, leg: 'spot', side: 'buy', purpose: 'open' },
  { name: 'entry, perp sell, other leg empty', facts: {}, leg: 'perp', side: 'sell', purpose: 'open' },
  { name: 'entry, perp sell, spot has executed', facts: { otherLegExecuted: true }, leg: 'perp', side: 'sell', purpose: 'hedge' },
  { name: 'entry, spot buy, perp has executed', facts: { otherLegExecuted: true }, leg: 'spot', side: 'buy', purpose: 'hedge' },
  { name: 'entry, spot sell', facts: { otherLegExecuted: true }, leg: 'spot', side: 'sell', purpose: 'rollback' },
  { name: 'entry, perp buy', facts: {}, leg: 'perp', side: 'buy', purpose: 'rollback' },
  { name: 'exit, spot sell', facts: { flowKind: 'exit' }, leg: 'spot', side: 'sell', purpose: 'close' },
  { name: 'exit, perp buy, spot has executed', facts: { flowKind: 'exit', otherLegExecuted: true }, leg: 'perp', side: 'buy', purpose: 'close' },
  { name: 'exit, spot buy', facts: { flowKind: 'exit' }, leg: 'spot', side: 'buy', purpose: 'repair' },
  { name: 'exit, perp sell', facts: { flowKind: 'exit' }, leg: 'perp', side: 'sell', purpose: 'repair' },
  { name: 'no flow, spot sell', facts: { flowKind: undefined }, leg: 'spot', side: 'sell', purpose: 'repair' },
  { name: 'recovering in an entry, perp sell', facts: { recovering: true, otherLegExecuted: true }, leg: 'perp', side: 'sell', purpose: 'recover' },
  { name: 'recovering outside flows, spot sell', facts: { recovering: true, flowKind: undefined }, leg: 'spot', side: 'sell', purpose: 'recover' },
] as const)('a create, $name: $purpose', ({ facts: change, leg, side, purpose }) => {
  expect(purposeOfCreate(facts(change), leg, side)).toBe(purpose);
});

test.each([
  { name: 'read of a known order', method: 'fetchOrder', ofOrder: 'open', created: true, purpose: 'poll' },
  { name: 'read of a known order of an earlier flow', method: 'fetchOrder', ofOrder: 'close', created: false, purpose: 'poll' },
  { name: 'read before the first create', method: 'fetchBalance', ofOrder: undefined, created: false, purpose: 'precheck' },
  { name: 'setting before the first create', method: 'setLeverage', ofOrder: undefined, created: false, purpose: 'precheck' },
  { name: 'read after the first create', method: 'fetchPositions', ofOrder: undefined, created: true, purpose: 'poll' },
  { name: 'cancel of a rollback order', method: 'cancelOrder', ofOrder: 'rollback', created: true, purpose: 'rollback' },
  { name: 'cancel of an unknown order', method: 'cancelOrder', ofOrder: undefined, created: true, purpose: 'poll' },
] as const)('a $name: $purpose', ({ method, ofOrder, created, purpose }) => {
  expect(purposeOfOther(method, ofOrder, created)).toBe(purpose);
});
