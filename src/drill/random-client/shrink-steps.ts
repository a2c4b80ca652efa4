/**
 * The smallest part of a trace that still fails, by delta debugging (Zeller, Hildebrandt 2002).
 *
 * @param fails - whether these steps, run from the start, break the same rule.
 */
export async function shrinkSteps<T>(steps: readonly T[], fails: (steps: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  let best = steps;
  let parts = 2;
  while (best.length > 1) {
    const size = Math.ceil(best.length / parts);
    let smaller: readonly T[] | undefined;
    for (let start = 0; start < best.length && smaller === undefined; start += size) {
      const rest = [...best.slice(0, start), ...best.slice(start + size)];
      if (await fails(rest)) smaller = rest;
    }
    if (smaller !== undefined) {
      best = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return best;
    else parts = Math.min(best.length, parts * 2);
  }
  return best;
}
