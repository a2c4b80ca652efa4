import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixed, formatFixed, parseFixed, type Fixed } from '../../src/core/money.js';
import { collarPrice, widened } from '../../src/hedge/collar.js';
import { describeLegs, legState, type LegOutcome } from '../../src/hedge/leg-outcome.js';

const tick = (): Fixed<string> => parseFixed('1000');

test.each([
  { side: 'buy', best: '130000000', bp: 20, price: '130260000' },
  { side: 'sell', best: '130000000', bp: 20, price: '129740000' },
  { side: 'buy', best: '130001000', bp: 20, price: '130261000' },
  { side: 'sell', best: '129999000', bp: 20, price: '129740000' },
  { side: 'buy', best: '130000000', bp: 0.01, price: '130000000' },
] as const)('collar of $bp bp on a $side at $best: $price, on the tick and inside', ({ side, best, bp, price }) => {
  expect(formatFixed(collarPrice(side, parseFixed(best), bp, tick))).toBe(price);
});

test('collar, any price: on the tick, never worse than the collar, never short of the best price on the tick', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('buy', 'sell'),
      fc.bigInt({ min: 1_000n, max: 500_000n }),
      fc.integer({ min: 1, max: 300 }),
      (side, thousands, bp) => {
        const best = fixed<Fixed<string>>(thousands * 1_000n * 100_000_000n);
        const price = collarPrice(side, best, bp, tick);
        expect(price % tick()).toBe(0n);
        const away = side === 'buy' ? price - best : best - price;
        expect(away).toBeGreaterThanOrEqual(0n);
        expect(away * 10_000n).toBeLessThanOrEqual(best * BigInt(bp));
      },
    ),
  );
});

test('collar of a repair: doubles each round up to its maximum', () => {
  expect([0, 1, 2, 3, 4, 5].map((round) => widened(30, round, 300))).toEqual([30, 60, 120, 240, 300, 300]);
});

const leg = (asked: number, executed: number, inDoubt = false): LegOutcome => ({
  asked: fixed(BigInt(asked)),
  executed: fixed(BigInt(executed)),
  inDoubt,
});

test.each([
  { spot: leg(5, 5), perp: leg(5, 5), words: 'both legs filled' },
  { spot: leg(5, 5), perp: leg(5, 0), words: 'case A: spot full, perp none' },
  { spot: leg(5, 2), perp: leg(5, 0), words: 'case A: spot part, perp none' },
  { spot: leg(5, 0), perp: leg(5, 5), words: 'case B: spot none, perp full' },
  { spot: leg(5, 0), perp: leg(5, 0), words: 'case C: neither leg filled' },
  { spot: leg(5, 2), perp: leg(5, 5), words: 'partial: spot part, perp full' },
  { spot: leg(5, 0, true), perp: leg(5, 5), words: 'in doubt: spot unknown, perp full' },
])('outcome of both legs: $words', ({ spot, perp, words }) => {
  expect(describeLegs(legState(spot), legState(perp))).toBe(words);
});
