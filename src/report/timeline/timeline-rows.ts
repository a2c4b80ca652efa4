import type { JournalRecord } from '../../journal/journal-event.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import { beliefMoments, type Moment, truthMoments } from './moments.js';

/** One instant: what happened beside what was believed. Either side may be empty. */
export interface TimelineRow {
  readonly t: number;
  readonly truth: Moment | undefined;
  readonly belief: Moment | undefined;
}

export interface TimelineWindow {
  readonly from: number;
  readonly to: number;
  readonly rowsMax: number;
}

/**
 * The `rowsMax` rows of a window that matter most, in order of time. The lightest go first and among equals the
 * later one: the first time something happens tells more than its repetition.
 */
export function timelineRows(tape: readonly TapeEvent[], journal: readonly JournalRecord[], window: TimelineWindow): readonly TimelineRow[] {
  const inside = (moment: Moment): boolean => moment.t >= window.from && moment.t <= window.to;
  const rows = paired(truthMoments(tape).filter(inside), beliefMoments(tape, journal).filter(inside));
  while (rows.length > Math.max(1, window.rowsMax)) {
    let lightest = 0;
    rows.forEach((row, index) => {
      if (weightOf(row) <= weightOf(rows[lightest] ?? row)) lightest = index;
    });
    rows.splice(lightest, 1);
  }
  return rows;
}

const weightOf = (row: TimelineRow): number => Math.max(row.truth?.weight ?? 0, row.belief?.weight ?? 0);

/** Puts moments of the same instant into one row, first with first. */
function paired(truth: readonly Moment[], belief: readonly Moment[]): TimelineRow[] {
  const byTime = new Map<number, { truth: Moment[]; belief: Moment[] }>();
  for (const moment of [...truth, ...belief]) {
    const at = byTime.get(moment.t) ?? { truth: [], belief: [] };
    at[moment.lane].push(moment);
    byTime.set(moment.t, at);
  }
  const times = [...byTime].sort(([a], [b]) => a - b);
  return times.flatMap(([t, at]) =>
    Array.from({ length: Math.max(at.truth.length, at.belief.length) }, (_, index) => ({ t, truth: at.truth[index], belief: at.belief[index] })),
  );
}
