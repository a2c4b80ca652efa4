import type { EpochMs } from '../../core/units.js';
import { formatFixed } from '../../core/money.js';
import type { ReferenceBook } from './reference-book.js';
import { share, worth, type Deviation, type OrderAsk, type ReferenceAccount, type ReferenceOrder, type SeenTrade } from './reference-order.js';

const ONE = 100_000_000n;
/** KRW-BTC in September 2025: 0.05 % for maker and taker in KRW, 1,000 KRW tick, 5,000 KRW to 1,000,000,000 KRW. */
const FEE_PPM = 500n;
const TICK = 1_000n * ONE;
const LEAST = 5_000n * ONE;
const MOST = 1_000_000_000n * ONE;
/** A market order that asks for more than so many levels hold is refused. */
const LEVELS = 30;

/** Upbit's spot account by its documents. */
export class UpbitReference implements ReferenceAccount {
  readonly unfilled = 'canceled';
  krw: bigint;
  btc: bigint;
  locked = { KRW: 0n, BTC: 0n };
  readonly #book: ReferenceBook;
  readonly #used = new Set<string>();

  constructor(krw: bigint, btc: bigint, book: ReferenceBook) {
    this.krw = krw;
    this.btc = btc;
    this.#book = book;
  }

  refusals(ask: OrderAsk, at: number): readonly string[] {
    const codes: string[] = [];
    const side = ask.side === 'buy' ? 'bid' : 'ask';
    const { limit, quantity } = ask;
    if (ask.clientId !== undefined && this.#used.has(ask.clientId)) codes.push('duplicated_identifier');
    if ((quantity ?? ask.cost ?? 0n) < 0n) return [...codes, 'validation_error'];
    if (limit !== undefined && (limit <= 0n || limit % TICK !== 0n)) codes.push(`invalid_price_${side}`);
    const total = this.#total(ask, at);
    if (total !== undefined && total < LEAST) codes.push(`under_min_total_${side}`);
    if (total !== undefined && total > MOST) codes.push(`over_max_total_${limit === undefined ? 'market_' : ''}${side}`);
    if (this.#isBeyondBook(ask, at)) codes.push(`create_${side}_error`);
    const free = ask.side === 'buy' ? this.krw - this.locked.KRW : this.btc - this.locked.BTC;
    if (this.#holdOf(ask, at) > free) codes.push(`insufficient_funds_${side}`);
    return codes;
  }

  admit(ask: OrderAsk, at: number): { readonly quantity: bigint | undefined; readonly hold: bigint } {
    return { quantity: ask.quantity, hold: this.#holdOf(ask, at) };
  }

  /** An identifier is spent by whatever reaches the venue, also by what is refused. */
  idReached(clientId: string): void {
    this.#used.add(clientId);
  }

  endsAtOnce(ask: OrderAsk, at: number): boolean {
    return ask.timeInForce === 'post-only' && this.#book.forQuantity(ask.side, 1n, ask.limit, at as EpochMs).length > 0;
  }

  tradable(order: ReferenceOrder): bigint {
    return order.quantity === undefined ? (order.ask.cost ?? 0n) - order.quote : order.quantity - order.executed;
  }

  trade(order: ReferenceOrder, trade: SeenTrade): readonly Deviation[] {
    const quote = worth(trade.price, trade.quantity);
    const fee = share(quote, FEE_PPM, 'down');
    const sign = order.ask.side === 'buy' ? 1n : -1n;
    order.fee += fee;
    this.btc += sign * trade.quantity;
    this.krw -= sign * quote + fee;
    const overdrawn = this.krw < 0n || this.btc < 0n;
    return overdrawn ? [{ rule: 'funds', expected: 'nothing owed', found: `${formatFixed(this.krw)} KRW, ${formatFixed(this.btc)} BTC` }] : [];
  }

  /** The rest at the order's own price, and the fee that was set aside and not yet paid. */
  holdAfter(order: ReferenceOrder): bigint {
    const { ask, hold, fee, quote, executed, quantity } = order;
    if (ask.side === 'sell') return (quantity ?? 0n) - executed;
    if (quantity === undefined) return hold - quote - fee;
    const reserved = hold - worth(ask.limit ?? 0n, quantity);
    return worth(ask.limit ?? 0n, quantity - executed) + reserved - fee;
  }

  setHold(order: ReferenceOrder, amount: bigint): void {
    this.locked[order.ask.side === 'buy' ? 'KRW' : 'BTC'] += amount - order.held;
    order.held = amount;
  }

  #total({ cost, limit, quantity, side, type }: OrderAsk, at: number): bigint | undefined {
    if (cost !== undefined) return cost;
    const price = type === 'limit' ? limit : this.#book.against(side, at as EpochMs)[0]?.price;
    return price === undefined || quantity === undefined ? undefined : (price * quantity) / ONE;
  }

  #holdOf(ask: OrderAsk, at: number): bigint {
    if (ask.side === 'sell') return ask.quantity ?? 0n;
    const total = this.#total(ask, at) ?? 0n;
    return total + share(total, FEE_PPM, 'up');
  }

  #isBeyondBook({ type, side, quantity, cost }: OrderAsk, at: number): boolean {
    if (type === 'limit') return false;
    const levels = this.#book.against(side, at as EpochMs).slice(0, LEVELS);
    if (levels.length === 0) return false;
    if (quantity !== undefined) return quantity > levels.reduce((sum, level) => sum + level.quantity, 0n);
    return (cost ?? 0n) > levels.reduce((sum, level) => sum + worth(level.price, level.quantity), 0n);
  }
}
