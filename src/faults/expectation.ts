import type { Btc, Krw } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { FlowOutcome } from '../journal/journal-event.js';
import type { FaultTally } from './fault-session.js';

/** What must hold at the end of a run (`expect` of a scenario, parsed). Amounts in BTC are absolute bounds. */
export interface Expectation {
  /** How every flow may end whose step has no `ends` of its own. */
  readonly outcome: readonly FlowOutcome[];
  /** From the last fault (or the flow's begin) until everything has settled; in a trading run, of each flow by itself. */
  readonly withinMs: number;
  readonly final: {
    readonly netDelta?: Btc | undefined;
    readonly openOrders?: number | undefined;
    readonly entryLocked?: boolean | undefined;
    readonly spot?: Btc | undefined;
    readonly perp?: Btc | undefined;
    /** Allowed on netDelta, spot and perp; 0 unless given. */
    readonly tolerance?: Btc | undefined;
  };
  readonly budget: {
    readonly maxUnhedged?: Btc | undefined;
    readonly maxUnhedgedForMs?: number | undefined;
    readonly rollbackCostBp?: number | undefined;
    readonly orders?: number | undefined;
    readonly requests?: number | undefined;
  };
  readonly run: {
    readonly flowsMin?: number | undefined;
    readonly allFlowsTerminal?: boolean | undefined;
    readonly nakedKrwSecondsMax?: Krw | undefined;
    /** Share of repairs that ended proven, 0 to 1. */
    readonly rollbackSuccessMin?: number | undefined;
    readonly rollbackCostKrwMax?: Krw | undefined;
    readonly rollbackCostBpMax?: number | undefined;
  };
  readonly alerts: readonly string[];
  readonly sometimes: readonly string[];
  readonly never: readonly string[];
  /** Oracles that are switched off, with the reason why. */
  readonly waive: readonly { readonly oracle: string; readonly reason: string }[];
}

/** One flow the driver asked for, as the tape tells it. */
export interface FlowFact {
  readonly flow: number;
  readonly kind: 'enter' | 'exit';
  readonly begunAt: EpochMs;
  /** undefined: it never ended. */
  readonly endedAt?: EpochMs | undefined;
  readonly outcome?: string | undefined;
  /** How this flow may end where its step says so; else `expect.outcome` decides. */
  readonly ends?: readonly FlowOutcome[] | undefined;
  /** The last fault that fired while it ran. */
  readonly lastFaultAt?: EpochMs | undefined;
}

/** The truth of one run, worked out from the tape (and, where the executor declares it, the journal). */
export interface ScenarioFacts {
  /** Whether the strategy traded on data (`do: trade`). */
  readonly trades: boolean;
  readonly flows: readonly FlowFact[];
  /** BTC held for the hedge, and the signed perpetual position (short is negative). */
  readonly spot: Btc;
  readonly perp: Btc;
  readonly openOrders: number;
  /** What may be left where the scenario names no tolerance: less than a lot for an executor off the common grid. */
  readonly tolerance?: Btc | undefined;
  /** undefined: this executor declares no lock. */
  readonly entryLocked: boolean | undefined;
  /** Largest |spot + perp|, and the longest stretch above tolerance. */
  readonly maxUnhedged: Btc;
  readonly longestUnhedgedMs: number;
  readonly nakedKrwSeconds: Krw;
  /** Repairs begun and proven; cost against the mid at their start. undefined: nothing was rolled back. */
  readonly rollbacks: number;
  readonly rollbacksProven: number;
  readonly rollbackCostBp: number | undefined;
  readonly rollbackCostKrw: Krw;
  readonly orders: number;
  readonly requests: number;
  /** undefined: this executor declares no alerts (or marks). */
  readonly alerts: readonly string[] | undefined;
  readonly marks: readonly string[] | undefined;
  /** Violations that the oracle found in tape and journal (`ORACLE_MARKS`); undefined: no oracle looked. */
  readonly violations?: readonly string[] | undefined;
  readonly tally: readonly FaultTally[];
  /** `ScenarioFaultSession.lastStruckAt()`. */
  readonly lastFaultAt: EpochMs | undefined;
  /** Since when truth has stood still: no flow running, no order open, no delta changing. undefined: it never settled. */
  readonly terminalAt: EpochMs | undefined;
}

export interface Finding {
  /** The key of `expect` that was judged, such as `final.netDelta`, or `faults.<id>` and `groups.<name>` for vacuity. */
  readonly key: string;
  readonly verdict: 'held' | 'broken' | 'not judged' | 'waived';
  readonly expected: string;
  readonly found: string;
}
