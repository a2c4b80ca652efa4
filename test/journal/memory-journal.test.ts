import { describe, expect, test } from 'vitest';
import { epochMs } from '../../src/core/units.js';
import type { JournalEvent } from '../../src/journal/journal-event.js';
import { MemoryJournal } from '../../src/journal/memory-journal.js';

const event = (mark: string): JournalEvent => ({ t: epochMs(1), flow: 'f', type: 'mark', mark });
const marksOf = (journal: MemoryJournal): string[] => journal.records().map(({ event: read }) => (read.type === 'mark' ? read.mark : read.type));
/** Whether a promise has settled by the time all ready promise jobs have run. */
const settles = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

describe('memory journal', () => {
  test('append resolves once the event is durable, in order', async () => {
    const journal = new MemoryJournal();
    const both = [journal.append(event('a')), journal.append(event('b'))];
    expect(marksOf(journal)).toEqual([]);
    await Promise.all(both);
    expect(marksOf(journal)).toEqual(['a', 'b']);
    expect((await journal.read()).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test.each([
    { unsynced: 'lost', after: ['a'] },
    { unsynced: 'kept', after: ['a', 'b'] },
  ] as const)('crash during an append, $unsynced: its promise never settles, the next life finds $after', async ({ unsynced, after }) => {
    let dies = false;
    const journal: MemoryJournal = new MemoryJournal({ onAppend: () => dies && journal.crash(unsynced) });
    await journal.append(event('a'));
    dies = true;
    expect(await settles(journal.append(event('b')))).toBe(false);
    dies = false;
    const next = journal.reopen();
    expect(marksOf(next)).toEqual(after);
    await next.append(event('c'));
    expect(next.records().map(({ seq }) => seq)).toEqual([...after, 'c'].map((_, index) => index + 1));
  });

  test('crash while the disk is at work: what was not durable is lost, also several appends at once', async () => {
    const journal = new MemoryJournal({ sync: () => new Promise(() => undefined) });
    const pending = [journal.append(event('a')), journal.append(event('b'))];
    journal.crash('lost');
    expect(await settles(Promise.race(pending))).toBe(false);
    expect(marksOf(journal.reopen())).toEqual([]);
  });

  test('crashed journal: neither appends nor reads are ever answered', async () => {
    const journal = new MemoryJournal();
    journal.crash('kept');
    expect(await settles(journal.append(event('a')))).toBe(false);
    expect(await settles(journal.read())).toBe(false);
    expect(marksOf(journal.reopen())).toEqual([]);
  });

  test('disk error: rejects that append alone and leaves no trace of it', async () => {
    let fails = true;
    const journal = new MemoryJournal({ sync: () => (fails ? Promise.reject(new Error('ENOSPC')) : Promise.resolve()) });
    await expect(journal.append(event('a'))).rejects.toThrow('ENOSPC');
    fails = false;
    await journal.append(event('b'));
    expect(marksOf(journal)).toEqual(['b']);
  });
});
