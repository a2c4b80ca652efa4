import { fixedFromNumber, formatFixed, type Fixed } from '../../core/money.js';
import type { EpochMs, Side } from '../../core/units.js';
import type { ReferenceBook } from './reference-book.js';
import {
  leftOf,
  share,
  worth,
  type Deviation,
  type OrderAsk,
  type ReferenceAccount,
  type ReferenceOrder,
  type SeenTrade,
} from './reference-order.js';

const ONE = 100_000_000n;
/** BTCUSDT in September 2025: maker 0.02 %, taker 0.05 % in USDT, 100 USDT at least, limits within 5 % of the mark. */
const MAKER_PPM = 200n;
const TAKER_PPM = 500n;
const LEAST = 100n * ONE;
const BAND_PPM = 50_000n;
const MILLION = 1_000_000n;
const MOST_MARKET = 120n * ONE;
const MOST_LIMIT = 1_000n * ONE;

/** One position: signed quantity, what it was entered for, and its own margin. */
export interface ReferencePosition {
  quantity: bigint;
  cost: bigint;
  isolated: bigint;
}

const up = (amount: bigint, by: bigint): bigint => (amount + by - 1n) / by;
const sizeOf = (quantity: bigint): bigint => (quantity < 0n ? -quantity : quantity);

/** Binance's futures wallet by its documents: positions at their average, realised results, funding, margin. */
export class BinanceReference implements ReferenceAccount {
  readonly unfilled = 'expired';
  wallet: bigint;
  leverage = 1;
  marginMode: 'isolated' | 'cross' = 'isolated';
  isHedgeMode = false;
  reserved = 0n;
  readonly positions = new Map<string, ReferencePosition>();
  readonly #book: ReferenceBook;

  constructor(wallet: bigint, book: ReferenceBook) {
    this.wallet = wallet;
    this.#book = book;
  }

  position(side: string): ReferencePosition {
    let position = this.positions.get(side);
    if (position === undefined) {
      position = { quantity: 0n, cost: 0n, isolated: 0n };
      this.positions.set(side, position);
    }
    return position;
  }

