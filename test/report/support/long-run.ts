import { fixed, parseFixed, type Btc } from '../../../src/core/money.js';
import { RandomStreams } from '../../../src/core/random.js';
import type { ReportInput } from '../../../src/report/report-input.js';
import { JournalBuilder } from './journal-builder.js';
import { TapeBuilder } from './tape-builder.js';

const START = Date.UTC(2025, 8, 1);
const HOUR = 3_600_000;

/** A generated run of `days` days with a flow about every four hours, some of them half-filled: for size and looks. */
export function longRun(days: number): ReportInput {
  const uniform = new RandomStreams(7).stream('long-run');
  const normal = (): number => uniform() + uniform() + uniform() - 1.5;
  const tape = new TapeBuilder(START, { upbit: 157_000_000, binance: 112_000, usdKrw: 1_392, usdtKrw: 1_396 });
  const journal = new JournalBuilder();
  tape.run('reference', 'crash-day').deposit('upbit', 'KRW', '300000000').deposit('binance', 'USDT', '200000').mark('day');
  const times: number[] = [];
  const premia: number[] = [];
  let [flow, held, premium] = [0, false, 0.003];
  for (let hour = 0; hour < days * 24; hour += 1) {
    premium += 0.0016 * normal() - 0.04 * (premium - 0.003);
    tape.prices.binance *= 1 + 0.005 * normal();
    if (hour % 24 === 15) tape.prices.usdKrw *= 1 + 0.002 * normal();
    tape.prices.upbit = tape.prices.binance * tape.prices.usdKrw * (1 + premium);
    tape.mark(hour % 24 === 0 ? 'day' : 'markout');
    for (let part = 0; part < 3; part += 1) {
      times.push(START + hour * HOUR + part * 1_200_000);
      premia.push(premium + 0.0004 * normal());
    }
    const left = START + (hour + 1) * HOUR;
    if (hour % 8 === 0 && held) tape.funding(0.0001, (tape.prices.binance * 0.5 * 0.0001).toFixed(4));
    if (hour % 4 === 1) {
      flow += 1;
      held = round(tape, journal, flow, held, uniform);
    }
    tape.wait(left - tape.now);
  }
  const z = premia.map((value) => Number(((value - 0.003) / 0.003).toFixed(3)));
  tape.write({ type: 'premium.series', times, premium: premia, z });
  return {
    runId: 'abcdef012345',
    tape: tape.close(),
    journal: journal.records,
    config: { seed: 7 },
    card: ['Books are modelled around one-minute bars.', 'USD/KRW is daily and stays as it was over weekends.'],
    data: { name: 'generated-30d', hash: 'e'.repeat(64), synthetic: true, notes: [] },
    scenario: { name: 'crash-day', verdict: 'failed', control: 'passed', findings: ['2 of 40 flows ended locked; the scenario allows 1.'] },
  };
}

/** One entry or exit; of the entries one in four is half-filled and unwound. Returns whether the hedge is on. */
function round(tape: TapeBuilder, journal: JournalBuilder, flow: number, held: boolean, uniform: () => number): boolean {
  const kind = held ? 'exit' : 'enter';
  const purpose = held ? 'close' : 'open';
  const [spotSide, perpSide] = held ? (['sell', 'buy'] as const) : (['buy', 'sell'] as const);
  const delay = (): number => Math.round(40 + 60 / (0.02 + uniform()));
  const priced = (venue: 'upbit' | 'binance', side: 'buy' | 'sell', bps: number): string => {
    const slipped = tape.prices[venue] * (1 + ((side === 'buy' ? 1 : -1) * bps) / 10_000);
    return venue === 'upbit' ? String(Math.round(slipped / 1_000) * 1_000) : slipped.toFixed(1);
  };
  const half = (venue: 'upbit' | 'binance'): number => tape.prices[venue] * (venue === 'upbit' ? 0.000035 : 0.0000005);
  tape.begin(flow, kind, '0.5').mark();
  const spot = { venue: 'upbit', side: spotSide, quantity: '0.5', purpose, flow, there: delay(), back: delay() } as const;
  tape.order(spot, priced('upbit', spotSide, 0.4 + uniform()), half('upbit'));
  if (!held && uniform() < 0.25) {
    const name = `flow-${flow}`;
    const size = parseFixed<Btc>('0.5');
    const request = tape.request({ venue: 'binance', side: perpSide, quantity: '0.5', purpose: 'hedge', flow });
    tape.fault('dead-short', 'lose', 'outbound', request);
    tape.wait(2_500).answer(request, 'RequestTimeout');
    journal.add(tape.now, { type: 'delta', spot: size, perp: fixed<Btc>(0n), residual: size }, name);
    journal.add(tape.now, { type: 'repair.started', residual: size, plan: 'unwind', reason: 'the short is not there' }, name);
    tape.wait(delay());
    tape.prices.upbit *= 1 + 0.001 * (uniform() - 0.6);
    tape.mark();
    tape.order({ ...spot, side: 'sell', purpose: 'rollback' }, priced('upbit', 'sell', 1 + 3 * uniform()), half('upbit'));
    journal.add(tape.now, { type: 'repair.ended', residual: fixed<Btc>(0n), proven: true }, name);
    tape.end(flow, 'rolled-back').mark();
    return false;
  }
  const perp = { venue: 'binance', side: perpSide, quantity: '0.5', purpose: held ? 'close' : 'hedge', flow, there: delay(), back: delay() } as const;
  tape.order(perp, priced('binance', perpSide, 0.05 + 0.1 * uniform()), half('binance'), 400n);
  tape.end(flow, held ? 'flat' : 'hedged').mark();
  return !held;
}
