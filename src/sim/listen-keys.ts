import { addMs, type EpochMs } from '../core/units.js';

/** A key that nobody has extended for this long is void. */
export const LISTEN_KEY_MS = 3_600_000;

interface ListenKeysHost {
  now(): EpochMs;
  schedule(at: EpochMs, act: () => void): void;
  /** A key that was never used before. */
  make(): string;
}

type End = 'expired' | 'closed';

/** The keys of an account's user data streams: one is active at a time, for 60 minutes from when it was last asked for or extended. */
export class ListenKeys {
  readonly #host: ListenKeysHost;
  readonly #listeners = new Set<(key: string, end: End) => void>();
  #active: { readonly key: string; until: EpochMs } | undefined;

  constructor(host: ListenKeysHost) {
    this.#host = host;
  }

  get active(): string | undefined {
    return this.#active?.key;
  }

  /** Of a POST: the active key, extended, or a new one. */
  open(): string {
    this.#active ??= { key: this.#host.make(), until: this.#host.now() };
    this.extend();
    return this.#active.key;
  }

  /** Of a PUT. @returns undefined when there is no active key. */
  extend(): string | undefined {
    const active = this.#active;
    if (active === undefined) return undefined;
    const until = addMs(this.#host.now(), LISTEN_KEY_MS);
    if (until === active.until) return active.key;
    active.until = until;
    this.#host.schedule(until, () => {
      if (this.#active === active && active.until === until) this.end('expired');
    });
    return active.key;
  }

  /** Of a DELETE, or at the venue's will. @returns whether there was an active key. */
  end(end: End): boolean {
    const active = this.#active;
    if (active === undefined) return false;
    this.#active = undefined;
    for (const listener of this.#listeners) listener(active.key, end);
    return true;
  }

  /** Told of every key that ends. @returns ends it. */
  onEnd(listener: (key: string, end: End) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
