import type { EpochMs } from '../core/units.js';
import { amountIn, queryOf } from './ccxt-local.js';
import type { ClientCall, Endpoint } from './client-call.js';
import { UPBIT_MARKET, upbitOrderBody, type UpbitOrder, type UpbitOrderState } from './upbit-order.js';
import type { UpbitOrderRequest } from './upbit-rules.js';
import type { UpbitOrderName, UpbitVenue } from './upbit-venue.js';
import { accepted, refused, type RequestContext, type Respond, type VenueReply } from './venue-reply.js';

const QUERIES: Endpoint = { cost: 0.67, scope: 'queries', weight: 1 };
const WEEK_MS = 7 * 86_400_000;
const OPEN_LIMIT_MAX = 100;
const CLOSED_LIMIT_MAX = 1_000;
const NAMED_MAX = 100;
const NAMED_CANCELS_MAX = 20;
const BATCH_DEFAULT = 20;
const BATCH_MAX = 300;

/** Parameters of a request; a list bears its name with or without `[]`. */
export interface UpbitQuery {
  get(name: string): string | undefined;
  all(name: string): readonly string[];
  readonly record: Readonly<Record<string, string>>;
}

const invalid = (message: string): VenueReply => refused(400, 'validation_error', message);
type Seen = readonly [order: UpbitOrder, state: UpbitOrderState];

/** Requests about many orders at once, about orders that are over, and orders that are only tried or put in another's place. */
export class UpbitOrderCalls {
  readonly #venue: UpbitVenue;
  readonly #now: () => EpochMs;

  constructor(venue: UpbitVenue, now: () => EpochMs) {
    this.#venue = venue;
    this.#now = now;
  }

