import { expect, test } from 'vitest';
import { addMs } from '../../src/core/units.js';
import type { PremiumBars } from '../../src/market/bars.js';
import type { MarketView } from '../../src/market/market-view.js';
import { barsAsDecided, decisionMarket } from '../../src/run/decision-market.js';
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

test('bars under a quote that jumps: quote and dollar premium move for its rows, and both ends are steps', () => {
  const rows = 6;
  const column = (value: (row: number) => number): Float64Array => Float64Array.from({ length: rows }, (_, row) => value(row));
  const bars = {
    time: column((row) => START + row * 5_000),
    usdKrw: column(() => 1_400),
    premium: column(() => 0.02),
    fxStep: new Uint8Array(rows),
    fxSince: column(() => START),
    length: rows,
  } as unknown as PremiumBars;
  const windows = [{ venue: 'fx' as 'upbit', action: { kind: 'fx', frozen: false, gapBp: 100 } as const, fromMs: 10_000, untilMs: 20_000 }];
  const seen = barsAsDecided(bars, scriptedFaults({ windows }));
  expect([...seen.usdKrw]).toEqual([1_400, 1_400, 1_414, 1_414, 1_400, 1_400]);
  expect([...seen.premium].map((value) => value.toFixed(6))).toEqual(['0.020000', '0.020000', '0.009901', '0.009901', '0.020000', '0.020000']);
  expect([...seen.fxStep]).toEqual([0, 0, 1, 0, 1, 0]);
  expect([...bars.usdKrw]).toEqual(Array.from({ length: rows }, () => 1_400));
  expect(barsAsDecided(bars, scriptedFaults({}))).toBe(bars);
});

test('bars under a frozen quote: keep the value and the age of when it froze', () => {
  const bars = {
    time: Float64Array.from([0, 5_000, 10_000, 15_000, 20_000].map((ms) => START + ms)),
    usdKrw: Float64Array.from([1_400, 1_401, 1_402, 1_403, 1_404]),
    premium: Float64Array.from([0, 0, 0, 0, 0]),
    fxStep: Uint8Array.from([0, 1, 1, 1, 1]),
    fxSince: Float64Array.from([0, 5_000, 10_000, 15_000, 20_000].map((ms) => START + ms)),
    length: 5,
  } as unknown as PremiumBars;
  const windows = [{ venue: 'fx' as 'upbit', action: { kind: 'fx', frozen: true, gapBp: 0 } as const, fromMs: 7_000, untilMs: 20_000 }];
  const seen = barsAsDecided(bars, scriptedFaults({ windows }));
  expect([...seen.usdKrw]).toEqual([1_400, 1_401, 1_401, 1_401, 1_404]);
  expect([...(seen.fxSince ?? [])].slice(2, 4)).toEqual([START + 5_000, START + 5_000]);
  expect([...seen.fxStep]).toEqual([0, 1, 0, 0, 1]);
});
