import type { FaultPoint } from './fault-point.js';
import type { Plan } from './planned-fault.js';

/** State of one leg's first order in a flow, as the executor had to see it. */
export const LEG_STATES = ['filled', 'partial', 'zero', 'unknown'] as const;
export type LegState = (typeof LEG_STATES)[number];

/** The cell of the grid that a flow came through. */
export interface GridCell {
  readonly flow: 'entry' | 'exit' | 'rollback';
  readonly spot: LegState;
  readonly perp: LegState;
}

export interface BrokenPromise {
  /** `final.netDelta`, `oracle.I4`, ... */
  readonly key: string;
  readonly expected: string;
  readonly found: string;
}

/** What the explorer keeps of one run. Plain data: it comes from a worker and goes to a file. */
export interface ExploredRun {
  readonly id: string;
  readonly plan: Plan;
  readonly broken: readonly BrokenPromise[];
  /** Outcome of each flow, as the venues' truth has it. */
  readonly outcomes: readonly string[];
  readonly locked: boolean;
  /** Planned faults that fired, by id. */
  readonly fired: readonly string[];
  /** Planned faults that matched a call which another fault had already answered. */
  readonly masked: readonly string[];
  /** The calls at which faults that strike by chance did so. */
  readonly strikes: readonly { readonly fault: string; readonly point: string }[];
  /** Every point of the run in the order of time (empty where nothing more is planned from it), and where in it the last planned fault struck. */
  readonly points: readonly FaultPoint[];
  readonly lastStruck: number;
  /** Hash of the client's view: each call with what came back. Equal runs behave alike. */
  readonly behaviour: string;
  readonly grid: readonly GridCell[];
  readonly cells: readonly string[];
  readonly marks: readonly string[];
  readonly events: number;
  readonly virtualMs: number;
  readonly tapeHash: string;
}

export const isBroken = (run: ExploredRun): boolean => run.broken.length > 0;

/** The run with those of its points that `counts` says. */
export function withPointsOf(run: ExploredRun, counts: (point: string) => boolean): ExploredRun {
  const last = run.points[run.lastStruck];
  const points = run.points.filter(({ id }) => counts(id));
  return { ...run, points, lastStruck: last === undefined ? -1 : points.findLastIndex(({ id }) => id === last.id) };
}
