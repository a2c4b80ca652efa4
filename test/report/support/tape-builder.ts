import { type Asset, type Btc, fixed, type Fixed, mulDiv, negate, ONE, parseFixed, type Usdt } from '../../../src/core/money.js';
import type { Purpose } from '../../../src/core/purpose.js';
import { type EpochMs, epochMs, legOfVenue, type Side, type VenueId } from '../../../src/core/units.js';
import type { PostingReason, TapeEntry, TapeEvent } from '../../../src/sim/tape-event.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 't'> : never;

export interface Prices {
  upbit: number;
  binance: number;
  usdKrw: number;
  usdtKrw?: number | undefined;
}

export interface OrderOptions {
  readonly venue: VenueId;
  readonly side: Side;
  readonly quantity: string;
  readonly purpose: Purpose;
  readonly flow: number;
  readonly clientOrderId?: string;
  /** Milliseconds from the request to the venue and from the venue's answer to the client. */
  readonly there?: number;
  readonly back?: number;
}

/**
 * Writes tapes as the simulator would: every fill with its postings, the short's result by average cost. The
 * bookkeeping is a second, small implementation, so that the report's sums have something to be held against.
 */
export class TapeBuilder {
  readonly events: TapeEvent[] = [];
  now: EpochMs;
  prices: Prices;
  readonly totals = new Map<string, bigint>();
  #requests = 0;
  #ids = 0;
  #forced = 0;
  #spot = 0n;
  #perp = 0n;
  #cost = 0n;

  constructor(start: number, prices: Prices) {
    this.now = epochMs(start);
    this.prices = { ...prices };
  }

  write(entry: WithoutTime<TapeEntry>): void {
    this.events.push({ seq: this.events.length + 1, t: this.now, ...entry });
  }

  wait(ms: number): this {
    this.now = epochMs(this.now + ms);
    return this;
  }

  run(executor = 'reference', scenario?: string): this {
    this.write({ type: 'run', version: '0.1.0', seed: '7', mode: 'drill', executor, scenario, dataHash: 'd'.repeat(64) });
    return this;
  }

  deposit(venue: VenueId, asset: Asset, amount: string): this {
    this.write({ type: 'deposit', venue, asset, amount: parseFixed(amount) });
    this.post(venue, asset, parseFixed(amount), 'deposit', 'deposit');
    return this;
  }

  post(venue: VenueId, asset: Asset, amount: bigint, reason: PostingReason, ref: string): void {
    if (amount === 0n) return;
    this.totals.set(`${venue}/${asset}`, (this.totals.get(`${venue}/${asset}`) ?? 0n) + amount);
    this.write({ type: 'posting', venue, asset, amount: fixed(amount), reason, ref });
  }

