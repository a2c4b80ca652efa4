import type { JournalRecord } from '../journal/journal-event.js';
import type { TapeEvent } from '../sim/tape-event.js';
import { fit } from './console-summary.js';
import { timelineRows } from './timeline/timeline-rows.js';

const TIME_WIDTH = 11;
const LANE_WIDTH = 43;

export interface TextTimelineOptions {
  /** Instants in ms, both ends inside. */
  readonly from: number;
  readonly to: number;
  /** Lines of the whole text, its head included. */
  readonly maxLines: number;
}

/**
 * Truth and belief side by side, at most `maxLines` lines of 100 columns: what the venues did on the left, what the
 * executor was told or decided on the right, seconds since `from` before both. Shows the heaviest moments.
 */
export function textTimeline(tape: readonly TapeEvent[], journal: readonly JournalRecord[], options: TextTimelineOptions): string {
  const { from, to, maxLines } = options;
  const rows = timelineRows(tape, journal, { from, to, rowsMax: maxLines - 1 });
  const belief = journal.length === 0 ? 'TOLD (no journal)' : 'BELIEF (journal)';
  const lines = rows.map((row) => line(`+${((row.t - from) / 1_000).toFixed(3)} s`, row.truth?.text ?? '', row.belief?.text ?? ''));
  return [line('', 'TRUTH (venues)', belief), ...lines].join('\n');
}

function line(time: string, truth: string, belief: string): string {
  return `${time.padStart(TIME_WIDTH - 1)} ${fit(truth, LANE_WIDTH).padEnd(LANE_WIDTH)} | ${fit(belief, LANE_WIDTH)}`.trimEnd();
}
