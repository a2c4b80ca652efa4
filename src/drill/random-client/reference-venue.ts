import { formatFixed } from '../../core/money.js';
import type { EpochMs } from '../../core/units.js';
import type { Piece, ReferenceBook } from './reference-book.js';
import {
  isImmediate,
  leftOf,
  worth,
  type Deviation,
  type EndWord,
  type OrderAsk,
  type ReferenceAccount,
  type ReferenceOrder,
  type SeenTrade,
} from './reference-order.js';

/** What came back for a call that the venue itself answered. */
export type Answer = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly code: string };

/** Something that reached the venue at `at`. */
export type Arrival = {
  readonly at: number;
  /** Its place among what was sent; decides at one instant. */
  readonly sequence: number;
} & (
  | { readonly kind: 'create'; readonly ask: OrderAsk; readonly answer: Answer }
  | { readonly kind: 'cancel'; readonly id: string | undefined; readonly clientId: string | undefined; readonly answer: Answer }
  /** Settings, transfers, funding: `act` judges by the model as it is at that moment. */
  | { readonly kind: 'act'; readonly act: () => readonly Deviation[] }
);

/** How long the simulated venues take from acceptance to matching in the random client's world. */
export const MATCHING_MS = 5;
/** Resting orders are held against the book once in so long. */
const LOOK_MS = 1_000;
/** Of what happens in the same millisecond: funding, looks at resting orders, arrivals, matchings, cancels. */
const RANK = { act: 0, look: 1, arrival: 2, match: 3, cancel: 4 } as const;

interface Due {
  readonly at: number;
  readonly rank: number;
  readonly run: () => void;
}

/** What a venue must be like after everything that was sent to it: orders, fills, money, all in the order of time. */
export class ReferenceVenue {
  readonly orders = new Map<string, ReferenceOrder>();
  readonly #account: ReferenceAccount;
  readonly #book: ReferenceBook;
  /** Binance answers a cancel once it is through; Upbit when it is accepted. */
  readonly #answersWhenThrough: boolean;
  readonly #byClientId = new Map<string, ReferenceOrder>();
  #due: Due[] = [];
  #found: Deviation[] = [];

  constructor(account: ReferenceAccount, book: ReferenceBook, answersWhenThrough: boolean) {
    this.#account = account;
    this.#book = book;
    this.#answersWhenThrough = answersWhenThrough;
  }

  get open(): readonly ReferenceOrder[] {
    return [...this.orders.values()].filter(({ ended }) => ended === undefined);
  }

  /**
   * Goes through what arrived and what was traded since the last time, up to `now`.
   *
   * @param trades - new ones of all orders, in the order the venue shows them.
   */
  settle(arrivals: readonly Arrival[], trades: readonly SeenTrade[], now: number): readonly Deviation[] {
    this.#found = [];
    const byOrder = new Map<string, SeenTrade[]>();
    for (const trade of trades) byOrder.set(trade.order, [...(byOrder.get(trade.order) ?? []), trade]);
    for (const arrival of [...arrivals].sort((a, b) => a.sequence - b.sequence)) this.#planArrival(arrival, byOrder);
    for (const [id, rows] of byOrder) this.#planLooks(id, rows, arrivals);
    for (let next = this.#takeDue(now); next !== undefined; next = this.#takeDue(now)) next.run();
    this.#missedFills(now);
    return this.#found;
  }

  /** The earliest of what is due; what is due together comes in the order it was sent. */
  #takeDue(now: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due)
      if (due.at <= now && (first === undefined || due.at < first.at || (due.at === first.at && due.rank < first.rank))) first = due;
    this.#due = this.#due.filter((due) => due !== first);
    return first;
  }

