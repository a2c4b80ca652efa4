/** One state of a thing and since when readers may see it. */
interface Version<T> {
  readonly value: T;
  readonly visibleAt: number;
}

/**
 * A value whose readers lag behind: a read shows the newest state that has become visible. States become visible
 * in the order they were made, so a reader never goes back in time.
 */
export class Lagged<T> {
  #versions: Version<T>[] = [];

  push(value: T, at: number, lagMs: number): void {
    const previous = this.#versions.at(-1);
    this.#versions.push({ value, visibleAt: Math.max(at + lagMs, previous?.visibleAt ?? 0) });
  }

  /** What a reader sees at `at`; undefined when nothing is visible yet. Reads come in the order of time. */
  read(at: number): T | undefined {
    let seen = -1;
    for (let index = 0; index < this.#versions.length; index += 1) {
      const version = this.#versions[index];
      if (version === undefined || version.visibleAt > at) break;
      seen = index;
    }
    if (seen > 0) this.#versions.splice(0, seen);
    return seen < 0 ? undefined : this.#versions[0]?.value;
  }
}
