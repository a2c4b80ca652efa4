import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixed, fixedFromNumber, formatFixed, type Fixed } from '../../src/core/money.js';
import { durationMs, epochMs } from '../../src/core/units.js';
import { maintenanceMargin, marginTiersAt } from '../../src/exchange/margin-tiers.js';
import { leverageMaxOf, liquidationPrice, notionalMaxAt, usdtOf } from '../../src/sim/binance-margin.js';
import { BinancePosition } from '../../src/sim/binance-position.js';
import { scriptedFaults } from './support/scripted-faults.js';
import { movingMarket } from './support/moving-market.js';
import { btc, eventsOf, PERP, simulate, type Bench } from './support/simulate.js';
import { START, worldWith } from './support/world.js';

const HOUR = 3_600_000;
const usdt = (value: number): bigint => fixedFromNumber<Fixed<string>>(value);
const short = (bench: Bench, amount = 0.05) => bench.binance.createOrder(PERP, 'market', 'sell', amount);

const TIERS = marginTiersAt(START).value;

test('the largest notional at a leverage: the cap of the last bracket that allows it', () => {
  expect(formatFixed(notionalMaxAt(TIERS, 1))).toBe('500000000');
  expect(formatFixed(notionalMaxAt(TIERS, 100))).toBe('250000');
  expect(leverageMaxOf(TIERS)).toBe(125);
});

test('a 1x isolated short: liquidated near twice its entry over 1 + the maintenance rate', () => {
  const cost = usdt(4_474.955);
  const price = liquidationPrice(TIERS, btc(-0.05), cost, cost);
  expect(Number(price) / 1e8).toBeCloseTo((2 * 89_499.1) / 1.004, 4);
});

test('any position: at its liquidation price margin and result are the maintenance margin, one tick nearer they suffice', () => {
  const position = fc.record({
    lots: fc.integer({ min: 1, max: 500_000 }),
    entry: fc.integer({ min: 10_000, max: 200_000 }),
    leverage: fc.integer({ min: 1, max: 20 }),
    isShort: fc.boolean(),
  });
  fc.assert(
    fc.property(position, ({ lots, entry, leverage, isShort }) => {
      const size = BigInt(lots) * 100_000n;
      const cost = usdtOf(fixedFromNumber(entry), size);
      const margin = cost / BigInt(leverage);
      const price = liquidationPrice(TIERS, isShort ? -size : size, cost, margin);
      if (price === undefined) return;
      const slack = (at: bigint): bigint => {
        const worth = usdtOf(fixed(at), size);
        return margin + (isShort ? cost - worth : worth - cost) - maintenanceMargin(TIERS, worth);
      };
      const tick = 10_000_000n;
      expect(slack(isShort ? price - tick : price + tick)).toBeGreaterThan(0n);
      expect(slack(isShort ? price + tick : price - tick)).toBeLessThan(0n);
    }),
  );
});

test('any trades of a position, closed in the end: what they realised adds up to all that was received and paid', () => {
  const trade = fc.record({ isBuy: fc.boolean(), lots: fc.integer({ min: 1, max: 500 }), ticks: fc.integer({ min: 500_000, max: 1_500_000 }) });
  fc.assert(
    fc.property(fc.array(trade, { minLength: 1, maxLength: 20 }), (trades) => {
      const position = new BinancePosition('BOTH');
      let realized = 0n;
      let cash = 0n;
      const apply = (isBuy: boolean, quantity: bigint, price: bigint): void => {
        realized += position.trade(isBuy ? 'buy' : 'sell', quantity, fixed(price), (notional) => notional);
        cash += (isBuy ? -1n : 1n) * usdtOf(fixed(price), quantity);
      };
      for (const { isBuy, lots, ticks } of trades) apply(isBuy, BigInt(lots) * 100_000n, BigInt(ticks) * 10_000_000n);
      if (position.quantity !== 0n) apply(position.quantity < 0n, position.size, 8_950_000_000_000n);
      expect(realized).toBe(cash);
      expect([position.cost, position.isolated, position.quantity]).toEqual([0n, 0n, 0n]);
    }),
  );
});

test('funding at 08, 16 and 00 UTC: a short receives a positive rate of its notional at the mark, once each, only while it is open', async () => {
  const run = await simulate({ market: movingMarket({ fundingRate: 0.0001 }) }, async (bench) => {
    await short(bench);
    await bench.clock.sleep(durationMs(16 * HOUR));
    await bench.binance.createOrder(PERP, 'market', 'buy', 0.05, undefined, { reduceOnly: true });
    await bench.clock.sleep(durationMs(24 * HOUR));
  });
  const paid = eventsOf(run.tape, 'funding');
  // The run starts at 01:00 UTC: 08:00 and 16:00 lie in the first sixteen hours.
  expect(paid.map(({ t }) => (t - START) / HOUR)).toEqual([7, 15]);
  expect(paid.map(({ amount }) => formatFixed(amount))).toEqual(['0.4475', '0.4475']);
  expect(
    eventsOf(run.tape, 'posting')
      .filter(({ reason }) => reason === 'funding')
      .map(({ amount }) => formatFixed(amount)),
  ).toEqual(['0.4475', '0.4475']);
});

