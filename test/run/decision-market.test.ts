import { expect, test } from 'vitest';
import { addMs } from '../../src/core/units.js';
import type { MarketView } from '../../src/market/market-view.js';
import { decisionMarket } from '../../src/run/decision-market.js';
import { scriptedFaults } from '../sim/support/scripted-faults.js';
import { START } from '../sim/support/world.js';

/** A quote that rises by 1 KRW a second. */
const market = { mid: () => 1, usdKrw: (at: number) => 1_400 + (at - START) / 1_000 } as unknown as MarketView;

function quotes(action: { readonly frozen: boolean; readonly gapBp: number }): (number | undefined)[] {
  // The helper keeps windows by venue name; the quote is a name like the others.
  const windows = [{ venue: 'fx' as 'upbit', action: { kind: 'fx', ...action } as const, fromMs: 10_000, untilMs: 20_000 }];
  const seen = decisionMarket(market, scriptedFaults({ windows }));
  return [5_000, 10_000, 15_000, 20_000].map((ms) => seen.usdKrw(addMs(START, ms)));
}

test('a frozen quote: stands where it stood when the fault began, and catches up afterwards', () => {
  expect(quotes({ frozen: true, gapBp: 0 })).toEqual([1_405, 1_410, 1_410, 1_420]);
});

test('a quote that jumps: is off by so much for as long as the fault lasts', () => {
  const [before, first, second, later] = quotes({ frozen: false, gapBp: 100 });
  expect([before, later]).toEqual([1_405, 1_420]);
  expect(first).toBeCloseTo(1_410 * 1.01, 6);
  expect(second).toBeCloseTo(1_415 * 1.01, 6);
});
