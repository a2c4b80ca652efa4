import { describe, expect, test } from 'vitest';
import { fixed, parseFixed, type Btc } from '../../src/core/money.js';
import { type Analysis, analyse } from '../../src/report/analysis.js';
import { isNotAvailable } from '../../src/report/not-available.js';
import type { Waterfall } from '../../src/report/waterfall.js';
import { JournalBuilder } from './support/journal-builder.js';
import { sampleRun } from './support/sample-run.js';
import { TapeBuilder } from './support/tape-builder.js';

const START = Date.UTC(2025, 8, 3, 12);
const NONE = fixed<Btc>(0n);

function hedged(): TapeBuilder {
  const tape = new TapeBuilder(START, { upbit: 100_000_000, binance: 70_000, usdKrw: 1_400 });
  tape.run().deposit('upbit', 'KRW', '200000000').deposit('binance', 'USDT', '140000').mark();
  tape.begin(1, 'enter', '1');
  tape.order({ venue: 'upbit', side: 'buy', quantity: '1', purpose: 'open', flow: 1, there: 0, back: 0 }, '100000000', 0, 0n);
  tape.order({ venue: 'binance', side: 'sell', quantity: '1', purpose: 'open', flow: 1, there: 0, back: 0 }, '70000', 0, 0n);
  return tape.end(1, 'hedged').wait(60_000);
}

function analysed(tape: TapeBuilder, journal: JournalBuilder = new JournalBuilder()): Analysis & { readonly parts: Waterfall } {
  const analysis = analyse({ ...sampleRun(), tape: tape.close(), journal: journal.records });
  if (isNotAvailable(analysis.waterfall)) throw new Error(analysis.waterfall.na);
  return { ...analysis, parts: analysis.waterfall };
}

describe('the short is deleveraged and the spot sold 20 s later outside every flow, 300,000 KRW lower', () => {
  const tape = hedged();
  tape.force('adl', '1', '70000').wait(20_000);
  tape.prices.upbit = 99_700_000;
  tape.order({ venue: 'upbit', side: 'sell', quantity: '1', purpose: 'repair', flow: 0, there: 0, back: 0 }, '99690000', 10_000, 0n);
  const { episodes, parts } = analysed(tape);

  test('is one unwinding that costs drift and spread', () => {
    expect(episodes).toHaveLength(1);
    expect(episodes[0]).toMatchObject({ kind: 'unwind', unwoundBtc: 1, costKrw: 310_000 });
    expect(episodes[0]?.cost).toMatchObject({ legging: 300_000, spread: 10_000 });
    expect(episodes[0]?.exposure).toMatchObject({ seconds: 20, btcSeconds: 20, driftKrw: -300_000 });
  });

  test('the waterfall has the same under rollbacks, and nothing under unhedged BTC', () => {
    expect(parts.rollback).toBeCloseTo(-310_000, 6);
    expect(parts.btcLegs).toBeCloseTo(0, 6);
  });
});

describe('a whole position that is closed outside every flow, one leg after the other', () => {
  const tape = hedged();
  tape.order({ venue: 'upbit', side: 'sell', quantity: '1', purpose: 'repair', flow: 0, there: 0, back: 0 }, '99990000', 10_000, 0n);
  tape.wait(500);
  tape.order({ venue: 'binance', side: 'buy', quantity: '1', purpose: 'repair', flow: 0, there: 0, back: 0 }, '70000', 0, 0n);
  const { parts } = analysed(tape);

  test('is a closing, not a rollback: its spread stands under spread', () => {
    expect(parts.rollback).toBe(0);
    expect(parts.spread).toBeCloseTo(-10_000, 6);
  });
});

