import { describe, expect, test } from 'vitest';
import { holdUsdtGain, imbalance, noTradeGain } from '../../../src/report/alternatives.js';
import { journalFacts } from '../../../src/report/facts/journal-facts.js';
import { cancelsLost, certaintyOfSend, duplicateOrders, outcomeOf } from '../../../src/report/metrics/order-outcome.js';
import { orderTimes, timeTails, unknownStateTails } from '../../../src/report/metrics/order-timing.js';
import { runFacts } from '../../../src/report/run-facts.js';
import { epochMs } from '../../../src/core/units.js';
import { fixed, parseFixed, type Btc } from '../../../src/core/money.js';
import { JournalBuilder } from '../support/journal-builder.js';
import { TapeBuilder } from '../support/tape-builder.js';

const START = Date.UTC(2025, 8, 3, 12);
const BUY = { venue: 'upbit', side: 'buy', quantity: '1', purpose: 'open', flow: 1 } as const;
const DAY = 86_400_000;

const newTape = (): TapeBuilder => new TapeBuilder(START, { upbit: 100, binance: 50, usdKrw: 2, usdtKrw: 1_400 });

describe('what became of a send', () => {
  const tape = newTape();
  tape.order(BUY, '100');
  const partial = tape.request(BUY);
  const id = tape.accept(partial, BUY);
  tape.fill(id, BUY, '0.25', '100');
  const resting = tape.request(BUY);
  tape.accept(resting, BUY);
  const refused = tape.request(BUY);
  tape.write({ type: 'arrived', request: refused });
  tape.answer(refused, 'InsufficientFunds', 'insufficient_funds_bid');
  tape.request(BUY);
  const { orders } = runFacts(tape.events);

  test('is told from the truth', () => {
    expect(orders.map(outcomeOf)).toEqual(['filled', 'partial', 'unfilled', 'refused', 'never arrived']);
  });

  test('what the answers proved, without a journal: refused by class, silence is unknown', () => {
    expect(orders.map((order) => certaintyOfSend(order, undefined))).toEqual(['accepted', 'unknown', 'unknown', 'refused', 'unknown']);
  });

  test('times start when the request leaves; what was accepted and never filled is censored', () => {
    const [first] = orders;
    if (first === undefined) throw new Error('no order');
    expect(orderTimes(first)).toEqual({ ackClientMs: 100, ackTrueMs: 50, firstFillMs: 50, fullFillMs: 50 });
    expect(timeTails(orders, 'fullFillMs')).toMatchObject({ n: 1, censored: 2, max: 50 });
    expect(timeTails(orders, 'firstFillMs')).toMatchObject({ n: 2, censored: 1 });
  });
});

test('a market buy by cost is full when all of its cost but a crumb is spent', () => {
  const tape = newTape();
  const request = tape.request(BUY);
  const id = tape.accept(request, BUY);
  tape.fill(id, BUY, '0.99995', '100');
  const byCost = tape.events.map((event) => (event.type === 'order.accepted' ? { ...event, quantity: undefined, cost: parseFixed('100') } : event));
  expect(runFacts(byCost).orders.map(outcomeOf)).toEqual(['filled']);
});

describe('cancels', () => {
  function raced(fillAfterMs: number): number {
    const tape = newTape();
    const request = tape.request(BUY);
    const id = tape.accept(request, BUY);
    const fill = (): void => tape.fill(id, BUY, '1', '100');
    if (fillAfterMs < 0) fill();
    tape.wait(100);
    const cancel = { request: 99, point: 'p', venue: 'upbit', method: 'cancelOrder', leg: 'spot', purpose: 'open', flow: 1, orderId: id } as const;
    tape.write({ type: 'request', ...cancel });
    tape.wait(fillAfterMs);
    if (fillAfterMs >= 0) fill();
    const { cancels, orders } = runFacts(tape.events);
    expect(cancels).toHaveLength(1);
    return cancelsLost(cancels, orders);
  }

  test('a fill after the cancel left is a lost race', () => expect(raced(20)).toBe(1));
  test('a fill before it is none', () => expect(raced(-1)).toBe(0));
});

