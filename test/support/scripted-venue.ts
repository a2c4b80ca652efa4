import type { Clock } from '../../src/clock/clock.js';
import { durationMs, type VenueId } from '../../src/core/units.js';
import type { ClientOrder, ClientPosition, ClientTrade, ExchangeClient } from '../../src/exchange/exchange-client.js';
import { wireError } from '../../src/exchange/wire-error.js';

/** One order as the scripted venue keeps it. */
export interface ScriptedOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly type: string;
  readonly side: 'buy' | 'sell';
  readonly amount: number;
  readonly price: number;
  readonly reduceOnly: boolean;
  filled: number;
  status: string;
}

export interface ScriptedCall {
  readonly at: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What happens to one call; `act` is what the venue does when it gets the request. */
export type Step = (act: () => unknown, clock: Clock) => Promise<unknown>;

const DELAY_MS = 20;

/** The venue gets the request and answers. */
export const passes: Step = async (act, clock) => {
  await clock.sleep(durationMs(DELAY_MS));
  const result = act();
  await clock.sleep(durationMs(DELAY_MS));
  return result;
};

/** The venue never gets the request and nobody answers. */
export const loseRequest: Step = () => new Promise(() => undefined);

/** The venue acts, `afterMs` later, and nobody answers. */
export const loseReply =
  (afterMs = DELAY_MS): Step =>
  async (act, clock) => {
    await clock.sleep(durationMs(afterMs));
    act();
    return new Promise(() => undefined);
  };

/** The venue acts at once and its answer comes late. */
export const delayReply =
  (byMs: number): Step =>
  async (act, clock) => {
    await clock.sleep(durationMs(DELAY_MS));
    const result = act();
    await clock.sleep(durationMs(byMs));
    return result;
  };

/** The venue answers with this error, having acted before it or not. */
export const answersError =
  (error: Error, acts = false): Step =>
  async (act, clock) => {
    await clock.sleep(durationMs(DELAY_MS));
    if (acts) act();
    await clock.sleep(durationMs(DELAY_MS));
    throw error;
  };

export const binanceError = (code: string, http = 400): Error => wireError('binance', 'createOrder', { http, code });
export const upbitError = (code: string, http = 400): Error => wireError('upbit', 'createOrder', { http, code });
export const binanceBan = (): Error => wireError('binance', 'createOrder', { http: 418, code: '-1003' });
export const page503 = (venue: VenueId): Error => wireError(venue, 'createOrder', { http: 503, bodyForm: 'html' });

/** How the next order of a venue executes, instead of filling at once. */
export interface Execution {
  /** Part that fills at once. */
  readonly fraction: number;
  /** `open` rests until it is cancelled. */
  readonly status: 'closed' | 'canceled' | 'expired' | 'open' | 'prevented';
  /** Fills this part more when a cancel comes. */
  readonly onCancel?: number;
}

interface Held {
  KRW: number;
  BTC: number;
  USDT: number;
  position: number;
}

/**
 * One venue with an honest account and a script: every call passes unless a step was set for it. It knows nothing of
 * queues, fees or margins; what it is for is the exact answer to the exact call.
 */
export class ScriptedVenue {
  readonly venue: VenueId;
  readonly calls: ScriptedCall[] = [];
  readonly orders: ScriptedOrder[] = [];
  readonly held: Held;
  mid: number;
  hedgeMode = false;
  leverage = 1;
  strangers: ClientOrder[] = [];
  markPrice: number | undefined;
  /** Venue clock minus ours. */
  clockAheadMs = 0;
  readonly #clock: Clock;
  readonly #script = new Map<string, Step[]>();
  readonly #always = new Map<string, Step>();
  readonly #executions: Execution[] = [];
  readonly #onCancel = new Map<string, number>();
  readonly #tradedAt = new Map<string, number>();

  constructor(venue: VenueId, clock: Clock) {
    this.venue = venue;
    this.#clock = clock;
    this.mid = venue === 'upbit' ? 130_000_000 : 89_500;
    this.held = { KRW: 100_000_000, BTC: 0, USDT: 30_000, position: 0 };
  }

  /** The next calls of `method` meet these steps, one each. */
  next(method: string, ...steps: readonly Step[]): this {
    this.#script.set(method, [...(this.#script.get(method) ?? []), ...steps]);
    return this;
  }