  mark(why: 'second' | 'markout' | 'day' | 'end' = 'second'): this {
    const { upbit, binance, usdKrw, usdtKrw } = this.prices;
    const premium = upbit / (binance * usdKrw) - 1;
    this.write({
      type: 'mark',
      why,
      upbitMid: upbit,
      binanceMid: binance,
      usdKrw,
      usdtKrw,
      premium,
      spot: fixed(this.#spot),
      perp: fixed(this.#perp),
    });
    return this;
  }

  begin(flow: number, kind: 'enter' | 'exit', quantity: string): this {
    const { upbit, binance, usdKrw } = this.prices;
    const premium = upbit / (binance * usdKrw) - 1;
    const base = { flow, kind, quantity: parseFixed<Btc>(quantity), decidedAt: this.now };
    this.write({ type: 'flow.begin', ...base, upbitMid: upbit, binanceMid: binance, usdKrw, premium });
    return this;
  }

  end(flow: number, outcome: string): this {
    this.write({ type: 'flow.end', flow, outcome });
    return this;
  }

  /** A request to create an order that leaves now; returns its number. */
  request(order: OrderOptions): number {
    this.#requests += 1;
    const { venue, side, purpose, flow } = order;
    this.write({
      type: 'request',
      request: this.#requests,
      point: `e1/f${flow}/${purpose}/${venue}.createOrder#${this.#requests}`,
      venue,
      method: 'createOrder',
      leg: legOfVenue(venue),
      purpose,
      flow,
      clientOrderId: order.clientOrderId ?? `hd-${this.#requests}`,
      side,
      orderType: 'limit',
      quantity: parseFixed<Btc>(order.quantity),
    });
    return this.#requests;
  }

  /** It arrives and is accepted now; returns the venue's id. */
  accept(request: number, order: OrderOptions): string {
    this.#ids += 1;
    const orderId = `${order.venue}-${this.#ids}`;
    this.write({ type: 'arrived', request });
    this.write({
      type: 'order.accepted',
      venue: order.venue,
      orderId,
      clientOrderId: order.clientOrderId ?? `hd-${request}`,
      request,
      leg: legOfVenue(order.venue),
      purpose: order.purpose,
      flow: order.flow,
      side: order.side,
      orderType: 'limit',
      timeInForce: 'IOC',
      quantity: parseFixed<Btc>(order.quantity),
      reduceOnly: false,
      mid: this.prices[order.venue],
    });
    return orderId;
  }

  /** A fill now, at `price`, with the touch `halfSpread` beside the mid; the fee is in the venue's money. */
  fill(orderId: string, order: OrderOptions, quantity: string, price: string, halfSpread = 0, feePpm = 500n): void {
    const { venue, side } = order;
    this.#ids += 1;
    const tradeId = `t-${this.#ids}`;
    const size = parseFixed<Btc>(quantity);
    const at = parseFixed(price);
    const quote = mulDiv(at, size, ONE, 'half-up');
    const fee = mulDiv(quote, feePpm, 1_000_000n, 'up');
    const mid = this.prices[venue];
    const feeAsset = venue === 'upbit' ? 'KRW' : 'USDT';
    const origin = { venue, leg: legOfVenue(venue), flow: order.flow };
    const event = {
      orderId,
      tradeId,
      purpose: order.purpose,
      side,
      price: at,
      quantity: size,
      quote: fixed(quote),
      fee: fixed(fee),
      feeAsset,
      mid,
    } as const;
    this.write({ type: 'fill', ...origin, ...event, bestBid: mid - halfSpread, bestAsk: mid + halfSpread });
    const sign = side === 'buy' ? 1n : -1n;
    if (venue === 'upbit') {
      this.#spot += sign * size;
      this.post('upbit', 'BTC', sign * size, 'trade', tradeId);
      this.post('upbit', 'KRW', -sign * quote, 'trade', tradeId);
    } else this.post('binance', 'USDT', this.#tradePerp(sign * size, at), 'realized-pnl', tradeId);
    this.post(venue, feeAsset, -fee, 'fee', tradeId);
  }

  ended(orderId: string, order: OrderOptions, status: 'filled' | 'canceled' | 'expired', executed: string): void {
    this.write({
      type: 'order.ended',
      venue: order.venue,
      orderId,
      status,
      executed: parseFixed<Btc>(executed),
      leg: legOfVenue(order.venue),
      flow: order.flow,
    });
  }

  answer(request: number, error?: string, code?: string): void {
    this.write({ type: 'answer', request, ok: error === undefined, error, code });
  }

  /** A whole order: sent now, filled in full at `price` on arrival, answered. Time moves by the two ways. */
  order(order: OrderOptions, price: string, halfSpread = 0, feePpm = 500n): string {
    const request = this.request(order);
    this.wait(order.there ?? 50);
    const orderId = this.accept(request, order);
    this.fill(orderId, order, order.quantity, price, halfSpread, feePpm);
    this.ended(orderId, order, 'filled', order.quantity);
    this.wait(order.back ?? 50);
    this.answer(request);
    return orderId;
  }

  funding(rate: number, amount: string): this {
    this.write({ type: 'funding', rate, markPrice: this.prices.binance, position: fixed(this.#perp), amount: parseFixed<Usdt>(amount) });
    this.post('binance', 'USDT', parseFixed(amount), 'funding', `funding-${this.now}`);
    return this;
  }

  /** The venue closes some of the short; the insurance fund bears `insured` USDT of the loss. */
  force(kind: 'liquidation' | 'adl', quantity: string, price: string, fee = '0', insured = '0'): this {
    this.#forced += 1;
    const size = parseFixed<Btc>(quantity);
    this.write({ type: 'forced', kind, quantity: size, price: parseFixed(price), fee: parseFixed<Usdt>(fee) });
    const realized = this.#tradePerp(size, parseFixed(price)) + parseFixed(insured);
    this.post('binance', 'USDT', realized, 'realized-pnl', `forced-${this.#forced}`);
    this.post('binance', 'USDT', negate(parseFixed(fee)), 'liquidation', `forced-${this.#forced}`);
    return this;
  }

  fault(fault: string, action: string, stage: string, request?: number): this {
    this.write({ type: 'fault', fault, action, stage, request });
    return this;
  }

  /** The last mark, the closing balances and what is open. */
  close(): readonly TapeEvent[] {
    this.mark('end');
    for (const [key, total] of this.totals) {
      const [venue, asset] = key.split('/') as [VenueId, Asset];
      this.write({ type: 'balance', venue, asset, total: fixed(total), locked: fixed(0n) });
    }
    if (this.#perp !== 0n) {
      const size = this.#perp < 0n ? -this.#perp : this.#perp;
      const entryPrice: Fixed<string> = fixed(mulDiv(this.#cost, ONE, size, 'half-up'));
      this.write({ type: 'position', quantity: fixed(this.#perp), entryPrice, unrealized: fixed(0n) });
    }
    return this.events;
  }

  /** Books a change of the perpetual by average cost; returns what it realised. */
  #tradePerp(change: bigint, price: bigint): bigint {
    const size = this.#perp < 0n ? -this.#perp : this.#perp;
    const moved = change < 0n ? -change : change;
    const closing = this.#perp !== 0n && this.#perp < 0n !== change < 0n ? (moved < size ? moved : size) : 0n;
    const entered = closing === 0n ? 0n : mulDiv(this.#cost, closing, size, 'down');
    const worth = mulDiv(price, closing, ONE, 'half-up');
    const realized = this.#perp < 0n ? entered - worth : worth - entered;
    this.#cost += mulDiv(price, moved - closing, ONE, 'half-up') - entered;
    this.#perp += change;
    return realized;
  }
}
