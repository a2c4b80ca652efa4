/**
 * The smallest part of a list that still fails, by delta debugging (Zeller, Hildebrandt 2002): ever finer pieces are left
 * out as long as the failure stays.
 *
 * @param fails - whether what is left, in the same order, fails in the same way.
 */
export async function smallestFailing<T>(items: readonly T[], fails: (left: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  let best = items;
  let pieces = 2;
  while (best.length > 1) {
    const size = Math.ceil(best.length / pieces);
    let smaller: readonly T[] | undefined;
    for (let start = 0; start < best.length && smaller === undefined; start += size) {
      const rest = [...best.slice(0, start), ...best.slice(start + size)];
      if (await fails(rest)) smaller = rest;
    }
    if (smaller !== undefined) {
      best = smaller;
      pieces = Math.max(2, pieces - 1);
    } else if (size === 1) return best;
    else pieces = Math.min(best.length, pieces * 2);
  }
  return best;
}
