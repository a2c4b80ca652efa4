import type { DelayDistribution } from '../faults/fault-action.js';
import type { VenueWorld } from '../faults/world.js';
import type { Btc, Fixed } from '../core/money.js';
import type { EpochMs, Leg, Side } from '../core/units.js';
import type { PositionSide } from './binance-position.js';
import type { BookOrder } from './book-order.js';
import type { Ledger } from './ledger.js';
import type { VenueLiquidity } from './liquidity.js';
import type { TapeEntry } from './tape-event.js';
import type { VenueRules } from './venue-rules.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 't'> : never;
/** A tape entry whose time is the present. */
export type TruthEntry = WithoutTime<TapeEntry>;

export type AccountSetting = 'leverage' | 'margin-mode' | 'position-mode';

/** A trade on our account that no order of ours made. */
export interface ForcedTrade {
  readonly kind: 'liquidation' | 'adl' | 'external';
  readonly side: Side;
  readonly quantity: Btc;
  readonly price: Fixed<string>;
  readonly fee: bigint;
  readonly realized: bigint;
  /** Of the perpetual: which position it changed. */
  readonly positionSide: PositionSide;
}

/** What a simulated venue may use of the run it is part of. */
export interface VenueHost<Order extends BookOrder = BookOrder> {
  readonly world: VenueWorld;
  readonly ledger: Ledger;
  readonly liquidity: VenueLiquidity;
  /** The rules in force now. */
  rules(): VenueRules;
  now(): EpochMs;
  schedule(at: EpochMs, act: () => void): void;
  /** A length of time of the named purpose, drawn for a point of the run. */
  draw(purpose: string, distribution: DelayDistribution, point: string): number;
  /** An id like `3f0c...-...`, always the same for the same count of ids asked before. */
  uuid(): string;
  write(entry: TruthEntry): void;
  /** The order exists from now on. */
  opened(order: Order): void;
  /** A fill was booked; the run keeps flows, legs and anchors with it. */
  traded(order: Order, quantity: Btc): void;
  /** The market sees the trade; `side` is of whoever took. */
  printed(price: Fixed<string>, quantity: Btc, side: Side): void;
  /** A step of matching left the open order partly filled. */
  partly(order: Order): void;
  /** The order can trade no more. */
  ended(order: Order): void;
  /** A leg changed without an order of ours. */
  forced(leg: Leg, trade: ForcedTrade): void;
  /** A setting of the account is another one now. */
  configured(setting: AccountSetting): void;
}
