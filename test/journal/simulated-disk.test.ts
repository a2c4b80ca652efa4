import { describe, expect, test } from 'vitest';
import { epochMs } from '../../src/core/units.js';
import type { JournalEvent } from '../../src/journal/journal-event.js';
import { MemoryJournal } from '../../src/journal/memory-journal.js';
import { SimulatedDisk, type DiskFault } from '../../src/journal/simulated-disk.js';

const event = (mark: string): JournalEvent => ({ t: epochMs(1), flow: 'f', type: 'mark', mark });
const marksOf = (journal: MemoryJournal): string[] => journal.records().map(({ event: read }) => (read.type === 'mark' ? read.mark : read.type));

function bench(now: () => number = () => 0) {
  const disk = new SimulatedDisk([], now);
  const met: string[] = [];
  const fail = (kind: Exclude<DiskFault, 'old-backup'>): (() => void) => disk.fail(kind, () => void met.push(kind));
  return { disk, met, fail, journal: new MemoryJournal({}, disk) };
}

describe('simulated disk', () => {
  test.each(['ENOSPC', 'SQLITE_BUSY', 'SQLITE_FULL'] as const)(
    '%s: the append rejects with its code, leaves nothing, and works once healed',
    async (kind) => {
      const { journal, fail, met } = bench();
      const heal = fail(kind);
      await expect(journal.append(event('a'))).rejects.toMatchObject({ code: kind });
      heal();
      await journal.append(event('b'));
      expect(marksOf(journal)).toEqual(['b']);
      expect(met).toEqual([kind]);
    },
  );

  test('EIO: the append rejects although its record is on disk', async () => {
    const { journal, fail } = bench();
    fail('EIO');
    await expect(journal.append(event('a'))).rejects.toMatchObject({ code: 'EIO' });
    expect(marksOf(journal)).toEqual(['a']);
  });

  test('torn write: half a record is never read, and the next append is not buried behind it', async () => {
    const { journal, fail } = bench();
    await journal.append(event('a'));
    fail('torn-write');
    await expect(journal.append(event('b'))).rejects.toThrow('EIO');
    expect(journal.lines()).toHaveLength(2);
    expect(marksOf(journal)).toEqual(['a']);
    await journal.append(event('c'));
    expect(marksOf(journal.reopen())).toEqual(['a', 'c']);
  });

  test.each([
    { how: 'lost', after: ['a'] },
    { how: 'torn', after: ['a'] },
    { how: 'kept', after: ['a', 'b', 'c'] },
  ] as const)('fsync lies, then a crash with $how: what was acknowledged is $after', async ({ how, after }) => {
    const { journal, fail } = bench();
    await journal.append(event('a'));
    fail('fsync-lies');
    await journal.append(event('b'));
    await journal.append(event('c'));
    expect(marksOf(journal)).toEqual(['a', 'b', 'c']);
    journal.crash(how);
    expect(marksOf(journal.reopen())).toEqual(after);
  });

  test('fsync lies until healed: what was acknowledged meanwhile survives a later crash', async () => {
    const { journal, fail } = bench();
    const heal = fail('fsync-lies');
    await journal.append(event('a'));
    heal();
    journal.crash('lost');
    expect(marksOf(journal.reopen())).toEqual(['a']);
  });

  test('old backup: the next process finds only what is older than it, and numbers go on from there', async () => {
    let now = 0;
    const { disk, journal } = bench(() => now);
    await journal.append(event('old'));
    now = 10_000;
    await journal.append(event('new'));
    let met = 0;
    disk.restoreBackup(5_000, () => (met += 1));
    expect(marksOf(journal)).toEqual(['old', 'new']);
    journal.crash('lost');
    const next = journal.reopen();
    await next.append(event('after'));
    expect(marksOf(next)).toEqual(['old', 'after']);
    expect(next.records().map(({ seq }) => seq)).toEqual([1, 2]);
    expect(met).toBe(1);
  });

  test('crash in the middle of a write: earlier appends in flight are whole, the last one is torn and cut off', async () => {
    const disk = new SimulatedDisk();
    const journal = new MemoryJournal({ sync: () => new Promise(() => undefined) }, disk);
    void journal.append(event('a'));
    void journal.append(event('b'));
    journal.crash('torn');
    expect(disk.lines()).toHaveLength(2);
    expect(marksOf(new MemoryJournal({}, disk))).toEqual(['a']);
    expect(disk.open()).toBe(true);
    expect(disk.lines()).toHaveLength(1);
  });

  test('a writer whose lease is no longer the newest: its append is refused, the other one writes on', async () => {
    const disk = new SimulatedDisk();
    let newest = 1;
    const first = new MemoryJournal({ mayWrite: () => newest === 1 }, disk);
    const second = new MemoryJournal({ mayWrite: () => newest === 2 }, disk);
    await first.append(event('a'));
    newest = 2;
    await expect(first.append(event('zombie'))).rejects.toMatchObject({ name: 'JournalFenced' });
    await second.append(event('b'));
    expect(marksOf(second)).toEqual(['a', 'b']);
  });
});
