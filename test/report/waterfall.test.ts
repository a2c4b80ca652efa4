import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InternalError } from '../../src/core/assert.js';
import { formatFixed, fixed, type Btc } from '../../src/core/money.js';
import { isNotAvailable } from '../../src/report/not-available.js';
import { runFacts } from '../../src/report/run-facts.js';
import { type Waterfall, WATERFALL_PARTS, waterfall } from '../../src/report/waterfall.js';
import type { TapeEvent } from '../../src/sim/tape-event.js';
import { TapeBuilder } from './support/tape-builder.js';

const START = Date.UTC(2025, 8, 3, 12);
const spotBuy = { venue: 'upbit', side: 'buy', quantity: '1', purpose: 'open', flow: 1 } as const;
const perpSell = { venue: 'binance', side: 'sell', quantity: '1', purpose: 'open', flow: 1 } as const;

function split(tape: readonly TapeEvent[]): Waterfall {
  const result = waterfall(runFacts(tape));
  if (isNotAvailable(result)) throw new Error(result.na);
  return result;
}

function opened(): TapeBuilder {
  const tape = new TapeBuilder(START, { upbit: 100_000_000, binance: 70_000, usdKrw: 1_400 });
  return tape.run().deposit('upbit', 'KRW', '200000000').deposit('binance', 'USDT', '140000').mark();
}

describe('waterfall of a hedge that is opened and closed without faults', () => {
  // Entry: premium 100,000,000 - 98,000,000 = 2,000,000 KRW; exit: 103,000,000 - 72,000 * 1,400 = 2,200,000 KRW.
  const tape = opened().begin(1, 'enter', '1');
  tape.order({ ...spotBuy, there: 0, back: 0 }, '100030000', 20_000);
  tape.order({ ...perpSell, there: 0, back: 0 }, '69999', 0.5);
  tape.end(1, 'hedged').wait(3_600_000).funding(0.0001, '7');
  tape.prices = { upbit: 103_000_000, binance: 72_000, usdKrw: 1_400 };
  tape.begin(2, 'exit', '1');
  tape.order({ ...spotBuy, side: 'sell', purpose: 'close', flow: 2, there: 0, back: 0 }, '102990000', 10_000);
  tape.order({ ...perpSell, side: 'buy', purpose: 'close', flow: 2, there: 0, back: 0 }, '72001', 1);
  tape.end(2, 'flat');
  const parts = split(tape.close());

  test('premium is the change of the premium at the mids of the decisions', () => {
    expect(parts.premium).toBeCloseTo(200_000, 4);
  });

  test('spread and impact are told apart at the best price', () => {
    // Spread: 20,000 + 0.5 * 1,400 + 10,000 + 1 * 1,400; impact: 10,000 + 0.5 * 1,400 beyond the touch.
    expect(parts.spread).toBeCloseTo(-32_100, 4);
    expect(parts.impact).toBeCloseTo(-10_700, 4);
  });

  test('fees of both venues are in KRW', () => {
    const spot = 100_030_000 * 0.0005 + 102_990_000 * 0.0005;
    const perp = (69_999 + 72_001) * 0.0005 * 1_400;
    expect(parts.fees).toBeCloseTo(-(spot + perp), 2);
  });

  test('funding is what the short received', () => {
    expect(parts.funding).toBeCloseTo(7 * 1_400, 6);
  });

  test('nothing else is in it', () => {
    for (const part of ['btcLegs', 'delay', 'legging', 'rollback', 'forced', 'fxHedge', 'fxCollateral'] as const)
      expect(parts[part]).toBeCloseTo(0, 6);
  });

  test("the total is the change of both venues' money", () => {
    const krw = -100_030_000 * 1.0005 + 102_990_000 * 0.9995;
    const usdt = 69_999 - 72_001 - (69_999 + 72_001) * 0.0005 + 7;
    expect(parts.total).toBeCloseTo(krw + usdt * 1_400, 2);
  });
});