describe('an entry that a crash cut in two and that recovery unwinds after the flow ended', () => {
  const tape = new TapeBuilder(START, { upbit: 100_000_000, binance: 70_000, usdKrw: 1_400 });
  tape.run().deposit('upbit', 'KRW', '200000000').deposit('binance', 'USDT', '140000').mark().begin(1, 'enter', '1');
  const spot = { venue: 'upbit', side: 'buy', quantity: '1', purpose: 'open', flow: 1, there: 0, back: 0 } as const;
  tape.order(spot, '100000000', 0, 0n);
  tape.write({ type: 'process', event: 'crash', incarnation: 1 });
  tape.end(1, 'crashed').wait(90_000);
  tape.prices.upbit = 100_400_000;
  tape.mark();
  tape.order({ ...spot, side: 'sell', purpose: 'recover' }, '100390000', 10_000, 0n);
  const { episodes, parts } = analysed(tape);

  test('the drift of 90 s belongs to the rollback, here as a gain', () => {
    expect(episodes[0]).toMatchObject({ kind: 'unwind', costKrw: -390_000 });
    expect(parts.rollback).toBeCloseTo(390_000, 6);
    expect(parts.btcLegs).toBeCloseTo(0, 6);
  });
});

describe('a leg that stays alone to the end', () => {
  const tape = hedged();
  tape.force('adl', '0.4', '70000').wait(30_000);
  const journal = new JournalBuilder();
  journal.add(tape.now, { type: 'halt', level: 'freeze', reason: 'venue gone' });
  const { episodes, parts } = analysed(tape, journal);

  test('is left, escalated and not proven', () => {
    expect(episodes[0]).toMatchObject({ kind: 'left', end: undefined, escalated: true, provenWithinDeadline: false, costKrw: 0 });
  });

  test('costs no rollback', () => expect(parts.rollback).toBe(0));
});

test('the missing leg is completed by a repair: drift, no unwinding, and proof from the journal', () => {
  const tape = new TapeBuilder(START, { upbit: 100_000_000, binance: 70_000, usdKrw: 1_400 });
  tape.run().deposit('upbit', 'KRW', '200000000').deposit('binance', 'USDT', '140000').mark().begin(1, 'enter', '1');
  tape.order({ venue: 'upbit', side: 'buy', quantity: '1', purpose: 'open', flow: 1, there: 0, back: 0 }, '100000000', 0, 0n);
  const journal = new JournalBuilder();
  tape.wait(1_000);
  journal.add(tape.now, { type: 'repair.started', residual: parseFixed<Btc>('1'), plan: 'complete', reason: 'refused' });
  tape.prices.binance = 69_950;
  tape.order({ venue: 'binance', side: 'sell', quantity: '1', purpose: 'hedge', flow: 1, there: 0, back: 100 }, '69950', 0, 0n);
  journal.add(tape.now, { type: 'repair.ended', residual: NONE, proven: true });
  tape.end(1, 'hedged');
  const { episodes, parts } = analysed(tape, journal);
  expect(episodes[0]).toMatchObject({ kind: 'complete', unwoundBtc: 0, detectionLagMs: 1_000, provenAfterMs: 1_100, provenWithinDeadline: true });
  expect(parts.legging).toBeCloseTo(-50 * 1_400, 6);
});

test('a repair that is proven only after the deadline is no success', () => {
  const tape = hedged();
  tape.force('adl', '1', '70000').wait(130_000);
  tape.order({ venue: 'upbit', side: 'sell', quantity: '1', purpose: 'repair', flow: 0, there: 0, back: 0 }, '100000000', 0, 0n);
  const { episodes } = analysed(tape);
  expect(episodes[0]).toMatchObject({ kind: 'unwind', provenWithinDeadline: false });
});

test('impact is measured from the book that an order first met, over all levels of its sweep', () => {
  const tape = new TapeBuilder(START, { upbit: 100_000_000, binance: 70_000, usdKrw: 1_400 });
  tape.run().deposit('upbit', 'KRW', '200000000').mark().begin(1, 'enter', '1');
  const order = { venue: 'upbit', side: 'buy', quantity: '1', purpose: 'open', flow: 1 } as const;
  const id = tape.accept(tape.request(order), order);
  tape.fill(id, order, '0.5', '100010000', 10_000, 0n);
  // The next level is the best ask once the first is gone; it is impact all the same.
  tape.fill(id, order, '0.5', '100030000', 30_000, 0n);
  tape.end(1, 'hedged');
  const { parts } = analysed(tape);
  expect(parts.spread).toBeCloseTo(-10_000, 6);
  expect(parts.impact).toBeCloseTo(-10_000, 6);
});
