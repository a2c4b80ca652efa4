import type { Btc, Fixed } from '../core/money.js';
import type { EpochMs, Leg, Side, VenueId } from '../core/units.js';

/** What an order of ours is for; the same words that scenarios match on (`purpose`). */
export type IntentPurpose = 'open' | 'hedge' | 'close' | 'rollback' | 'repair';
export type FlowKind = 'enter' | 'exit' | 'recover' | 'unwind';
/** How a flow ended. `hedged`: both legs on; `flat`: both legs off after an exit. */
export type FlowOutcome = 'hedged' | 'flat' | 'rolled-back' | 'partially-rolled-back' | 'aborted' | 'locked';
/** Levels of the kill switch, from weakest: stop opening; also close everything; hands off for a human. */
export type HaltLevel = 'opening' | 'flatten' | 'freeze';
export type Alert =
  | 'UNHEDGED_EXPOSURE'
  | 'EXPOSURE_CLOSED'
  | 'VENUE_UNREACHABLE'
  | 'RATE_LIMIT_BAN'
  | 'UNKNOWN_OUTCOME'
  | 'HALTED'
  | 'RESUMED'
  | 'SHORT_SHRANK'
  | 'MARGIN_FLOOR'
  | 'POSITION_MISMATCH'
  | 'PREFLIGHT_REFUSED'
  | 'ALARM_CHANNEL_DOWN'
  | 'LATE_FILL'
  | 'DUST_CAP'
  | 'JOURNAL_DOWN';

/** One order attempt, durable before its first byte is sent. An id is never sent twice. */
export interface OrderIntent {
  readonly intentId: string;
  readonly clientOrderId: string;
  readonly attempt: number;
  readonly leg: Leg;
  readonly venue: VenueId;
  readonly side: Side;
  readonly purpose: IntentPurpose;
  readonly orderType: 'market' | 'limit-ioc';
  /** What is asked for; a market buy by cost still names the quantity it is meant to bring. */
  readonly quantity: Btc;
  /** The collar of a limit-IOC, or the KRW of a market buy by cost divided by `quantity`; quote per BTC at 1e-8. */
  readonly limitPrice?: Fixed<string> | undefined;
  readonly reduceOnly: boolean;
}

/** What was learnt about an attempt once nothing more can happen to it. */
export interface SettledOrder {
  readonly clientOrderId: string;
  readonly orderId?: string | undefined;
  readonly executed: Btc;
  /** Quote amount paid (buy) or received (sell) before fees. */
  readonly quoteExecuted: Fixed<string>;
  readonly fee?: Fixed<string> | undefined;
  readonly certainty: 'proven' | 'presumed-zero';
  readonly status?: string | undefined;
}

/**
 * Events in the order the executor appends them. `t` is the executor's clock. Amounts are bigint here and
 * decimal strings on disk (`journal-codec.ts`).
 */
export type JournalEvent = { readonly t: EpochMs; readonly flow: string } & (
  | {
      readonly type: 'flow.started';
      readonly kind: FlowKind;
      readonly quantity: Btc;
      readonly positionIds: readonly string[];
      readonly decisionPremium?: number | undefined;
      readonly decidedAt: EpochMs;
    }
  | {
      readonly type: 'preflight';
      readonly ok: boolean;
      readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
    }
  | ({ readonly type: 'intent' } & OrderIntent)
  /** The answer to a create, cancel or look-up, classified. */
  | {
      readonly type: 'answer';
      readonly clientOrderId: string;
      readonly operation: 'createOrder' | 'cancelOrder' | 'fetchOrder';
      readonly certainty: 'accepted' | 'refused' | 'unknown';
      readonly row: string;
      readonly error?: string | undefined;
      readonly orderId?: string | undefined;
      readonly status?: string | undefined;
      readonly executed?: Btc | undefined;
    }
  | ({ readonly type: 'order.settled' } & SettledOrder)
  /** Residual delta as the executor computes it from settled quantities: spot + perp (short is negative). */
  | { readonly type: 'delta'; readonly spot: Btc; readonly perp: Btc; readonly residual: Btc }
  | { readonly type: 'repair.started'; readonly residual: Btc; readonly plan: 'complete' | 'unwind'; readonly reason: string }
  | { readonly type: 'repair.ended'; readonly residual: Btc; readonly proven: boolean }
  | {
      readonly type: 'flow.ended';
      readonly outcome: FlowOutcome;
      readonly spot: Btc;
      readonly perp: Btc;
      readonly residual: Btc;
      readonly reason: string;
    }
  | {
      readonly type: 'position.opened';
      readonly positionId: string;
      readonly quantity: Btc;
      readonly spotCostKrw: Fixed<'KRW'>;
      readonly perpProceedsUsdt: Fixed<'USDT'>;
      readonly openedAt: EpochMs;
    }
  | { readonly type: 'position.changed'; readonly positionId: string; readonly quantity: Btc; readonly reason: string }
  | { readonly type: 'position.closed'; readonly positionId: string }
  /** The venue holds something else than our orders explain, and that is now taken as true (`perp` is signed, a short is negative). `orders`: the venue's ids of those that explain it. */
  | {
      readonly type: 'holdings.adopted';
      readonly leg: Leg;
      readonly from: Btc;
      readonly to: Btc;
      readonly reason: string;
      readonly orders?: readonly string[] | undefined;
    }
  | { readonly type: 'dust'; readonly leg: Leg; readonly quantity: Btc; readonly total: Btc }
  /** A venue told us to stay away; the next life of the process honours it too. */
  | { readonly type: 'ban'; readonly venue: VenueId; readonly until: EpochMs; readonly row: string }
  | { readonly type: 'halt'; readonly level: HaltLevel; readonly reason: string }
  | { readonly type: 'resume'; readonly by: string }
  | {
      readonly type: 'alert';
      readonly alert: Alert;
      readonly severity: 'info' | 'warning' | 'critical';
      readonly message: string;
      readonly delivered?: boolean | undefined;
    }
  | { readonly type: 'recovery.started'; readonly openFlows: readonly string[] }
  | { readonly type: 'recovery.ended'; readonly resolved: number; readonly residual: Btc }
  | { readonly type: 'monitor'; readonly spot: Btc; readonly perp: Btc; readonly marginRatio?: number | undefined; readonly finding: string }
  /** A named state the executor passed through; `expect.sometimes` and `expect.never` speak of these. */
  | { readonly type: 'mark'; readonly mark: string }
);

export interface JournalRecord {
  readonly seq: number;
  readonly event: JournalEvent;
}
