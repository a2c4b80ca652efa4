/** Where instants stand on a timeline whose long waits are drawn short; `x` grows with time. */
export interface TimelineScale {
  x(t: number): number;
}

/**
 * Spreads instants over a width: every rowed instant gets room for its number, and waits between count by their
 * logarithm, so that 50 ms of orders and 10 s of waiting both can be read.
 *
 * @param instants - anything that is drawn; `rowed` are those that carry a number.
 */
export function timelineScale(instants: readonly number[], rowed: ReadonlySet<number>, left: number, right: number): TimelineScale {
  const times = [...new Set(instants)].sort((a, b) => a - b);
  const places: number[] = [];
  times.forEach((t, index) => {
    const before = times[index - 1];
    const gap = before === undefined ? 0 : (rowed.has(t) ? 1 : 0.3) + 0.45 * Math.log10(1 + (t - before) / 40);
    places.push((places.at(-1) ?? 0) + gap);
  });
  const whole = places.at(-1) ?? 0;
  const place = (value: number): number => left + (whole === 0 ? 0.5 : value / whole) * (right - left);
  return {
    x: (t) => {
      const next = times.findIndex((time) => time >= t);
      if (next === -1) return place(whole);
      const [after, before] = [times[next] ?? t, times[next - 1] ?? times[next] ?? t];
      const part = after === before ? 1 : (t - before) / (after - before);
      const [from, to] = [places[Math.max(0, next - 1)] ?? 0, places[next] ?? 0];
      return place(from + (to - from) * part);
    },
  };
}