  /** Every call of `method` (`*`: of any) meets this step until it is taken away. */
  always(method: string, step: Step | undefined): this {
    if (step === undefined) this.#always.delete(method);
    else this.#always.set(method, step);
    return this;
  }

  /** The next orders execute like this. */
  executes(...executions: readonly Execution[]): this {
    this.#executions.push(...executions);
    return this;
  }

  /** Every call passes again and every order fills at once. */
  heal(): void {
    this.#script.clear();
    this.#always.clear();
    this.#executions.length = 0;
  }

  callsOf(method: string): readonly ScriptedCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** The first order that the venue was sent. @throws Error when there was none. */
  get firstOrder(): ScriptedOrder {
    return this.#orderAt(0);
  }

  get lastOrder(): ScriptedOrder {
    return this.#orderAt(-1);
  }

  #orderAt(place: number): ScriptedOrder {
    const order = this.orders.at(place);
    if (order === undefined) throw new Error(`nothing was sent to ${this.venue}`);
    return order;
  }

  /** An order as if it had come without an executor. */
  place(order: Omit<ScriptedOrder, 'id' | 'filled' | 'status'>): ClientOrder {
    const { fraction, status, onCancel } = this.#executions.shift() ?? { fraction: 1, status: 'closed' as const, onCancel: undefined };
    const held = order.reduceOnly ? Math.min(order.amount, Math.abs(this.held.position)) : order.amount;
    if (order.reduceOnly && held === 0) throw binanceError('-2022');
    const placed: ScriptedOrder = { ...order, id: `${this.venue}-${this.orders.length + 1}`, filled: 0, status };
    this.orders.push(placed);
    if (onCancel !== undefined) this.#onCancel.set(placed.id, onCancel);
    this.#fill(placed, held * fraction);
    return this.#shown(placed, this.venue === 'upbit');
  }

  /** The venue finds another execution of an order, whatever it said of it before. */
  correct(order: ScriptedOrder, quantity: number): void {
    this.#fill(order, quantity);
  }

