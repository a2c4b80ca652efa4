import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PositionBook } from '../../src/executor/position-book.js';
import { Bench } from '../support/executor-bench.js';
import {
  answersError,
  binanceBan,
  binanceError,
  delayReply,
  loseReply,
  loseRequest,
  page503,
  passes,
  upbitError,
  type Execution,
  type Step,
} from '../support/scripted-venue.js';

const LOT = 0.001;

/** Steps by name, so that a failing example can be read. */
const STEPS: Readonly<Record<string, { readonly upbit: Step; readonly binance: Step }>> = {
  passes: { upbit: passes, binance: passes },
  'request lost': { upbit: loseRequest, binance: loseRequest },
  'reply lost': { upbit: loseReply(), binance: loseReply() },
  'reply lost, 6 s late at the venue': { upbit: loseReply(6_000), binance: loseReply(6_000) },
  'reply 4 s late': { upbit: delayReply(4_000), binance: delayReply(4_000) },
  '503 page, not processed': { upbit: answersError(page503('upbit')), binance: answersError(page503('binance')) },
  '503 page, processed': { upbit: answersError(page503('upbit'), true), binance: answersError(page503('binance'), true) },
  'server error, processed': { upbit: answersError(upbitError('server_error', 500), true), binance: answersError(binanceError('-1006', 503), true) },
  'too many requests': { upbit: answersError(upbitError('too_many_requests', 429)), binance: answersError(binanceError('-1008', 503)) },
  ban: { upbit: answersError(upbitError('blocked', 418)), binance: answersError(binanceBan()) },
  'too little money': { upbit: answersError(upbitError('insufficient_funds_bid')), binance: answersError(binanceError('-2019')) },
  'invalid order': { upbit: answersError(upbitError('create_bid_error')), binance: answersError(binanceError('-1111')) },
  'not found': { upbit: answersError(upbitError('order_not_found', 404)), binance: answersError(binanceError('-2013')) },
};

const executions: fc.Arbitrary<Execution> = fc.record({
  fraction: fc.constantFrom(0, 0.3, 0.488, 0.98, 1),
  status: fc.constantFrom('closed', 'canceled', 'expired', 'open'),
  onCancel: fc.constantFrom(0, 0.02),
});
const steps = fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 4 });
const faults = fc.record({
  policy: fc.record({
    legs: fc.constantFrom('parallel', 'spot-first', 'perp-first'),
    orderStyle: fc.constantFrom('ioc', 'market'),
    repair: fc.constantFrom('complete', 'unwind'),
  }),
  upbit: fc.record({ createOrder: steps, fetchOrder: steps, cancelOrder: steps, fetchBalance: steps }),
  binance: fc.record({ createOrder: steps, fetchOrder: steps, cancelOrder: steps, fetchPositions: steps }),
  executions: fc.record({ upbit: fc.array(executions, { maxLength: 2 }), binance: fc.array(executions, { maxLength: 2 }) }),
});
type Faults = typeof faults extends fc.Arbitrary<infer T> ? T : never;

/** Enters under the faults, lets everything heal, then exits and waits; tells what is left. */
async function live(given: Faults) {
  const bench = new Bench(given.policy);
  return bench.run(async () => {
    for (const venue of ['upbit', 'binance'] as const) {
      for (const [method, names] of Object.entries(given[venue])) bench[venue].next(method, ...names.map((name) => STEPS[name]?.[venue] ?? passes));
      bench[venue].executes(...given.executions[venue]);
    }
    const entry = await bench.enter();
    for (const venue of ['upbit', 'binance'] as const) bench[venue].heal();
    // Longer than a ban, a lock's slowest look and the watch of an id together.
    await bench.wait(20 * 60_000);
    const residual = Math.abs(bench.upbit.held.BTC + bench.binance.held.position);
    const ids = [...bench.upbit.callsOf('createOrder'), ...bench.binance.callsOf('createOrder')].map(
      ({ args }) => (args.at(-1) as Record<string, unknown>)['clientOrderId'],
    );
    const book = PositionBook.from(bench.journal.records());
    const believed = `${Number(book.spot) / 1e8}/${Number(book.perp) / 1e8}`;
    const truth = bench.held;
    const halted = bench.executor.halted;
    await bench.executor.resume?.('operator');
    await bench.exit();
    await bench.wait(10 * 60_000);
    return {
      outcome: entry.outcome,
      residual,
      truth,
      ids,
      intents: bench.events('intent').map(({ clientOrderId }) => clientOrderId),
      believed,
      halted,
      alerts: bench.alerts,
      left: Math.abs(bench.upbit.held.BTC) + Math.abs(bench.binance.held.position),
      lines: bench.journal.lines(),
    };
  });
}

test('any faults on an entry: once they stop the legs are even, nothing was sent twice or unjournaled, and the exit leaves less than a lot', async () => {
  await fc.assert(
    fc.asyncProperty(faults, async (given) => {
      const end = await live(given);
      expect(end.residual).toBeLessThan(LOT);
      expect(end.believed).toBe(end.truth);
      expect(new Set(end.ids).size).toBe(end.ids.length);
      for (const id of end.ids) expect(end.intents).toContain(id);
      expect(end.left).toBeLessThan(LOT);
      // A lock is never silent.
      if (end.outcome === 'locked') expect(end.alerts).toEqual(expect.arrayContaining(['UNHEDGED_EXPOSURE', 'HALTED']));
    }),
    { numRuns: 400, seed: 20251211 },
  );
});

test('any faults on an entry: the same faults write the same journal', async () => {
  await fc.assert(
    fc.asyncProperty(faults, async (given) => {
      expect((await live(given)).lines).toEqual((await live(given)).lines);
    }),
    { numRuns: 25, seed: 20251211 },
  );
});