describe('duplicate orders', () => {
  const intent = { leg: 'spot', venue: 'upbit', side: 'buy', purpose: 'open', orderType: 'limit-ioc', reduceOnly: false } as const;

  function duplicates(second: { readonly quantity: string; readonly id: string; readonly intentId: string }): number {
    const tape = newTape();
    const journal = new JournalBuilder();
    journal.add(tape.now, { type: 'intent', ...intent, intentId: 'i1', clientOrderId: 'a', attempt: 1, quantity: parseFixed<Btc>('1') });
    const again = { intentId: second.intentId, clientOrderId: second.id, attempt: 2, quantity: parseFixed<Btc>(second.quantity) };
    journal.add(tape.now, { type: 'intent', ...intent, ...again });
    const first = { ...BUY, clientOrderId: 'a' };
    const firstId = tape.accept(tape.request(first), first);
    tape.fill(firstId, first, '0.6', '100');
    const other = { ...BUY, clientOrderId: second.id, quantity: second.quantity };
    const otherId = tape.accept(tape.request(other), other);
    tape.fill(otherId, other, second.quantity, '100');
    return duplicateOrders(runFacts(tape.events).orders, journalFacts(journal.records).attempts);
  }

  test('a second attempt for what was left is none', () => expect(duplicates({ quantity: '0.4', id: 'b', intentId: 'i1' })).toBe(0));
  test('a second attempt for the whole again is one', () => expect(duplicates({ quantity: '1', id: 'b', intentId: 'i1' })).toBe(1));
  test('the same client id accepted twice is one', () => expect(duplicates({ quantity: '0.4', id: 'a', intentId: 'i1' })).toBe(1));
  test('another intent is none', () => expect(duplicates({ quantity: '1', id: 'b', intentId: 'i2' })).toBe(0));
});

test('unknown-state time runs from the doubt to the settlement; never settled is censored', () => {
  const journal = new JournalBuilder();
  const doubt = { type: 'answer', operation: 'createOrder', certainty: 'unknown', row: 'time-out' } as const;
  journal.add(epochMs(1_000), { ...doubt, clientOrderId: 'a' }).add(epochMs(1_500), { ...doubt, clientOrderId: 'b' });
  const settled = { type: 'order.settled', executed: fixed<Btc>(0n), quoteExecuted: fixed(0n), certainty: 'proven' } as const;
  journal.add(epochMs(4_000), { ...settled, clientOrderId: 'a' });
  expect(unknownStateTails(journalFacts(journal.records).attempts)).toMatchObject({ n: 1, censored: 1, max: 3_000 });
});

describe('beside the run', () => {
  const tape = newTape().deposit('upbit', 'KRW', '1000').deposit('binance', 'USDT', '10').mark();
  tape.order({ ...BUY, there: 0, back: 0 }, '100', 0, 0n);
  tape.wait(DAY);
  tape.prices = { upbit: 110, binance: 50, usdKrw: 2.5, usdtKrw: 1_470 };
  tape.mark();
  tape.order({ ...BUY, side: 'sell', quantity: '0.5', there: 0, back: 0 }, '110', 0, 0n);
  tape.wait(DAY);
  tape.prices.usdtKrw = 1_400;
  const facts = runFacts(tape.close());

  test('no trade: the waiting USDT is worth another rate', () => expect(noTradeGain(facts)).toBe(10 * 0.5));

  test('USDT on Upbit: half was held while it rose 5 %, half until it was back', () => {
    expect(holdUsdtGain(facts)).toBeCloseTo(50 * 0.05 + 0, 10);
  });

  test('without a KRW-USDT price it is not available', () => {
    const events = tape.events.map((event) => (event.type === 'mark' ? { ...event, usdtKrw: undefined } : event));
    expect(holdUsdtGain(runFacts(events))).toHaveProperty('na');
  });
});

describe('imbalance', () => {
  const mark = { binanceUsdt: 0, upbitCashKrw: 0, capitalKrw: 0 };
  const at = (day: number, upbitKrw: number, binanceKrw: number) => ({ ...mark, t: day * DAY, upbitKrw, binanceKrw });

  test('the shrinking side runs dry at its pace', () => {
    expect(imbalance(at(0, 100, 100), at(10, 140, 60))).toMatchObject({ daysUntilDry: 15, drySide: 'binance', skewEnd: 0.4 });
  });

  test('neither shrinks, or the run is too short: not available', () => {
    expect(imbalance(at(0, 100, 100), at(10, 110, 100)).daysUntilDry).toEqual({ na: 'neither side shrank' });
    expect(imbalance(at(0, 100, 100), at(0.5, 50, 100)).daysUntilDry).toEqual({ na: 'the run is shorter than a day' });
  });
});