  /** `GET /v1/orders/open` */
  open(query: UpbitQuery): ClientCall {
    return this.#list('fetchOpenOrders', undefined, query, (context) => {
      const states = statesIn(query, ['wait', 'watch'], ['wait']);
      const page = numberIn(query.get('page'), 1, Number.MAX_SAFE_INTEGER);
      const limit = numberIn(query.get('limit'), OPEN_LIMIT_MAX, OPEN_LIMIT_MAX);
      const order = orderIn(query);
      if (states === undefined || page === undefined || limit === undefined || order === undefined) return invalid('잘못된 API 요청입니다.');
      const seen = this.#seen('openOrders', context, query).filter(([, { state }]) => states.includes(state));
      return listed(inOrder(seen, order).slice((page - 1) * limit, page * limit));
    });
  }

  /** `GET /v1/orders/closed` */
  closed(query: UpbitQuery): ClientCall {
    return this.#list('fetchOrders', 'GET /v1/orders/closed', query, (context) => {
      const states = statesIn(query, ['done', 'cancel'], ['done', 'cancel']);
      const limit = numberIn(query.get('limit'), 100, CLOSED_LIMIT_MAX);
      const order = orderIn(query);
      const span = spanIn(query, this.#now());
      if (states === undefined || limit === undefined || order === undefined || span === undefined) return invalid('잘못된 API 요청입니다.');
      const seen = this.#seen('order', context, query).filter(
        ([{ createdAt }, { state }]) => states.includes(state) && createdAt >= span.from && createdAt <= span.to,
      );
      return listed(inOrder(seen, order).slice(0, limit));
    });
  }

  /** `GET /v1/orders/uuids` */
  named(query: UpbitQuery): ClientCall {
    return this.#list('fetchOrders', 'GET /v1/orders/uuids', query, (context) => {
      const names = namesIn(query, NAMED_MAX);
      const order = orderIn(query);
      if (names === undefined || order === undefined) return invalid('잘못된 API 요청입니다.');
      const wanted = new Set(names.map(({ uuid, identifier }) => uuid ?? identifier));
      const byUuid = names[0]?.uuid !== undefined;
      const seen = this.#seen('order', context, query).filter(([{ id, clientOrderId }]) => wanted.has(byUuid ? id : clientOrderId));
      return listed(inOrder(seen, order));
    });
  }

  /** `POST /v1/orders/test` */
  test(request: UpbitOrderRequest): ClientCall {
    return {
      method: 'testOrder',
      request: 'POST /v1/orders/test',
      endpoint: { cost: 2.5, scope: 'apart', weight: 1 },
      facts: { side: request['side'] === 'bid' ? 'buy' : 'sell', quantity: amountIn(request['volume']), price: amountIn(request['price']) },
      perform: (context, respond) => this.#venue.testOrder(request, context, respond),
    };
  }

  /** `POST /v1/orders/cancel_and_new`; it counts as an order. */
  cancelAndNew(request: UpbitOrderRequest): ClientCall {
    return {
      method: 'editOrder',
      request: 'POST /v1/orders/cancel_and_new',
      endpoint: { cost: 2.5, scope: 'orders', weight: 1 },
      facts: {
        orderId: request['prev_order_uuid'],
        clientOrderId: request['new_identifier'],
        quantity: amountIn(request['new_volume']),
        price: amountIn(request['new_price']),
      },
      perform: (context, respond) => this.#venue.cancelAndNew(request, context, respond),
    };
  }

  /** `DELETE /v1/orders/uuids` */
  cancelNamed(query: UpbitQuery): ClientCall {
    return this.#cancels('cancelOrders', 'DELETE /v1/orders/uuids', QUERIES, query, (context, respond) => {
      const names = namesIn(query, NAMED_CANCELS_MAX);
      if (names === undefined) respond(invalid('잘못된 API 요청입니다.'));
      else this.#cancelEach(names, context, respond);
    });
  }

  /** `DELETE /v1/orders/open` */
  cancelOpen(query: UpbitQuery): ClientCall {
    const endpoint: Endpoint = { cost: 1, scope: 'apart', weight: 1 };
    return this.#cancels('cancelAllOrders', 'DELETE /v1/orders/open', endpoint, query, (context, respond) => {
      const side = query.get('cancel_side') ?? 'all';
      const count = numberIn(query.get('count'), BATCH_DEFAULT, BATCH_MAX);
      const order = orderIn(query);
      const bothGiven = query.get('pairs') !== undefined && query.get('quote_currencies') !== undefined;
      if (!['all', 'ask', 'bid'].includes(side) || count === undefined || order === undefined || bothGiven) {
        respond(invalid('잘못된 API 요청입니다.'));
        return;
      }
      const waiting = this.#venue
        .seen('openOrders', this.#now())
        .filter(([{ wireSide }, { state }]) => state === 'wait' && (side === 'all' || side === wireSide));
      const chosen = isMeant(query) ? inOrder(waiting, order).slice(0, count) : [];
      this.#cancelEach(
        chosen.map(([{ id }]) => ({ uuid: id })),
        context,
        respond,
      );
    });
  }

  #cancelEach(names: readonly UpbitOrderName[], context: RequestContext, respond: Respond): void {
    const success: Record<string, unknown>[] = [];
    const failed: Record<string, unknown>[] = [];
    for (const [index, name] of names.entries()) {
      const origin = { ...context.origin, point: `${context.origin.point}/${index}` };
      // Upbit answers a cancel at once: it only takes the request.
      this.#venue.cancelOrder(name, { ...context, origin }, (reply) => {
        const known = this.#venue.named(name);
        const row = known === undefined ? { ...name } : { uuid: known.id, market: UPBIT_MARKET, ...identified(known) };
        (reply.ok ? success : failed).push(row);
      });
    }
    respond(accepted({ success: { count: success.length, orders: success }, failed: { count: failed.length, orders: failed } }));
  }

  #seen(kind: 'order' | 'openOrders', { asOf }: RequestContext, query: UpbitQuery): readonly Seen[] {
    const market = query.get('market');
    return market === undefined || market === UPBIT_MARKET ? this.#venue.seen(kind, asOf) : [];
  }

  #list(
    method: 'fetchOpenOrders' | 'fetchOrders',
    request: ClientCall['request'],
    query: UpbitQuery,
    answer: (context: RequestContext) => VenueReply,
  ): ClientCall {
    return {
      method,
      ...(request === undefined ? {} : { request }),
      endpoint: QUERIES,
      facts: {},
      query: queryOf(query.record),
      perform: (context, respond) => respond(answer(context)),
    };
  }

  #cancels(
    method: 'cancelOrders' | 'cancelAllOrders',
    request: ClientCall['request'],
    endpoint: Endpoint,
    query: UpbitQuery,
    perform: ClientCall['perform'],
  ): ClientCall {
    return { method, request, endpoint, facts: {}, query: queryOf(query.record), perform };
  }
}

