import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../src/core/units.js';
import { PositionBook } from '../../src/executor/position-book.js';
import { decodeJournalRecord } from '../../src/journal/journal-codec.js';
import type { JournalRecord } from '../../src/journal/journal-event.js';
import { MemoryJournal } from '../../src/journal/memory-journal.js';
import { SqliteJournal } from '../../src/journal/sqlite-journal.js';
import { Bench } from '../support/executor-bench.js';
import { journalEvents } from '../support/journal-events.js';
import { answersError, binanceError, loseReply, loseRequest, upbitError } from '../support/scripted-venue.js';

/** Everything a book can be asked, as plain data. */
const beliefOf = (records: readonly JournalRecord[]) => {
  const book = PositionBook.from(records);
  const now = records.at(-1)?.event.t ?? epochMs(0);
  return {
    spot: book.spot,
    perp: book.perp,
    halt: book.halt,
    positions: book.positions(),
    open: book.openFlows().map(({ flow, kind, attempts }) => ({ flow, kind, attempts: attempts.length })),
    unsettled: book.unsettled(),
    watched: book.watched(({ settled }) => now - (settled?.at ?? now), 600_000),
    flows: book.flowCount,
  };
};

test('any prefix of any journal: recovers to the same belief from memory and from SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'journals-'));
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(journalEvents, { maxLength: 25 }), fc.nat(25), async (events, cut) => {
      const memory = new MemoryJournal();
      const sqlite = SqliteJournal.open(join(folder, `${(run += 1)}.db`));
      for (const event of events.slice(0, cut)) {
        await memory.append(event);
        await sqlite.append(event);
      }
      const [kept, stored] = [await memory.reopen().read(), await sqlite.read()];
      sqlite.close();
      expect(stored).toEqual(kept);
      expect(beliefOf(stored)).toEqual(beliefOf(kept));
    }),
    { numRuns: 40 },
  );
  rmSync(folder, { recursive: true, force: true });
});

interface Story {
  readonly name: string;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly act: (bench: Bench) => Promise<unknown>;
}

const enterThenExit = async (bench: Bench): Promise<void> => {
  await bench.enter();
  await bench.wait(20_000);
  await bench.exit();
};

/** What a process may be doing when it dies. */
const STORIES: readonly Story[] = [
  { name: 'entry and exit', act: enterThenExit },
  { name: 'entry and exit, spot first', policy: { legs: 'spot-first' }, act: enterThenExit },
  { name: 'entry and exit, perp first, market orders', policy: { legs: 'perp-first', orderStyle: 'market' }, act: enterThenExit },
  {
    name: 'entry whose short is refused',
    act: (bench) => {
      bench.binance.next('createOrder', answersError(binanceError('-2019')));
      return bench.enter();
    },
  },
  {
    name: 'entry whose spot reply is lost',
    act: (bench) => {
      bench.upbit.next('createOrder', loseReply());
      return bench.enter();
    },
  },
  {
    name: 'entry whose short is lost on the way',
    act: (bench) => {
      bench.binance.next('createOrder', loseRequest);
      return bench.enter();
    },
  },
  {
    name: 'entry with half a spot fill, rollback refused once',
    act: (bench) => {
      bench.upbit.executes({ fraction: 0.4, status: 'canceled' });
      bench.upbit.next('createOrder', async (act) => act(), answersError(upbitError('create_bid_error')));
      bench.binance.next('createOrder', async (act) => act(), answersError(binanceError('-1008', 503)));
      return bench.enter();
    },
  },
  {
    name: 'short that shrank while held',
    act: async (bench) => {
      await bench.enter();
      await bench.wait(20_000);
      bench.binance.held.position = -0.02;
      await bench.executor.changed?.();
    },
  },
];

