import { type Btc, fixed, parseFixed } from '../../../src/core/money.js';
import type { ReportInput } from '../../../src/report/report-input.js';
import { JournalBuilder } from './journal-builder.js';
import { TapeBuilder } from './tape-builder.js';

const START = Date.UTC(2025, 8, 3, 23, 50);
const btc = (text: string): Btc => parseFixed<Btc>(text);
const NONE = fixed<Btc>(0n);

/**
 * A small run by hand, round numbers throughout. Flow 1: spot fills, the short's reply is lost and the venue never
 * took it, so the spot is sold again 2.4 s later, 100,000 KRW lower. Flow 2 hedges 0.5 BTC; a funding and a day
 * pass; flow 3 exits at a premium that is 0.7 % higher.
 */
export function sampleRun(): ReportInput {
  const tape = new TapeBuilder(START, { upbit: 100_000_000, binance: 72_000, usdKrw: 1_400, usdtKrw: 1_400 });
  const journal = new JournalBuilder();
  tape.run('reference', 'lost-short').deposit('upbit', 'KRW', '100000000').deposit('binance', 'USDT', '50000').mark('day').wait(60_000);
  rolledBackEntry(tape, journal);
  tape.wait(300_000).mark('markout').wait(6_000);
  entry(tape, journal);
  tape.wait(240_000).funding(0.0001, '3.6');
  tape.wait(9_000_000);
  exit(tape, journal);
  const t = tape.now;
  tape.write({
    type: 'premium.series',
    times: [START, START + 60_000, START + 3_600_000, t],
    premium: [-0.008, -0.0079, -0.004, -0.0009],
    z: [null, -2.1, -0.4, 0.6],
  });
  return {
    runId: '0123456789ab',
    tape: tape.close(),
    journal: journal.records,
    config: { strategy: { window: '2d', entry: 2 }, seed: 7 },
    card: ['Books are modelled around one-minute bars.'],
    data: { name: 'sample', hash: 'd'.repeat(64), synthetic: true, notes: ['Written by hand.'] },
    scenario: { name: 'lost-short', verdict: 'passed', control: 'passed', findings: [] },
  };
}

