import { abs, add, formatFixed } from '../core/money.js';
import type { InvariantId, InvariantResult, OracleVerdict } from '../drill/oracle/oracle-report.js';
import type { JournalRecord } from '../journal/journal-event.js';
import { caughtBy } from '../run/caught-by.js';
import type { DrillVerdict } from '../run/drill.js';
import type { TapeEvent } from '../sim/tape-event.js';
import type { ReplayWords } from './replay-words.js';

/** Something that was to hold and does not. */
export interface BrokenPromise {
  /** `outcome`, `final.netDelta`, `budget.orders`, `oracle.I4`, `faults.<id>`: the key of `expect`, or the invariant. */
  readonly key: string;
  readonly expected: string;
  readonly found: string;
}

/** One invariant of the oracle, held against the venues' truth (and the journal, where the executor declares one). */
export interface InvariantVerdict {
  readonly id: InvariantId;
  readonly name: string;
  readonly promise: string;
  /** `vacuous`: nothing happened that it could be held against. */
  readonly verdict: OracleVerdict;
  /** Why it was not judged, or was waived. */
  readonly why?: string | undefined;
  /** Where it broke first: milliseconds of virtual time after the first flow began, and what was expected and found there. */
  readonly broken?: { readonly afterMs: number; readonly expected: string; readonly found: string } | undefined;
}

/** What became of one fault of the scenario. */
export interface FaultVerdict {
  readonly id: string;
  readonly fired: number;
  /** How often another fault had answered the same call already. */
  readonly masked: number;
  readonly required: boolean;
  /** Why it never fired, as far as can be told. */
  readonly why?: string | undefined;
}

/** What a drill says about an executor in one scenario with one seed. Plain data but for `run`; amounts are decimal strings. */
export interface Verdict {
  readonly scenario: string;
  readonly title: string;
  readonly executor: string;
  readonly seed: string;
  /** Every promise that could be judged held, and every required fault fired; so is a scenario that needs what the executor does not declare. */
  readonly passed: boolean;
  /** The same run without the faults: a failure counts only beside a control that passes, and so does a success. */
  readonly control: { readonly passed: boolean; readonly broken: readonly BrokenPromise[] };
  readonly broken: readonly BrokenPromise[];
  /** The invariant that broke first in time; undefined when none did. */
  readonly firstBroken: InvariantVerdict | undefined;
  readonly invariants: readonly InvariantVerdict[];
  /** What the scenario asks for and this executor does not declare (marks, alerts, a lock); `needs` first, where nothing at all is judged. */
  readonly notJudged: readonly BrokenPromise[];
  /** The first broken promise about money or the final state, where the control passes: the executor is caught by the faults. */
  readonly caughtBy: BrokenPromise | undefined;
  /** How each flow ended by the venues' truth: `hedged`, `rolled-back`, `naked`, ... */
  readonly outcomes: readonly string[];
  readonly netDeltaBtc: string;
  readonly spotBtc: string;
  readonly perpBtc: string;
  readonly openOrders: number;
  /** Largest |spot + perp|, and the longest stretch with both legs unequal, by the venues' truth. */
  readonly maxUnhedgedBtc: string;
  readonly longestUnhedgedMs: number;
  /** Dearest rollback against the mid at its start; undefined: nothing was rolled back. */
  readonly rollbackCostBp: number | undefined;
  readonly orders: number;
  readonly requests: number;
  /** undefined: the executor declares none. */
  readonly alerts: readonly string[] | undefined;
  readonly marks: readonly string[] | undefined;
  readonly faults: readonly FaultVerdict[];
  /** What the executor threw instead of answering. */
  readonly thrown: readonly string[];
  /** Everything that decided the run in one word, and how to run it again. */
  readonly token: string;
  readonly replay: string;
  readonly tapeHash: string;
  /** The run itself: truth (every request, answer and fill in venue time) and belief. */
  readonly run: { readonly tape: readonly TapeEvent[]; readonly journal: readonly JournalRecord[] };
}

export interface VerdictParts {
  readonly drilled: DrillVerdict;
  readonly executor: string;
  readonly words: ReplayWords;
  /** What the explorer of a planned run does not ask for is left out; by default everything that broke. */
  readonly broken?: readonly BrokenPromise[] | undefined;
}

export function verdictOf({ drilled, executor, words, broken = drilled.broken }: VerdictParts): Verdict {
  const { scenario, seed, run, control, controlBroken } = drilled;
  const { facts, tape, oracle } = run;
  const from = tape.events.find(({ type }) => type === 'flow.begin')?.t ?? tape.events[0]?.t ?? 0;
  const passed = broken.length === 0;
  const caught = caughtBy({ isPassed: passed, control, broken });
  return {
    scenario: scenario.id,
    title: scenario.title,
    executor,
    seed,
    passed,
    control: { passed: control === 'passed', broken: controlBroken.map(promiseOf) },
    broken: broken.map(promiseOf),
    firstBroken: firstBroken(
      oracle.results.filter(({ id }) => broken.some(({ key }) => key === `oracle.${id}`)),
      from,
    ),
    invariants: oracle.results.map((result) => invariantOf(result, from)),
    notJudged: run.findings.filter(({ verdict }) => verdict === 'not judged').map(promiseOf),
    caughtBy: caught === undefined ? undefined : promiseOf(caught),
    outcomes: facts.flows.map(({ outcome }) => outcome ?? 'never ended'),
    netDeltaBtc: formatFixed(add(facts.spot, facts.perp)),
    spotBtc: formatFixed(facts.spot),
    perpBtc: formatFixed(facts.perp),
    openOrders: facts.openOrders,
    maxUnhedgedBtc: formatFixed(abs(facts.maxUnhedged)),
    longestUnhedgedMs: facts.longestUnhedgedMs,
    rollbackCostBp: facts.rollbackCostBp,
    orders: facts.orders,
    requests: facts.requests,
    alerts: facts.alerts,
    marks: facts.marks,
    faults: facts.tally.map(({ fault, fired, masked, required, why }) => ({ id: fault, fired, masked, required, why })),
    thrown: run.thrown,
    ...words,
    tapeHash: tape.hash(),
    run: { tape: tape.events, journal: run.journal },
  };
}

const promiseOf = ({ key, expected, found }: BrokenPromise): BrokenPromise => ({ key, expected, found });

function invariantOf({ id, name, promise, verdict, why, broken }: InvariantResult, from: number): InvariantVerdict {
  const where = broken === undefined ? undefined : { afterMs: broken.at - from, expected: broken.expected, found: broken.found };
  return { id, name, promise, verdict, why, broken: where };
}

/** By the tape, then by time; what only the journal shows comes after what the venues saw at the same instant. */
function firstBroken(results: readonly InvariantResult[], from: number): InvariantVerdict | undefined {
  const [first] = [...results].sort(
    (a, b) => (a.broken?.at ?? 0) - (b.broken?.at ?? 0) || (a.broken?.tapeSeq ?? Infinity) - (b.broken?.tapeSeq ?? Infinity),
  );
  return first === undefined ? undefined : invariantOf(first, from);
}
