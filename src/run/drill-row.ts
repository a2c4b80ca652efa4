import { add, formatFixed } from '../core/money.js';
import type { OracleReport, OracleVerdict } from '../drill/oracle/oracle-report.js';
import type { PremiumBars } from '../market/bars.js';
import { summarise } from '../report/build-report.js';
import { type BrokenPromise, firstBroken, promiseName } from '../report/failure/failure-input.js';
import { isNotAvailable } from '../report/not-available.js';
import { caughtBy } from './caught-by.js';
import type { DrillVerdict } from './drill.js';
import { brokenPromises } from './failure-files.js';

/** One run of a drill, in figures; what its table, its JSON and its JUnit file are made of. */
export interface DrillRow {
  readonly scenario: string;
  readonly executor: string;
  readonly seed: string;
  readonly passed: boolean;
  /** What the scenario needs and this executor does not declare: it has neither passed nor failed. */
  readonly notJudged: string | undefined;
  readonly control: 'passed' | 'failed';
  readonly outcomes: readonly (string | null)[];
  /** Spot plus perpetual at the end. */
  readonly netDeltaBtc: string;
  /** In all, and in one stretch. */
  readonly nakedMs: number;
  readonly longestNakedMs: number;
  /** What unwinding cost, as the report says it; null where it cannot be told. */
  readonly rollbackCostKrw: string | null;
  /** Of the dearest unwinding, of its notional; null: nothing was unwound. */
  readonly rollbackCostBps: number | null;
  readonly orders: number;
  /** When the first flow began. */
  readonly begunAt: number;
  readonly tapeHash: string;
  readonly broken: DrillVerdict['broken'];
  readonly promises: readonly BrokenPromise[];
  readonly firstBroken: BrokenPromise | undefined;
  readonly thrown: readonly string[];
  /** Whether the failure counts against the executor; a sentence says why not, or what is wrong with a pass. */
  readonly isCatch: boolean;
  readonly remark: string | undefined;
  readonly sentNothing: boolean;
  readonly oracle: object;
  /** The one command that runs it again. */
  readonly replay: string;
  /** Where its timeline lies; a failing run has one for the first failing seed of its scenario. */
  timeline?: string | undefined;
}

/** What a verdict says, without the run itself, which would fill the memory. */
export function drillRow(verdict: DrillVerdict, executor: string, replay: string, bars: PremiumBars | undefined): DrillRow {
  const { scenario, seed, run, control, broken, isPassed } = verdict;
  const { facts, tape } = run;
  const { naked, rollbacks } = summarise({
    runId: '',
    tape: tape.events,
    journal: run.journal,
    config: {},
    card: [],
    data: { name: '', hash: bars?.source.hash ?? '', synthetic: false, notes: [] },
  });
  const promises = brokenPromises(run, broken);
  return {
    scenario: scenario.id,
    executor,
    seed,
    passed: isPassed,
    notJudged: verdict.notJudged,
    control,
    outcomes: facts.flows.map(({ outcome }) => outcome ?? null),
    netDeltaBtc: formatFixed(add(facts.spot, facts.perp)),
    nakedMs: Math.round(naked.seconds * 1_000),
    longestNakedMs: facts.longestUnhedgedMs,
    rollbackCostKrw: isNotAvailable(rollbacks.costKrw) ? null : rollbacks.costKrw,
    rollbackCostBps: facts.rollbackCostBp ?? null,
    orders: facts.orders,
    begunAt: facts.flows[0]?.begunAt ?? tape.events[0]?.t ?? 0,
    tapeHash: tape.hash(),
    broken,
    promises,
    firstBroken: firstBroken(promises),
    thrown: run.thrown,
    isCatch: caughtBy(verdict) !== undefined,
    remark: remarkOn(verdict),
    sentNothing: facts.orders === 0 && verdict.controlOrders === 0,
    oracle: oracleOf(run.oracle),
    replay,
  };
}

const neverFired = ({ broken }: DrillVerdict): boolean => broken.every(({ key }) => /^(faults|groups)\b/.test(key));

function remarkOn(verdict: DrillVerdict): string | undefined {
  const { isPassed, control, controlBroken, run, controlOrders } = verdict;
  if (verdict.notJudged !== undefined) return `not judged: ${verdict.notJudged}`;
  if (isPassed) return control === 'passed' ? undefined : `the control fails: ${controlBroken[0]?.found ?? 'it did not end'}`;
  if (run.facts.orders === 0 && controlOrders === 0) return 'not counted as a catch: it sends no order, with or without the faults';
  if (control === 'failed') return 'not counted as a catch: this executor fails the same run without faults, too';
  if (caughtBy(verdict) !== undefined) return undefined;
  return neverFired(verdict)
    ? 'not counted as a catch: the faults never fired'
    : 'not counted as a catch: neither money nor the final state is wrong';
}

/** The row for programs. */
export function drillJson(row: DrillRow): object {
  const { scenario, seed, executor, control, outcomes, netDeltaBtc, nakedMs, longestNakedMs, rollbackCostKrw, rollbackCostBps } = row;
  const { orders, tapeHash, firstBroken: first, broken, oracle, timeline, replay } = row;
  return {
    scenario,
    seed,
    executor,
    passed: row.notJudged === undefined ? row.passed : null,
    notJudged: row.notJudged ?? null,
    control,
    outcomes,
    netDeltaBtc,
    nakedMs,
    longestNakedMs,
    rollbackCostKrw,
    rollbackCostBps,
    orders,
    tapeHash,
    firstBroken: first === undefined ? null : promiseName(first),
    timeline: timeline ?? null,
    replay,
    broken,
    oracle,
  };
}

/** Every invariant by its verdict; what was not judged says why. */
function oracleOf({ results }: OracleReport): object {
  const named = (wanted: OracleVerdict): readonly string[] => results.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
  return {
    held: named('held'),
    vacuous: named('vacuous'),
    broken: results.flatMap(({ id, name, verdict, breaks, broken }) => (verdict === 'broken' ? [{ id, name, breaks, ...broken }] : [])),
    waived: results.flatMap(({ id, verdict, why, broken }) => (verdict === 'waived' ? [{ id, why, ...broken }] : [])),
    notJudged: results.flatMap(({ id, verdict, why }) => (verdict === 'not judged' ? [{ id, why }] : [])),
  };
}
