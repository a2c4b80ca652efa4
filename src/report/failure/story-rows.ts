import type { RunFacts } from '../facts/fact-types.js';
import { type Call } from '../timeline/calls.js';
import { beliefMoments, type Moment, truthMoments } from '../timeline/moments.js';
import type { BeliefStep } from './believed-position.js';
import type { BrokenPromise, FailureInput } from './failure-input.js';
import type { Parting } from './parting.js';
import { type Arrow, wireMoments } from './wire-moments.js';

/** One line of the story: what happened, what passed over the wire and what was believed, or something that broke. */
export interface StoryRow {
  readonly t: number;
  readonly truth?: Moment | undefined;
  readonly belief?: Moment | undefined;
  readonly arrow?: Arrow | undefined;
  readonly broken?: BrokenPromise | undefined;
  readonly parting?: Parting | undefined;
  /** What the venues hold unhedged once this has happened, and what the journal makes of it; 1e-8 BTC. */
  readonly net: bigint;
  readonly believedNet: bigint | undefined;
  readonly inDoubt: boolean;
}

export interface StoryRowsInput {
  readonly input: FailureInput;
  readonly facts: RunFacts;
  readonly belief: readonly BeliefStep[] | undefined;
  readonly calls: readonly Call[];
  readonly from: number;
  readonly to: number;
  readonly partings: readonly Parting[];
  readonly broken: readonly BrokenPromise[];
  readonly rowsMax: number;
}

type Draft = Pick<StoryRow, 't' | 'truth' | 'belief' | 'arrow' | 'broken' | 'parting'>;

/** The rows of a window in the order of time, the lightest left out where there are too many. */
export function storyRows(story: StoryRowsInput): { readonly rows: readonly StoryRow[]; readonly leftOut: number } {
  const { facts, belief, partings, broken, rowsMax } = story;
  const told = thinned(momentRows(story), rowsMax);
  const drafts: Draft[] = [
    ...told.rows,
    ...partings.map((parting): Draft => ({ t: parting.from, parting })),
    ...broken.map((promise): Draft => ({ t: promise.at ?? story.to, broken: promise })),
  ];
  // Array.sort is stable: at one instant what happened comes before what it broke.
  drafts.sort((a, b) => a.t - b.t);
  const rows = drafts.map((draft): StoryRow => {
    const step = belief?.findLast(({ t }) => t <= draft.t);
    return {
      ...draft,
      net: facts.positions.findLast(({ t }) => t <= draft.t)?.residual ?? 0n,
      believedNet: belief === undefined ? undefined : (step?.spot ?? 0n) + (step?.perp ?? 0n),
      inDoubt: step?.inDoubt ?? false,
    };
  });
  return { rows, leftOut: told.leftOut };
}

/** Moments that tell the same of one instant and venue share a row, truth beside belief, with the message between. */
function momentRows({ input, facts, belief, calls, from, to }: StoryRowsInput): readonly Draft[] {
  const isInside = ({ t }: Moment): boolean => t >= from && t <= to;
  const wire = wireMoments(calls, facts, belief === undefined ? 'orders' : 'sends');
  const journal = belief === undefined ? [] : beliefMoments(input.tape, input.journal).filter(isInside);
  const truth = truthMoments(input.tape).filter((moment) => moment.sends === undefined && isInside(moment));
  const right: Draft[] = [];
  const taken = new Set<number>();
  for (const moment of journal) {
    const index = wire.findIndex((message, each) => !taken.has(each) && message.t === moment.t && isSame(message, moment));
    if (index !== -1) taken.add(index);
    right.push({ t: moment.t, belief: moment, arrow: wire[index]?.arrow });
  }
  wire.forEach((message, index) => {
    if (!taken.has(index)) right.push({ t: message.t, belief: message, arrow: message.arrow });
  });
  return beside(truth, right);
}

/** Whether a journal's record is of the very message: an intent goes with a sending, a doubt with what was told. */
function isSame(message: Moment, record: Moment): boolean {
  const isIntent = record.text.startsWith('intends');
  return message.venue === record.venue && (message.sends !== undefined) === isIntent;
}

/** Puts truth to the left of what was believed at the same instant about the same venue. */
function beside(truth: readonly Moment[], right: readonly Draft[]): readonly Draft[] {
  const rows: (Draft & { readonly place: number })[] = [];
  const used = new Set<number>();
  for (const moment of truth) {
    const index = right.findIndex((draft, each) => !used.has(each) && draft.t === moment.t && draft.belief?.venue === moment.venue);
    if (index === -1) rows.push({ t: moment.t, truth: moment, place: -1 });
    else {
      used.add(index);
      rows.push({ ...right[index], t: moment.t, truth: moment, place: index });
    }
  }
  right.forEach((draft, index) => {
    if (!used.has(index)) rows.push({ ...draft, place: index });
  });
  return rows.sort((a, b) => a.t - b.t || rankOf(a) - rankOf(b) || a.place - b.place);
}

/** Of one instant: what happened, then what was told, thought and sent, then how it ends. */
function rankOf({ truth, belief, arrow }: Draft): number {
  if (truth?.ends === true || belief?.ends === true) return 4;
  if (belief === undefined) return 0;
  if (belief.sends !== undefined || arrow === 'sent' || arrow === 'request lost') return 3;
  return arrow === undefined ? 2 : 1;
}

/** Leaves out the lightest, and among equals the later one: the first time something happens tells more than its repetition. */
function thinned(rows: readonly Draft[], rowsMax: number): { readonly rows: readonly Draft[]; readonly leftOut: number } {
  const byWeight = rows.map((row, index) => ({ index, weight: Math.max(row.truth?.weight ?? 0, row.belief?.weight ?? 0) }));
  byWeight.sort((a, b) => b.weight - a.weight || a.index - b.index);
  const kept = new Set(byWeight.slice(0, Math.max(1, rowsMax)).map(({ index }) => index));
  return { rows: rows.filter((_, index) => kept.has(index)), leftOut: Math.max(0, rows.length - kept.size) };
}
