import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { MemoryJournal, type MemoryJournalOptions } from '../../src/journal/memory-journal.js';
import { Bench } from '../support/executor-bench.js';

const HANG_MS = 60_000;

/** A journal whose disk hangs for a while, once, at the first append that `isMeant` names. */
function hanging(isMeant: (type: string) => boolean): { readonly bench: Bench; readonly written: string[] } {
  let hang: 'to come' | 'now' | 'over' = 'to come';
  const written: string[] = [];
  const options: MemoryJournalOptions = {
    onAppend: ({ type }) => {
      if (hang === 'to come' && isMeant(type)) hang = 'now';
    },
    sync: async () => {
      if (hang !== 'now') return;
      await bench.clock.sleep(durationMs(HANG_MS));
      hang = 'over';
    },
    onDurable: ({ type }) => written.push(type),
  };
  const bench: Bench = new Bench({ legs: 'spot-first' }, new MemoryJournal(options));
  return { bench, written };
}

test('fact that the disk hangs over: told after 5 s and believed; the order that follows waits for the disk', async () => {
  const { bench, written } = hanging((type) => type === 'order.settled');
  await bench.run(async () => {
    const entry = bench.enter();
    await bench.wait(12_000);
    expect(bench.notified).toEqual(['JOURNAL_DOWN', 'UNHEDGED_EXPOSURE']);
    expect(bench.held).toBe('0.05/0');
    await entry;
    expect(bench.held).toBe('0.05/-0.05');
    await bench.wait(1_000);
    // Everything is on disk in the end, in the order in which it happened.
    expect(written.filter((type) => type === 'intent' || type === 'order.settled')).toEqual(['intent', 'order.settled', 'intent', 'order.settled']);
    expect(bench.alerts).toEqual(expect.arrayContaining(['JOURNAL_DOWN', 'UNHEDGED_EXPOSURE']));
  });
});

test('first intent that the disk hangs over: told, and nothing is sent once the decision is old', async () => {
  const { bench } = hanging((type) => type === 'intent');
  await bench.run(async () => {
    const { outcome } = await bench.enter();
    expect(outcome).toBe('aborted');
    expect(bench.notified).toEqual(['JOURNAL_DOWN']);
    expect(bench.held).toBe('0/0');
  });
});