  mark(at: number): bigint {
    return fixedFromNumber<Fixed<string>>(this.#book.mid(at as EpochMs) ?? 0);
  }

  refusals(ask: OrderAsk, at: number, openIds: ReadonlySet<string>): readonly string[] {
    const codes: string[] = [];
    const quantity = ask.quantity ?? 0n;
    if (quantity < 0n) return ['-1102', '-4003'];
    if (quantity > (ask.type === 'market' ? MOST_MARKET : MOST_LIMIT)) codes.push('-4005');
    if (ask.clientId !== undefined && openIds.has(ask.clientId)) codes.push('-4116');
    if (this.isHedgeMode !== (ask.positionSide !== 'BOTH')) codes.push('-4061');
    if (this.isHedgeMode && ask.reduceOnly) codes.push('-1106');
    codes.push(...this.#priceRefusals(ask, quantity, at));
    const closable = this.#closable(ask.positionSide, ask.side);
    const closesSide = ask.positionSide !== 'BOTH' && (ask.positionSide === 'LONG') !== (ask.side === 'buy');
    if ((ask.reduceOnly && closable === 0n) || (closesSide && quantity > closable)) codes.push('-2022');
    const { hold } = this.admit(ask, at);
    // What only closes needs no margin, however little there is.
    if (hold > 0n && hold > this.available(at)) codes.push('-2019');
    return codes;
  }

  /** A reduce-only order is cut to its position; what opens holds its margin, the loss it opens with and the taker fee. */
  admit(ask: OrderAsk, at: number): { readonly quantity: bigint; readonly hold: bigint } {
    const closable = this.#closable(ask.positionSide, ask.side);
    const asked = ask.quantity ?? 0n;
    const quantity = ask.reduceOnly && asked > closable ? closable : asked;
    const opening = quantity > closable ? quantity - closable : 0n;
    if (opening === 0n) return { quantity, hold: 0n };
    const mark = this.mark(at);
    const best = this.#book.against(ask.side, at as EpochMs)[0]?.price ?? mark;
    const price = ask.limit === undefined ? best : ask.side === 'buy' || ask.limit > best ? ask.limit : best;
    const value = worth(price, opening);
    const against = ask.side === 'buy' ? price - mark : mark - price;
    const loss = against > 0n ? worth(against, opening) : 0n;
    return { quantity, hold: up(value, BigInt(this.leverage)) + loss + share(value, TAKER_PPM, 'up') };
  }

  /** An id is free again once its order has ended. */
  idReached(): void {}

  endsAtOnce(): boolean {
    return false;
  }

  tradable(order: ReferenceOrder): bigint {
    const left = (order.quantity ?? 0n) - order.executed;
    const closable = this.#closable(order.ask.positionSide, order.ask.side);
    return order.ask.reduceOnly && closable < left ? closable : left;
  }

  trade(order: ReferenceOrder, trade: SeenTrade, isMaker: boolean): readonly Deviation[] {
    const { ask } = order;
    const wrong: Deviation[] = [];
    const expect = (rule: string, expected: bigint, found: bigint | undefined): void => {
      if (found !== expected) wrong.push({ rule, expected: formatFixed(expected), found: found === undefined ? 'nothing' : formatFixed(found) });
    };
    const quote = worth(trade.price, trade.quantity);
    const fee = share(quote, isMaker ? MAKER_PPM : TAKER_PPM, 'near');
    const before = this.position(ask.positionSide).quantity;
    const realized = this.#take(ask.positionSide, ask.side, trade);
    order.fee += fee;
    this.wallet += realized - fee;
    expect('fee', fee, trade.fee);
    expect('realised result', realized, trade.realized);
    if (trade.feeAsset !== 'USDT') wrong.push({ rule: 'fee currency', expected: 'USDT', found: trade.feeAsset ?? 'none' });
    if (trade.maker !== isMaker) wrong.push({ rule: 'maker or taker', expected: String(isMaker), found: String(trade.maker) });
    const after = this.position(ask.positionSide).quantity;
    if (ask.reduceOnly && (sizeOf(after) >= sizeOf(before) || (after !== 0n && after < 0n !== before < 0n)))
      wrong.push({ rule: 'reduce-only', expected: `less than ${formatFixed(before)}`, found: formatFixed(after) });
    return wrong;
  }

  /** A fill releases its share of what was held before it; a part of a unit stays held. */
  holdAfter(order: ReferenceOrder, traded: bigint): bigint {
    const left = leftOf(order);
    return up(order.held * left, left + traded);
  }

  setHold(order: ReferenceOrder, amount: bigint): void {
    this.reserved += amount - order.held;
    order.held = amount;
  }

  settleFunding(rate: number, at: number): void {
    const ppb = BigInt(Math.round(rate * 1e9));
    for (const position of this.positions.values()) {
      if (position.quantity === 0n) continue;
      const value = worth(this.mark(at), sizeOf(position.quantity));
      const paid = (value * (ppb < 0n ? -ppb : ppb) + 500_000_000n) / 1_000_000_000n;
      // A positive rate is paid by the long to the short.
      const amount = ppb < 0n === position.quantity < 0n ? -paid : paid;
      if (position.isolated > 0n) position.isolated += amount;
      this.wallet += amount;
    }
  }

  available(at: number): bigint {
    const open = [...this.positions.values()].filter(({ quantity }) => quantity !== 0n);
    if (this.marginMode === 'isolated') return this.wallet - open.reduce((sum, { isolated }) => sum + isolated, 0n) - this.reserved;
    const mark = this.mark(at);
    const inUse = open.reduce((sum, { quantity }) => sum + up(worth(mark, sizeOf(quantity)), BigInt(this.leverage)), 0n);
    return this.wallet + this.unrealized(at) - inUse - this.reserved;
  }

  unrealized(at: number): bigint {
    const mark = this.mark(at);
    return [...this.positions.values()].reduce((sum, { quantity, cost }) => {
      const value = worth(mark, sizeOf(quantity));
      return sum + (quantity < 0n ? cost - value : value - cost);
    }, 0n);
  }

  /** Closes first; what is left opens. @returns what the closed part has made. */
  #take(name: string, side: Side, { price, quantity }: SeenTrade): bigint {
    const position = this.position(name);
    const size = sizeOf(position.quantity);
    const isShort = position.quantity < 0n;
    const canClose = size > 0n && isShort === (side === 'buy');
    const closing = canClose ? (quantity < size ? quantity : size) : 0n;
    let realized = 0n;
    if (closing > 0n) {
      const entered = closing === size ? position.cost : (position.cost * closing) / size;
      const released = closing === size ? position.isolated : (position.isolated * closing) / size;
      const got = worth(price, closing);
      realized = isShort ? entered - got : got - entered;
      position.cost -= entered;
      position.isolated -= released;
      position.quantity += isShort ? closing : -closing;
    }
    const opening = quantity - closing;
    if (opening > 0n) {
      const value = worth(price, opening);
      position.quantity += side === 'buy' ? opening : -opening;
      position.cost += value;
      if (this.marginMode === 'isolated') position.isolated += up(value, BigInt(this.leverage));
    }
    return realized;
  }

  #priceRefusals(ask: OrderAsk, quantity: bigint, at: number): readonly string[] {
    const codes: string[] = [];
    const mark = this.mark(at);
    const { limit, side } = ask;
    if (limit !== undefined && side === 'buy' && limit > share(mark, MILLION + BAND_PPM, 'down')) codes.push('-4016');
    if (limit !== undefined && side === 'sell' && limit < share(mark, MILLION - BAND_PPM, 'down')) codes.push('-4024');
    if (limit !== undefined && limit <= 0n) codes.push('-4001', '-4013');
    if (!ask.reduceOnly && worth(limit ?? mark, quantity) < LEAST) codes.push('-4164');
    const reachable = this.#book.forQuantity(side, quantity, limit, at as EpochMs).reduce((sum, piece) => sum + piece.quantity, 0n);
    if (ask.timeInForce === 'fok' && reachable < quantity) codes.push('-5021');
    if (ask.timeInForce === 'post-only' && reachable > 0n) codes.push('-5022');
    return codes;
  }

  #closable(name: string, side: Side): bigint {
    const { quantity } = this.position(name);
    return quantity !== 0n && quantity < 0n === (side === 'buy') ? sizeOf(quantity) : 0n;
  }
}
