/** What ends a sleep early: an `AbortSignal`, or a `Stop` of our own. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * The little of an `AbortController` and its signal that our own waits need. Every call to a venue races a time-out that
 * is given up when the answer comes, and making an `AbortSignal` costs more than all the rest of that race.
 */
export class Stop implements StopSignal {
  readonly #listeners: (() => void)[] = [];
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#aborted && !this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index !== -1) this.#listeners.splice(index, 1);
  }

  /** Calls those who wait, in the order in which they began to; once. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    // One that a listener before it has removed is not called.
    for (let listener = this.#listeners.shift(); listener !== undefined; listener = this.#listeners.shift()) listener();
  }
}
