import type { Btc } from '../core/money.js';
import type { JournalRecord } from '../journal/journal-event.js';
import type { TapeEvent } from '../sim/tape-event.js';
import type { Summary } from './report-json.js';

/** What the run traded on, for the head of the report and the card. */
export interface ReportData {
  readonly name: string;
  /** SHA-256 of the contents of every file that was read. */
  readonly hash: string;
  /** Generated rather than recorded data; the report says SYNTHETIC at its top. */
  readonly synthetic: boolean;
  readonly notes: readonly string[];
}

/** How a scenario judged the run. `control`: the same executor and seed with the faults removed. */
export interface ScenarioVerdict {
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'not judged';
  readonly control?: 'passed' | 'failed' | 'not judged' | undefined;
  /** One sentence each: what was promised and what happened. */
  readonly findings: readonly string[];
}

/** The summaries of two more runs that differ only in the depth of the modelled books. */
export interface DepthSensitivity {
  readonly half: Summary;
  readonly double: Summary;
}

/** Everything a report is a function of: the same input writes the same bytes. */
export interface ReportInput {
  /** From `runId` of run-id.ts. */
  readonly runId: string;
  readonly tape: readonly TapeEvent[];
  readonly journal: readonly JournalRecord[];
  /** The resolved config, a plain JSON object without host, path of the output or wall time. */
  readonly config: unknown;
  /** What was modelled and what was not, one sentence each. */
  readonly card: readonly string[];
  readonly data: ReportData;
  readonly scenario?: ScenarioVerdict | undefined;
  readonly sensitivity?: DepthSensitivity | undefined;
  /** Why nothing was traded, in a sentence, when nothing was. */
  readonly whyNoTrade?: string | undefined;
  /** A residual above this is naked; by default just under one lot of the perpetual. */
  readonly toleranceBtc?: Btc | undefined;
  /** A rollback counts as a success when it is proven flat within this time; 120 s by default. */
  readonly rollbackDeadlineMs?: number | undefined;
}
