/** How many marks of one event each (episodes, flows) a chart shows; they cost more than points of a line. */
export const MARKS_MAX = 400;
/** More points than this on one line say nothing on a screen and cost much. */
export const POINTS_MAX = 2_000;

/**
 * At most `max` of the points, in order, with every extreme kept: of each stretch its lowest and its highest. The
 * first and last point stay.
 */
export function thin<T>(points: readonly T[], valueOf: (point: T) => number, max = POINTS_MAX): readonly T[] {
  if (points.length <= max) return points;
  const buckets = Math.floor((max - 2) / 2);
  const inner = points.length - 2;
  const kept = new Set<number>([0, points.length - 1]);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = 1 + Math.floor((bucket * inner) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * inner) / buckets);
    let [low, high] = [from, from];
    for (let index = from; index < to; index += 1) {
      const value = valueOf(points[index] as T);
      if (value < valueOf(points[low] as T)) low = index;
      if (value > valueOf(points[high] as T)) high = index;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b).map((index) => points[index] as T);
}
