import type { EpochMs } from '../../core/units.js';
import type { Mark } from '../../journal/marks.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import type { Belief } from './belief.js';
import type { OracleContext } from './oracle-context.js';
import type { Breakage, InvariantId } from './oracle-report.js';
import type { Truth } from './truth.js';

/** The tape's event of one type. */
export type TapeOf<Type extends TapeEvent['type']> = Extract<TapeEvent, { readonly type: Type }>;

/** What is called for each event of a type. A `request` is seen before the truth takes it in, all others after. */
export type Handlers = { readonly [Type in TapeEvent['type']]?: (event: TapeOf<Type>) => void };

/** One run as the invariants see it: what is known beforehand, truth as it unfolds, belief as it was written down. */
export interface Scene {
  readonly context: OracleContext;
  readonly truth: Truth;
  readonly belief: Belief;
  /** The last instant of the tape. */
  readonly endAt: EpochMs;
}

/** Handlers during the one pass over the tape, and what is left to judge after it. */
export interface Watch {
  readonly on?: Handlers;
  readonly end?: () => void;
}

/** Why an invariant says nothing about this run. */
export interface NotJudged {
  readonly why: string;
}

export interface Invariant {
  readonly id: InvariantId;
  readonly name: string;
  /** What it promises, in a sentence. */
  readonly promise: string;
  /** What it is held against, each such thing; in a run without any it is `vacuous`. */
  readonly against: string;
  watch(scene: Scene, probe: Probe): Watch | NotJudged;
}

/** Counts what one invariant was held against and keeps the first place where it broke. */
export class Probe {
  evaluated = 0;
  breaks = 0;
  first: Breakage | undefined;
  readonly marks = new Set<Mark>();

  /** @param breakage - worked out only when it does not hold. */
  check(holds: boolean, breakage: () => Breakage): void {
    this.evaluated += 1;
    if (holds) return;
    this.breaks += 1;
    const found = breakage();
    if (found.mark !== undefined) this.marks.add(found.mark);
    if (this.first === undefined || found.at < this.first.at) this.first = found;
  }
}

export const isNotJudged = (watch: Watch | NotJudged): watch is NotJudged => 'why' in watch;
