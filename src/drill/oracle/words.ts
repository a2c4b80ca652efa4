import { formatFixed } from '../../core/money.js';
import type { Side } from '../../core/units.js';
import type { TapeOf } from './invariant.js';

/** `0.05 BTC`. */
export const btc = (amount: bigint): string => `${formatFixed(amount)} BTC`;

/** `spot buy hd-1 (open, flow 1)`. */
export function orderText({ leg, side, clientOrderId, purpose, flow, request }: TapeOf<'request'>): string {
  return `${leg} ${side ?? 'order'} ${clientOrderId ?? `of request ${request}`} (${purpose}, flow ${flow})`;
}

export const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

/** Bought is positive, sold negative. */
export const bySide = (side: Side, quantity: bigint): bigint => (side === 'buy' ? quantity : -quantity);
