import type { Side } from '../../core/units.js';
import type { Piece } from './reference-book.js';

/** An order as it goes on the wire: what the client made of a step. Amounts in 1e-8. */
export interface OrderAsk {
  readonly side: Side;
  readonly type: 'limit' | 'market' | 'cost';
  readonly quantity: bigint | undefined;
  readonly cost: bigint | undefined;
  readonly limit: bigint | undefined;
  readonly timeInForce: 'gtc' | 'ioc' | 'fok' | 'post-only';
  readonly reduceOnly: boolean;
  /** Binance: which position it belongs to. */
  readonly positionSide: 'BOTH' | 'LONG' | 'SHORT';
  readonly clientId: string | undefined;
}

/** A trade as the venue showed it; fee, result and maker only where it tells them. */
export interface SeenTrade extends Piece {
  readonly id: string;
  readonly order: string;
  readonly at: number;
  readonly fee?: bigint | undefined;
  readonly feeAsset?: string | undefined;
  readonly realized?: bigint | undefined;
  readonly maker?: boolean | undefined;
}

export type EndWord = 'filled' | 'canceled' | 'expired';

/** An order of the reference model. */
export interface ReferenceOrder {
  readonly id: string;
  readonly ask: OrderAsk;
  /** What may be executed at most; a reduce-only order is cut to its position. */
  readonly quantity: bigint | undefined;
  readonly acceptedAt: number;
  readonly matchAt: number;
  /** Held when it was accepted: money and fee, or coins, or margin. */
  readonly hold: bigint;
  held: bigint;
  executed: bigint;
  quote: bigint;
  fee: bigint;
  ended: EndWord | undefined;
  /** When a cancel that was accepted is through. */
  cancelAt: number | undefined;
  readonly trades: SeenTrade[];
}

/** What is left to execute: coins, or money for an order by cost. */
export function leftOf({ quantity, ask, executed, quote }: ReferenceOrder): bigint {
  return quantity === undefined ? (ask.cost ?? 0n) - quote : quantity - executed;
}

/** Whether it ends with its first matching. */
export const isImmediate = ({ ask }: ReferenceOrder): boolean => ask.type !== 'limit' || ask.timeInForce === 'ioc' || ask.timeInForce === 'fok';

/** Something that the venue did and the reference model says it must not have done. */
export interface Deviation {
  readonly rule: string;
  readonly expected: string;
  readonly found: string;
}

/** Money, holds and positions of one venue, kept by its published rules and not by the simulator's code. */
export interface ReferenceAccount {
  /** How what an immediate order leaves ends here. */
  readonly unfilled: EndWord;
  /** Every code with which the venue may turn this order away now; none: it must take it. */
  refusals(ask: OrderAsk, at: number, openIds: ReadonlySet<string>): readonly string[];
  /** The order as it is taken; `hold` is what it sets aside. */
  admit(ask: OrderAsk, at: number): { readonly quantity: bigint | undefined; readonly hold: bigint };
  /** A client id has reached the venue, with whatever answer. */
  idReached(clientId: string): void;
  /** Whether it is taken off again the moment it is accepted. */
  endsAtOnce(ask: OrderAsk, at: number): boolean;
  /** How much of the order may trade now. */
  tradable(order: ReferenceOrder): bigint;
  /** Books a trade of an order whose own figures already hold it. @returns what is wrong with it. */
  trade(order: ReferenceOrder, trade: SeenTrade, isMaker: boolean): readonly Deviation[];
  /** What the order holds after a fill of `traded`, which its own figures already hold. */
  holdAfter(order: ReferenceOrder, traded: bigint): bigint;
  setHold(order: ReferenceOrder, amount: bigint): void;
}

const ONE = 100_000_000n;

/** Price times quantity in 1e-8, rounded half up. */
export const worth = (price: bigint, quantity: bigint): bigint => (price * quantity + ONE / 2n) / ONE;
const MILLION = 1_000_000n;
export const share = (amount: bigint, ppm: bigint, rounding: 'down' | 'up' | 'near'): bigint =>
  (amount * ppm + (rounding === 'up' ? MILLION - 1n : rounding === 'near' ? MILLION / 2n : 0n)) / MILLION;
