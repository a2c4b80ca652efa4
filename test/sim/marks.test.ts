import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { btc, decision, eventsOf, PERP, simulate, SPOT } from './support/simulate.js';
import { START } from './support/world.js';

const HOUR = 3_600_000;

test('marks of an entry: one a second while the flow runs, one at each markout distance of a fill, one at the end', async () => {
  const run = await simulate({}, async ({ sim, clock, upbit, binance }) => {
    const flow = sim.beginFlow('enter', btc(0.05), decision(clock));
    await Promise.all([
      upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { timeInForce: 'IOC' }),
      binance.createOrder(PERP, 'market', 'sell', 0.05),
    ]);
    await clock.sleep(durationMs(3_500));
    sim.endFlow(flow, 'hedged');
    await clock.sleep(durationMs(600_000));
  });
  const marks = eventsOf(run.tape, 'mark').map(({ t, why }) => [why, t - START - 30]);
  expect(marks).toEqual([
    ['second', 0],
    ['second', 1_000],
    ['markout', 1_025],
    ['second', 2_000],
    ['second', 3_000],
    ['second', 3_535],
    ['markout', 10_025],
    ['markout', 60_025],
    ['markout', 300_025],
    ['end', 603_535],
  ]);
  const [mark] = eventsOf(run.tape, 'mark').slice(-1);
  expect(mark).toMatchObject({ upbitMid: 130_000_000, binanceMid: 89_500, usdKrw: 1_450, spot: btc(0.05), perp: btc(-0.05) });
  expect(mark?.premium).toBeCloseTo(130_000_000 / (89_500 * 1_450) - 1, 12);
});

test('marks of a leg left naked without a flow: every second for an hour, every minute after that', async () => {
  const run = await simulate({}, async ({ sim, clock, upbit }) => {
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { timeInForce: 'IOC' });
    await clock.sleep(durationMs(2 * HOUR));
    expect(sim.residual()).toBe(btc(0.05));
  });
  const fillAt = eventsOf(run.tape, 'fill')[0]?.t ?? 0;
  const seconds = eventsOf(run.tape, 'mark')
    .filter(({ why }) => why === 'second')
    .map(({ t }) => t - fillAt);
  const markouts = 2; // those at 1 s and 10 s fall on a second and name it; so do 60 s and 300 s
  expect(seconds.filter((t) => t <= HOUR).length).toBe(3_600 + 1 - 2 * markouts);
  expect(seconds.filter((t) => t > HOUR).length).toBe(60);
  expect(
    eventsOf(run.tape, 'mark')
      .filter(({ why }) => why === 'markout')
      .map(({ t }) => t - fillAt),
  ).toEqual([1_000, 10_000, 60_000, 300_000]);
});

test('the tape of a run with days of holding: its events never go back in time', async () => {
  const run = await simulate({}, async ({ sim, clock, upbit, binance }) => {
    const flow = sim.beginFlow('enter', btc(0.05), decision(clock));
    await Promise.all([
      upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { timeInForce: 'IOC' }),
      binance.createOrder(PERP, 'market', 'sell', 0.05),
    ]);
    sim.endFlow(flow, 'hedged');
    await clock.sleep(durationMs(50 * HOUR));
    await upbit.createOrder(SPOT, 'market', 'sell', 0.02);
    await clock.sleep(durationMs(HOUR));
  });
  const times = run.tape.events.map(({ t }) => t);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(eventsOf(run.tape, 'mark').filter(({ why }) => why === 'day')).toHaveLength(2);
  expect(eventsOf(run.tape, 'balance').map(({ venue, asset }) => `${venue} ${asset}`)).toEqual(['upbit KRW', 'upbit BTC', 'binance USDT']);
  expect(eventsOf(run.tape, 'position')).toMatchObject([{ quantity: btc(-0.05) }]);
});

test('a residual below one lot of the perpetual: dust, not marked second by second', async () => {
  const run = await simulate({}, async ({ clock, upbit, binance, sim }) => {
    await upbit.createOrder(SPOT, 'limit', 'buy', 0.0505, 130_100_000, { timeInForce: 'IOC' });
    await binance.createOrder(PERP, 'market', 'sell', 0.05);
    await clock.sleep(durationMs(HOUR));
    expect(sim.residual()).toBe(btc(0.0005));
  });
  expect(eventsOf(run.tape, 'mark').filter(({ why }) => why === 'second').length).toBeLessThanOrEqual(2);
});