/** Runs the story with a death at the n-th append; tells whether there was one. */
async function dieAt(story: Story, append: number, unsynced: 'lost' | 'kept', downMs: number): Promise<boolean> {
  let appends = 0;
  let died = false;
  let whenDead: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    whenDead = resolve;
  });
  const journal = new MemoryJournal({
    onAppend: () => {
      appends += 1;
      if (appends !== append) return;
      died = true;
      bench.crash(unsynced);
      whenDead();
    },
  });
  const bench: Bench = new Bench(story.policy, journal);
  await bench.clock.run(async () => {
    await Promise.race([bench.executor.start().then(() => story.act(bench)), death]);
    if (died) {
      await bench.wait(downMs);
      await bench.restart();
    }
    // Late orders and what the monitor has to do come within this time.
    await bench.wait(180_000);
    await bench.executor.stop();
    const { BTC } = bench.upbit.held;
    const { position } = bench.binance.held;
    const where = `${story.name}, append ${append} ${unsynced}`;
    expect(Math.abs(BTC + position), `residual after ${where}`).toBeLessThan(0.001);
    expect(bench.executor.halted, `lock after ${where}`).toBeUndefined();
    const ids = [...bench.upbit.orders, ...bench.binance.orders].map(({ clientOrderId }) => clientOrderId);
    expect(new Set(ids).size, `orders sent twice after ${where}`).toBe(ids.length);
    // Belief is truth: what the last life thinks it holds is what there is.
    const book = PositionBook.from(bench.journal.records());
    expect(Number(book.spot) / 1e8, `spot believed after ${where}`).toBeCloseTo(BTC, 8);
    expect(Number(book.perp) / 1e8, `short believed after ${where}`).toBeCloseTo(position, 8);
    expect(book.openFlows(), `open flows after ${where}`).toEqual([]);
  });
  return died;
}

describe.each(STORIES)('death at any append: $name', (story) => {
  test.each([
    { unsynced: 'lost', downMs: 1_000 },
    { unsynced: 'kept', downMs: 1_000 },
    { unsynced: 'lost', downMs: 90_000 },
    { unsynced: 'kept', downMs: 90_000 },
  ] as const)('last append $unsynced, back after $downMs ms: even, unlocked, nothing sent twice, belief is truth', async ({ unsynced, downMs }) => {
    let append = 1;
    while (await dieAt(story, append, unsynced, downMs)) append += 1;
    // The story was long enough to be worth dying in.
    expect(append).toBeGreaterThan(10);
  });
});

test('death in the recovery itself: the next life ends it', async () => {
  for (let append = 1; append < 12; append += 1) {
    let phase = 0;
    const bench: Bench = new Bench({}, new MemoryJournal({ onAppend: ({ type }) => type === 'order.settled' && phase === 0 && die() }));
    let dead: () => void = () => undefined;
    let death = new Promise<void>((resolve) => (dead = resolve));
    const die = (): void => {
      phase += 1;
      bench.crash('lost');
      dead();
    };
    await bench.clock.run(async () => {
      await bench.executor.start();
      bench.binance.next('createOrder', answersError(binanceError('-2019')));
      await Promise.race([bench.enter(), death]);
      death = new Promise<void>((resolve) => (dead = resolve));
      let appends = 0;
      const second = bench.journal.reopen({
        onAppend: () => {
          appends += 1;
          if (appends === append) die();
        },
      });
      await bench.wait(2_000);
      await Promise.race([bench.restart(second), death]);
      await bench.wait(2_000);
      if (phase === 2) await bench.restart();
      await bench.wait(60_000);
      await bench.executor.stop();
      expect(bench.held, `death at append ${append} of the recovery`).toBe('0/0');
    });
  }
});

test('start with nothing open: says so, and asks each venue only what it must', async () => {
  const bench = new Bench();
  await bench.run(() => Promise.resolve());
  expect(bench.marks).toEqual(['recover.nothing-open']);
  expect([...bench.upbit.calls, ...bench.binance.calls].map(({ method }) => method).sort()).toEqual([
    'fetchBalance',
    'fetchLeverage',
    'fetchOpenOrders',
    'fetchOpenOrders',
    'fetchPositionMode',
    'fetchPositions',
    'loadMarkets',
    'loadMarkets',
  ]);
});

test('start after the short was liquidated while we were down: the spot is sold', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.enter();
    await bench.executor.stop();
    bench.binance.held.position = 0;
    await bench.wait(3_600_000);
    await bench.restart();
    expect(bench.held).toBe('0/0');
    expect(bench.marks).toContain('monitor.short-shrank');
  });
});

test('journal of an edited file: the start refuses it instead of guessing', () => {
  expect(() => decodeJournalRecord('{"seq":1,"t":1,"flow":"enter-1","type":"intent"}')).toThrow('intentId: expected text, found nothing');
});
