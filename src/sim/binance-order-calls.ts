import { requestWeight } from '../exchange/request-weights.js';
import { BINANCE_SYMBOL } from './binance-order.js';
import type { Signed } from './binance-calls.js';
import type { BinanceOrderName } from './binance-orders.js';
import { illegalCharacters, isReply, listPart, missingParameter, sliced, type ListPart, type ListRule, type WireQuery } from './binance-query.js';
import type { BinanceOrderRequest } from './binance-rules.js';
import { NO_NAME, NO_SUCH_ORDER, type BinanceVenue } from './binance-venue.js';
import { amountIn, queryOf } from './ccxt-local.js';
import type { CallFacts, ClientCall, Endpoint } from './client-call.js';
import { accepted, refused, type RequestContext, type Respond, type VenueReply } from './venue-reply.js';

const WEEK_MS = 7 * 86_400_000;
const ORDERS: ListRule = { limitDefault: 500, limitMax: 1_000, integers: ['orderId'] };
const TRADES: ListRule = { limitDefault: 500, limitMax: 1_000, integers: ['orderId', 'fromId'] };
/** Ids of one request to cancel several. */
const CANCELS_MAX = 10;
const queries = (weight: number): Endpoint => ({ cost: 1, scope: 'queries', weight });
const TOO_WIDE = refused(400, '-4165', 'Maximum time interval is 7 days.');
const BAD_COMBINATION = refused(400, '-1128', 'Combination of optional parameters invalid.');

/** Requests about many orders at once, about what has become of them, and orders that are only tried. */
export class BinanceOrderCalls {
  readonly #venue: BinanceVenue;
  readonly #now: () => number;

  constructor(venue: BinanceVenue, now: () => number) {
    this.#venue = venue;
    this.#now = now;
  }

  /** `GET /fapi/v1/openOrders`; without a symbol it weighs forty times as much. */
  open(signed: Signed, named = true): ClientCall {
    const weight = named ? requestWeight('binance', 'fetchOpenOrders') : 40;
    const query = named ? `symbol=${BINANCE_SYMBOL}` : undefined;
    return this.#read('fetchOpenOrders', undefined, weight, query, {}, signed, ({ asOf }) => accepted(this.#venue.orders.openBodies(asOf)));
  }

