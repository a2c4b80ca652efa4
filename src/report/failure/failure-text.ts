import { promiseName } from './failure-input.js';
import { failureStory, type FailureStory, sinceStart, withoutInstants } from './failure-story.js';
import type { FailureInput } from './failure-input.js';
import type { StoryRow } from './story-rows.js';
import type { Arrow } from './wire-moments.js';
import { wrapped } from './wrapped.js';

const TIME_WIDTH = 12;
const LANE_WIDTH = 40;
const WIDTH = 100;
/** Messages between the lanes: truth stands left, the executor right. */
const ARROWS: Readonly<Record<Arrow, string>> = { sent: '<--', answered: '-->', 'request lost': 'x--', 'reply lost': '--x' };

/** timeline.txt: everything that the picture tells, for a terminal, a log or a screen reader. */
export function failureText(input: FailureInput, rowsMax: number): string {
  const story = failureStory(input, rowsMax);
  const { scenario, seed, executor, control, title, replay, broken } = input;
  const beside = control === undefined ? '' : `; the same run without the faults: ${control}`;
  return [
    ...wrapped(`FAIL ${scenario}, seed ${seed}, executor ${executor}${beside}`, WIDTH),
    ...wrapped(title, WIDTH),
    '',
    ...twoLanes(story),
    '',
    `Broken promises (${broken.length}):`,
    ...broken.flatMap((promise) => {
      const at = promise.at === undefined ? '' : ` at ${sinceStart(story, promise.at)}`;
      const text = `${promiseName(promise)}${at}: expected ${promise.expected}; found ${promise.found}`;
      return wrapped(withoutInstants(story, text), WIDTH - 2).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);
    }),
    '',
    'Replay:',
    replay,
    '',
  ].join('\n');
}

/** The two lanes alone, at most `rowsMax` moments and what broke: for the terminal. */
export function failureLanes(input: FailureInput, rowsMax: number): string {
  return twoLanes(failureStory(input, rowsMax)).join('\n');
}

function twoLanes(story: FailureStory): readonly string[] {
  const belief = story.belief === undefined ? 'BELIEF UNKNOWN (no journal): its orders' : 'BELIEF (journal)';
  const missing = [
    ...(story.shownFlow === undefined ? [] : [`flow ${story.shownFlow} of ${story.flows} is shown`]),
    ...(story.leftOut === 0 ? [] : [`${story.leftOut} lighter moments are left out`]),
  ];
  return [
    lineOf('', 'TRUTH (what the venues hold)', '', belief),
    ...story.rows.flatMap((row) => rowLines(story, row)),
    `${' '.repeat(TIME_WIDTH)}<-- sent   x-- request lost   --> reply   --x reply lost`,
    ...missing.map((text) => `${' '.repeat(TIME_WIDTH)}(${text})`),
  ];
}

function rowLines(story: FailureStory, row: StoryRow): readonly string[] {
  const time = sinceStart(story, row.t);
  if (row.broken !== undefined) {
    const { expected, found } = row.broken;
    return across(time, '!!', `BROKEN ${promiseName(row.broken)}: expected ${withoutInstants(story, `${expected}; found ${found}`)}`);
  }
  if (row.parting !== undefined) return across(time, '==', `TRUTH AND BELIEF PART: ${row.parting.text}${partingEnd(story, row.parting)}`);
  const truth = wrapped(row.truth?.text ?? '', LANE_WIDTH);
  const belief = wrapped(row.belief?.text ?? '', LANE_WIDTH);
  const height = Math.max(truth.length, belief.length);
  return Array.from({ length: height }, (_, index) =>
    lineOf(index === 0 ? time : '', truth[index] ?? '', index === 0 && row.arrow !== undefined ? ARROWS[row.arrow] : '', belief[index] ?? ''),
  );
}

/** Until when they stay apart, where the journal finds out. */
export const partingEnd = (story: { readonly from: number }, { to }: { readonly to: number | undefined }): string =>
  to === undefined ? '' : ` (until ${sinceStart(story, to)})`;

function lineOf(time: string, truth: string, arrow: string, belief: string): string {
  return `${time.padStart(TIME_WIDTH - 1)} ${truth.padEnd(LANE_WIDTH)} ${arrow.padEnd(3)} ${belief}`.trimEnd();
}

/** A line over both lanes, at most three of them. */
function across(time: string, mark: string, text: string): readonly string[] {
  const lines = wrapped(text, WIDTH - TIME_WIDTH - 3);
  const shown = lines.length <= 3 ? lines : [...lines.slice(0, 2), `${(lines[2] ?? '').slice(0, WIDTH - TIME_WIDTH - 7)} ...`];
  return shown.map((line, index) => `${(index === 0 ? time : '').padStart(TIME_WIDTH - 1)} ${mark} ${line}`);
}
