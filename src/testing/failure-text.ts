import { textTimeline } from '../report/text-timeline.js';
import type { Exploration, FoundBug } from './explore.js';
import type { BrokenPromise, InvariantVerdict, Verdict } from './verdict.js';

const TIMELINE_LINES = 16;
const PROMISES_SHOWN = 6;
const BUCKETS_SHOWN = 8;

/** `own.ts in lost-request, seed 1`. */
export const runName = ({ executor, scenario, seed }: Verdict): string => `${executor} in ${scenario}, seed ${seed}`;

/** Truth beside belief, from the first flow's begin until the last one has ended; the heaviest moments. */
export function timelineText({ run: { tape, journal } }: Verdict, maxLines = TIMELINE_LINES): string {
  const begin = tape.find(({ type }) => type === 'flow.begin');
  const end = tape.findLast(({ type }) => type === 'flow.end' || type === 'fill');
  const [from, last] = [begin?.t ?? tape[0]?.t ?? 0, tape.at(-1)?.t ?? 0];
  return textTimeline(tape, journal, { from, to: Math.max(from, end?.t ?? last), maxLines });
}

/** Everything that a failing drill has to say: the invariant that broke first, every broken promise, what happened, how to run it again. */
export function brokenText(verdict: Verdict): string {
  const { broken, firstBroken, control, thrown } = verdict;
  const what = broken.length === 0 ? 'the run without faults fails' : `${broken.length} ${broken.length === 1 ? 'promise' : 'promises'} broken`;
  return [
    `${runName(verdict)}: ${what}`,
    ...(firstBroken === undefined ? [] : ['', ...invariantLines(firstBroken)]),
    '',
    ...broken.slice(0, PROMISES_SHOWN).map(promiseLine),
    ...(broken.length > PROMISES_SHOWN ? [`  and ${broken.length - PROMISES_SHOWN} more`] : []),
    ...thrown.slice(0, 2).map((text) => `  the executor threw: ${text}`),
    control.passed ? '  without the faults the same run passes' : '  without the faults the same run fails, too:',
    ...control.broken.slice(0, PROMISES_SHOWN).map(promiseLine),
    '',
    runText(verdict),
  ].join('\n');
}

/** The end of every message about a run. */
export const runText = (verdict: Verdict): string => `${timelineText(verdict)}\n\nreplay: ${verdict.replay}`;

export const promiseLine = ({ key, expected, found }: BrokenPromise): string => `  ${key}: expected ${expected}, found ${found}`;

function invariantLines({ id, name, promise, broken }: InvariantVerdict): readonly string[] {
  const head = `first broken invariant: ${id} ${name}`;
  if (broken === undefined) return [head, `  ${promise}`];
  const { afterMs, expected, found } = broken;
  return [`${head}, at +${(afterMs / 1_000).toFixed(3)} s`, `  ${promise}`, `  expected ${expected}`, `  found ${found}`];
}

/** The buckets of an exploration, and the first of them as a run. */
export function explorationText(exploration: Exploration): string {
  const { executor, failing, runs, buckets, unsound } = exploration;
  const [first] = buckets;
  return [
    `${executor}: ${failing} of ${runs} explored runs broke a promise, in ${buckets.length} ${buckets.length === 1 ? 'bucket' : 'buckets'}`,
    ...unsound.flatMap(({ flow, broken }) => ['', `flow ${flow} fails without any fault:`, ...broken.slice(0, PROMISES_SHOWN).map(promiseLine)]),
    ...buckets.slice(0, BUCKETS_SHOWN).flatMap(bucketLines),
    ...(buckets.length > BUCKETS_SHOWN ? ['', `and ${buckets.length - BUCKETS_SHOWN} more buckets`] : []),
    ...(first === undefined ? [] : ['', `the first of them: ${brokenText(first.verdict)}`]),
  ].join('\n');
}

function bucketLines({ key, runs, verdict: { broken, replay } }: FoundBug): readonly string[] {
  return ['', `${runs} x ${key}`, ...broken.slice(0, 1).map(promiseLine), `  replay: ${replay}`];
}