  #tell(rule: string, expected: string, found: string): void {
    this.#found.push({ rule, expected, found });
  }

  #planArrival(arrival: Arrival, trades: ReadonlyMap<string, readonly SeenTrade[]>): void {
    const { at } = arrival;
    if (arrival.kind === 'act') {
      this.#due.push({ at, rank: RANK.act, run: () => this.#found.push(...arrival.act()) });
      return;
    }
    if (arrival.kind === 'cancel') {
      this.#due.push({ at, rank: RANK.arrival, run: () => this.#cancel(arrival) });
      return;
    }
    this.#due.push({ at, rank: RANK.arrival, run: () => this.#create(arrival) });
    const { answer } = arrival;
    if (!answer.ok) return;
    const matchAt = at + MATCHING_MS;
    const matched = (trades.get(answer.id) ?? []).filter((trade) => trade.at === matchAt);
    this.#due.push({ at: matchAt, rank: RANK.match, run: () => this.#match(answer.id, matched) });
  }

  /** Trades that are no part of an order's first matching were made by looks at the book while it rested. */
  #planLooks(id: string, rows: readonly SeenTrade[], arrivals: readonly Arrival[]): void {
    const created = arrivals.find((arrival) => arrival.kind === 'create' && arrival.answer.ok && arrival.answer.id === id);
    const matchAt = created === undefined ? this.orders.get(id)?.matchAt : created.at + MATCHING_MS;
    for (const trade of rows) if (trade.at !== matchAt) this.#due.push({ at: trade.at, rank: RANK.look, run: () => this.#look(id, trade) });
  }

  #create({ ask, answer, at }: Extract<Arrival, { kind: 'create' }>): void {
    const openIds = new Set(this.open.flatMap((order) => order.ask.clientId ?? []));
    const codes = this.#account.refusals(ask, at, openIds);
    if (ask.clientId !== undefined) this.#account.idReached(ask.clientId);
    if (!answer.ok) {
      const allowed = codes.length === 0 ? 'the order is taken' : `refused with ${codes.join(' or ')}`;
      if (!codes.includes(answer.code)) this.#tell(codes.length === 0 ? 'admission' : 'refusal', allowed, `refused with ${answer.code}`);
      return;
    }
    if (codes.length > 0) this.#tell('refusal', `refused with ${codes.join(' or ')}`, `order ${answer.id} was taken`);
    if (this.orders.has(answer.id)) this.#tell('order id', 'an id of its own', `${answer.id} again`);
    const { quantity, hold } = this.#account.admit(ask, at);
    const order: ReferenceOrder = {
      id: answer.id,
      ask,
      quantity,
      acceptedAt: at,
      matchAt: at + MATCHING_MS,
      hold,
      held: 0n,
      executed: 0n,
      quote: 0n,
      fee: 0n,
      ended: undefined,
      cancelAt: undefined,
      trades: [],
    };
    this.orders.set(order.id, order);
    if (ask.clientId !== undefined) this.#byClientId.set(ask.clientId, order);
    this.#account.setHold(order, hold);
    if (this.#account.endsAtOnce(ask, at)) this.#end(order, this.#account.unfilled);
  }

  #match(id: string, trades: readonly SeenTrade[]): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    if (order.ended !== undefined) {
      if (trades.length > 0) this.#tell('fill', `nothing trades for ${id}, which has ended`, piecesText(trades));
      return;
    }
    const at = order.matchAt as EpochMs;
    const { ask } = order;
    const amount = this.#account.tradable(order);
    let pieces: readonly Piece[] =
      order.quantity === undefined ? this.#book.forCost(amount, at) : this.#book.forQuantity(ask.side, amount, ask.limit, at);
    const whole = pieces.reduce((sum, piece) => sum + piece.quantity, 0n) >= leftOf(order);
    if (ask.timeInForce === 'fok' && !whole) pieces = [];
    this.#expectPieces(order, pieces, trades);
    for (const trade of trades) this.#take(order, trade, false);
    if (leftOf(order) === 0n) this.#end(order, 'filled');
    else if (isImmediate(order)) this.#end(order, this.#account.unfilled);
  }

  #look(id: string, trade: SeenTrade): void {
    const order = this.orders.get(id);
    if (order === undefined) {
      this.#tell('fill', 'trades of our orders only', `a trade of ${id}`);
      return;
    }
    const { ask } = order;
    if (order.ended !== undefined || isImmediate(order)) {
      this.#tell('fill', `nothing more trades for ${id}, which has ended (${order.ended ?? 'at its first matching'})`, piecesText([trade]));
      return;
    }
    const reached = this.#book.forQuantity(ask.side, this.#account.tradable(order), ask.limit, trade.at as EpochMs);
    const quantity = reached.reduce((sum, piece) => sum + piece.quantity, 0n);
    this.#expectPieces(order, quantity === 0n ? [] : [{ price: ask.limit ?? 0n, quantity }], [trade]);
    this.#take(order, trade, true);
    if (leftOf(order) === 0n) this.#end(order, 'filled');
  }

  #expectPieces(order: ReferenceOrder, pieces: readonly Piece[], trades: readonly SeenTrade[]): void {
    const [expected, found] = [piecesText(pieces), piecesText(trades)];
    if (expected !== found) this.#tell('fill', `${order.id} trades ${expected}`, found);
  }

  #take(order: ReferenceOrder, trade: SeenTrade, isMaker: boolean): void {
    order.trades.push(trade);
    order.executed += trade.quantity;
    order.quote += worth(trade.price, trade.quantity);
    this.#book.took(order.ask.side, trade.quantity, trade.at);
    this.#found.push(...this.#account.trade(order, trade, isMaker));
    this.#account.setHold(order, this.#account.holdAfter(order, trade.quantity));
    if (leftOf(order) < 0n) this.#tell('fill', `${order.id} executes no more than it asked for`, `${formatFixed(order.executed)}`);
  }

  #cancel(cancel: Extract<Arrival, { kind: 'cancel' }>): void {
    const order = cancel.id === undefined ? this.#byClientId.get(cancel.clientId ?? '') : this.orders.get(cancel.id);
    const name = cancel.id ?? cancel.clientId ?? '';
    if (order === undefined || order.ended !== undefined) {
      if (cancel.answer.ok) this.#tell('cancel', `the cancel of ${name} (${order?.ended ?? 'never there'}) is refused`, 'it was accepted');
      return;
    }
    const at = Math.max(cancel.at + MATCHING_MS, order.matchAt);
    if (!this.#answersWhenThrough && !cancel.answer.ok) this.#tell('cancel', `the cancel of ${name}, which is open, is accepted`, cancel.answer.code);
    const through = (): void => {
      const isTaken = order.ended === undefined;
      if (isTaken) this.#end(order, 'canceled');
      if (this.#answersWhenThrough && cancel.answer.ok !== isTaken)
        this.#tell('cancel', `the cancel of ${name} is ${isTaken ? 'accepted' : 'refused'}`, cancel.answer.ok ? 'accepted' : cancel.answer.code);
    };
    order.cancelAt = at;
    this.#due.push({ at, rank: RANK.cancel, run: through });
  }

  #end(order: ReferenceOrder, word: EndWord): void {
    order.ended = word;
    this.#account.setHold(order, 0n);
  }

  /** An order whose price the book has stood at for longer than two looks, untouched by us, must have traded. */
  #missedFills(now: number): void {
    const since = Math.min(this.#book.standsSince(now), now - 2 * LOOK_MS);
    for (const order of this.open) {
      const { side, limit } = order.ask;
      if (isImmediate(order) || now < Math.max(order.matchAt, this.#book.standsSince(now)) + 2 * LOOK_MS || this.#book.isTouched(side, since))
        continue;
      const reachable = this.#book.forQuantity(side, this.#account.tradable(order), limit, now as EpochMs);
      if (reachable.length > 0) this.#tell('fill', `${order.id} trades, since its price is reached`, 'nothing traded');
    }
  }
}

/** `0.1 at 89,500, ...`, for comparing and for people. */
function piecesText(pieces: readonly Piece[]): string {
  return pieces.length === 0 ? 'nothing' : pieces.map(({ price, quantity }) => `${formatFixed(quantity)} at ${formatFixed(price)}`).join(', ');
}