const identified = ({ clientOrderId }: UpbitOrder): object => (clientOrderId === undefined ? {} : { identifier: clientOrderId });

const listed = (seen: readonly Seen[]): VenueReply => accepted(seen.map(([order, state]) => upbitOrderBody(order, state, 'list')));

/** `seen` is oldest first; newest first is Upbit's own choice. */
const inOrder = (seen: readonly Seen[], order: 'asc' | 'desc'): readonly Seen[] => (order === 'asc' ? seen : [...seen].reverse());

function orderIn(query: UpbitQuery): 'asc' | 'desc' | undefined {
  const order = query.get('order_by') ?? 'desc';
  return order === 'asc' || order === 'desc' ? order : undefined;
}

/** `state` or `states[]`, never both. */
function statesIn(query: UpbitQuery, allowed: readonly string[], usual: readonly string[]): readonly string[] | undefined {
  const [state, states] = [query.get('state'), query.all('states')];
  if (state !== undefined && states.length > 0) return undefined;
  const asked = state === undefined ? states : [state];
  if (asked.length === 0) return usual;
  return asked.every((each) => allowed.includes(each)) ? asked : undefined;
}

/** `uuids[]` or `identifiers[]`, one of them and not both. */
function namesIn(query: UpbitQuery, most: number): readonly UpbitOrderName[] | undefined {
  const [uuids, identifiers] = [query.all('uuids'), query.all('identifiers')];
  if ((uuids.length === 0) === (identifiers.length === 0) || uuids.length > most || identifiers.length > most) return undefined;
  return uuids.length > 0 ? uuids.map((uuid) => ({ uuid })) : identifiers.map((identifier) => ({ identifier }));
}

function numberIn(text: string | undefined, usual: number, most: number): number | undefined {
  if (text === undefined) return usual;
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most ? Number(text) : undefined;
}

/** A week at most: from the start on, up to the end, or up to now. */
function spanIn(query: UpbitQuery, now: number): { readonly from: number; readonly to: number } | undefined {
  const [start, end] = [instantIn(query.get('start_time')), instantIn(query.get('end_time'))];
  if (start === 'bad' || end === 'bad') return undefined;
  const to = end ?? (start === undefined ? now : start + WEEK_MS);
  const from = start ?? to - WEEK_MS;
  return from <= to && to - from <= WEEK_MS ? { from, to } : undefined;
}

/** Milliseconds, or ISO 8601 with its zone. */
function instantIn(text: string | undefined): number | 'bad' | undefined {
  if (text === undefined) return undefined;
  if (/^\d{13}$/.test(text)) return Number(text);
  const at = /(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? 'bad' : at;
}

/** Whether a batch cancel means the one market that there is. */
function isMeant(query: UpbitQuery): boolean {
  const names = (name: string): readonly string[] | undefined => query.get(name)?.split(',');
  const named = names('pairs')?.includes(UPBIT_MARKET) ?? names('quote_currencies')?.includes('KRW') ?? true;
  return named && names('excluded_pairs')?.includes(UPBIT_MARKET) !== true;
}
