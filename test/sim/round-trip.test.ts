import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { btc, decision, eventsOf, PERP, simulate, SPOT } from './support/simulate.js';

test('a hedge without faults, entered and left again: both legs trade what was asked and money is conserved', async () => {
  const run = await simulate({}, async ({ sim, clock, upbit, binance }) => {
    const enter = sim.beginFlow('enter', btc(0.05), decision(clock));
    const [spot, perp] = await Promise.all([
      upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { timeInForce: 'IOC', clientOrderId: 'u-1' }),
      binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: 'b-1' }),
    ]);
    await clock.sleep(durationMs(100));
    const spotNow = await upbit.fetchOrder(spot.id, SPOT);
    const held = { spot: sim.spot(), perp: sim.perp(), residual: sim.residual() };
    sim.endFlow(enter, 'hedged');
    const exit = sim.beginFlow('exit', btc(0.05), decision(clock));
    await Promise.all([
      upbit.createOrder(SPOT, 'market', 'sell', 0.05),
      binance.createOrder(PERP, 'market', 'buy', 0.05, undefined, { reduceOnly: true }),
    ]);
    await clock.sleep(durationMs(100));
    sim.endFlow(exit, 'flat');
    return { spot, perp, spotNow, held, flat: { spot: sim.spot(), perp: sim.perp() } };
  });
  const { spot, perp, spotNow, held, flat } = run.value;
  expect(spot).toMatchObject({ status: 'open', filled: 0, amount: 0.05 });
  expect(spotNow).toMatchObject({ status: 'closed', filled: 0.05 });
  expect(perp).toMatchObject({ status: 'closed', filled: 0.05, type: 'market' });
  expect(held).toEqual({ spot: btc(0.05), perp: btc(-0.05), residual: 0n });
  expect(flat).toEqual({ spot: 0n, perp: 0n });
  expect(eventsOf(run.tape, 'order.accepted').map(({ purpose }) => purpose)).toEqual(['open', 'open', 'close', 'close']);
});
