import type { InputPlace } from '../core/input-error.js';
import type { EpochMs, Leg, Side, VenueId } from '../core/units.js';
import type { Purpose } from '../core/purpose.js';
import type { CallAction, InstantAction, WindowAction } from './fault-action.js';
import type { StatePath, StateValue } from './state-predicate.js';

/** What a window may lie over: a venue, or the USD/KRW quote. */
export type FaultTarget = VenueId | 'fx';

/** A call as a fault matcher sees it: what the venue could see, plus what the simulator derived. */
export interface VenueCall {
  readonly request: number;
  readonly venue: VenueId;
  /** ccxt unified name; every way of creating an order is `createOrder`. */
  readonly method: string;
  readonly mutating: boolean;
  readonly leg: Leg;
  readonly purpose: Purpose;
  readonly flow: number;
  readonly side?: Side | undefined;
  readonly orderType?: 'limit' | 'market' | 'market-by-cost' | undefined;
  readonly reduceOnly?: boolean | undefined;
  readonly clientOrderId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly at: EpochMs;
  /** Position of the call in its flow (faults.md c.2): the id that draws are hashed from. */
  readonly point: string;
  readonly incarnation: number;
  /** It only fetches what the client needs to read another answer (leverage brackets), so its own content cannot be garbled or old. */
  readonly prepares?: boolean | undefined;
}

/** A moment of the executor's process at which it can die, stall or find its disk full. */
export interface ProcessStep {
  /** `<venue>.<method>` or `journal.append(<type>[,<leg>])`, with `.pre .sent .got` or `.before .after`. */
  readonly name: string;
  /** The name with its place: `e<incarnation>/f<flow>/...#<n>.<moment>`. */
  readonly point: string;
  readonly at: EpochMs;
  readonly flow: number;
  readonly incarnation: number;
  readonly purpose?: Purpose | undefined;
  readonly leg?: Leg | undefined;
}

export interface Fired<Action> {
  readonly fault: string;
  readonly action: Action;
}

export interface ActiveWindow extends Fired<WindowAction> {
  readonly from: EpochMs;
  /** undefined: for ever. */
  readonly until: EpochMs | undefined;
}

/** Things that happened in truth, which anchors (`at`, `from`, `until`) wait for. */
export interface TruthEvent {
  readonly event:
    | 'flow.start'
    | 'intent.written'
    | 'order.sent'
    | 'order.accepted'
    | 'order.filled'
    | 'order.partiallyFilled'
    | 'leg.done'
    | 'rollback.start'
    | 'process.restart'
    | 'fault.fired';
  readonly at: EpochMs;
  readonly leg?: Leg | undefined;
  readonly flow?: number | undefined;
  readonly fault?: string | undefined;
}

/** What the harness lends to a session. */
export interface FaultHost {
  /** Runs `act` at virtual time `at` (at once when it has passed). */
  schedule(at: EpochMs, act: () => void): void;
  /** Carries out an instant action on a venue or the process. */
  apply(fault: string, action: InstantAction, venue: VenueId | undefined): void;
  /** A fault fired: written to the tape. */
  fired(fault: string, action: string, stage: string, request: number | undefined, detail?: string): void;
  now(): EpochMs;
  /** The truth at a path of `when.state`; a host without venues has none. */
  read?(path: StatePath): StateValue;
}

export interface FaultTally {
  readonly fault: string;
  readonly required: boolean;
  readonly fired: number;
  /** Times it matched but another fault already held that stage. */
  readonly masked: number;
  /** Faults of one group are one cause: either all of them fire or none. */
  readonly group?: string | undefined;
  /** Of one that never fired: the likely reason. */
  readonly why?: string | undefined;
  /** Where it was written. */
  readonly place?: InputPlace | undefined;
}

/** One run's faults. Judging draws nothing from a shared stream: every chance is hashed from seed, fault and point. */
export interface FaultSession {
  /** Arms timers and calendar windows; called once, before the first call. */
  start(host: FaultHost): void;
  /** Consulted exactly once for each call, when it leaves the client; counts it. At most one action a stage. */
  judge(call: VenueCall): readonly Fired<CallAction>[];
  /** Windows over a venue at an instant (outage, ban, market, link, slow). */
  windows(venue: FaultTarget, at: EpochMs): readonly ActiveWindow[];
  /** A request met this window: bans may grow; the hit counts as fired. */
  hit(window: ActiveWindow, at: EpochMs, request: number): void;
  observe(event: TruthEvent): void;
  /** Consulted at each step of the process; what it sets off has happened when it returns. */
  step(step: ProcessStep): void;
  tally(): readonly FaultTally[];
  /** What becomes of a delay that the world has drawn for `purpose`; unchanged where this is absent. */
  stretch?(venue: VenueId, purpose: string, ms: number, at: EpochMs): number;
  /** The share of a rate limit that others have used up so far in its window; none where this is absent. */
  taken?(venue: VenueId, rule: string, windowMs: number, at: EpochMs): number;
}
