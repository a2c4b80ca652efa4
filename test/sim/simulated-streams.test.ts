import { describe, expect, test } from 'vitest';
import { parseFixed, type Btc } from '../../src/core/money.js';
import { RandomStreams } from '../../src/core/random.js';
import { addMs, durationMs, type VenueId } from '../../src/core/units.js';
import type { StreamAction } from '../../src/faults/fault-action.js';
import { ProcessLife, WallClock } from '../../src/sim/process-life.js';
import { SimulatedStreams, type StreamMessage } from '../../src/sim/simulated-streams.js';
import { MemoryTape } from '../../src/sim/tape.js';
import type { TapeEntry } from '../../src/sim/tape-event.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';
import { START, worldWith } from './support/world.js';

type Heard = StreamMessage & { readonly at: number };

function bench() {
  const clock = new VirtualClock(START, { maxVirtualMs: 3_600_000 });
  const tape = new MemoryTape();
  const met: string[] = [];
  const streams = new SimulatedStreams({ clock, tape, world: worldWith(), seeds: new RandomStreams(1), met: (fault) => void met.push(fault) });
  const life = new ProcessLife(0, clock, new WallClock(clock));
  const heard: Heard[] = [];
  streams.connect(life).onWakeUp((message) => void heard.push({ ...message, at: clock.now() - START }));
  const strike = (action: Partial<StreamAction> & Pick<StreamAction, 'action'>, venue: VenueId = 'upbit'): void =>
    streams.strike('fault', { kind: 'stream', for: undefined, count: undefined, channels: undefined, ...action }, venue);
  /** One order that is accepted, filled and over at once. */
  const order = (orderId: string, venue: VenueId = 'upbit'): void => {
    const [t, leg, flow, side] = [clock.now(), 'spot', 1, 'buy'] as const;
    const quantity = parseFixed<Btc>('0.01');
    const entries: readonly object[] = [
      { t, type: 'order.accepted', venue, orderId, clientOrderId: `c-${orderId}`, request: 1, leg, purpose: 'open', flow, side, quantity },
      { t, type: 'fill', venue, orderId, tradeId: `t-${orderId}`, leg, flow, side, price: parseFixed('100'), quantity },
      { t, type: 'order.ended', venue, orderId, status: 'filled', executed: quantity, leg, flow },
    ];
    for (const entry of entries) tape.write(entry as TapeEntry);
  };
  const wait = (ms: number): Promise<void> => clock.sleep(durationMs(ms));
  const orders = (): string[] => heard.filter(({ channel }) => channel === 'orders').map(({ status, quantity }) => `${status} ${quantity}`);
  return { clock, life, heard, met, strike, order, wait, orders, run: (act: () => Promise<void>) => clock.run(act) };
}

const STORY = ['open 0', 'open 0.01', 'closed 0.01'];

describe('simulated streams', () => {
  test('without a fault: every channel tells, in order, after the way of an answer', async () => {
    const { run, order, wait, orders, heard, met } = bench();
    await run(async () => {
      order('a');
      expect(heard).toEqual([]);
      await wait(5_000);
      expect(orders()).toEqual(STORY);
      expect(new Set(heard.map(({ channel }) => channel))).toEqual(new Set(['orders', 'trades', 'book']));
      expect(heard.map(({ clientOrderId }) => clientOrderId)).toContain('c-a');
      expect(met).toEqual([]);
    });
  });

  test.each(['disconnect', 'mute', 'key-expired'] as const)(
    '%s: nothing private comes while it lasts, and what was said then is gone',
    async (action) => {
      const { run, strike, order, wait, orders, met } = bench();
      await run(async () => {
        strike({ action, for: durationMs(10_000) });
        order('a');
        await wait(20_000);
        expect(orders()).toEqual([]);
        order('b');
        await wait(5_000);
        expect(orders()).toEqual(STORY);
        expect(met.length).toBeGreaterThan(0);
      });
    },
  );

  test('one channel mute on one venue: the others go on', async () => {
    const { run, strike, order, wait, heard } = bench();
    await run(async () => {
      strike({ action: 'mute', for: 'forever', channels: ['orders'] });
      order('a');
      order('b', 'binance');
      await wait(5_000);
      const told = (venue: VenueId): string[] => [...new Set(heard.filter((each) => each.venue === venue).map(({ channel }) => channel))].sort();
      expect(told('upbit')).toEqual(['book', 'trades']);
      expect(told('binance')).toEqual(['book', 'orders', 'trades']);
    });
  });

  test.each([
    { action: 'gap', count: 2, told: ['closed 0.01'] },
    { action: 'duplicate', count: 1, told: ['open 0', 'open 0.01', 'closed 0.01', 'open 0'] },
    { action: 'reorder', count: 3, told: [...STORY].reverse() },
    { action: 'bad-snapshot', count: 3, told: ['FOO NaN', 'FOO 0', 'FOO -1'] },
  ] as const)('$action of $count order messages: heard is $told', async ({ action, count, told }) => {
    const { run, strike, order, wait, orders, met } = bench();
    await run(async () => {
      strike({ action, count, channels: ['orders'] });
      order('a');
      await wait(5_000);
      expect([...orders()].sort()).toEqual([...told].sort());
      if (action !== 'bad-snapshot') expect(orders()).toEqual(told);
      expect(met).toHaveLength(count);
    });
  });

  test('stale: everything comes at its end, at once; for ever: never', async () => {
    const { run, strike, order, wait, heard } = bench();
    await run(async () => {
      strike({ action: 'stale', for: durationMs(10_000) });
      order('a');
      await wait(20_000);
      expect(new Set(heard.map(({ at }) => at))).toEqual(new Set([10_000]));
      strike({ action: 'stale', for: 'forever' });
      const before = heard.length;
      order('b');
      await wait(20_000);
      expect(heard).toHaveLength(before);
    });
  });

  test('a process that stands still: takes the queue in as one burst, in order', async () => {
    const { run, clock, life, order, wait, heard, orders } = bench();
    await run(async () => {
      life.stall(addMs(clock.now(), 8_000));
      order('a');
      await wait(3_000);
      order('b');
      await wait(10_000);
      expect(new Set(heard.map(({ at }) => at))).toEqual(new Set([8_000]));
      expect(orders()).toEqual([...STORY, ...STORY]);
    });
  });
});
