/** A hole between two rows that follow each other. */
export interface Gap {
  /** Time of the last row before it and of the first one after it, milliseconds UTC. */
  readonly from: number;
  readonly to: number;
  readonly row: number;
}

/** Rows further apart than this many steps of a regular series have a gap between them (design decision 8). */
const GAP_STEPS = 1.5;
/** The same for a series without a usual step. */
const GAP_MS_IRREGULAR = 24 * 3_600_000;
/** A series is regular when at least this share of its steps are equal. */
const REGULAR_SHARE = 0.75;

/** The usual distance of two rows in milliseconds; 0 when the series is irregular or has a single row. */
export function usualStep(time: Float64Array): number {
  const counts = new Map<number, number>();
  for (let row = 1; row < time.length; row += 1) {
    const step = (time[row] ?? 0) - (time[row - 1] ?? 0);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  let usual = 0;
  let most = 0;
  for (const [step, count] of counts) {
    if (count > most) [usual, most] = [step, count];
  }
  return most >= REGULAR_SHARE * (time.length - 1) ? usual : 0;
}

/** The longest distance of two rows that is not a gap. */
const gapLimitMs = (stepMs: number): number => (stepMs === 0 ? GAP_MS_IRREGULAR : GAP_STEPS * stepMs);

/** 1 for every row that a gap lies before; the first row has no predecessor and is 0. */
export function gapFlags(time: Float64Array, stepMs: number): Uint8Array {
  const flags = new Uint8Array(time.length);
  const limit = gapLimitMs(stepMs);
  for (let row = 1; row < time.length; row += 1) {
    if ((time[row] ?? 0) - (time[row - 1] ?? 0) > limit) flags[row] = 1;
  }
  return flags;
}

/** The gaps of a series in the order of time. */
export function gapsOf(time: Float64Array, flags: Uint8Array): Gap[] {
  const gaps: Gap[] = [];
  flags.forEach((flag, row) => {
    if (flag === 1) gaps.push({ from: time[row - 1] ?? Number.NaN, to: time[row] ?? Number.NaN, row });
  });
  return gaps;
}