test('a market that moves before the first fill and between the legs: delay and legging', () => {
  const tape = opened().begin(1, 'enter', '1').wait(1_000);
  tape.prices.upbit = 100_050_000;
  tape.order({ ...spotBuy, there: 0, back: 0 }, '100050000', 0, 0n);
  tape.wait(2_000);
  tape.prices.binance = 69_900;
  tape.order({ ...perpSell, there: 0, back: 0 }, '69900', 0, 0n);
  tape.end(1, 'hedged');
  const parts = split(tape.close());
  expect(parts.delay).toBeCloseTo(-50_000, 6);
  // The short was sold 100 USDT lower than where it stood when the spot leg filled.
  expect(parts.legging).toBeCloseTo(-100 * 1_400, 6);
});

describe('waterfall of a rollback', () => {
  // 1 BTC bought, 0.4 sold short, 0.6 of the spot sold again 200,000 KRW lower.
  const tape = opened().begin(1, 'enter', '1');
  tape.order({ ...spotBuy, there: 0, back: 0 }, '100010000', 10_000, 0n);
  tape.order({ ...perpSell, quantity: '0.4', there: 0, back: 0 }, '70000', 0, 0n);
  tape.wait(5_000);
  tape.prices.upbit = 99_800_000;
  tape.order({ ...spotBuy, side: 'sell', quantity: '0.6', purpose: 'rollback', there: 0, back: 0 }, '99780000', 20_000, 1_000n);
  tape.end(1, 'partially-rolled-back');
  const parts = split(tape.close());

  test('the excess costs its entry, the drift while naked, its unwinding and both fees', () => {
    const entry = 0.6 * 10_000;
    const drift = 0.6 * 200_000;
    const unwinding = 0.6 * 20_000;
    const fee = 0.6 * 99_780_000 * 0.001;
    expect(parts.rollback).toBeCloseTo(-(entry + drift + unwinding + fee), 2);
  });

  test('what stayed on carries only its own entry', () => {
    expect(parts.spread).toBeCloseTo(-0.4 * 10_000, 6);
    expect(parts.fees).toBeCloseTo(0, 6);
    expect(parts.premium).toBeCloseTo(-0.4 * 200_000, 6);
  });
});

test('a leg that is left naked: its price moves are unhedged BTC, not premium', () => {
  const tape = opened().begin(1, 'enter', '1');
  tape.order({ ...spotBuy, there: 0, back: 0 }, '100000000', 0, 0n);
  tape.end(1, 'error').wait(60_000);
  tape.prices.upbit = 98_000_000;
  const parts = split(tape.close());
  expect(parts.btcLegs).toBeCloseTo(-2_000_000, 6);
  expect(parts.premium).toBe(0);
});

test('USD/KRW moves while the hedge is on: collateral and short proceeds gain, at an unchanged premium in won', () => {
  const tape = opened().begin(1, 'enter', '1');
  tape.order({ ...spotBuy, there: 0, back: 0 }, '100000000', 0, 0n);
  tape.order({ ...perpSell, there: 0, back: 0 }, '70000', 0, 0n);
  tape.end(1, 'hedged').wait(60_000);
  tape.prices.usdKrw = 1_410;
  tape.prices.upbit = 100_000_000 + 70_000 * 10;
  const parts = split(tape.close());
  expect(parts.fxCollateral).toBeCloseTo(140_000 * 10, 4);
  expect(parts.fxHedge).toBeCloseTo(70_000 * 10, 4);
  expect(parts.premium).toBeCloseTo(0, 4);
});

test('a liquidation whose loss the insurance fund bears in part: still adds up, and forced shows the fee', () => {
  const tape = opened().begin(1, 'enter', '1');
  tape.order({ ...spotBuy, there: 0, back: 0 }, '100000000', 0, 0n);
  tape.order({ ...perpSell, there: 0, back: 0 }, '70000', 0, 0n);
  tape.end(1, 'hedged').wait(60_000);
  tape.prices.binance = 139_000;
  tape.force('liquidation', '1', '139500', '100', '30');
  const parts = split(tape.close());
  expect(parts.forced).toBeCloseTo((-500 - 100 + 30) * 1_400, 4);
});

