import type { Btc } from '../core/money.js';
import { judgeRun } from '../drill/oracle/judge-run.js';
import { brokenOf, type OracleReport } from '../drill/oracle/oracle-report.js';
import type { FaultTally } from '../faults/fault-session.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { TapeEvent } from '../sim/tape-event.js';
import { oracleContext } from './oracle-context.js';
import type { ServedRun } from './served-run.js';

/** What is known of a client when its server closes. */
export interface ServedVerdict {
  /** Invariants that the tape alone shows; a client's journal is its own. */
  readonly oracle: OracleReport;
  readonly isBroken: boolean;
  readonly tape: readonly TapeEvent[];
  readonly flows: ServedRun['flows']['outcomes'];
  /** Requests by venue and method. */
  readonly requests: Readonly<Record<string, number>>;
  readonly faults: readonly FaultTally[];
  readonly remarks: readonly string[];
  readonly unlisted: readonly string[];
  readonly final: { readonly residualBtc: Btc; readonly openOrders: number };
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
  return {
    oracle,
    isBroken: brokenOf(oracle).length > 0,
    tape: events,
    flows: flows.outcomes,
    requests: run.counts(),
    faults: session.tally(),
    remarks,
    unlisted: run.unlisted(),
    final: { residualBtc: simulation.residual(), openOrders: simulation.openOrders() },
  };
}
