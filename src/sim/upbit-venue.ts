import { fixed, floorTo, formatFixed, mulDiv, ONE, toNumber, type Asset, type Btc, type PriceKrw } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { EndStatus } from './book-order.js';
import { MatchingEngine } from './matching-engine.js';
import type { Take } from './take.js';
import { UpbitAccount } from './upbit-account.js';
import { UPBIT_MARKET, upbitAckBody, upbitOrderBody, upbitState, type UpbitOrder, type UpbitOrderState } from './upbit-order.js';
import { checkUpbitOrder, isRefusal, krwOf, upbitFee, type UpbitOrderRequest, type UpbitOrderTerms } from './upbit-rules.js';
import type { VenueHost } from './venue-host.js';
import { accepted, refused, type RequestContext, type Respond, type VenueReply } from './venue-reply.js';
import { LaggedViews } from './visibility.js';

const MILLION = 1_000_000n;
const DUPLICATED = refused(400, 'duplicated_identifier', '이미 사용된 identifier입니다.');
const NOT_FOUND = refused(404, 'order_not_found', '주문을 찾지 못했습니다.');

/** How an order is named in a query: `uuid` wins when both are given, other names are unknown to Upbit. */
export interface UpbitOrderName {
  readonly uuid?: string | undefined;
  readonly identifier?: string | undefined;
}

/** Upbit's KRW-BTC spot market as its REST interface shows it (research/venues.md 1). Bodies are wire objects. */
export class UpbitVenue {
  readonly account: UpbitAccount;
  readonly #host: VenueHost<UpbitOrder>;
  readonly #engine: MatchingEngine<UpbitOrder>;
  readonly #orders = new Map<string, UpbitOrder>();
  readonly #byIdentifier = new Map<string, UpbitOrder | undefined>();
  #lastMid = 0;