test('a position opened after days without one: earns no funding of the days before', async () => {
  const run = await simulate({ market: movingMarket({ fundingRate: 0.0001 }) }, async (bench) => {
    await bench.clock.sleep(durationMs(50 * HOUR));
    await short(bench);
    await bench.clock.sleep(durationMs(8 * HOUR));
  });
  // 50 h after 01:00 UTC it is 03:00: the next settlement is at 08:00.
  expect(eventsOf(run.tape, 'funding').map(({ t }) => (t - START) / HOUR)).toEqual([55]);
});

test('a negative funding rate: the short pays', async () => {
  const run = await simulate({ market: movingMarket({ fundingRate: -0.0003 }) }, async (bench) => {
    await short(bench);
    await bench.clock.sleep(durationMs(8 * HOUR));
  });
  expect(eventsOf(run.tape, 'funding').map(({ amount }) => formatFixed(amount))).toEqual(['-1.3425']);
});

test('an account that holds nothing for a year: no funding, one mark a day, no timer of its own', async () => {
  const run = await simulate({ market: movingMarket({ fundingRate: 0.0001 }) }, async ({ clock, sim }) => {
    const before = clock.steps;
    await clock.sleep(durationMs(365 * 24 * HOUR));
    sim.settle();
    return clock.steps - before;
  });
  expect(run.value).toBe(1);
  expect(eventsOf(run.tape, 'funding')).toEqual([]);
  expect(eventsOf(run.tape, 'mark').filter(({ why }) => why === 'day')).toHaveLength(365);
});

test('a mark that doubles: the short is liquidated at its liquidation price, loses its margin and the fee, never more', async () => {
  const rising = movingMarket({ perp: (elapsed) => 89_500 * (1 + Math.min(elapsed / (10 * HOUR), 1) * 1.2) });
  const run = await simulate({ market: rising }, async (bench) => {
    await short(bench);
    await bench.clock.sleep(durationMs(12 * HOUR));
    return { perp: bench.sim.perp(), positions: await bench.binance.fetchPositions([PERP]), wallet: bench.sim.balance('binance', 'USDT') };
  });
  const [forced] = eventsOf(run.tape, 'forced');
  const entry = Number(eventsOf(run.tape, 'fill')[0]?.price) / 1e8;
  expect(forced).toMatchObject({ kind: 'liquidation', quantity: btc(0.05) });
  expect(Number(forced?.price) / 1e8).toBeCloseTo((2 * entry) / 1.004, 2);
  // It happened when the rising mark met that price, to the second.
  const metAt = START + ((Number(forced?.price) / 1e8 / 89_500 - 1) / 1.2) * 10 * HOUR;
  expect(Math.abs((forced?.t ?? 0) - metAt)).toBeLessThanOrEqual(1_000);
  expect(run.value).toMatchObject({ perp: 0n, positions: [] });
  const lost = 30_000 - Number(run.value.wallet) / 1e8;
  expect(lost).toBeGreaterThan(4_400);
  expect(lost).toBeLessThanOrEqual(entry * 0.05 * 1.0006);
});

test('a jump far past the liquidation price: the loss stops at the isolated margin', async () => {
  const jump = movingMarket({ perp: (elapsed) => (elapsed < HOUR ? 89_500 : 300_000) });
  const run = await simulate({ market: jump }, async (bench) => {
    await short(bench);
    await bench.clock.sleep(durationMs(2 * HOUR));
    return bench.sim.balance('binance', 'USDT');
  });
  const fill = eventsOf(run.tape, 'fill')[0];
  // Everything of the position is gone, nothing of the rest of the wallet but the opening fee.
  expect(run.value).toBe(usdt(30_000) - (fill?.quote ?? 0n) - (fill?.fee ?? 0n));
});

test('events of the venue: an ADL takes half of the short at the mark without a fee, a liquidation takes a fee', async () => {
  const faults = scriptedFaults({});
  const run = await simulate({ faults }, async (bench) => {
    await short(bench);
    faults.strike({ kind: 'account', adl: 0.5 }, 'binance');
    const afterAdl = bench.sim.perp();
    faults.strike({ kind: 'account', liquidate: 1 }, 'binance');
    return { afterAdl, after: bench.sim.perp(), residual: bench.sim.residual() };
  });
  expect(run.value).toEqual({ afterAdl: btc(-0.025), after: 0n, residual: 0n });
  expect(eventsOf(run.tape, 'forced')).toMatchObject([
    { kind: 'adl', quantity: btc(0.025), fee: 0n },
    { kind: 'liquidation', quantity: btc(0.025), fee: usdt(89_500 * 0.025 * 0.0125) },
  ]);
});

