import { uniformAt, type StreamKey } from '../core/random.js';
import { sampleDelayMs } from '../faults/delay.js';
import type { DelayDistribution } from '../faults/fault-action.js';

/**
 * Draws lengths of time in whole milliseconds. A draw depends on the key, the point and the distribution only,
 * except that an empirical `sequential` one is replayed in the order of its draws.
 */
export class DelaySampler {
  readonly #cursors = new Map<DelayDistribution, number>();

  draw(distribution: DelayDistribution, key: StreamKey, point: string): number {
    if (distribution.kind === 'fixed') return Math.round(distribution.ms);
    if (distribution.kind === 'empirical' && distribution.mode === 'sequential') {
      const index = this.#cursors.get(distribution) ?? 0;
      this.#cursors.set(distribution, (index + 1) % distribution.samplesMs.length);
      return Math.max(0, Math.round(distribution.samplesMs[index] ?? 0));
    }
    return sampleDelayMs(distribution, (n) => uniformAt(key, n === 0 ? point : `${point}|${n}`));
  }
}
