import type { InstantAction } from '../faults/fault-action.js';
import { fixed, floorTo, min, mulDiv, toNumber, type Btc, type Fixed, type PriceUsdt } from '../core/money.js';
import { addMs } from '../core/units.js';
import { BinanceAccount } from './binance-account.js';
import { usdtOf } from './binance-margin.js';
import { binanceAckBody, binanceOrderBody, binanceState, type BinanceOrder, type BinanceOrderState } from './binance-order.js';
import { BinanceOrders, type BinanceOrderName } from './binance-orders.js';
import {
  checkBinanceOrder,
  checkBinanceRisk,
  isBinanceRefusal,
  priceBand,
  type BinanceAdmission,
  type BinanceOrderRequest,
  type BinanceOrderTerms,
} from './binance-rules.js';
import type { SettingsView } from './binance-settings.js';
import type { EndStatus } from './book-order.js';
import { MatchingEngine } from './matching-engine.js';
import type { Take } from './take.js';
import type { VenueHost } from './venue-host.js';
import { accepted, refused, type RequestContext, type Respond, type VenueReply } from './venue-reply.js';
import { futuresOf } from './venue-rules.js';
import { LaggedViews } from './visibility.js';

const MILLION = 1_000_000n;
export const NO_NAME = refused(400, '-1102', "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
export const NO_SUCH_ORDER = refused(400, '-2013', 'Order does not exist.');
const TOO_LATE = refused(400, '-5028', 'Timestamp for this request is outside of the ME recvWindow.');
const UNKNOWN_ORDER = refused(400, '-2011', 'Unknown order sent.');

/** Binance's BTCUSDT perpetual: orders and their life (research/venues.md 2). Bodies are wire objects. */
export class BinanceVenue {
  readonly account: BinanceAccount;
  readonly orders: BinanceOrders;
  readonly #host: VenueHost<BinanceOrder>;
  readonly #engine: MatchingEngine<BinanceOrder>;
  #countdowns = 0;
  #nextOrderId = 700_000_000_001;
  #nextTradeId = 5_000_001;
  #lastMark: PriceUsdt | undefined;

  constructor(host: VenueHost<BinanceOrder>) {
    this.#host = host;
    this.account = new BinanceAccount(host);
    this.orders = new BinanceOrders(host.world, () => host.now());
    this.#engine = new MatchingEngine<BinanceOrder>({
      liquidity: host.liquidity,
      matchingDelay: host.world.matchingDelay,
      quantityStep: () => host.rules().quantityStep,
      unfilledEnd: 'expired',
      now: () => host.now(),
      schedule: (at, act) => host.schedule(at, act),
      draw: (purpose, distribution, point) => host.draw(purpose, distribution, point),
      fill: (order, take, maker) => this.#fill(order, take, maker),
      partly: (order) => host.partly(order),
      end: (order, status) => this.#end(order, status),
      remaining: remainingOf,
      tradable: (order) => this.#tradable(order),
      // A derivatives wallet may owe, and margin is checked when orders are accepted; but reduce-only never opens a position.
      affordable: (order, amount) => (order.reduceOnly ? min(amount, this.#closable(order)) : amount),
      bound: (order) => this.#bound(order),
      note: (text) => host.write({ type: 'note', text: `binance: order ${text}` }),
    });
  }

  get openOrders(): number {
    return this.#engine.openCount;
  }

  /** The mark price; the last one known while the data has a gap. */
  mark(): PriceUsdt | undefined {
    const mark = this.#host.liquidity.midPrice(this.#host.now()) as PriceUsdt | undefined;
    if (mark !== undefined) this.#lastMark = mark;
    return this.#lastMark;
  }

  /** Zero while nothing is known yet. */
  markOrZero(): Fixed<string> {
    return this.mark() ?? fixed<Fixed<string>>(0n);
  }

  /** What a change of settings depends on. */
  settings(): SettingsView {
    return { account: this.account, openOrders: this.openOrders, mark: this.mark() };
  }

  /** Market, IOC and FOK orders are answered with their final state, others as soon as they are accepted. */
  newOrder(request: BinanceOrderRequest, context: RequestContext, respond: Respond): void {
    const judged = this.#judged(request);
    if (isBinanceRefusal(judged)) {
      respond(this.#refuse(context, judged));
      return;
    }
    const { terms, admission } = judged;
    const delay = this.#engine.delayOf(context.origin);
    if (this.#isTooLate(context, delay)) {
      this.#host.schedule(addMs(this.#host.now(), delay), () => respond(this.#refuse(context, TOO_LATE)));
      return;
    }
    const order = this.#open(terms, admission, context);
    const idOnly = this.#host.world.ack === 'id-only';
    const answer = (): void => respond(accepted(idOnly ? binanceAckBody(order) : binanceOrderBody(order, binanceState(order), 'result')));
    const immediate = !idOnly && (order.limit === undefined || order.timeInForce === 'ioc' || order.timeInForce === 'fok');
    if (!immediate) answer();
    this.#engine.accept(order, context.actions, delay, immediate ? answer : () => undefined);
  }

  /** Judges an order as if it were to be made, and makes none. */
  testOrder(request: BinanceOrderRequest, context: RequestContext, respond: Respond): void {
    const judged = this.#judged(request);
    if (isBinanceRefusal(judged)) {
      respond(judged);
      return;
    }
    const order = this.#made(judged.terms, judged.admission, context, 0);
    respond(accepted(binanceOrderBody(order, binanceState(order), 'result')));
  }

  getOrder(name: BinanceOrderName, context: RequestContext, respond: Respond): void {
    if (name.orderId === undefined && name.origClientOrderId === undefined) {
      respond(NO_NAME);
      return;
    }
    const order = this.orders.find(name);
    const denied = context.actions.some((action) => action.kind === 'notFound');
    const state = order === undefined || denied ? undefined : this.orders.visible(order, 'order', context.asOf);
    respond(order === undefined || state === undefined ? NO_SUCH_ORDER : accepted(binanceOrderBody(order, state, 'query')));
  }

  /** Answers once the order is off the book, with its final state. */
  cancelOrder(name: BinanceOrderName, context: RequestContext, respond: Respond): void {
    if (name.orderId === undefined && name.origClientOrderId === undefined) {
      respond(NO_NAME);
      return;
    }
    const order = this.orders.find(name);
    if (order === undefined || order.ended !== undefined || this.#engine.isHeld(order, 'pending-new')) {
      respond(UNKNOWN_ORDER);
      return;
    }
    const race = context.actions.find((action) => action.kind === 'cancelRace');
    const held = context.actions.some((action) => action.kind === 'stuck') || this.#engine.isHeld(order, 'pending-cancel');
    if (held) {
      order.cancelPending = true;
      this.#touch(order);
      respond(accepted(binanceOrderBody(order, binanceState(order), 'result')));
    }
    this.#engine.cancel(order, context.actions, context.origin.point, () => {
      if (held) return;
      const gone = race?.report === 'not-open' || order.ended !== 'canceled';
      respond(gone ? UNKNOWN_ORDER : accepted(binanceOrderBody(order, binanceState(order), 'result')));
    });
  }

  /** Cancels every open order after so long, unless it is told again before; 0 takes that back. */
  countdown(delayMs: number, context: RequestContext): void {
    this.#countdowns += 1;
    const mine = this.#countdowns;
    if (delayMs === 0) return;
    this.#host.schedule(addMs(this.#host.now(), delayMs), () => {
      if (mine !== this.#countdowns) return;
      for (const order of this.orders.open) this.#engine.cancel(order, [], `${context.origin.point}/${order.id}`, () => undefined);
    });
  }

  /** Someone else moved money in or out: the wallet becomes `amount`. */
  setBalance(amount: bigint): void {
    const { ledger } = this.#host;
    this.account.post(amount - ledger.total('binance', 'USDT'), 'external', 'account');
    this.account.touch('account');
  }

  /** The venue or someone else changes positions and settings without an order of ours. */
  changeAccount(action: Extract<InstantAction, { kind: 'account' }>): void {
    if (action.positionMode !== undefined) this.account.positionMode = action.positionMode;
    if (action.leverage !== undefined) this.account.leverage = action.leverage;
    const mark = this.mark();
    if (mark === undefined) return;
    this.#force('liquidation', action.liquidate, mark);
    this.#force('adl', action.adl, mark);
    this.#force('external', action.closedByHand, mark);
    if (action.fundingRate === undefined) return;
    this.account.forcedFunding.push({ at: this.#host.now(), rate: action.fundingRate, mark });
    this.account.settleFunding(action.fundingRate, mark, toNumber(mark));
  }

  /** Closes a fraction of every open position; by hand at the best price of the book, else at the mark. */
  #force(kind: 'liquidation' | 'adl' | 'external', fraction: number | undefined, mark: PriceUsdt): void {
    if (fraction === undefined) return;
    const host = this.#host;
    for (const position of this.account.open) {
      const share = mulDiv(position.size, BigInt(Math.round(fraction * 1e6)), MILLION, 'half-up');
      const quantity = fraction >= 1 ? position.size : floorTo(share, host.rules().quantityStep);
      const best = host.liquidity.against(position.quantity < 0n ? 'buy' : 'sell', host.now())[0]?.price as PriceUsdt | undefined;
      if (quantity > 0n) this.account.force(kind, position, quantity, kind === 'external' ? (best ?? mark) : mark);
    }
  }

  #fill(order: BinanceOrder, take: Take, maker: boolean): void {
    const host = this.#host;
    const now = host.now();
    const rules = host.rules();
    const quote = usdtOf(take.price, take.quantity);
    const fee = mulDiv(quote, maker ? rules.makerFeePpm : rules.takerFeePpm, MILLION, 'half-up');
    const id = this.#nextTradeId;
    this.#nextTradeId += 1;
    const book = host.liquidity.book(now);
    const mid = toNumber(this.mark() ?? take.price);
    order.executed = fixed<Btc>(order.executed + take.quantity);
    order.quote += quote;
    order.fee += fee;
    order.updatedAt = now;
    const { leg, purpose, flow } = order.origin;
    host.write({
      type: 'fill',
      venue: 'binance',
      orderId: order.id,
      tradeId: String(id),
      leg,
      purpose,
      flow,
      side: order.side,
      price: take.price,
      quantity: take.quantity,
      quote,
      fee: fixed(fee),
      feeAsset: 'USDT',
      maker: maker ? true : undefined,
      mid,
      bestBid: toNumber(book?.bids[0]?.price ?? take.price),
      bestAsk: toNumber(book?.asks[0]?.price ?? take.price),
    });
    const realized = this.account.trade(order, take, fee, String(id));
    order.trades.push({ id, price: take.price, quantity: take.quantity, quote, fee, realized, maker, at: now });
    const left = remainingOf(order);
    const held = order.ended === undefined ? mulDiv(order.reserved, left, left + take.quantity, 'up') : 0n;
    this.account.reserve(order, held);
    this.#touch(order);
    host.printed(take.price, take.quantity, maker === (order.side === 'sell') ? 'buy' : 'sell');
    host.traded(order, take.quantity);
  }

  #end(order: BinanceOrder, status: EndStatus): void {
    const host = this.#host;
    order.ended = status;
    order.updatedAt = host.now();
    this.account.reserve(order, 0n);
    const { leg, flow } = order.origin;
    host.write({ type: 'order.ended', venue: 'binance', orderId: order.id, status, executed: order.executed, leg, flow });
    this.#touch(order);
    host.ended(order);
  }

  /** Form, id, then what depends on account and book. */
  #judged(request: BinanceOrderRequest): { readonly terms: BinanceOrderTerms; readonly admission: BinanceAdmission } | VenueReply {
    const terms = checkBinanceOrder(request, this.#host.rules());
    if (isBinanceRefusal(terms)) return terms;
    if (terms.clientOrderId !== undefined && this.orders.isTaken(terms.clientOrderId)) return refused(400, '-4116', 'ClientOrderId is duplicated.');
    const admission = checkBinanceRisk(terms, {
      account: this.account,
      mark: this.mark(),
      book: this.#host.liquidity.book(this.#host.now()),
      openOrders: this.openOrders,
      rules: this.#host.rules(),
    });
    return isBinanceRefusal(admission) ? admission : { terms, admission };
  }

  #made(terms: BinanceOrderTerms, admission: BinanceAdmission, context: RequestContext, orderId: number): BinanceOrder {
    const host = this.#host;
    const now = host.now();
    const timeInForce = { GTC: 'gtc', IOC: 'ioc', FOK: 'fok', GTX: 'post-only' } as const;
    return {
      id: String(orderId),
      orderId,
      clientOrderId: terms.clientOrderId,
      side: terms.side,
      timeInForce: timeInForce[terms.timeInForce],
      limit: terms.limit,
      quantity: admission.quantity,
      cost: undefined,
      reduceOnly: terms.reduceOnly,
      origin: context.origin,
      createdAt: now,
      executed: fixed<Btc>(0n),
      quote: 0n,
      fee: 0n,
      ended: undefined,
      updatedAt: now,
      wireType: terms.type,
      wireTimeInForce: terms.timeInForce,
      positionSide: terms.positionSide,
      trades: [],
      seen: new LaggedViews<BinanceOrderState>(host.world, ['order', 'openOrders', 'trades']),
      reserved: 0n,
      cancelPending: false,
    };
  }

  #open(terms: BinanceOrderTerms, admission: BinanceAdmission, context: RequestContext): BinanceOrder {
    const host = this.#host;
    const order = this.#made(terms, admission, context, this.#nextOrderId);
    this.#nextOrderId += 1;
    this.orders.add(order);
    const { request, leg, purpose, flow, isCopy } = context.origin;
    host.write({
      type: 'order.accepted',
      venue: 'binance',
      orderId: order.id,
      clientOrderId: order.clientOrderId,
      request,
      leg,
      purpose,
      flow,
      side: order.side,
      orderType: terms.type,
      timeInForce: terms.timeInForce,
      quantity: order.quantity,
      price: order.limit,
      reduceOnly: order.reduceOnly,
      positionSide: order.positionSide === 'BOTH' ? undefined : order.positionSide,
      mid: toNumber(this.mark() ?? fixed<Fixed<string>>(0n)),
      copy: isCopy,
    });
    this.account.reserve(order, admission.reserve);
    this.#touch(order);
    host.opened(order);
    return order;
  }

  #refuse(context: RequestContext, reply: VenueReply): VenueReply {
    if (reply.ok) return reply;
    const { request, leg, purpose, flow } = context.origin;
    this.#host.write({ type: 'order.refused', venue: 'binance', request, leg, purpose, flow, code: reply.code ?? '', message: reply.message });
    return reply;
  }

  /** A reduce-only order never trades more than the position has left. */
  #tradable(order: BinanceOrder): bigint {
    const left = remainingOf(order);
    return order.reduceOnly ? min(left, this.#closable(order)) : left;
  }

  #closable(order: BinanceOrder): bigint {
    return this.account.position(order.positionSide).closable(order.side);
  }

  /** Limit orders are bound by their price, market orders by the take bound around the mark. */
  #bound(order: BinanceOrder): bigint | undefined {
    if (order.limit !== undefined) return order.limit;
    const mark = this.mark();
    return mark === undefined ? undefined : priceBand(order.side, mark, futuresOf(this.#host.rules()).marketTakeBoundPpm);
  }

  /** The matching engine refuses what it gets after its window; a fault that scripts an order's life has let it in. */
  #isTooLate({ actions, signed }: RequestContext, delay: number): boolean {
    if (signed === undefined || actions.some(({ kind }) => kind === 'fill' || kind === 'stuck')) return false;
    return this.#host.now() + delay - signed.timestamp > signed.recvWindowMs;
  }

  #touch(order: BinanceOrder): void {
    const host = this.#host;
    const point = `${order.origin.point}|v${order.trades.length}${order.ended ?? ''}`;
    order.seen.push(binanceState(order), host.now(), 'visibility', (purpose, lag) => host.draw(purpose, lag, point));
    this.account.touch(point);
  }
}

function remainingOf(order: BinanceOrder): bigint {
  return (order.quantity ?? 0n) - order.executed;
}