function rolledBackEntry(tape: TapeBuilder, journal: JournalBuilder): void {
  const spot = { venue: 'upbit', side: 'buy', quantity: '0.5', purpose: 'open', flow: 1, clientOrderId: 'hd-s1' } as const;
  const perp = { venue: 'binance', side: 'sell', quantity: '0.5', purpose: 'open', flow: 1, clientOrderId: 'hd-p1' } as const;
  tape.begin(1, 'enter', '0.5').mark();
  journal.add(tape.now, { type: 'flow.started', kind: 'enter', quantity: btc('0.5'), positionIds: [], decidedAt: tape.now });
  const intent = { attempt: 1, quantity: btc('0.5'), purpose: 'open', orderType: 'limit-ioc', reduceOnly: false } as const;
  journal.add(tape.now, { type: 'intent', intentId: 'i1', clientOrderId: 'hd-s1', leg: 'spot', venue: 'upbit', side: 'buy', ...intent });
  journal.add(tape.now, { type: 'intent', intentId: 'i2', clientOrderId: 'hd-p1', leg: 'perp', venue: 'binance', side: 'sell', ...intent });
  const spotRequest = tape.request(spot);
  const perpRequest = tape.request(perp);
  tape.fault('lose-request', 'lose', 'outbound', perpRequest);
  tape.wait(40);
  const spotOrder = tape.accept(spotRequest, spot);
  tape.wait(10).fill(spotOrder, spot, '0.5', '100020000', 10_000);
  tape.ended(spotOrder, spot, 'filled', '0.5');
  tape.wait(50).answer(spotRequest);
  journal.add(tape.now, { type: 'answer', clientOrderId: 'hd-s1', operation: 'createOrder', certainty: 'accepted', row: 'upbit 201' });
  journal.add(tape.now, {
    type: 'order.settled',
    clientOrderId: 'hd-s1',
    executed: btc('0.5'),
    quoteExecuted: parseFixed('50010000'),
    certainty: 'proven',
  });
  tape.wait(900);
  tape.prices.upbit = 99_950_000;
  tape.mark();
  tape.wait(1_000).mark();
  tape.wait(500).answer(perpRequest, 'RequestTimeout');
  journal.add(tape.now, {
    type: 'answer',
    clientOrderId: 'hd-p1',
    operation: 'createOrder',
    certainty: 'unknown',
    row: 'time-out',
    error: 'RequestTimeout',
  });
  journal.add(tape.now, { type: 'delta', spot: btc('0.5'), perp: NONE, residual: btc('0.5') });
  journal.add(tape.now, { type: 'alert', alert: 'UNHEDGED_EXPOSURE', severity: 'critical', message: 'long 0.5 BTC' });
  tape.wait(300);
  journal.add(tape.now, { type: 'order.settled', clientOrderId: 'hd-p1', executed: NONE, quoteExecuted: fixed(0n), certainty: 'presumed-zero' });
  journal.add(tape.now, { type: 'repair.started', residual: btc('0.5'), plan: 'unwind', reason: 'the short is not there' });
  tape.prices.upbit = 99_900_000;
  const back = { ...spot, side: 'sell', purpose: 'rollback', clientOrderId: 'hd-s2' } as const;
  const backIntent = { ...intent, purpose: 'rollback' } as const;
  journal.add(tape.now, { type: 'intent', intentId: 'i3', clientOrderId: 'hd-s2', leg: 'spot', venue: 'upbit', side: 'sell', ...backIntent });
  tape.order(back, '99880000', 10_000);
  journal.add(tape.now, {
    type: 'order.settled',
    clientOrderId: 'hd-s2',
    executed: btc('0.5'),
    quoteExecuted: parseFixed('49940000'),
    certainty: 'proven',
  });
  journal.add(tape.now, { type: 'repair.ended', residual: NONE, proven: true });
  const ended = { type: 'flow.ended', outcome: 'rolled-back', spot: NONE, perp: NONE, residual: NONE, reason: 'unwound' } as const;
  journal.add(tape.now, ended);
  tape.end(1, 'rolled-back').mark();
}

function entry(tape: TapeBuilder, journal: JournalBuilder): void {
  tape.prices.upbit = 100_000_000;
  tape.begin(2, 'enter', '0.5').mark();
  journal.add(tape.now, { type: 'flow.started', kind: 'enter', quantity: btc('0.5'), positionIds: [], decidedAt: tape.now }, 'flow-2');
  const open = { quantity: '0.5', purpose: 'open', flow: 2 } as const;
  tape.order({ ...open, venue: 'upbit', side: 'buy', clientOrderId: 'hd-s3' }, '100010000', 10_000);
  tape.order({ ...open, venue: 'binance', side: 'sell', purpose: 'hedge', clientOrderId: 'hd-p3' }, '71999', 0.5, 400n);
  const ended = { type: 'flow.ended', outcome: 'hedged', spot: btc('0.5'), perp: btc('-0.5'), residual: NONE, reason: 'both legs filled' } as const;
  journal.add(tape.now, ended, 'flow-2');
  tape.end(2, 'hedged').mark();
}

function exit(tape: TapeBuilder, journal: JournalBuilder): void {
  tape.prices = { upbit: 101_700_000, binance: 72_700, usdKrw: 1_400, usdtKrw: 1_400 };
  tape.begin(3, 'exit', '0.5').mark();
  journal.add(tape.now, { type: 'flow.started', kind: 'exit', quantity: btc('0.5'), positionIds: ['p1'], decidedAt: tape.now }, 'flow-3');
  const close = { quantity: '0.5', purpose: 'close', flow: 3 } as const;
  tape.order({ ...close, venue: 'upbit', side: 'sell', clientOrderId: 'hd-s4' }, '101690000', 10_000);
  tape.order({ ...close, venue: 'binance', side: 'buy', clientOrderId: 'hd-p4' }, '72700.5', 0.5, 400n);
  const ended = { type: 'flow.ended', outcome: 'flat', spot: NONE, perp: NONE, residual: NONE, reason: 'both legs closed' } as const;
  journal.add(tape.now, ended, 'flow-3');
  tape.end(3, 'flat').mark();
}