  constructor(host: VenueHost<UpbitOrder>) {
    this.#host = host;
    this.account = new UpbitAccount(host);
    this.#engine = new MatchingEngine<UpbitOrder>({
      liquidity: host.liquidity,
      matchingDelay: host.world.matchingDelay,
      quantityStep: () => host.rules().quantityStep,
      unfilledEnd: 'canceled',
      now: () => host.now(),
      schedule: (at, act) => host.schedule(at, act),
      draw: (purpose, distribution, point) => host.draw(purpose, distribution, point),
      fill: (order, take, maker) => this.#fill(order, take, maker),
      partly: (order) => host.partly(order),
      end: (order, status) => this.#end(order, status),
      remaining: remainingOf,
      tradable: remainingOf,
      affordable: (order, amount) => this.#affordable(order, amount),
      bound: (order) => this.#bound(order),
      note: (text) => host.write({ type: 'note', text: `upbit: ${text}` }),
    });
  }

  /** Orders that may still trade. */
  get openOrders(): number {
    return this.#engine.openCount;
  }

  newOrder(request: UpbitOrderRequest, context: RequestContext, respond: Respond): void {
    const identifier = request['identifier'];
    if (identifier !== undefined && this.#isBurnt(identifier)) {
      respond(this.#refuse(context, DUPLICATED));
      return;
    }
    // The id is spent even when the request is refused below.
    if (identifier !== undefined) this.#byIdentifier.set(identifier, undefined);
    const terms = this.#checked(request);
    if (isRefusal(terms)) {
      respond(this.#refuse(context, terms));
      return;
    }
    const order = this.#open(terms, request, context);
    const reply = accepted(this.#host.world.ack === 'id-only' ? upbitAckBody(order) : upbitOrderBody(order, upbitState(order), 'bare'));
    this.#enter(order, context);
    respond(reply);
  }

  /** Judges an order as if it were to be made, and makes none. */
  testOrder(request: UpbitOrderRequest, context: RequestContext, respond: Respond): void {
    const terms = this.#checked(request);
    if (isRefusal(terms)) {
      respond(terms);
      return;
    }
    const order = this.#made(terms, request, context);
    respond(accepted(upbitOrderBody(order, { ...upbitState(order), locked: terms.lock }, 'bare')));
  }

  /**
   * Takes a request to cancel an order, and to make a new one in its place once it is cancelled; when it fills before that there is no
   * new one.
   */
  cancelAndNew(request: UpbitOrderRequest, context: RequestContext, respond: Respond): void {
    const before = this.#find({ uuid: request['prev_order_uuid'], identifier: request['prev_order_identifier'] });
    if (before === undefined || before.ended !== undefined || this.#engine.isHeld(before, 'pending-new')) {
      respond(NOT_FOUND);
      return;
    }
    const identifier = request['new_identifier'];
    if (identifier !== undefined && this.#isBurnt(identifier)) {
      respond(DUPLICATED);
      return;
    }
    if (identifier !== undefined) this.#byIdentifier.set(identifier, undefined);
    const asked = replacement(request, before);
    const misfit = this.#checked(asked, before.locked);
    if (isRefusal(misfit)) {
      respond(this.#refuse(context, misfit));
      return;
    }
    const uuid = this.#host.uuid();
    const { purpose, flow } = before.origin;
    const own = { ...context, origin: { ...context.origin, purpose, flow } };
    respond(accepted({ ...upbitOrderBody(before, upbitState(before), 'bare'), ...newNames(uuid, identifier) }));
    this.#engine.cancel(before, context.actions, context.origin.point, () => {
      if (before.ended !== 'canceled') return;
      const terms = this.#checked(replacement(request, before));
      if (isRefusal(terms)) this.#refuse(own, terms);
      else this.#enter(this.#open(terms, asked, own, uuid), own);
    });
  }

  getOrder(name: UpbitOrderName, context: RequestContext, respond: Respond): void {
    const order = this.#find(name);
    const denied = context.actions.some((action) => action.kind === 'notFound');
    const state = order === undefined || denied ? undefined : order.seen.read('order', context.asOf);
    respond(order === undefined || state === undefined ? NOT_FOUND : accepted(upbitOrderBody(order, state, 'single')));
  }

  /** Accepts a request to cancel and shows the order as it was; fills may still happen before it is through. */
  cancelOrder(name: UpbitOrderName, context: RequestContext, respond: Respond): void {
    const order = this.#find(name);
    if (order === undefined || order.ended !== undefined || this.#engine.isHeld(order, 'pending-new')) {
      respond(NOT_FOUND);
      return;
    }
    if (this.#host.liquidity.halted(this.#host.now())) {
      respond(refused(400, 'market_offline', '거래가 중지된 마켓입니다.'));
      return;
    }
    const before = accepted(upbitOrderBody(order, upbitState(order), 'bare'));
    const race = context.actions.find((action) => action.kind === 'cancelRace');
    this.#engine.cancel(order, context.actions, context.origin.point, () => undefined);
    respond(race?.report === 'not-open' ? NOT_FOUND : before);
  }

  /** Every order that a reader of this sort sees, oldest first. */
  seen(kind: 'order' | 'openOrders', asOf: EpochMs): readonly (readonly [order: UpbitOrder, state: UpbitOrderState])[] {
    const found: [UpbitOrder, UpbitOrderState][] = [];
    for (const order of this.#orders.values()) {
      const state = order.seen.read(kind, asOf);
      if (state !== undefined) found.push([order, state]);
    }
    return found;
  }

  /** The order of a name, whatever readers see of it. */
  named(name: UpbitOrderName): UpbitOrder | undefined {
    return this.#find(name);
  }

  #fill(order: UpbitOrder, take: Take, maker: boolean): void {
    const host = this.#host;
    const now = host.now();
    const rules = host.rules();
    const quote = krwOf(take.price, take.quantity);
    const fee = upbitFee(quote, maker ? rules.makerFeePpm : rules.takerFeePpm);
    const trade = { uuid: host.uuid(), price: take.price, volume: take.quantity, funds: quote, fee, maker, at: now };
    const book = host.liquidity.book(now);
    const mid = host.liquidity.mid(now) ?? (this.#lastMid === 0 ? toNumber(take.price) : this.#lastMid);
    this.#lastMid = mid;
    order.executed = fixed<Btc>(order.executed + take.quantity);
    order.quote += quote;
    order.fee += fee;
    order.updatedAt = now;
    order.trades.push(trade);
    const { leg, purpose, flow } = order.origin;
    host.write({
      type: 'fill',
      venue: 'upbit',
      orderId: order.id,
      tradeId: trade.uuid,
      leg,
      purpose,
      flow,
      side: order.side,
      price: take.price,
      quantity: take.quantity,
      quote: fixed(quote),
      fee: fixed(fee),
      feeAsset: 'KRW',
      maker: maker ? true : undefined,
      mid,
      bestBid: toNumber(book?.bids[0]?.price ?? take.price),
      bestAsk: toNumber(book?.asks[0]?.price ?? take.price),
    });
    this.account.trade(order, take.quantity, quote, fee, trade.uuid);
    this.#touch(order);
    host.printed(take.price, take.quantity, maker === (order.side === 'sell') ? 'buy' : 'sell');
    host.traded(order, take.quantity);
  }

  #end(order: UpbitOrder, status: EndStatus): void {
    const host = this.#host;
    order.ended = status === 'filled' || status === 'prevented' ? status : 'canceled';
    order.updatedAt = host.now();
    this.account.hold(order, 0n);
    const { leg, flow } = order.origin;
    host.write({ type: 'order.ended', venue: 'upbit', orderId: order.id, status: order.ended, executed: order.executed, leg, flow });
    this.#touch(order);
    host.ended(order);
  }

  /** Rules, book and funds. @param spared - what another order still holds and will have let go of by then. */
  #checked(request: UpbitOrderRequest, spared = 0n): UpbitOrderTerms | VenueReply {
    const bestBid = this.#host.liquidity.against('sell', this.#host.now())[0]?.price as PriceKrw | undefined;
    const terms = checkUpbitOrder(request, this.#host.rules(), bestBid);
    if (isRefusal(terms)) return terms;
    if (this.#exceedsLevels(terms)) return refused(400, `create_${terms.side}_error`, '주문 가능한 호가 수량을 초과했습니다.');
    const asset: Asset = terms.side === 'bid' ? 'KRW' : 'BTC';
    if (this.account.free(asset) + spared >= terms.lock) return terms;
    return refused(400, `insufficient_funds_${terms.side}`, `주문가능한 금액(${asset})이 부족합니다.`);
  }

  /** An accepted order goes to matching, or ends where it may only make and would take. */
  #enter(order: UpbitOrder, context: RequestContext): void {
    if (order.timeInForce === 'post-only' && this.#wouldTake(order)) this.#engine.endNow(order, 'canceled');
    else this.#engine.accept(order, context.actions, this.#engine.delayOf(order.origin), () => undefined);
  }

  #made(terms: UpbitOrderTerms, request: UpbitOrderRequest, context: RequestContext, uuid = this.#host.uuid()): UpbitOrder {
    const host = this.#host;
    const now = host.now();
    return {
      id: uuid,
      clientOrderId: request['identifier'],
      side: terms.side === 'bid' ? 'buy' : 'sell',
      timeInForce: terms.timeInForce === undefined ? 'gtc' : terms.timeInForce === 'post_only' ? 'post-only' : terms.timeInForce,
      limit: terms.limit,
      quantity: terms.volume,
      cost: terms.cost,
      reduceOnly: false,
      origin: context.origin,
      createdAt: now,
      executed: fixed<Btc>(0n),
      quote: 0n,
      fee: 0n,
      ended: undefined,
      updatedAt: now,
      wireSide: terms.side,
      ordType: terms.ordType,
      wireTimeInForce: terms.timeInForce,
      wirePrice: terms.limit === undefined ? (terms.cost === undefined ? null : formatFixed(terms.cost)) : formatFixed(terms.limit),
      reservedFee: terms.reservedFee,
      trades: [],
      seen: new LaggedViews<UpbitOrderState>(host.world, ['order', 'openOrders']),
      locked: 0n,
    };
  }

  #open(terms: UpbitOrderTerms, request: UpbitOrderRequest, context: RequestContext, uuid?: string): UpbitOrder {
    const host = this.#host;
    const now = host.now();
    const order = this.#made(terms, request, context, uuid);
    this.#orders.set(order.id, order);
    if (order.clientOrderId !== undefined) this.#byIdentifier.set(order.clientOrderId, order);
    const { request: number, leg, purpose, flow, isCopy } = context.origin;
    const mid = host.liquidity.mid(now) ?? this.#lastMid;
    this.#lastMid = mid;
    host.write({
      type: 'order.accepted',
      venue: 'upbit',
      orderId: order.id,
      clientOrderId: order.clientOrderId,
      request: number,
      leg,
      purpose,
      flow,
      side: order.side,
      orderType: order.ordType,
      timeInForce: order.wireTimeInForce,
      quantity: order.quantity,
      cost: order.cost,
      price: order.limit,
      reduceOnly: false,
      mid,
      copy: isCopy,
    });
    this.account.hold(order, terms.lock);
    this.#touch(order);
    host.opened(order);
    return order;
  }

  #refuse(context: RequestContext, reply: VenueReply): VenueReply {
    if (reply.ok) return reply;
    const { request, leg, purpose, flow } = context.origin;
    this.#host.write({ type: 'order.refused', venue: 'upbit', request, leg, purpose, flow, code: reply.code ?? '', message: reply.message });
    return reply;
  }

  /** A market order larger than what the shown levels hold is refused. */
  #exceedsLevels(terms: UpbitOrderTerms): boolean {
    const { marketOrderLevels } = this.#host.rules();
    if (terms.limit !== undefined || marketOrderLevels === undefined) return false;
    const levels = this.#host.liquidity.against(terms.side === 'bid' ? 'buy' : 'sell', this.#host.now()).slice(0, marketOrderLevels);
    if (levels.length === 0) return false;
    if (terms.volume !== undefined) return terms.volume > levels.reduce((sum, level) => sum + level.quantity, 0n);
    return (terms.cost ?? 0n) > levels.reduce((sum, level) => sum + krwOf(level.price, level.quantity), 0n);
  }

  #isBurnt(identifier: string): boolean {
    if (!this.#byIdentifier.has(identifier)) return false;
    if (this.#host.world.idReuse === 'never') return true;
    return this.#byIdentifier.get(identifier)?.ended === undefined;
  }

  #find(name: UpbitOrderName): UpbitOrder | undefined {
    if (name.uuid !== undefined) return this.#orders.get(name.uuid);
    return name.identifier === undefined ? undefined : this.#byIdentifier.get(name.identifier);
  }

  #wouldTake(order: UpbitOrder): boolean {
    const best = this.#host.liquidity.against(order.side, this.#host.now())[0];
    if (best === undefined || order.limit === undefined) return false;
    return order.side === 'buy' ? best.price <= order.limit : best.price >= order.limit;
  }

  /** What an ended order could still trade out of what is free: BTC for an ask, KRW and its fee for a bid. */
  #affordable(order: UpbitOrder, amount: bigint): bigint {
    const free = this.account.free(order.side === 'buy' ? 'KRW' : 'BTC');
    if (order.side === 'sell') return amount < free ? amount : free;
    const { takerFeePpm, quantityStep } = this.#host.rules();
    const price = this.#host.liquidity.against('buy', this.#host.now()).at(-1)?.price ?? order.limit ?? fixed<PriceKrw>(0n);
    const worst = order.limit !== undefined && order.limit > price ? order.limit : price;
    const spendable = mulDiv(free, MILLION, MILLION + takerFeePpm, 'down');
    if (order.quantity === undefined) return amount < spendable ? amount : spendable;
    const most = worst === 0n ? 0n : floorTo(mulDiv(spendable, ONE, worst, 'down'), quantityStep);
    return amount < most ? amount : most;
  }

  #bound(order: UpbitOrder): bigint | undefined {
    if (order.ordType !== 'best') return order.limit;
    return this.#host.liquidity.against(order.side, this.#host.now())[0]?.price;
  }

  /** Makes the order's and the account's present state visible after the venue's lag. */
  #touch(order: UpbitOrder): void {
    const host = this.#host;
    const point = `${order.origin.point}|v${order.trades.length}${order.ended ?? ''}`;
    order.seen.push(upbitState(order), host.now(), 'visibility', (purpose, lag) => host.draw(purpose, lag, point));
    this.account.touch(point);
  }
}

/** The order that a request to cancel and make anew asks for; `remain_only` is what is left of the one before. */
function replacement(request: UpbitOrderRequest, before: UpbitOrder): UpbitOrderRequest {
  const volume = request['new_volume'];
  return {
    market: UPBIT_MARKET,
    side: before.wireSide,
    ord_type: request['new_ord_type'],
    price: request['new_price'],
    volume: volume === 'remain_only' ? formatFixed(remainingOf(before)) : volume,
    time_in_force: request['new_time_in_force'],
    identifier: request['new_identifier'],
  };
}

const newNames = (uuid: string, identifier: string | undefined): object => ({
  new_order_uuid: uuid,
  ...(identifier === undefined ? {} : { new_order_identifier: identifier }),
});

function remainingOf(order: UpbitOrder): bigint {
  return order.quantity === undefined ? (order.cost ?? 0n) - order.quote : order.quantity - order.executed;
}
