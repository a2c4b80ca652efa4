import { uniformAt, type RandomStreams, type StreamKey } from '../core/random.js';
import type { IdSource } from '../executor/ports.js';

/**
 * Client order ids for simulated runs: seeded, so that the same run sends the same ids, and counted, so that none
 * is handed out twice, also after a restart (one source serves every life of the process).
 */
export class SeededIds implements IdSource {
  readonly #key: StreamKey;
  #count = 0;

  constructor(seeds: RandomStreams) {
    this.#key = seeds.key('ids');
  }

  next(prefix: string): string {
    this.#count += 1;
    const salt = Math.floor(uniformAt(this.#key, this.#count) * 0x1_0000_0000);
    return `${prefix}-${this.#count.toString(36)}-${salt.toString(16).padStart(8, '0')}`;
  }
}
