import { fixedFromNumber } from '../../core/money.js';
import type { VenueId } from '../../core/units.js';
import { bySide, magnitude } from './words.js';
import { cutShare, halfUpShare, upShare, worth, worthCut } from './exact.js';
import type { TapeOf } from './invariant.js';
import { RebuiltPosition } from './rebuilt-position.js';
import type { VenueTerms } from './venue-terms.js';

type AccountName = 'upbit/KRW' | 'upbit/BTC' | 'binance/USDT';
export const ACCOUNTS: readonly AccountName[] = ['upbit/KRW', 'upbit/BTC', 'binance/USDT'];

/** What an open order at Upbit sets aside. */
interface Hold {
  readonly account: AccountName;
  readonly order: TapeOf<'order.accepted'>;
  readonly reservedFee: bigint;
  left: bigint;
  spent: bigint;
  fees: bigint;
  amount: bigint;
}

/**
 * Every balance, worked out anew: from the opening amounts, each fill at the venue's own fee and rounding, funding at the
 * position, the mark and the rate, forced trades, and what somebody else moved. The tape's postings are a second account
 * of the same money, kept beside it.
 */
export class RebuiltLedger {
  readonly total: Record<AccountName, bigint> = { 'upbit/KRW': 0n, 'upbit/BTC': 0n, 'binance/USDT': 0n };
  readonly posted: Record<AccountName, bigint> = { 'upbit/KRW': 0n, 'upbit/BTC': 0n, 'binance/USDT': 0n };
  readonly held: Record<AccountName, bigint> = { 'upbit/KRW': 0n, 'upbit/BTC': 0n, 'binance/USDT': 0n };
  readonly positions = new Map<string, RebuiltPosition>();
  spotTraded = 0n;
  readonly #holds = new Map<string, Hold>();
  #lastForced: { readonly kind: string; readonly realized: bigint } | undefined;

  get perp(): bigint {
    let sum = 0n;
    for (const { quantity } of this.positions.values()) sum += quantity;
    return sum;
  }

  deposit({ venue, asset, amount }: TapeOf<'deposit'>): void {
    this.total[nameOf(venue, asset)] += amount;
  }

  posting({ venue, asset, amount, reason, ref }: TapeOf<'posting'>): void {
    const name = nameOf(venue, asset);
    this.posted[name] += amount;
    if (reason === 'external') this.total[name] += amount;
    // What a liquidation loses beyond the position's own margin is the insurance fund's.
    const forced = this.#lastForced;
    if (reason === 'realized-pnl' && ref.startsWith('forced-') && forced?.kind === 'liquidation' && amount > forced.realized)
      this.total[name] += amount - forced.realized;
  }

  accepted(order: TapeOf<'order.accepted'>, terms: VenueTerms): void {
    if (order.venue !== 'upbit') return;
    const buys = order.side === 'buy';
    const quantity = order.quantity ?? 0n;
    const paid = buys ? (order.cost ?? worthCut(order.price ?? 0n, quantity)) : 0n;
    const reservedFee = upShare(paid, terms.takerPpm);
    const hold: Hold = { account: buys ? 'upbit/KRW' : 'upbit/BTC', order, reservedFee, left: quantity, spent: 0n, fees: 0n, amount: 0n };
    this.#holds.set(order.orderId, hold);
    this.#hold(hold, buys ? paid + reservedFee : quantity);
  }

  ended({ venue, orderId }: TapeOf<'order.ended'>): void {
    const hold = venue === 'upbit' ? this.#holds.get(orderId) : undefined;
    if (hold === undefined) return;
    this.#hold(hold, 0n);
    this.#holds.delete(orderId);
  }

  /** @returns the fee that the venue's rules make of this fill. */
  fill(fill: TapeOf<'fill'>, positionSide: string, terms: VenueTerms): bigint {
    const quote = worth(fill.price, fill.quantity);
    const ppm = fill.maker === true ? terms.makerPpm : terms.takerPpm;
    const buys = fill.side === 'buy';
    const change = bySide(fill.side, fill.quantity);
    if (fill.venue === 'binance') {
      const fee = halfUpShare(quote, ppm);
      this.total['binance/USDT'] += this.positionOf(positionSide).trade(change, fill.price) - fee;
      return fee;
    }
    const fee = cutShare(quote, ppm);
    this.spotTraded += change;
    this.total['upbit/BTC'] += change;
    this.total['upbit/KRW'] += (buys ? -quote : quote) - fee;
    const hold = this.#holds.get(fill.orderId);
    if (hold !== undefined) this.#refill(hold, fill.quantity, quote, fee);
    return fee;
  }

  /** @returns what the venue's rules pay or take: a positive rate is paid by longs to shorts. */
  funding({ rate, markPrice, position }: TapeOf<'funding'>): bigint {
    const size = magnitude(position);
    const billionths = BigInt(Math.round(rate * 1e9));
    const value = worth(fixedFromNumber(markPrice), size);
    const scaled = value * (billionths < 0n ? -billionths : billionths);
    const paid = (scaled * 2n + 1_000_000_000n) / 2_000_000_000n;
    const amount = billionths < 0n === position < 0n ? -paid : paid;
    this.total['binance/USDT'] += amount;
    return amount;
  }

  /** @returns the fee that the venue's rules ask for; a liquidation takes no more than is left of the margin. */
  forced({ kind, quantity, price, fee }: TapeOf<'forced'>, terms: VenueTerms): bigint {
    const against = [...this.positions.values()].find((position) => position.quantity !== 0n && position.quantity > 0n !== quantity > 0n);
    const realized = (against ?? this.positionOf('BOTH')).trade(quantity, price);
    const ppm = kind === 'adl' ? 0n : kind === 'liquidation' ? terms.liquidationPpm : terms.takerPpm;
    const full = upShare(worth(price, magnitude(quantity)), ppm);
    const due = kind === 'liquidation' && fee < full ? fee : full;
    this.total['binance/USDT'] += realized - due;
    this.#lastForced = { kind, realized };
    return due;
  }

  positionOf(side: string): RebuiltPosition {
    let position = this.positions.get(side);
    if (position === undefined) {
      position = new RebuiltPosition();
      this.positions.set(side, position);
    }
    return position;
  }

  #refill(hold: Hold, quantity: bigint, quote: bigint, fee: bigint): void {
    hold.left -= quantity;
    hold.spent += quote;
    hold.fees += fee;
    const { cost, price, side } = hold.order;
    const rest = cost === undefined ? worth(price ?? 0n, hold.left) : cost - hold.spent;
    this.#hold(hold, side === 'sell' ? hold.left : rest + hold.reservedFee - hold.fees);
  }

  #hold(hold: Hold, amount: bigint): void {
    this.held[hold.account] += amount - hold.amount;
    hold.amount = amount;
  }
}

export function nameOf(venue: VenueId, asset: string): AccountName {
  return `${venue}/${asset}` as AccountName;
}
