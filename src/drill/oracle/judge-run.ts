import type { JournalRecord } from '../../journal/journal-event.js';
import type { Mark } from '../../journal/marks.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import { accountedOrders } from './accounted-orders.js';
import { alertHonesty } from './alert-honesty.js';
import { Belief, type Told } from './belief.js';
import { believedTruth } from './believed-truth.js';
import { canary } from './canary.js';
import { classifiedErrors } from './classified-errors.js';
import { doubtEnds } from './doubt-ends.js';
import { exposureBudget } from './exposure-budget.js';
import { flowsEnd } from './flows-end.js';
import { freshDecisions } from './fresh-decisions.js';
import { heldSales } from './held-sales.js';
import { type Invariant, isNotJudged, Probe, type Scene, type Watch } from './invariant.js';
import { justifiedOrders } from './justified-orders.js';
import { killSwitch } from './kill-switch.js';
import { knownBans } from './known-bans.js';
import { ledgerConservation } from './ledger-conservation.js';
import { lostVenue } from './lost-venue.js';
import { monotoneFills } from './monotone-fills.js';
import { monotoneRollback } from './monotone-rollback.js';
import { noDuplicate } from './no-duplicate.js';
import type { OracleContext } from './oracle-context.js';
import type { InvariantResult, OracleReport, OracleVerdict } from './oracle-report.js';
import { recoveryEnds } from './recovery-ends.js';
import { reportTruth } from './report-truth.js';
import { singleWriter } from './single-writer.js';
import { transientFault } from './transient-fault.js';
import { Truth } from './truth.js';
import { unlockWorks } from './unlock-works.js';

/** Every invariant, in the order of the specification. */
export const INVARIANTS: readonly Invariant[] = [
  accountedOrders,
  noDuplicate,
  exposureBudget,
  justifiedOrders,
  heldSales,
  ledgerConservation,
  believedTruth,
  monotoneFills,
  killSwitch,
  knownBans,
  singleWriter,
  freshDecisions,
  alertHonesty,
  classifiedErrors,
  monotoneRollback,
  reportTruth,
  flowsEnd,
  lostVenue,
  recoveryEnds,
  doubtEnds,
  unlockWorks,
  transientFault,
];

export interface OracleInput {
  readonly tape: readonly TapeEvent[];
  /** The durable journal; empty for an executor that keeps none. */
  readonly journal: readonly JournalRecord[];
  /** The alert log: what people were really told, whether the journal could take it down or not. */
  readonly told?: readonly Told[] | undefined;
  readonly context: OracleContext;
}

interface Seat {
  readonly invariant: Invariant;
  readonly probe: Probe;
  readonly watch: Watch | undefined;
  readonly why: string | undefined;
}

/**
 * Holds one run against every invariant, in one pass over the tape (after a quick one that finds out which requests
 * arrive). Reads truth, wire log, durable journal and alerts, never the executor's memory; the same input gives the same
 * report.
 */
export function judgeRun({ tape, journal, told, context }: OracleInput): OracleReport {
  const endAt = tape.at(-1)?.t;
  const truth = new Truth(tape, context);
  const scene: Scene = { context, truth, belief: new Belief(journal, told), endAt: endAt ?? (0 as never) };
  const invariants = context.canary === true ? [...INVARIANTS, canary] : INVARIANTS;
  const seats = invariants.map((invariant): Seat => seated(invariant, scene));
  const listeners = listenersOf(seats);
  for (const event of tape) {
    const isRequest = event.type === 'request';
    if (!isRequest) truth.apply(event);
    const heard = listeners.get(event.type);
    if (heard !== undefined) for (const listener of heard) listener(event);
    if (isRequest) truth.apply(event);
  }
  for (const { watch } of seats) watch?.end?.();
  const marks = new Set<Mark>(seats.flatMap(({ probe }) => [...probe.marks]));
  return { results: seats.map((seat) => resultOf(seat, context)), marks: [...marks] };
}

function seated(invariant: Invariant, scene: Scene): Seat {
  const probe = new Probe();
  const watch = invariant.watch(scene, probe);
  return isNotJudged(watch) ? { invariant, probe, watch: undefined, why: watch.why } : { invariant, probe, watch, why: undefined };
}

type Listener = (event: TapeEvent) => void;

function listenersOf(seats: readonly Seat[]): ReadonlyMap<TapeEvent['type'], readonly Listener[]> {
  const listeners = new Map<TapeEvent['type'], Listener[]>();
  for (const { watch } of seats) {
    for (const [type, handler] of Object.entries(watch?.on ?? {}) as [TapeEvent['type'], Listener][]) {
      const known = listeners.get(type);
      if (known === undefined) listeners.set(type, [handler]);
      else known.push(handler);
    }
  }
  return listeners;
}

function resultOf({ invariant, probe, why }: Seat, context: OracleContext): InvariantResult {
  const { id, name, promise } = invariant;
  const { evaluated, breaks, first } = probe;
  const waiver = context.waivers.find(({ oracle }) => oracle === id);
  const verdict: OracleVerdict =
    why !== undefined ? 'not judged' : first !== undefined ? (waiver === undefined ? 'broken' : 'waived') : evaluated === 0 ? 'vacuous' : 'held';
  return { id, name, promise, verdict, evaluated, breaks, broken: first, why: why ?? (verdict === 'waived' ? waiver?.reason : undefined) };
}
