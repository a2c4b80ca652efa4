import { expect, test } from 'vitest';
import type { Btc } from '../../src/core/money.js';
import { durationMs, epochMs, type EpochMs } from '../../src/core/units.js';
import type { PremiumBars } from '../../src/market/bars.js';
import { driveTrades, type TradeSeat } from '../../src/run/trade-driver.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';
import type { Signal, Strategy } from '../../src/strategy/strategy.js';

const start = 1_756_684_800_000;

function bars(length: number): PremiumBars {
  const column = (value: number): Float64Array => new Float64Array(length).fill(value);
  return {
    time: Float64Array.from({ length }, (_, row) => start + row * 60_000),
    upbitKrw: column(150_000_000),
    binanceUsdt: column(108_000),
    usdKrw: column(1_390),
    usdtKrw: column(Number.NaN),
    premium: Float64Array.from({ length }, (_, row) => -row / 10_000),
    afterGap: new Uint8Array(length),
    fxStep: new Uint8Array(length),
    length,
    stepMs: 60_000,
    funding: { time: new Float64Array(0), rate: new Float64Array(0) },
    source: { name: 'made', hash: '', synthetic: true, foreignLeg: 'unknown', perpBasis: 0, fxKind: 'daily', notes: [] },
  };
}

/** Signals by row; remembers which rows it saw and what it was told. */
function scripted(signals: Readonly<Record<number, Signal>>): Strategy & { readonly rows: number[]; readonly held: number[] } {
  const rows: number[] = [];
  const held: number[] = [];
  return {
    name: 'scripted',
    z: 0,
    rows,
    held,
    onBar: (bar, state) => {
      const row = (bar.time - start) / 60_000;
      rows.push(row);
      held.push(state.openPositions);
      return signals[row] ?? { kind: 'hold' };
    },
  };
}

/** A seat whose flows take `flowMs` and always work. */
function seat(clock: VirtualClock, flowMs: number): TradeSeat & { readonly log: string[]; open: { positionId: string; openedAt: EpochMs }[] } {
  const log: string[] = [];
  const self = {
    log,
    open: [] as { positionId: string; openedAt: EpochMs }[],
    positions: () => self.open,
    size: () => ({ kind: 'sized', quantity: 1n as Btc }) as const,
    enter: async (row: number) => {
      log.push(`enter ${row} at ${(clock.now() - start) / 1_000}`);
      await clock.sleep(durationMs(flowMs));
      self.open.push({ positionId: 'p', openedAt: clock.now() });
      return { opened: true, reason: 'hedged' };
    },
    exit: async (row: number, reason: string) => {
      log.push(`exit ${row} ${reason}`);
      await clock.sleep(durationMs(flowMs));
      self.open = [];
    },
    halted: () => undefined,
  };
  return self;
}

const enter: Signal = { kind: 'enter', expectedReversion: 0.01, z: -3, reason: 'low' };
const exit: Signal = { kind: 'exit', reason: 'target', z: 1 };

test('idle bars: are scanned without a timer, and every bar exactly once and in order', async () => {
  const clock = new VirtualClock(epochMs(start));
  const strategy = scripted({});
  const tally = await clock.run(() => driveTrades(clock, bars(10_000), strategy, seat(clock, 0), () => undefined));
  expect(strategy.rows).toEqual(Array.from({ length: 10_000 }, (_, row) => row));
  // The one timer takes the run to the end of its data.
  expect(clock.steps).toBe(1);
  expect(tally).toMatchObject({ bars: 10_000, entrySignals: 0 });
});

test('an entry and its exit: are acted on at the times of their bars', async () => {
  const clock = new VirtualClock(epochMs(start));
  const place = seat(clock, 2_000);
  const strategy = scripted({ 3: enter, 7: exit });
  const tally = await clock.run(() => driveTrades(clock, bars(12), strategy, place, () => undefined));
  expect(place.log).toEqual(['enter 3 at 180', 'exit 7 target']);
  expect(tally).toMatchObject({ entries: 1, exits: 1 });
  expect(strategy.rows).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(strategy.held.slice(4, 8)).toEqual([1, 1, 1, 1]);
});

test('signals of bars that closed while a flow was running: are dropped, but the strategy sees the bars', async () => {
  const clock = new VirtualClock(epochMs(start));
  const place = seat(clock, 150_000);
  const strategy = scripted({ 3: enter, 4: exit, 5: exit, 6: exit });
  await clock.run(() => driveTrades(clock, bars(9), strategy, place, () => undefined));
  expect(place.log).toEqual(['enter 3 at 180', 'exit 6 target']);
  expect(strategy.rows).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a position that the monitor closes while it is held: is gone for the strategy at the next bar', async () => {
  const clock = new VirtualClock(epochMs(start));
  const place = seat(clock, 1_000);
  const strategy = scripted({ 2: enter });
  await clock.run(() => {
    clock.schedule(epochMs(start + 5.5 * 60_000), () => (place.open = []));
    return driveTrades(clock, bars(10), strategy, place, () => undefined);
  });
  expect(strategy.held).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0]);
});

test('refusals: are counted by their reason', async () => {
  const clock = new VirtualClock(epochMs(start));
  const place = { ...seat(clock, 0), size: () => ({ kind: 'refused', reason: 'too small' }) as const };
  const tally = await clock.run(() => driveTrades(clock, bars(6), scripted({ 2: enter, 4: enter }), place, () => undefined));
  expect([...tally.refusals]).toEqual([['too small', 2]]);
  expect(tally.entries).toBe(0);
});
