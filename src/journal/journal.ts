import type { JournalEvent, JournalRecord } from './journal-event.js';

/** The executor's memory: what it intended, was told and decided. */
export interface Journal {
  /** Resolves when the event is durable; the executor sends nothing that was not appended first. */
  append(event: JournalEvent): Promise<void>;
  /** Everything durable, oldest first; read once, on start. */
  read(): Promise<readonly JournalRecord[]>;
}
