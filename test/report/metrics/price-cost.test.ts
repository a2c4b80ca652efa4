import { describe, expect, test } from 'vitest';
import { InternalError } from '../../../src/core/assert.js';
import {
  averagePrice,
  effectiveSpreadBps,
  markoutBps,
  priceImpactBps,
  realizedSpreadBps,
  slippageBps,
} from '../../../src/report/metrics/price-cost.js';
import { implementationShortfall } from '../../../src/report/metrics/shortfall.js';

// 0.3 at 100 and 0.1 at 104: average 101.
const fills = [
  { price: 100, quantity: 0.3 },
  { price: 104, quantity: 0.1 },
];

test('average price is weighted by quantity', () => {
  expect(averagePrice(fills)).toBeCloseTo(101, 12);
});

test('average price of nothing is refused', () => {
  expect(() => averagePrice([])).toThrow(InternalError);
});

test.each([
  { side: 'buy', arrival: 100, bps: 100 },
  { side: 'sell', arrival: 100, bps: -100 },
  { side: 'sell', arrival: 102, bps: 98.0392156862745 },
] as const)('slippage of a $side against arrival $arrival: positive is a cost', ({ side, arrival, bps }) => {
  expect(slippageBps(side, fills, arrival)).toBeCloseTo(bps, 9);
});

test('effective spread is twice the slippage, and realised spread plus impact give it back', () => {
  const effective = effectiveSpreadBps('buy', fills, 100);
  expect(effective).toBeCloseTo(200, 9);
  expect(realizedSpreadBps('buy', fills, 100, 100.4)).toBeCloseTo(120, 9);
  expect(priceImpactBps('buy', 100, 100.4)).toBeCloseTo(80, 9);
});

test.each([
  { side: 'buy', after: 102.01, bps: 100 },
  { side: 'sell', after: 102.01, bps: -100 },
] as const)('markout of a $side after a rise: positive is good', ({ side, after, bps }) => {
  expect(markoutBps(side, fills, after)).toBeCloseTo(bps, 9);
});

describe('implementation shortfall of a buy of 1 BTC of which 0.4 filled', () => {
  const parts = implementationShortfall({ side: 'buy', intended: 1, fills, decisionMid: 99, arrivalMid: 100, endMid: 103, fees: 0.05 });

  test('delay is the filled quantity times the move before arrival', () => expect(parts.delay).toBeCloseTo(0.4, 12));
  test('execution is the filled quantity times price against arrival', () => expect(parts.execution).toBeCloseTo(0.4, 12));
  test('opportunity is the unfilled quantity times the move to the end', () => expect(parts.opportunity).toBeCloseTo(2.4, 12));
  test('the parts add up', () => expect(parts.total).toBeCloseTo(0.4 + 0.4 + 2.4 + 0.05, 12));
});

test('implementation shortfall of a sell that never filled: only the missed trade, negative when the price rose', () => {
  const parts = implementationShortfall({ side: 'sell', intended: 2, fills: [], decisionMid: 100, arrivalMid: 100, endMid: 101, fees: 0 });
  expect(parts).toEqual({ delay: -0, execution: 0, opportunity: -2, explicit: 0, total: -2 });
});
