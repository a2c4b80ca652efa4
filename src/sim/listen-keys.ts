import { addMs, type EpochMs } from '../core/units.js';

/** A key that is not asked for again dies after this. */
const LISTEN_KEY_LIFE_MS = 3_600_000;

/** The one key under which an account's user stream is open. */
export class ListenKeys {
  readonly #now: () => EpochMs;
  readonly #make: () => string;
  #key: string | undefined;
  #until: EpochMs | undefined;

  constructor(now: () => EpochMs, make: () => string) {
    this.#now = now;
    this.#make = make;
  }

  /** The key that is good now, and until when. */
  get active(): { readonly key: string; readonly until: EpochMs } | undefined {
    if (this.#key === undefined || this.#until === undefined || this.#now() >= this.#until) return undefined;
    return { key: this.#key, until: this.#until };
  }

  /** The account's key, a new one when it has none; good for an hour from now. */
  start(): string {
    this.#key = this.active?.key ?? this.#make();
    this.#until = addMs(this.#now(), LISTEN_KEY_LIFE_MS);
    return this.#key;
  }

  /** Good for another hour; undefined when there is none. */
  renew(): string | undefined {
    return this.active === undefined ? undefined : this.start();
  }

  /** @returns whether there was one. */
  close(): boolean {
    const had = this.active !== undefined;
    this.#key = undefined;
    return had;
  }
}
