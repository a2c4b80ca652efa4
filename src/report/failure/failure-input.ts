import type { JournalRecord } from '../../journal/journal-event.js';
import type { TapeEvent } from '../../sim/tape-event.js';

/** A promise that a run broke: an invariant of the oracle, or what its scenario expects of the end. */
export interface BrokenPromise {
  /** `I4`, or the key of the expectation, such as `final.netDelta`. */
  readonly id: string;
  /** Short name of an invariant; empty for an expectation. */
  readonly name: string;
  /** Where the run first shows it; undefined for what only the end shows. */
  readonly at?: number | undefined;
  readonly expected: string;
  readonly found: string;
}

/** A run that broke a promise. The same input draws the same timeline, byte for byte. */
export interface FailureInput {
  readonly scenario: string;
  readonly title: string;
  readonly seed: string;
  readonly executor: string;
  /** The same executor and seed with the faults removed; undefined: it was not run. */
  readonly control?: 'passed' | 'failed' | undefined;
  readonly tape: readonly TapeEvent[];
  readonly journal: readonly JournalRecord[];
  readonly broken: readonly BrokenPromise[];
  /** The one command that runs it again. */
  readonly replay: string;
}

/** `I4 justified-orders`, or the key of an expectation. */
export const promiseName = ({ id, name }: BrokenPromise): string => (name === '' ? id : `${id} ${name}`);

/** The promise that broke first: of those with an instant the earliest, else the first in the file. */
export function firstBroken(broken: readonly BrokenPromise[]): BrokenPromise | undefined {
  const dated = broken.filter(({ at }) => at !== undefined);
  return (
    dated.reduce<BrokenPromise | undefined>((first, each) => (first === undefined || (each.at ?? 0) < (first.at ?? 0) ? each : first), undefined) ??
    broken[0]
  );
}