test('a position that somebody else closes by hand: half of it goes at the best price of the book, with the taker fee', async () => {
  const faults = scriptedFaults({});
  const run = await simulate({ faults }, async (bench) => {
    await short(bench);
    faults.strike({ kind: 'account', closedByHand: 0.5 }, 'binance');
    return { perp: bench.sim.perp(), residual: bench.sim.residual() };
  });
  expect(run.value).toEqual({ perp: btc(-0.025), residual: btc(-0.025) });
  expect(eventsOf(run.tape, 'forced')).toMatchObject([
    { kind: 'external', quantity: btc(0.025), price: usdt(89_500.9), fee: usdt(89_500.9 * 0.025 * 0.0005) },
  ]);
});

test('changes from outside: balances, leverage, mode, funding and keys are what they were set to', async () => {
  const faults = scriptedFaults({});
  const failure = (act: () => Promise<unknown>): Promise<string> =>
    act().then(
      () => '',
      (error: Error) => `${error.constructor.name} ${error.message}`,
    );
  const run = await simulate({ faults }, async (bench) => {
    const { upbit, binance, sim } = bench;
    await short(bench);
    faults.strike({ kind: 'account', balance: { USDT: '10000' }, fundingRate: 0.001, leverage: 3, positionMode: 'hedge' }, 'binance');
    faults.strike({ kind: 'account', balance: { KRW: '5000000', BTC: '0.5' } }, 'upbit');
    const changed = {
      usdt: sim.balance('binance', 'USDT'),
      krw: sim.balance('upbit', 'KRW'),
      btc: sim.balance('upbit', 'BTC'),
      spot: sim.spot(),
      order: await failure(() => short(bench)),
    };
    faults.strike({ kind: 'account', key: 'read-only' }, 'upbit');
    const readOnly = [await failure(() => upbit.fetchBalance()), await failure(() => upbit.createOrder('BTC/KRW', 'market', 'sell', 0.1))];
    faults.strike({ kind: 'account', key: 'revoked' }, 'upbit');
    faults.strike({ kind: 'account', key: 'ip-blocked' }, 'binance');
    return {
      changed,
      readOnly,
      dead: [
        await failure(() => upbit.fetchBalance()),
        await failure(() => binance.fetchBalance()),
        await failure(() => upbit.fetchOrderBook('BTC/KRW')),
      ],
    };
  });
  const { changed, readOnly, dead } = run.value;
  // The funding of 0.1 % on 0.05 BTC at 89,500 comes on top of the balance that was set.
  expect(changed).toMatchObject({ usdt: usdt(10_000 + 4.475), krw: usdt(5_000_000), btc: btc(0.5), spot: 0n });
  expect(changed.order).toMatch(/-4061/);
  expect(readOnly[0]).toBe('');
  expect(readOnly[1]).toMatch(/^PermissionDenied .*out_of_scope/);
  expect(dead[0]).toMatch(/^AuthenticationError .*invalid_access_key/);
  expect(dead[1]).toMatch(/^AuthenticationError .*-2015/);
  expect(dead[2]).toBe('');
});

test('cross margin: the whole wallet carries the position, and leverage may be lowered while it suffices', async () => {
  const run = await simulate({ world: worldWith({ binance: { marginMode: 'cross', leverage: 5 } }) }, async (bench) => {
    await short(bench, 0.3);
    const lowered = await bench.binance.setLeverage(2, PERP).then(
      () => 'ok',
      (error: Error) => error.message,
    );
    const [position] = await bench.binance.fetchPositions([PERP], { useV2: true });
    return { lowered, position };
  });
  expect(run.value.lowered).toBe('ok');
  expect(run.value.position).toMatchObject({ marginMode: 'cross', leverage: 2, contracts: 0.3 });
  expect(run.value.position?.liquidationPrice).toBeGreaterThan(180_000);
});

test('a maintenance table that changes under an open position: moves its liquidation price at once', async () => {
  // 2,685,000 USDT at 20x: 2.5 % maintenance until 2025-12-05, 0.65 % from then on.
  const start = epochMs(Date.parse('2025-12-04T23:00:00Z'));
  const world = { ...worldWith({ binance: { balances: { USDT: '400000' }, leverage: 20 } }), start };
  const run = await simulate({ world }, async (bench) => {
    const price = async () => (await bench.binance.fetchPositions([PERP]))[0]?.liquidationPrice ?? Number.NaN;
    await short(bench, 30);
    const before = await price();
    await bench.clock.sleep(durationMs(2 * HOUR));
    return { before, after: await price() };
  });
  expect(run.value.after / run.value.before).toBeGreaterThan(1.005);
});
