import type { InputPlace } from '../core/input-error.js';
import type { Purpose } from '../core/purpose.js';
import type { EpochMs, Leg, Side, VenueId } from '../core/units.js';
import type { CallAction, DelayDistribution, InstantAction, Span, WindowAction } from './fault-action.js';
import type { FaultTarget, TruthEvent } from './fault-session.js';
import type { StatePredicate } from './state-predicate.js';

/** Something that happens in truth, and how long after it. */
export interface Anchor {
  readonly event: TruthEvent['event'];
  readonly leg?: Leg | undefined;
  /** Which fault, for `fault.fired`. */
  readonly fault?: string | undefined;
  readonly flow?: number | undefined;
  readonly plusMs: number;
}

/** When something is due: after the run's start, at an instant, or when something happens. */
export type Trigger =
  | { readonly kind: 'offset'; readonly ms: number }
  | { readonly kind: 'instant'; readonly at: EpochMs }
  | { readonly kind: 'anchor'; readonly anchor: Anchor };

/** Which of the counted calls: these positions, or every `every`-th of a range; positions count from 1. */
export type Nth =
  | { readonly kind: 'list'; readonly values: readonly number[] }
  | { readonly kind: 'range'; readonly from: number; readonly to?: number | undefined; readonly every: number };

/** Every property that is given must match. */
export interface CallMatcher {
  readonly venues?: readonly VenueId[] | undefined;
  /** ccxt unified names, or the groups `mutating`, `read`, `*`. */
  readonly methods?: readonly string[] | undefined;
  readonly leg?: Leg | undefined;
  readonly purposes?: readonly Purpose[] | undefined;
  readonly side?: Side | undefined;
  readonly orderType?: 'limit' | 'market' | 'market-by-cost' | undefined;
  readonly reduceOnly?: boolean | undefined;
  readonly flow?: number | undefined;
  readonly incarnation?: number | undefined;
  readonly point?: string | undefined;
  readonly nth?: Nth | undefined;
  /** What `nth` starts anew with; `leg` is a leg within a flow. */
  readonly countPer: 'run' | 'flow' | 'leg';
  readonly probability?: number | undefined;
  /** What must be true of the venues when the call leaves. */
  readonly state?: readonly StatePredicate[] | undefined;
  readonly from?: Trigger | undefined;
  readonly until?: Trigger | undefined;
}

/** Which steps of the process: names as `journal.append(intent,perp).before` or `binance.createOrder.sent`, or one exact point. */
export interface StepMatcher {
  readonly step?: string | undefined;
  readonly point?: string | undefined;
  readonly leg?: Leg | undefined;
  readonly purposes?: readonly Purpose[] | undefined;
  readonly flow?: number | undefined;
  readonly incarnation?: number | undefined;
  readonly nth?: Nth | undefined;
  readonly countPer: 'run' | 'flow' | 'leg';
  readonly from?: Trigger | undefined;
  readonly until?: Trigger | undefined;
}

export interface CalendarWindow {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** What a fault waits for. `venues` of a timer or calendar: where it strikes. */
export type FaultWhen =
  | { readonly kind: 'call'; readonly match: CallMatcher }
  /** A moment in the executor's own process, just before or after one of its awaits. */
  | { readonly kind: 'step'; readonly match: StepMatcher; readonly venues: readonly FaultTarget[] }
  | { readonly kind: 'timer'; readonly at: Trigger; readonly venues: readonly FaultTarget[] }
  | {
      readonly kind: 'calendar';
      readonly windows: readonly CalendarWindow[];
      /** The windows come again every so many milliseconds (whole days) from the run's start on, each at its own hour of day; undefined: their own dates. */
      readonly foldMs?: number | undefined;
      readonly venues: readonly FaultTarget[];
    };

/** Where in a request's life an action works; of two faults at one stage only the first acts. */
export type CallStage = 'outbound' | 'gateway' | 'matching' | 'inbound';

export type FaultInject =
  | { readonly kind: 'call'; readonly stage: CallStage; readonly action: CallAction }
  /** `for` is undefined where a calendar says how long. */
  | { readonly kind: 'window'; readonly action: WindowAction; readonly for: Span | DelayDistribution | undefined }
  | { readonly kind: 'instant'; readonly action: InstantAction };

/** One fault of a scenario, parsed and checked. */
export interface FaultRule {
  readonly id: string;
  readonly when: FaultWhen;
  readonly inject: FaultInject;
  readonly limit: {
    /** How often it may strike; undefined: as often as it matches. */
    readonly times?: number | undefined;
    /** How many of its windows may be open at once. */
    readonly concurrent?: number | undefined;
    readonly cooldownMs?: number | undefined;
  };
  readonly group?: string | undefined;
  readonly required: boolean;
  readonly note?: string | undefined;
  /** Where it was written, for messages. */
  readonly place?: InputPlace | undefined;
}

/** The stage at which an action takes hold. */
export function stageOf(action: CallAction): CallStage {
  switch (action.kind) {
    case 'lose':
    case 'delay':
    case 'duplicate':
      return action.part === 'response' ? 'inbound' : 'outbound';
    case 'reject':
    case 'transport':
      // A processed request passes every stage; only its answer is replaced.
      return action.processed ? 'inbound' : 'gateway';
    case 'notFound':
    case 'garble':
    case 'stale':
      return 'inbound';
    case 'fillAfterCancel':
    case 'fill':
    case 'cancelRace':
    case 'stuck':
      return 'matching';
  }
}