  /** `GET /fapi/v1/openOrder` */
  openOne(name: BinanceOrderName, signed: Signed): ClientCall {
    const facts = { orderId: name.orderId, clientOrderId: name.origClientOrderId };
    const query = queryOf({ symbol: BINANCE_SYMBOL, ...name });
    return this.#read('fetchOpenOrders', 'GET /fapi/v1/openOrder', 1, query, facts, signed, ({ asOf }) => {
      if (name.orderId === undefined && name.origClientOrderId === undefined) return NO_NAME;
      const order = this.#venue.orders.find(name);
      const body = order === undefined ? undefined : this.#venue.orders.openBody(order, asOf);
      return body === undefined ? NO_SUCH_ORDER : accepted(body);
    });
  }

  /** `GET /fapi/v1/allOrders` */
  all(query: WireQuery, signed: Signed): ClientCall {
    return this.#read('fetchOrders', 'GET /fapi/v1/allOrders', 5, queryOf(query), {}, signed, ({ asOf }) => {
      const part = listPart(query, ORDERS);
      if (isReply(part)) return part;
      const from = part.numbers['orderId'];
      const rows = this.#venue.orders.all(asOf);
      if (from !== undefined)
        return accepted(
          rows
            .filter(({ orderId }) => orderId >= from)
            .slice(0, part.limit)
            .map(({ body }) => body),
        );
      const week = this.#weekOf(part);
      return week === undefined ? TOO_WIDE : accepted(sliced(rows, ({ at }) => at, week).map(({ body }) => body));
    });
  }

  /** `GET /fapi/v1/userTrades` */
  trades(query: WireQuery, signed: Signed): ClientCall {
    const facts = { orderId: query['orderId'] };
    return this.#read('fetchMyTrades', undefined, requestWeight('binance', 'fetchMyTrades'), queryOf(query), facts, signed, ({ asOf }) => {
      const part = listPart(query, TRADES);
      if (isReply(part)) return part;
      const { fromId, orderId } = part.numbers;
      if (fromId !== undefined && (part.startTime !== undefined || part.endTime !== undefined)) return BAD_COMBINATION;
      const rows = this.#venue.orders.trades(asOf).filter((row) => orderId === undefined || row.orderId === orderId);
      if (fromId !== undefined)
        return accepted(
          rows
            .filter(({ id }) => id >= fromId)
            .slice(0, part.limit)
            .map(({ body }) => body),
        );
      // The trades of one order are told whenever they were.
      const week = orderId === undefined ? this.#weekOf(part) : part;
      return week === undefined ? TOO_WIDE : accepted(sliced(rows, ({ at }) => at, week).map(({ body }) => body));
    });
  }

  /** `POST /fapi/v1/order/test` */
  test(request: BinanceOrderRequest, signed: Signed): ClientCall {
    const facts: CallFacts = {
      side: request['side'] === 'BUY' ? 'buy' : 'sell',
      quantity: amountIn(request['quantity']),
      price: amountIn(request['price']),
    };
    return {
      method: 'testOrder',
      request: 'POST /fapi/v1/order/test',
      endpoint: queries(1),
      facts,
      ...signed,
      perform: (context, respond) => this.#venue.testOrder(request, context, respond),
    };
  }

  /** `DELETE /fapi/v1/allOpenOrders` */
  cancelAll(signed: Signed): ClientCall {
    const done = accepted({ code: 200, msg: 'The operation of cancel all open order is done.' });
    return this.#cancels('cancelAllOrders', 'DELETE /fapi/v1/allOpenOrders', queryOf({ symbol: BINANCE_SYMBOL }), signed, (context, respond) => {
      const names = this.#venue.orders.open.map(({ id }) => ({ orderId: id }));
      this.#cancelEach(names, context, () => respond(done));
    });
  }

  /** `DELETE /fapi/v1/batchOrders` */
  cancelMany(query: WireQuery, signed: Signed): ClientCall {
    return this.#cancels('cancelOrders', 'DELETE /fapi/v1/batchOrders', queryOf(query), signed, (context, respond) => {
      const names = namesIn(query);
      if (isReply(names)) respond(names);
      else this.#cancelEach(names, context, (replies) => respond(accepted(replies.map(rowOf))));
    });
  }

  /** `POST /fapi/v1/countdownCancelAll` */
  countdown(query: WireQuery, signed: Signed): ClientCall {
    const text = query['countdownTime'];
    return {
      method: 'cancelAllOrders',
      request: 'POST /fapi/v1/countdownCancelAll',
      endpoint: queries(10),
      facts: {},
      ...signed,
      perform: (context, respond) => {
        if (text === undefined) respond(missingParameter('countdownTime'));
        else if (!/^\d{1,20}$/.test(text)) respond(illegalCharacters('countdownTime', '^[0-9]{1,20}$'));
        else {
          this.#venue.countdown(Number(text), context);
          respond(accepted({ symbol: BINANCE_SYMBOL, countdownTime: text }));
        }
      },
    };
  }

  /** Binance answers a cancel once it is through, so a list of them once all are. */
  #cancelEach(names: readonly BinanceOrderName[], context: RequestContext, done: (replies: readonly VenueReply[]) => void): void {
    const replies: VenueReply[] = [];
    let left = names.length;
    if (left === 0) done(replies);
    for (const [index, name] of names.entries()) {
      const origin = { ...context.origin, point: `${context.origin.point}/${index}` };
      this.#venue.cancelOrder(name, { ...context, origin }, (reply) => {
        replies[index] = reply;
        left -= 1;
        if (left === 0) done(replies);
      });
    }
  }

  /** The seven days that a list is of when it does not say; undefined when it asks for more than them. */
  #weekOf(part: ListPart): ListPart | undefined {
    const { startTime, endTime } = part;
    if (startTime !== undefined && endTime !== undefined) return endTime - startTime <= WEEK_MS ? part : undefined;
    if (startTime !== undefined) return { ...part, endTime: startTime + WEEK_MS };
    const end = endTime ?? this.#now();
    // What is latest is shown, although the week has a beginning.
    return { ...part, startTime: undefined, endTime: end, earliest: end - WEEK_MS };
  }

  #read(
    method: ClientCall['method'],
    request: ClientCall['request'],
    weight: number,
    query: string | undefined,
    facts: CallFacts,
    signed: Signed,
    answer: (context: RequestContext) => VenueReply,
  ): ClientCall {
    return {
      method,
      ...(request === undefined ? {} : { request }),
      endpoint: { ...queries(weight), cost: method === 'fetchMyTrades' ? 5 : 1 },
      facts,
      query,
      ...signed,
      perform: (context, respond) => respond(answer(context)),
    };
  }

  #cancels(
    method: 'cancelOrders' | 'cancelAllOrders',
    request: ClientCall['request'],
    query: string | undefined,
    signed: Signed,
    perform: (context: RequestContext, respond: Respond) => void,
  ): ClientCall {
    return { method, request, endpoint: queries(1), facts: {}, query, ...signed, perform };
  }
}

/** One cancel of several as its row of the answer shows it. */
const rowOf = (reply: VenueReply): unknown => (reply.ok ? reply.body : { code: Number(reply.code), msg: reply.message });

/** `orderIdList` or `origClientOrderIdList`, as lists of JSON; ccxt writes the names small and quotes nothing. */
function namesIn(query: WireQuery): readonly BinanceOrderName[] | VenueReply {
  const [ids, clientIds] = [query['orderIdList'] ?? query['orderidlist'], query['origClientOrderIdList'] ?? query['origclientorderidlist']];
  if (ids === undefined && clientIds === undefined)
    return refused(400, '-1102', "Param 'orderIdList' or 'origClientOrderIdList' must be sent, but both were empty/null!");
  const name = ids === undefined ? 'origClientOrderIdList' : 'orderIdList';
  const list = listIn(ids ?? clientIds ?? '');
  if (list === undefined || list.includes('') || list.length > CANCELS_MAX)
    return refused(400, '-1130', `Data sent for parameter '${name}' is not valid.`);
  return list.map((id) => (ids === undefined ? { origClientOrderId: id } : { orderId: id }));
}

function listIn(text: string): readonly string[] | undefined {
  const [, inner] = /^\[(.*)\]$/.exec(text) ?? [];
  return inner?.split(',').map((item) => item.trim().replace(/^"(.*)"$/, '$1'));
}
