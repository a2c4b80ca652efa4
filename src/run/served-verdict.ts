import type { Btc } from '../core/money.js';
import { judgeRun } from '../drill/oracle/judge-run.js';
import { DEFAULT_BUDGETS, LOT } from '../drill/oracle/oracle-context.js';
import { brokenOf, type OracleReport } from '../drill/oracle/oracle-report.js';
import type { FaultTally } from '../faults/fault-session.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { TapeEvent } from '../sim/tape-event.js';
import { oracleContext } from './oracle-context.js';
import type { ServedRun } from './served-run.js';
import { isNaked } from './truth-outcome.js';

/** What is known of a client when its server closes. */
export interface ServedVerdict {
  /** Invariants that the tape alone shows; a client's journal is its own. */
  readonly oracle: OracleReport;
  /** `naked`: a leg stands alone at the end, too short a time to be judged, and nothing that was judged is broken. */
  readonly outcome: 'held' | 'broken' | 'naked';
  readonly tape: readonly TapeEvent[];
  readonly flows: ServedRun['flows']['outcomes'];
  /** Requests by venue and method. */
  readonly requests: Readonly<Record<string, number>>;
  readonly faults: readonly FaultTally[];
  readonly remarks: readonly string[];
  readonly unlisted: readonly string[];
  /** `note` says why what is left naked does not count as broken. */
  readonly final: { readonly residualBtc: Btc; readonly openOrders: number; readonly note: string | undefined };
}

/** Ends the run and judges it. Nothing may be sent afterwards. */
export function servedVerdict(run: ServedRun, scenario: ResolvedScenario | undefined): ServedVerdict {
  const { simulation, session, flows, tape, world, remarks } = run;
  flows.finish();
  simulation.finish();
  const { events } = tape;
  const oracle = judgeRun({
    tape: events,
    journal: [],
    context: oracleContext({
      tape: events,
      scenario: scenario && { ...scenario, faults: run.faults },
      withFaults: true,
      world,
      session,
      capabilities: [],
      durableAt: new Map(),
      unhandled: [],
    }),
  });
  const broken = brokenOf(oracle);
  const isNakedUnjudged = isNaked(simulation, LOT) && !broken.some(({ id }) => id === 'I3');
  return {
    oracle,
    outcome: broken.length > 0 ? 'broken' : isNakedUnjudged ? 'naked' : 'held',
    tape: events,
    flows: flows.outcomes,
    requests: run.counts(),
    faults: session.tally(),
    remarks,
    unlisted: run.unlisted(),
    final: { residualBtc: simulation.residual(), openOrders: simulation.openOrders(), note: isNakedUnjudged ? NAKED_UNJUDGED : undefined },
  };
}

/** A server that ends sooner cannot tell whether a delta was left behind or was about to be closed. */
const NAKED_UNJUDGED =
  `NAKED at the end, which is not judged here: I3 counts a delta as left behind after ${DEFAULT_BUDGETS.alertMs / 1_000} s, ` +
  'so let the server run on for as long after the client has ended';
