import type { DelayDistribution } from './fault-action.js';
import type { EpochMs, VenueId } from '../core/units.js';
import type { StressSpec } from './stress/stress-spec.js';

/** How long one direction of a call takes, by method where it differs (`*` is the default). */
export interface LatencyModel {
  readonly request: Readonly<Record<string, DelayDistribution>>;
  readonly response: Readonly<Record<string, DelayDistribution>>;
}

/** Sorts of reads that may lag differently. */
export type ReadKind = 'order' | 'openOrders' | 'trades' | 'balance' | 'positions';

/** How one simulated venue behaves besides its dated profile. Amounts are decimal strings. */
export interface VenueWorld {
  readonly balances: Readonly<Record<string, string>>;
  readonly latency: LatencyModel;
  /** ccxt's own time-out on each request (10 s by default). */
  readonly timeoutMs: number;
  /** How long after an order's acceptance or change a read may still show the old state. */
  readonly visibilityLag: DelayDistribution;
  /** The lag of single sorts of reads, where it differs from `visibilityLag`. */
  readonly visibilityLags?: Readonly<Partial<Record<ReadKind, DelayDistribution>>> | undefined;
  /** What a new order is answered with: all of it, or its ids alone. */
  readonly ack?: 'full' | 'id-only' | undefined;
  /** `never`: an id is burnt for ever, even by a refusal (Upbit); `after-close`: free again once its order is final (Binance). */
  readonly idReuse: 'never' | 'after-close';
  /** Time from acceptance to the first execution of a marketable order. */
  readonly matchingDelay: DelayDistribution;
  readonly recvWindowMs?: number | undefined;
  /** Client clock minus venue clock. */
  readonly clockSkewMs: number;
  /** Whether 429/418/5xx come as a JSON body or as text (unsettled on Upbit, venues.md 1.6). */
  readonly errorBody: 'json' | 'text';
  /** Whether -1008 spares reduce-only orders. */
  readonly overloadSparesReduceOnly: boolean;
  readonly positionMode: 'oneway' | 'hedge';
  readonly marginMode: 'isolated' | 'cross';
  readonly leverage: number;
  /** Overrides of single profile values for a drill (`minNotional`, `amountStep`, `priceStep`, `takerFeePpm`). */
  readonly rules: Readonly<Record<string, string>>;
}

/** A constant book for drills without data. */
export interface StaticBook {
  readonly mid: string;
  readonly spreadBp: number;
  /** BTC a side within about 5 bp. */
  readonly depth: string;
}

export interface World {
  readonly start: EpochMs;
  readonly venues: Readonly<Record<VenueId, VenueWorld>>;
  /** Absent when the run's data drive the market. */
  readonly books?: Readonly<Record<VenueId, StaticBook>> | undefined;
  readonly usdKrw?: string | undefined;
  /** What makes both venues worse together; none when absent. */
  readonly stress?: StressSpec | undefined;
  /** Whether the executor is given streams that wake it up. */
  readonly streams?: boolean | undefined;
}
