import type { Belonging } from './stream-link.js';

export type Emit<Message> = (message: Message) => void;

/** A stream of messages that any number of connections listen to; it works only while somebody does. */
export class Topic<Message> {
  readonly belonging: Belonging;
  readonly #start: (emit: Emit<Message>) => () => void;
  readonly #listeners = new Set<Emit<Message>>();
  #stop: (() => void) | undefined;

  /** @param start - begins to emit, and returns what ends it. */
  constructor(belonging: Belonging, start: (emit: Emit<Message>) => () => void) {
    this.belonging = belonging;
    this.#start = start;
  }

  listen(listener: Emit<Message>): () => void {
    this.#listeners.add(listener);
    this.#stop ??= this.#start((message) => {
      for (const each of this.#listeners) each(message);
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }
}
