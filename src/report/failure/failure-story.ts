import type { RunFacts } from '../facts/fact-types.js';
import { runFacts } from '../run-facts.js';
import { type Call, callsOf, isRead } from '../timeline/calls.js';
import { type BeliefStep, believedPositions, tellsOrders } from './believed-position.js';
import { type BrokenPromise, type FailureInput, firstBroken } from './failure-input.js';
import { type Parting, partingOfAnswer, partingsOfBelief } from './parting.js';
import { type StoryRow, storyRows } from './story-rows.js';

/** A failing run, read: what its timeline shows, whether as a picture or as text. */
export interface FailureStory {
  readonly input: FailureInput;
  readonly facts: RunFacts;
  /** Both ends of what is shown; times are told from `from`. */
  readonly from: number;
  readonly to: number;
  /** Flows of the run, and the one that is shown where they are too many. */
  readonly flows: number;
  readonly shownFlow: number | undefined;
  readonly rows: readonly StoryRow[];
  /** Moments of the window that found no room. */
  readonly leftOut: number;
  readonly calls: readonly Call[];
  /** undefined: no journal tells of orders, so that nobody knows what this executor believes. */
  readonly belief: readonly BeliefStep[] | undefined;
  /** Inside the window. */
  readonly partings: readonly Parting[];
  readonly first: BrokenPromise | undefined;
}

/** A run of at most so many flows is shown whole. */
const FLOWS_MAX = 4;
/** What happens so long after a flow still belongs to it. */
const AFTER_FLOW_MS = 600_000;

/**
 * Reads a failing run.
 *
 * @param rowsMax - moments that there is room for; broken promises and partings always find room.
 * @throws InternalError when the tape contradicts itself.
 */
export function failureStory(input: FailureInput, rowsMax: number): FailureStory {
  const facts = runFacts(input.tape);
  const belief = tellsOrders(input.tape, input.journal) ? believedPositions(input.journal) : undefined;
  const partings = belief === undefined ? [partingOfAnswer(facts)].flatMap((parting) => parting ?? []) : partingsOfBelief(facts, belief);
  const first = firstBroken(input.broken);
  const window = windowOf(facts, first?.at ?? partings[0]?.from);
  const isInside = (t: number): boolean => t >= window.from && t <= window.to;
  const events = input.tape.filter((event) => isInside(event.t));
  const shown = partings.filter((parting) => isInside(parting.from));
  const calls = callsOf(events);
  const broken = input.broken.filter(({ at }) => at !== undefined && isInside(at));
  const { rows, leftOut } = storyRows({ input, facts, belief, calls, ...window, partings: shown, broken, rowsMax });
  return {
    input,
    facts,
    ...window,
    flows: facts.flows.length,
    rows,
    leftOut,
    calls: worthDrawing(calls, rows),
    belief,
    partings: shown,
    first,
  };
}

/** The whole run, or the flow in which the first promise broke. */
function windowOf(facts: RunFacts, at: number | undefined): { readonly from: number; readonly to: number; readonly shownFlow: number | undefined } {
  const { flows } = facts;
  const start = flows[0]?.begin.t ?? facts.from;
  if (flows.length <= FLOWS_MAX) return { from: Math.min(start, at ?? start), to: facts.to, shownFlow: undefined };
  const index = Math.max(
    0,
    flows.findLastIndex(({ begin }) => begin.t <= (at ?? start)),
  );
  const flow = flows[index];
  const from = flow?.begin.t ?? start;
  const next = flows[index + 1]?.begin.t ?? facts.to;
  const end = Math.max(flow?.end?.t ?? from, at ?? from);
  return { from, to: Math.max(end, Math.min(next, end + AFTER_FLOW_MS)), shownFlow: flow?.begin.flow };
}

/** Calls that a row speaks of: an executor that tries for an hour would fill the picture. */
function worthDrawing(calls: readonly Call[], rows: readonly StoryRow[]): readonly Call[] {
  const told = new Set(rows.map(({ t }) => t));
  return calls.filter((call) => !isRead(call) && [call.request.t, call.arrivedAt, call.answer?.t].some((t) => t !== undefined && told.has(t)));
}

/** `+11.532 s`, from the start of what is shown. */
export const sinceStart = ({ from }: { readonly from: number }, t: number): string =>
  `${t < from ? '-' : '+'}${(Math.abs(t - from) / 1_000).toFixed(3)} s`;

/** Instants in milliseconds, as findings write them, told from the start of what is shown. */
export const withoutInstants = (story: { readonly from: number }, text: string): string =>
  text.replace(/\b1\d{12}\b/g, (instant) => sinceStart(story, Number(instant)));
