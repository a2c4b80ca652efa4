import { Waker } from './task-group.js';

/** Holdings that a flow has met and that our orders do not explain; kept until the monitor takes them up. */
export class Suspicion {
  /** Rung when there is one. */
  readonly bell = new Waker();
  #seen: string | undefined;

  /** @param seen - the difference, in words for people. */
  raise(seen: string): void {
    this.#seen = seen;
    this.bell.wake();
  }

  get isRaised(): boolean {
    return this.#seen !== undefined;
  }

  take(): string | undefined {
    const seen = this.#seen;
    this.#seen = undefined;
    return seen;
  }
}
