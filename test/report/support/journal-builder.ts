import type { JournalEvent, JournalRecord } from '../../../src/journal/journal-event.js';
import type { EpochMs } from '../../../src/core/units.js';

type WithoutHead<T> = T extends unknown ? Omit<T, 't' | 'flow'> : never;

/** A journal written by hand: each event at an instant, in one flow. */
export class JournalBuilder {
  readonly records: JournalRecord[] = [];

  add(t: EpochMs, event: WithoutHead<JournalEvent>, flow = 'flow-1'): this {
    this.records.push({ seq: this.records.length + 1, event: { t, flow, ...event } });
    return this;
  }
}