test('a tape without any USD/KRW rate: not available, with the reason', () => {
  const tape = new TapeBuilder(START, { upbit: 1, binance: 1, usdKrw: 1 });
  tape.run().deposit('binance', 'USDT', '10');
  expect(waterfall(runFacts(tape.events))).toEqual({ na: expect.stringContaining('USD/KRW') as string });
});

test('a posting that no fill explains: refused, since the parts would miss the ledger', () => {
  const tape = opened();
  tape.post('binance', 'USDT', 100_000_000n, 'realized-pnl', 'nothing');
  const events = tape.close();
  expect(() => waterfall(runFacts(events))).toThrow(InternalError);
});

describe('any sequence of trades, moves, funding and forced changes', () => {
  const size = fc.integer({ min: 1, max: 2_000 }).map((lots) => formatFixed(fixed<Btc>(BigInt(lots) * 100_000n)));
  const move = fc.record({
    upbit: fc.integer({ min: -300, max: 300 }),
    binance: fc.integer({ min: -300, max: 300 }),
    fx: fc.integer({ min: -100, max: 100 }),
  });
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('trade' as const),
      venue: fc.constantFrom('upbit', 'binance'),
      side: fc.constantFrom('buy', 'sell'),
      size,
      slip: fc.integer({ min: -20, max: 50 }),
      purpose: fc.constantFrom('open', 'hedge', 'rollback', 'repair', 'recover', 'close'),
    }),
    fc.record({ kind: fc.constant('move' as const), by: move, ms: fc.integer({ min: 0, max: 90_000_000 }) }),
    fc.record({ kind: fc.constant('begin' as const), flow: fc.constantFrom('enter', 'exit'), size }),
    fc.record({ kind: fc.constant('end' as const) }),
    fc.record({ kind: fc.constant('funding' as const), amount: fc.integer({ min: -500, max: 500 }) }),
    fc.record({ kind: fc.constant('force' as const), size, insured: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ kind: fc.constant('external' as const), asset: fc.constantFrom('KRW', 'BTC'), amount: fc.integer({ min: -1_000, max: 1_000 }) }),
  );

  test('the parts add up to the ledger within 1 KRW', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const tape = opened();
        let flow = 0;
        let running = false;
        for (const item of steps) {
          if (item.kind === 'move') {
            tape.prices.upbit = Math.max(1_000, tape.prices.upbit * (1 + item.by.upbit / 10_000));
            tape.prices.binance = Math.max(1_000, tape.prices.binance * (1 + item.by.binance / 10_000));
            tape.prices.usdKrw *= 1 + item.by.fx / 10_000;
            tape.wait(item.ms).mark();
          } else if (item.kind === 'begin' && !running) {
            flow += 1;
            running = true;
            tape.begin(flow, item.flow, item.size);
          } else if (item.kind === 'end' && running) {
            running = false;
            tape.end(flow, 'hedged');
          } else if (item.kind === 'trade') {
            const venue = item.venue;
            const price = tape.prices[venue] * (1 + item.slip / 10_000);
            const order = { venue, side: item.side, quantity: item.size, purpose: item.purpose as 'open', flow };
            tape.order(order, price.toFixed(venue === 'upbit' ? 0 : 1), tape.prices[venue] * 0.00005);
          } else if (item.kind === 'funding') tape.funding(0.0001, String(item.amount));
          else if (item.kind === 'force') tape.force('liquidation', item.size, tape.prices.binance.toFixed(1), '1', String(item.insured));
          else if (item.kind === 'external') tape.post('upbit', item.asset, BigInt(item.amount) * 1_000_000n, 'external', 'account');
        }
        const parts = split(tape.close());
        const added = WATERFALL_PARTS.reduce((sum, part) => sum + parts[part], 0);
        expect(Math.abs(added - parts.total)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});