  get client(): ExchangeClient {
    const call =
      (method: string, act: (...args: never[]) => unknown) =>
      (...args: readonly unknown[]): Promise<never> => {
        this.calls.push({ at: this.#clock.now(), method, args });
        const step = this.#script.get(method)?.shift() ?? this.#always.get(method) ?? this.#always.get('*') ?? passes;
        return step(() => (act as (...given: readonly unknown[]) => unknown)(...args), this.#clock) as Promise<never>;
      };
    const order = (side: string, type: string, amount: number, price: number | undefined, params: Record<string, unknown>): ClientOrder =>
      this.place({
        side: side as 'buy' | 'sell',
        type,
        amount: type === 'market' && side === 'buy' && this.venue === 'upbit' ? amount / (price ?? this.mid) : amount,
        price: this.mid,
        clientOrderId: String(params['clientOrderId']),
        reduceOnly: params['reduceOnly'] === true,
      });
    return {
      id: this.venue,
      loadMarkets: call('loadMarkets', () => ({})),
      fetchTime: call('fetchTime', () => this.#clock.now() + this.clockAheadMs),
      fetchOrderBook: call('fetchOrderBook', () => this.#book()),
      fetchTicker: call('fetchTicker', () => ({ last: this.mid })),
      fetchBalance: call('fetchBalance', () => this.#balance()),
      createOrder: call(
        'createOrder',
        (_symbol: string, type: string, side: string, amount: number, price: number | undefined, params: Record<string, unknown>) =>
          order(side, type, amount, price, params),
      ),
      createMarketBuyOrderWithCost: call('createOrder', (_symbol: string, cost: number, params: Record<string, unknown>) =>
        order('buy', 'market', cost, this.mid, params),
      ),
      fetchOrder: call('fetchOrder', (id: string | undefined, _symbol: string, params?: Record<string, unknown>) => this.#read(id, params)),
      cancelOrder: call('cancelOrder', (id: string | undefined, _symbol: string, params?: Record<string, unknown>) => this.#cancel(id, params)),
      fetchOpenOrders: call('fetchOpenOrders', () => [
        ...this.strangers,
        ...this.orders.filter(({ status }) => status === 'open').map((open) => this.#shown(open)),
      ]),
      fetchMyTrades: call('fetchMyTrades', (_symbol: string, since = 0) => this.#trades(since)),
      setLeverage: call('setLeverage', (leverage: number) => {
        this.leverage = leverage;
      }),
      setMarginMode: call('setMarginMode', () => ({})),
      setPositionMode: call('setPositionMode', () => ({})),
      fetchPositionMode: call('fetchPositionMode', () => ({ hedged: this.hedgeMode })),
      fetchLeverage: call('fetchLeverage', () => ({ shortLeverage: this.leverage, marginMode: 'cross' })),
      fetchPositions: call('fetchPositions', () => this.#positions()),
      fetchFundingRate: call('fetchFundingRate', () => ({})),
    };
  }

  #trades(since: number): ClientTrade[] {
    return this.orders
      .filter(({ id, filled }) => filled > 0 && (this.#tradedAt.get(id) ?? 0) >= since)
      .map(({ id, side, filled, price }) => ({ id: `t-${id}`, order: id, side, amount: filled, price, cost: round(filled * price) }));
  }

  #book(): { bids: [number, number][]; asks: [number, number][] } {
    const half = this.venue === 'upbit' ? 1_000 : 0.1;
    return { bids: [[this.mid - half, 10]], asks: [[this.mid + half, 10]] };
  }

  #balance(): object {
    const of = (total: number) => ({ free: total, used: 0, total });
    if (this.venue === 'upbit') return { KRW: of(this.held.KRW), BTC: of(round(this.held.BTC)) };
    const positions = this.held.position === 0 ? [] : [{ symbol: 'BTCUSDT', positionAmt: String(round(this.held.position)) }];
    return { USDT: of(this.held.USDT), info: { assets: [], positions } };
  }

  #positions(): ClientPosition[] {
    if (this.held.position === 0) return [];
    const side = this.held.position < 0 ? 'short' : 'long';
    return [
      {
        symbol: 'BTC/USDT:USDT',
        side,
        contracts: round(Math.abs(this.held.position)),
        markPrice: this.markPrice ?? this.mid,
        hedged: this.hedgeMode,
      },
    ];
  }

  #find(id: string | undefined, params: Record<string, unknown> | undefined): ScriptedOrder {
    const own = params?.[this.venue === 'upbit' ? 'identifier' : 'clientOrderId'];
    const found = this.orders.find((order) => (id === undefined ? order.clientOrderId === own : order.id === id));
    if (found === undefined) throw this.venue === 'upbit' ? upbitError('order_not_found', 404) : binanceError('-2013');
    return found;
  }

  #read(id: string | undefined, params?: Record<string, unknown>): ClientOrder {
    return this.#shown(this.#find(id, params));
  }

  #cancel(id: string | undefined, params?: Record<string, unknown>): ClientOrder {
    const order = this.#find(id, params);
    if (order.status !== 'open') throw this.venue === 'upbit' ? upbitError('order_not_found', 404) : binanceError('-2011');
    this.#fill(order, order.amount * (this.#onCancel.get(order.id) ?? 0));
    const before = this.#shown(order);
    order.status = 'canceled';
    return this.venue === 'upbit' ? before : this.#shown(order);
  }

  #fill(order: ScriptedOrder, wanted: number): void {
    this.#tradedAt.set(order.id, this.#clock.now());
    // The perpetual trades in whole lots, Upbit in 1e-8 BTC.
    const quantity = this.venue === 'binance' ? Math.floor(wanted * 1_000 + 1e-6) / 1_000 : wanted;
    order.filled = round(order.filled + quantity);
    const sign = order.side === 'buy' ? 1 : -1;
    if (this.venue === 'upbit') {
      this.held.BTC = round(this.held.BTC + sign * quantity);
      this.held.KRW -= sign * quantity * order.price;
    } else this.held.position = round(this.held.position + sign * quantity);
  }

  #shown(order: ScriptedOrder, justTaken = false): ClientOrder {
    const filled = justTaken ? 0 : order.filled;
    const money = round(filled * order.price);
    return {
      id: order.id,
      clientOrderId: order.clientOrderId,
      status: justTaken ? 'open' : order.status,
      filled,
      cost: money,
      trades: filled === 0 ? [] : [{ amount: filled, cost: money }],
    };
  }
}

const round = (value: number): number => Math.round(value * 1e8) / 1e8;
