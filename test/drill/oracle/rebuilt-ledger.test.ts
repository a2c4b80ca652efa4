import { expect, test } from 'vitest';
import { judgeRun } from '../../../src/drill/oracle/judge-run.js';
import { DEFAULT_BUDGETS, LOT, type OracleContext } from '../../../src/drill/oracle/oracle-context.js';
import type { InvariantResult } from '../../../src/drill/oracle/oracle-report.js';
import { durationMs } from '../../../src/core/units.js';
import type { TapeEvent } from '../../../src/sim/tape-event.js';
import { movingMarket } from '../../sim/support/moving-market.js';
import { eventsOf, PERP, simulate, SPOT } from '../../sim/support/simulate.js';

const CONTEXT: OracleContext = {
  capabilities: [],
  tolerance: 0n as never,
  lot: LOT,
  isFaultFree: true,
  lastFaultAt: undefined,
  permanent: [],
  budgets: DEFAULT_BUDGETS,
  rules: { upbit: {}, binance: {} },
  idReuse: { upbit: 'never', binance: 'after-close' },
  unhandled: [],
  waivers: [],
};

/** The ledger's verdict on a client that does as it likes at the venues alone. */
function ledgerOf(tape: readonly TapeEvent[]): InvariantResult | undefined {
  return judgeRun({ tape, journal: [], context: CONTEXT }).results.find(({ id }) => id === 'I6');
}

const SECOND = durationMs(1_000);

test('orders that wait at Upbit, one cancelled and one left open: what they hold is rebuilt to the last unit', async () => {
  const { tape } = await simulate({}, async ({ clock, upbit }) => {
    const far = await upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 120_000_000);
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.02, 121_000_000);
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 140_000_000, { timeInForce: 'IOC' });
    await upbit.createOrder(SPOT, 'limit', 'sell', 0.004, 150_000_000);
    await clock.sleep(SECOND);
    await upbit.cancelOrder(far.id, SPOT);
    await clock.sleep(SECOND);
  });
  const locked = eventsOf(tape, 'balance').map((balance) => balance.locked);
  expect(locked.filter((amount) => amount > 0n)).toHaveLength(2);
  expect(ledgerOf(tape.events)).toMatchObject({ verdict: 'held', broken: undefined });
  const doctored = tape.events.map((event) =>
    event.type === 'balance' && event.locked > 0n ? { ...event, locked: (event.locked + 1n) as never } : event,
  );
  expect(ledgerOf(doctored)?.broken?.expected).toMatch(/that open orders hold/);
});

test('a maker at Binance pays the maker fee, a taker the taker fee: calling one the other is found out', async () => {
  const market = movingMarket({ perp: (elapsed) => (elapsed < 3_000 ? 89_500 : 89_700) });
  const { tape } = await simulate({ market }, async ({ clock, binance }) => {
    await binance.createOrder(PERP, 'limit', 'sell', 0.01, 89_600);
    await clock.sleep(durationMs(10_000));
    await binance.createOrder(PERP, 'market', 'buy', 0.01, undefined, { reduceOnly: true });
    await clock.sleep(SECOND);
  });
  expect(eventsOf(tape, 'fill').map(({ maker }) => maker ?? false)).toContain(true);
  expect(ledgerOf(tape.events)).toMatchObject({ verdict: 'held', broken: undefined });
  const doctored = tape.events.map((event) => (event.type === 'fill' && event.maker === true ? { ...event, maker: undefined } : event));
  expect(ledgerOf(doctored)?.broken?.expected).toMatch(/fee of trade/);
});

test('funding over days and a liquidation: every payment and the insured loss are rebuilt', async () => {
  const market = movingMarket({ perp: (elapsed) => (elapsed < 30 * 3_600_000 ? 89_500 : 200_000), fundingRate: -0.0003 });
  const { tape } = await simulate({ market }, async ({ clock, binance }) => {
    await binance.createOrder(PERP, 'market', 'sell', 0.1);
    await clock.sleep(durationMs(40 * 3_600_000));
  });
  expect(eventsOf(tape, 'funding').length).toBeGreaterThan(2);
  expect(eventsOf(tape, 'forced')).toHaveLength(1);
  expect(ledgerOf(tape.events)).toMatchObject({ verdict: 'held', broken: undefined });
});
