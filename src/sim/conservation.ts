import { assert } from '../core/assert.js';
import { formatFixed, notional, type Asset, type PriceIn, type Quote } from '../core/money.js';
import type { VenueId } from '../core/units.js';
import type { TapeEvent } from './tape-event.js';

type Fill = Extract<TapeEvent, { type: 'fill' }>;
type Posting = Extract<TapeEvent, { type: 'posting' }>;

/**
 * Checks from the tape alone that no unit of money appeared or vanished:
 * postings add up to each closing balance; every fill has exactly the postings that its price, quantity and fee
 * call for; on a spot venue nothing was ever owed.
 *
 * @throws InternalError naming the first venue, asset or fill that does not add up.
 */
export function assertConserved(events: readonly TapeEvent[], balanceOf: (venue: VenueId, asset: Asset) => bigint): void {
  const totals = new Map<string, bigint>();
  const byRef = new Map<string, Posting[]>();
  const fills: Fill[] = [];
  for (const event of events) {
    if (event.type === 'fill') fills.push(event);
    if (event.type !== 'posting') continue;
    const key = `${event.venue}/${event.asset}`;
    const total = (totals.get(key) ?? 0n) + event.amount;
    assert(event.venue === 'binance' || total >= 0n, () => `${key} went below zero at event ${event.seq}`);
    totals.set(key, total);
    const ref = `${event.venue}/${event.ref}`;
    const known = byRef.get(ref);
    if (known === undefined) byRef.set(ref, [event]);
    else known.push(event);
  }
  for (const venue of ['upbit', 'binance'] as const)
    for (const asset of ['BTC', 'KRW', 'USDT'] as const) {
      const posted = totals.get(`${venue}/${asset}`) ?? 0n;
      const balance = balanceOf(venue, asset);
      assert(posted === balance, () => `${venue} ${asset}: postings add up to ${formatFixed(posted)}, the balance is ${formatFixed(balance)}`);
    }
  for (const fill of fills) assertFill(fill, byRef.get(`${fill.venue}/${fill.tradeId}`) ?? []);
}

function assertFill(fill: Fill, postings: readonly Posting[]): void {
  const name = `fill ${fill.tradeId} of order ${fill.orderId}`;
  const quote = notional(fill.price as PriceIn<Quote>, fill.quantity, 'half-up');
  assert(fill.quote === quote, () => `${name}: ${formatFixed(fill.quote)} is not price times quantity, ${formatFixed(quote)}`);
  const sum = (asset: Asset, reason: Posting['reason']): bigint =>
    postings.filter((posting) => posting.asset === asset && posting.reason === reason).reduce((total, posting) => total + posting.amount, 0n);
  assert(sum(fill.feeAsset, 'fee') === -BigInt(fill.fee), () => `${name}: the fee was not charged exactly once`);
  if (fill.venue !== 'upbit') return;
  const sign = fill.side === 'buy' ? 1n : -1n;
  assert(sum('BTC', 'trade') === sign * fill.quantity, () => `${name}: the coins moved are not the quantity`);
  assert(sum('KRW', 'trade') === -sign * fill.quote, () => `${name}: the KRW moved is not the quote amount`);
}
