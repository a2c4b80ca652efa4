import { addMs, type EpochMs } from '../core/units.js';
import type { UuidSource } from './uuid-source.js';

/** A key that nobody has extended for this long is void. */
export const LISTEN_KEY_MS = 3_600_000;
const KEY_LENGTH = 64;

interface ListenKeysHost {
  now(): EpochMs;
  schedule(at: EpochMs, act: () => void): { cancel(): void };
  readonly uuids: UuidSource;
}

type End = 'expired' | 'closed';

/** The keys of an account's user data streams: one is active at a time, for 60 minutes from when it was last asked for or extended. */
export class ListenKeys {
  readonly #host: ListenKeysHost;
  readonly #listeners = new Set<(key: string, end: End) => void>();
  #active: { readonly key: string; expiry: { cancel(): void } } | undefined;

  constructor(host: ListenKeysHost) {
    this.#host = host;
  }

  get active(): string | undefined {
    return this.#active?.key;
  }

  /** Of a POST: the active key, extended, or a new one. */
  open(): string {
    if (this.#active === undefined) {
      const { uuids } = this.#host;
      const text = Array.from({ length: 2 }, () => uuids.next().replaceAll('-', '')).join('');
      this.#active = { key: text.slice(0, KEY_LENGTH), expiry: { cancel: () => undefined } };
    }
    this.extend();
    return this.#active.key;
  }

  /** Of a PUT. @returns undefined when there is no active key. */
  extend(): string | undefined {
    const active = this.#active;
    if (active === undefined) return undefined;
    active.expiry.cancel();
    active.expiry = this.#host.schedule(addMs(this.#host.now(), LISTEN_KEY_MS), () => this.end('expired'));
    return active.key;
  }

  /** Of a DELETE, or at the venue's will. @returns whether there was an active key. */
  end(end: End): boolean {
    const active = this.#active;
    if (active === undefined) return false;
    active.expiry.cancel();
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
