import { expect, test } from 'vitest';
import { FlowRun } from '../../src/executor/flow-run.js';
import type { Engine } from '../../src/executor/engine.js';
import { DEFAULT_POLICY } from '../../src/executor/policy.js';
import { PositionBook } from '../../src/executor/position-book.js';
import { Quota } from '../../src/executor/quota.js';
import { VenueGateway } from '../../src/executor/venue-gateway.js';
import { durationMs, epochMs } from '../../src/core/units.js';
import type { JournalEvent } from '../../src/journal/journal-event.js';
import { MemoryJournal } from '../../src/journal/memory-journal.js';
import { Bench, btc, short, START } from '../support/executor-bench.js';
import { answersError, binanceBan, page503, upbitError } from '../support/scripted-venue.js';

const holding = async (bench: Bench): Promise<void> => {
  await bench.enter();
  await bench.wait(20_000);
};

test('venue that bans us while an intent is being written: the order stays here', async () => {
  const bench = new Bench();
  await bench.clock.run(async () => {
    const gateway = new VenueGateway(
      'binance',
      bench.binance.client,
      bench.clock,
      DEFAULT_POLICY,
      new Quota([], 0),
      { held: () => true },
      {
        banned: () => Promise.resolve(),
        banWaitedOut: () => Promise.resolve(),
      },
    );
    const answer = await gateway.call('createOrder', (client) => client.fetchTime(), {
      stillWanted: async () => {
        await bench.clock.sleep(durationMs(300));
        gateway.honour(60_000);
        return true;
      },
    });
    expect(answer).toMatchObject({ kind: 'not-sent', waitMs: 60_250 });
    expect(bench.binance.callsOf('fetchTime')).toEqual([]);
  });
});

test('ban while the first leg is being looked up: people know of the exposure from its deadline on, not after the ban', async () => {
  const bench = new Bench({ legs: 'spot-first' });
  await bench.run(async () => {
    bench.upbit.next('fetchOrder', answersError(upbitError('blocked', 418)));
    const entering = bench.enter();
    await bench.wait(20_000);
    expect(bench.alerts).toContain('UNHEDGED_EXPOSURE');
    expect((await entering).outcome).toBe('hedged');
    expect(bench.alerts.at(-1)).toBe('EXPOSURE_CLOSED');
  });
});

test('short that shrank just before an exit: told, and as much spot is sold', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await holding(bench);
    bench.binance.held.position = -0.03;
    expect((await bench.exit()).outcome).toBe('flat');
    expect(bench.held).toBe('0/0');
    expect(bench.alerts).toContain('SHORT_SHRANK');
  });
});

test.each([
  {
    name: 'a venue that does not answer',
    set: (bench: Bench): unknown => bench.upbit.always('*', answersError(page503('upbit'))),
    alert: 'VENUE_UNREACHABLE',
  },
  { name: 'an account in hedge mode', set: (bench: Bench): unknown => (bench.binance.hedgeMode = true), alert: 'POSITION_MISMATCH' },
])('exit against $name: no leg is sent, the hedge stands, and people are told', async ({ set, alert }) => {
  const bench = new Bench();
  await bench.run(async () => {
    await holding(bench);
    set(bench);
    expect(short(await bench.exit())).toBe('aborted 0/0');
    expect(bench.held).toBe('0.05/-0.05');
    expect(bench.alerts).toContain(alert);
  });
});

test('exit right after a fill while a venue bans us for hours: nothing is sent and nobody waits for the end', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.enter();
    const until = `banned until ${bench.clock.now() + 3 * 3_600_000}`;
    const ban = binanceBan();
    ban.message = ban.message.replace('"msg":"', `"msg":"${until} `);
    bench.binance.next('fetchOrderBook', answersError(ban));
    const asked = bench.clock.now();
    expect(short(await bench.exit())).toBe('aborted 0/0');
    expect(bench.clock.now() - asked).toBeLessThan(200_000);
    expect(bench.held).toBe('0.05/-0.05');
  });
});

test('margin that cannot be read while holding: told', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await holding(bench);
    bench.binance.always('fetchBalance', answersError(page503('binance')));
    await bench.wait(5 * 60_000);
    expect(bench.alerts).toEqual(['VENUE_UNREACHABLE']);
  });
});

test('lease that was lost and came back: this life sends nothing more', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await holding(bench);
    bench.leaseHeld = false;
    await bench.wait(61_000);
    bench.leaseHeld = true;
    expect((await bench.enter('0.02')).reason).toContain('lease');
    expect(bench.held).toBe('0.05/-0.05');
  });
});

test('journal that lost the word of a position: the next life finds the hedge in its orders and watches it', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await holding(bench);
    bench.crash('kept');
    const lines = bench.journal.lines().filter((line) => !line.includes('"position.opened"'));
    const renumbered = lines.map((line, index) => line.replace(/^\{"seq":\d+/, `{"seq":${index + 1}`));
    await bench.restart(new MemoryJournal({}, renumbered));
    expect(bench.executor.positions().map(({ quantity }) => quantity)).toEqual([btc('0.05')]);
    expect(bench.alerts).toContain('POSITION_MISMATCH');
    expect(short(await bench.exit())).toBe('flat -0.05/0.05');
  });
});

test('journal that lost the start of a flow: its number is not given out again', () => {
  const mark = (flow: string): JournalEvent => ({ t: epochMs(START), flow, type: 'mark', mark: 'hedge.completed' });
  expect(PositionBook.from([{ seq: 1, event: mark('enter-7') }]).flowCount).toBe(7);
});

test('flow taken up by another life: the ids of its intents go on where they stopped', () => {
  const book = new PositionBook();
  const t = epochMs(START);
  book.apply({ t, flow: 'enter-1', type: 'flow.started', kind: 'enter', quantity: btc('0.05'), positionIds: [], decidedAt: t });
  const numbers = [1, 2, 5, 7];
  for (const number of numbers) {
    const intentId = `enter-1/spot/rollback/${number}`;
    const order = { leg: 'spot', venue: 'upbit', side: 'sell', purpose: 'rollback', orderType: 'market', reduceOnly: false } as const;
    book.apply({ t, flow: 'enter-1', type: 'intent', intentId, clientOrderId: `c${number}`, attempt: 1, quantity: btc('0.01'), ...order });
  }
  const engine = { book, policy: DEFAULT_POLICY, clock: { now: () => t } } as unknown as Engine;
  expect(numbers.map((number) => `enter-1/spot/rollback/${number}`)).not.toContain(
    new FlowRun(engine, 'enter-1', 'enter').nextIntentId('spot', 'rollback'),
  );
});
