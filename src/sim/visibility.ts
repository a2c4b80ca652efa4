import { STALE_MAX_MS, type DelayDistribution } from '../faults/fault-action.js';
import type { ReadKind, VenueWorld } from '../faults/world.js';

/** One state of a thing and since when readers may see it. */
interface Version<T> {
  readonly value: T;
  readonly visibleAt: number;
}

/**
 * A value whose readers lag behind: a read shows the newest state that has become visible. States become visible
 * in the order they were made. Old ones are kept for a day, for readers that a cache answers.
 */
export class Lagged<T> {
  #versions: Version<T>[] = [];

  push(value: T, at: number, lagMs: number): void {
    const previous = this.#versions.at(-1);
    this.#versions.push({ value, visibleAt: Math.max(at + lagMs, previous?.visibleAt ?? 0) });
    let dropped = 0;
    while ((this.#versions[dropped + 1]?.visibleAt ?? Infinity) < at - STALE_MAX_MS) dropped += 1;
    if (dropped > 0) this.#versions.splice(0, dropped);
  }

  /** What a reader sees at `at`; undefined when nothing was visible yet. */
  read(at: number): T | undefined {
    for (let index = this.#versions.length - 1; index >= 0; index -= 1) {
      const version = this.#versions[index];
      if (version !== undefined && version.visibleAt <= at) return version.value;
    }
    return undefined;
  }
}

/** Draws how long a state of the named sort of read stays unseen. */
export type DrawLag = (purpose: string, distribution: DelayDistribution) => number;

/**
 * One thing as the sorts of reads see it: all alike, unless the world gives some of them a lag of their own
 * (an order may be final in the look-up and still stand in the list of open orders).
 */
export class LaggedViews<T> {
  readonly #world: Pick<VenueWorld, 'visibilityLag' | 'visibilityLags'>;
  readonly #common = new Lagged<T>();
  readonly #own = new Map<ReadKind, Lagged<T>>();
  #startedAt = -Infinity;

  constructor(world: Pick<VenueWorld, 'visibilityLag' | 'visibilityLags'>, kinds: readonly ReadKind[]) {
    this.#world = world;
    for (const kind of kinds) if (world.visibilityLags?.[kind] !== undefined) this.#own.set(kind, new Lagged<T>());
  }

  /** @param purpose - what the draws are named after. */
  push(value: T, at: number, purpose: string, draw: DrawLag): void {
    this.#common.push(value, at, draw(purpose, this.#world.visibilityLag));
    for (const [kind, view] of this.#own) {
      const lag = this.#world.visibilityLags?.[kind];
      view.push(value, at, lag === undefined ? 0 : draw(`${purpose}/${kind}`, lag));
    }
  }

  /** The first state, which everybody knows and which there was no time before. */
  start(value: T, at: number): void {
    this.#startedAt = at;
    this.#common.push(value, at, 0);
    for (const view of this.#own.values()) view.push(value, at, 0);
  }

  read(kind: ReadKind, at: number): T | undefined {
    return (this.#own.get(kind) ?? this.#common).read(Math.max(at, this.#startedAt));
  }
}
