import { InsufficientFunds } from '../../../src/exchange/ccxt-errors.js';
import type { Clock } from '../../../src/clock/clock.js';
import type { ClientOrder, ExchangeClient } from '../../../src/exchange/exchange-client.js';
import type { ExecutorPorts } from '../../../src/executor/ports.js';
import { durationMs } from '../../../src/core/units.js';
import type { VenueId } from '../../../src/core/units.js';

export interface Call {
  readonly venue: VenueId;
  readonly method: string;
  readonly at: number;
  readonly args: readonly unknown[];
}

/** What becomes of the n-th call of a method: `before` fails without acting, `after` acts and loses the answer. */
export type Fault = { readonly venue: VenueId; readonly method: string; readonly nth: number } & (
  { readonly before: Error } | { readonly after: Error }
);

const satoshi = (btc: number): number => Math.floor(btc * 1e8 + 1e-6) / 1e8;

/**
 * Two venues that fill every market order at one price: just the calls and end states that the specimens meet (venues
 * 1.2: an Upbit market buy ends `canceled`; 2.2: Binance answers with the final state).
 */
export class FakeVenues {
  readonly calls: Call[] = [];
  upbitPrice = 159_500_000;
  binancePrice = 115_000;
  krw = 50_000_000;
  btc = 0;
  /** Negative for a short. */
  position = 0;
  latencyMs = 20;
  readonly #clock: Clock;
  readonly #faults: readonly Fault[];
  readonly #orders = new Map<string, ClientOrder>();
  readonly #counts = new Map<string, number>();

  constructor(clock: Clock, faults: readonly Fault[] = []) {
    this.#clock = clock;
    this.#faults = faults;
  }

  get naked(): number {
    return satoshi(Math.abs(this.btc + this.position)) * Math.sign(this.btc + this.position);
  }

  methods(venue: VenueId): string[] {
    return this.calls.filter((call) => call.venue === venue).map(({ method }) => method);
  }

  ports(): ExecutorPorts {
    let id = 0;
    return {
      upbit: this.#client('upbit'),
      binance: this.#client('binance'),
      clock: this.#clock,
      journal: { append: async () => {}, read: async () => [] },
      notifier: { notify: async ({ code }) => void this.calls.push({ venue: 'upbit', method: `notify:${code}`, at: this.#clock.now(), args: [] }) },
      ids: { next: (prefix) => `${prefix}${(id += 1)}` },
      lease: { held: () => true },
    };
  }

  #client(venue: VenueId): ExchangeClient {
    const call =
      (method: string, act: (...args: never[]) => unknown) =>
      async (...args: unknown[]): Promise<unknown> => {
        this.calls.push({ venue, method, at: this.#clock.now(), args });
        const key = `${venue} ${method}`;
        const nth = (this.#counts.get(key) ?? 0) + 1;
        this.#counts.set(key, nth);
        await this.#clock.sleep(durationMs(this.latencyMs));
        const fault = this.#faults.find((each) => each.venue === venue && each.method === method && each.nth === nth);
        if (fault !== undefined && 'before' in fault) throw fault.before;
        const answer = act(...(args as never[]));
        if (fault !== undefined) throw fault.after;
        return answer;
      };
    const orders = {
      createMarketBuyOrderWithCost: call('createOrder', (_symbol: string, cost: number) => this.#buySpot(cost)),
      fetchOrder: call('fetchOrder', (id: string) => this.#orders.get(id)),
      fetchBalance: call('fetchBalance', () => ({ KRW: { free: this.krw }, BTC: { free: this.btc } })),
      fapiPrivatePostLeverage: call('setLeverage', () => ({ leverage: 1 })),
      createOrder: call('createOrder', (_symbol: string, type: string, side: string, amount: number) => {
        if (type !== 'market') throw new TypeError('the specimens send market orders only');
        return venue === 'upbit' ? this.#sellSpot(amount) : this.#tradePerp(side, amount);
      }),
    };
    return { id: venue, ...orders } as unknown as ExchangeClient;
  }

  #buySpot(cost: number): ClientOrder {
    const filled = satoshi(cost / this.upbitPrice);
    if (cost * 1.0005 > this.krw) throw new InsufficientFunds('insufficient_funds_bid');
    this.krw -= filled * this.upbitPrice * 1.0005;
    this.btc = satoshi(this.btc + filled);
    return this.#keep({ status: 'canceled', filled, cost: filled * this.upbitPrice }, { status: 'open', filled: 0, cost });
  }

  #sellSpot(amount: number): ClientOrder {
    if (satoshi(amount) > this.btc) throw new InsufficientFunds('insufficient_funds_ask');
    this.btc = satoshi(this.btc - satoshi(amount));
    this.krw += amount * this.upbitPrice * 0.9995;
    return this.#keep({ status: 'closed', filled: satoshi(amount) }, { status: 'open', filled: 0 });
  }

  #tradePerp(side: string, amount: number): ClientOrder {
    // ccxt cuts the amount to the step of 0.001 (ccxt 1.3).
    const filled = Math.floor(amount * 1e3 + 1e-9) / 1e3;
    this.position = Math.round((this.position + (side === 'buy' ? filled : -filled)) * 1e8) / 1e8;
    const order = { status: 'closed', filled, cost: filled * this.binancePrice };
    return this.#keep(order, order);
  }

  #keep(final: Omit<ClientOrder, 'id'>, answer: Omit<ClientOrder, 'id'>): ClientOrder {
    const id = `o${this.#orders.size + 1}`;
    this.#orders.set(id, { id, ...final });
    return { id, ...answer };
  }
}
