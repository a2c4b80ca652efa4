import type { Asset, Btc, Fixed } from '../core/money.js';
import type { Purpose } from '../core/purpose.js';
import type { EpochMs, Leg, Side, VenueId } from '../core/units.js';
import type { HaltLevel } from '../journal/journal-event.js';

export type PostingReason = 'deposit' | 'trade' | 'fee' | 'realized-pnl' | 'funding' | 'liquidation' | 'external';

/**
 * Truth: what really happened at the venues, in venue time, and the wire log (requests and answers). A
 * report is a pure function of these, the journal and the resolved config. On disk amounts are decimal
 * strings and one event is one JSON line (`tape-codec.ts`).
 */
export type TapeEvent = { readonly seq: number; readonly t: EpochMs } & (
  | {
      readonly type: 'run';
      readonly version: string;
      readonly seed: string;
      readonly mode: string;
      readonly executor: string;
      readonly scenario?: string | undefined;
      readonly dataHash?: string | undefined;
    }
  /** An opening balance; the money itself is in the posting that follows, so that postings alone add up to balances. */
  | { readonly type: 'deposit'; readonly venue: VenueId; readonly asset: Asset; readonly amount: Fixed<string> }
  /** The driver began or ended a flow (an entry or exit it asked the executor for); `flow` counts from 1. */
  | {
      readonly type: 'flow.begin';
      readonly flow: number;
      readonly kind: 'enter' | 'exit';
      readonly quantity: Btc;
      readonly decidedAt: EpochMs;
      readonly upbitMid: number;
      readonly binanceMid: number;
      readonly usdKrw: number;
      readonly premium: number;
    }
  | { readonly type: 'flow.end'; readonly flow: number; readonly outcome: string; readonly error?: string | undefined }
  /** A request left the client. */
  | {
      readonly type: 'request';
      readonly request: number;
      readonly point: string;
      readonly venue: VenueId;
      readonly method: string;
      readonly leg: Leg;
      readonly purpose: Purpose;
      readonly flow: number;
      readonly clientOrderId?: string | undefined;
      readonly orderId?: string | undefined;
      readonly side?: Side | undefined;
      readonly orderType?: string | undefined;
      readonly quantity?: Btc | undefined;
      readonly cost?: Fixed<string> | undefined;
      readonly price?: Fixed<string> | undefined;
      readonly reduceOnly?: boolean | undefined;
      /** The client's own preparation of a later call: its answer only fills a cache. */
      readonly prepares?: true | undefined;
    }
  /** It reached the venue's gateway (absent when it was lost on the way). */
  | { readonly type: 'arrived'; readonly request: number }
  /** The client got an answer or gave up. `error` is the ccxt class; `wire` says what was on the wire. */
  | {
      readonly type: 'answer';
      readonly request: number;
      readonly ok: boolean;
      readonly error?: string | undefined;
      readonly code?: string | undefined;
      readonly http?: number | undefined;
      readonly message?: string | undefined;
    }
  | {
      readonly type: 'order.accepted';
      /** Made of bytes that had arrived before: nobody asked for this one. */
      readonly copy?: boolean | undefined;
      readonly venue: VenueId;
      readonly orderId: string;
      readonly clientOrderId?: string | undefined;
      readonly request: number;
      readonly leg: Leg;
      readonly purpose: Purpose;
      readonly flow: number;
      readonly side: Side;
      readonly orderType: string;
      readonly timeInForce?: string | undefined;
      readonly quantity?: Btc | undefined;
      readonly cost?: Fixed<string> | undefined;
      readonly price?: Fixed<string> | undefined;
      readonly reduceOnly: boolean;
      /** Of a perpetual in hedge mode; absent in one-way mode. */
      readonly positionSide?: 'LONG' | 'SHORT' | undefined;
      readonly mid: number;
    }
  | {
      readonly type: 'order.refused';
      readonly venue: VenueId;
      readonly request: number;
      readonly leg: Leg;
      readonly purpose: Purpose;
      readonly flow: number;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly type: 'fill';
      readonly venue: VenueId;
      readonly orderId: string;
      readonly tradeId: string;
      readonly leg: Leg;
      readonly purpose: Purpose;
      readonly flow: number;
      readonly side: Side;
      readonly price: Fixed<string>;
      readonly quantity: Btc;
      readonly quote: Fixed<string>;
      readonly fee: Fixed<string>;
      readonly feeAsset: Asset;
      /** It waited in the book and pays the maker's fee; absent for a taker. */
      readonly maker?: true | undefined;
      readonly mid: number;
      readonly bestBid: number;
      readonly bestAsk: number;
    }
  /** A buy by cost on Upbit is `canceled` although it filled: a crumb of its KRW came back (the venue's own word). */
  | {
      readonly type: 'order.ended';
      readonly venue: VenueId;
      readonly orderId: string;
      readonly status: 'filled' | 'canceled' | 'expired' | 'rejected' | 'prevented';
      readonly executed: Btc;
      readonly leg: Leg;
      readonly flow: number;
    }
  /** Every movement of money; the ledger is the sum of these. `ref`: trade id, `opening`, `funding-<time>`, `forced-<n>` or `account`. */
  | {
      readonly type: 'posting';
      readonly venue: VenueId;
      readonly asset: Asset;
      readonly amount: Fixed<string>;
      readonly reason: PostingReason;
      readonly ref: string;
    }
  | { readonly type: 'funding'; readonly rate: number; readonly markPrice: number; readonly position: Btc; readonly amount: Fixed<'USDT'> }
  /** Our position changed without an order of ours (`external`: somebody traded on our account). `quantity` is the signed change. */
  | {
      readonly type: 'forced';
      readonly kind: 'liquidation' | 'adl' | 'external';
      readonly quantity: Btc;
      readonly price: Fixed<string>;
      readonly fee: Fixed<'USDT'>;
    }
  | {
      readonly type: 'fault';
      readonly fault: string;
      readonly action: string;
      readonly stage: string;
      readonly request?: number | undefined;
      readonly detail?: string | undefined;
    }
  /** `refused`: a second instance was started and would not work; `takeover`: it has the lease and works from here on. */
  | { readonly type: 'process'; readonly event: 'crash' | 'restart' | 'refused' | 'takeover'; readonly incarnation: number }
  /** A step of the scenario from outside: somebody threw the kill switch at `level`, or released it. */
  | { readonly type: 'operator'; readonly action: 'kill-switch' | 'unlock'; readonly level?: HaltLevel | undefined }
  /** Both mids, FX and premium: each second while a flow runs or delta is off, at markout horizons after a fill, one a UTC day. Fields are absent in a gap. */
  | {
      readonly type: 'mark';
      readonly why: 'second' | 'markout' | 'day' | 'end';
      readonly upbitMid?: number | undefined;
      readonly binanceMid?: number | undefined;
      readonly usdKrw?: number | undefined;
      readonly usdtKrw?: number | undefined;
      readonly premium?: number | undefined;
      readonly spot: Btc;
      readonly perp: Btc;
    }
  /** The run's premium, downsampled to 2,000 points with its extremes; parallel arrays. */
  | {
      readonly type: 'premium.series';
      readonly times: readonly number[];
      readonly premium: readonly number[];
      readonly z: readonly (number | null)[];
    }
  /** Totals at the end, which conservation is checked against. */
  | { readonly type: 'balance'; readonly venue: VenueId; readonly asset: Asset; readonly total: Fixed<string>; readonly locked: Fixed<string> }
  | { readonly type: 'position'; readonly quantity: Btc; readonly entryPrice: Fixed<string>; readonly unrealized: Fixed<'USDT'> }
  | { readonly type: 'note'; readonly text: string }
);

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** What a producer hands to the tape; the tape adds `seq`. */
export type TapeEntry = DistributiveOmit<TapeEvent, 'seq'>;

/** Where the truth is written. Consumers (faults, marks, oracle) may listen. */
export interface Tape {
  write(entry: TapeEntry): void;
  readonly events: readonly TapeEvent[];
  onEvent(listener: (event: TapeEvent) => void): void;
}
