import type { EpochMs } from '../../core/units.js';
import type { Mark } from '../../journal/marks.js';

/** Safety I1 to I16 and liveness L1 to L6; `canary` is a planted one that always breaks. */
export type InvariantId =
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'I11'
  | 'I12'
  | 'I13'
  | 'I14'
  | 'I15'
  | 'I16'
  | 'L1'
  | 'L2'
  | 'L3'
  | 'L4'
  | 'L5'
  | 'L6'
  | 'canary';

/** The first place where an invariant does not hold. */
export interface Breakage {
  readonly at: EpochMs;
  /** `seq` of the tape's event, or of the journal's record, that shows it. */
  readonly tapeSeq?: number | undefined;
  readonly journalSeq?: number | undefined;
  /** Both in a sentence, amounts with their unit. */
  readonly expected: string;
  readonly found: string;
  /** The oracle's mark that scenarios know this by, where there is one. */
  readonly mark?: Mark | undefined;
}

/**
 * `vacuous`: it applies, but nothing happened that it could be held against, so it says nothing about this run.
 * `waived`: it broke and the scenario says why that may be; `broken` still tells where.
 */
export type OracleVerdict = 'held' | 'broken' | 'vacuous' | 'not judged' | 'waived';

export interface InvariantResult {
  readonly id: InvariantId;
  readonly name: string;
  readonly promise: string;
  readonly verdict: OracleVerdict;
  /** How often it was held against something. */
  readonly evaluated: number;
  readonly broken?: Breakage | undefined;
  /** How often it broke in all. */
  readonly breaks: number;
  /** Why it was not judged, or the reason of its waiver. */
  readonly why?: string | undefined;
}

export interface OracleReport {
  readonly results: readonly InvariantResult[];
  /** Marks of everything that broke, waived or not: what `never` of a scenario speaks of. */
  readonly marks: readonly Mark[];
}

/** The invariants that broke and are not waived. */
export function brokenOf(report: OracleReport): readonly (InvariantResult & { readonly broken: Breakage })[] {
  return report.results.flatMap((result) =>
    result.verdict === 'broken' && result.broken !== undefined ? [{ ...result, broken: result.broken }] : [],
  );
}
