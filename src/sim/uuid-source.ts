import { uniformAt, type StreamKey } from '../core/random.js';

/** Ids in the form of a version 4 UUID, the n-th always the same for a key. */
export class UuidSource {
  readonly #key: StreamKey;
  #count = 0;

  constructor(key: StreamKey) {
    this.#key = key;
  }

  next(): string {
    this.#count += 1;
    const hex = this.#hex(0) + this.#hex(1) + this.#hex(2);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  /** 48 random bits in 12 digits. */
  #hex(part: number): string {
    return Math.floor(uniformAt(this.#key, this.#count * 4 + part) * 2 ** 48)
      .toString(16)
      .padStart(12, '0');
  }
}
