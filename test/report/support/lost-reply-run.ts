import { type Btc, fixed, parseFixed } from '../../../src/core/money.js';
import type { FailureInput } from '../../../src/report/failure/failure-input.js';
import { JournalBuilder } from './journal-builder.js';
import { TapeBuilder } from './tape-builder.js';

const START = Date.UTC(2025, 8, 3, 23, 50);
const btc = (text: string): Btc => parseFixed<Btc>(text);
const NONE = fixed<Btc>(0n);

/**
 * A failing run by hand. The short of 0.5 BTC fills 50 ms after the start and its reply is lost; at 2.5 s the executor
 * takes the time-out for a refusal, sells the spot again at 3 s and is left short and sure of being flat.
 */
export function lostReplyRun(): FailureInput {
  const tape = new TapeBuilder(START, { upbit: 100_000_000, binance: 72_000, usdKrw: 1_400 });
  const journal = new JournalBuilder();
  tape.run('hasty', 'lost-reply').deposit('upbit', 'KRW', '100000000').deposit('binance', 'USDT', '50000').begin(1, 'enter', '0.5').mark();
  const spot = { venue: 'upbit', side: 'buy', quantity: '0.5', purpose: 'open', flow: 1, clientOrderId: 's1' } as const;
  const perp = { venue: 'binance', side: 'sell', quantity: '0.5', purpose: 'open', flow: 1, clientOrderId: 'p1' } as const;
  const intent = { attempt: 1, quantity: btc('0.5'), purpose: 'open', orderType: 'limit-ioc', reduceOnly: false } as const;
  journal.add(tape.now, { type: 'intent', intentId: 'i1', clientOrderId: 's1', leg: 'spot', venue: 'upbit', side: 'buy', ...intent });
  journal.add(tape.now, { type: 'intent', intentId: 'i2', clientOrderId: 'p1', leg: 'perp', venue: 'binance', side: 'sell', ...intent });
  const spotRequest = tape.request(spot);
  const perpRequest = tape.request(perp);
  tape.fault('lose-reply', 'lose', 'inbound', perpRequest).wait(40);
  const [spotOrder, perpOrder] = [tape.accept(spotRequest, spot), tape.accept(perpRequest, perp)];
  tape.wait(10).fill(perpOrder, perp, '0.5', '71999', 0.5, 400n);
  tape.ended(perpOrder, perp, 'filled', '0.5');
  tape.wait(30).fill(spotOrder, spot, '0.5', '100010000', 10_000);
  tape.ended(spotOrder, spot, 'filled', '0.5');
  tape.wait(20).answer(spotRequest);
  journal.add(tape.now, {
    type: 'answer',
    clientOrderId: 's1',
    operation: 'createOrder',
    certainty: 'accepted',
    row: 'upbit 201',
    executed: btc('0.5'),
  });
  settle(journal, tape, 's1', '0.5');
  tape.wait(2_400).answer(perpRequest, 'RequestTimeout');
  settle(journal, tape, 'p1', '0');
  tape.wait(500);
  const back = { ...spot, side: 'sell', purpose: 'rollback', clientOrderId: 's2' } as const;
  journal.add(tape.now, {
    ...{ type: 'intent', intentId: 'i3', clientOrderId: 's2', leg: 'spot', venue: 'upbit', side: 'sell' },
    ...intent,
    purpose: 'rollback',
  });
  tape.order(back, '99990000', 10_000);
  settle(journal, tape, 's2', '0.5');
  journal.add(tape.now, { type: 'flow.ended', outcome: 'rolled-back', spot: NONE, perp: NONE, residual: NONE, reason: 'the short was refused' });
  tape.end(1, 'naked').wait(60_000).mark('end');
  return {
    scenario: 'lost-reply',
    title: 'The short fills & its answer <never> arrives',
    seed: '7',
    executor: 'hasty',
    control: 'passed',
    tape: tape.close(),
    journal: journal.records,
    broken: [
      {
        id: 'I15',
        name: 'monotone-rollback',
        at: START + 3_100,
        expected: 'a rollback brings the delta nearer to zero',
        found: 'it made it -0.5 BTC',
      },
      { id: 'I3', name: 'exposure-budget', at: START + 63_100, expected: 'no delta is left', found: `0.5 BTC, naked since ${START + 3_100}` },
      { id: 'outcome', name: '', expected: 'hedged', found: 'flow 1 (enter): naked' },
    ],
    replay: 'npx hedgedrill drill --token hd1:made-by-hand',
  };
}

/** The same by an executor that writes nothing down. */
export const withoutJournal = (): FailureInput => ({ ...lostReplyRun(), journal: [] });

function settle(journal: JournalBuilder, tape: TapeBuilder, clientOrderId: string, executed: string): void {
  journal.add(tape.now, { type: 'order.settled', clientOrderId, executed: btc(executed), quoteExecuted: fixed(0n), certainty: 'proven' });
}
