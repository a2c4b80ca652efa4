import { createHash } from 'node:crypto';
import { encodeTapeEvent } from './tape-codec.js';
import type { Tape, TapeEntry, TapeEvent } from './tape-event.js';

const HASH_BLOCK = 65_536;

/** A run's truth in memory, in the order it happened. Listeners are told of an event after it was written. */
export class MemoryTape implements Tape {
  readonly #events: TapeEvent[] = [];
  readonly #listeners: ((event: TapeEvent) => void)[] = [];

  get events(): readonly TapeEvent[] {
    return this.#events;
  }

  /** Takes `entry` over: it becomes the event. */
  write(entry: TapeEntry): void {
    const event = entry as TapeEntry & { seq: number };
    event.seq = this.#events.length + 1;
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  onEvent(listener: (event: TapeEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** The bytes of `tape.jsonl`, line by line, each with its line feed. */
  *lines(): Generator<string> {
    for (const event of this.#events) yield `${encodeTapeEvent(event)}\n`;
  }

  /** SHA-256 of the bytes of `tape.jsonl`, in hexadecimal. */
  hash(): string {
    const hash = createHash('sha256');
    // A call into the hash for each line would cost more than the hashing.
    let pending = '';
    for (const event of this.#events) {
      pending += `${encodeTapeEvent(event)}\n`;
      if (pending.length < HASH_BLOCK) continue;
      hash.update(pending);
      pending = '';
    }
    return hash.update(pending).digest('hex');
  }
}
