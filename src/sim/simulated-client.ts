import type { Clock } from '../clock/clock.js';
import { BadSymbol, NotSupported } from '../exchange/ccxt-errors.js';
import type { ClientOrder, ClientOrderBook, ClientPosition, ClientTicker, ClientTrade, ExchangeClient } from '../exchange/exchange-client.js';
import type { VenueWorld } from '../faults/world.js';
import type { Params } from './ccxt-local.js';
import { CcxtThrottler } from './ccxt-throttler.js';
import type { ClientCall, ClientProcess } from './client-call.js';
import type { RequestPipeline } from './request-pipeline.js';
import type { UuidSource } from './uuid-source.js';
import type { VenueReply } from './venue-reply.js';
import type { VenueRules } from './venue-rules.js';

/** What a client of either venue is made of. */
export interface ClientParts {
  readonly clock: Clock;
  readonly pipeline: RequestPipeline;
  readonly process: ClientProcess;
  /** Waits like ccxt's own limiter before each call. */
  readonly enableRateLimit: boolean;
  readonly world: VenueWorld;
  /** The rules as this client knows them: of the markets it loaded. */
  readonly rules: () => VenueRules;
  /** The client has asked for the markets: what it knows of them is new from now on. */
  readonly onMarketsLoaded?: (() => void) | undefined;
  readonly uuids: UuidSource;
}

/**
 * A client with the interface, results and errors of the real ccxt one. It belongs to one life of the process:
 * once killed, none of its promises settles any more, while what it has sent still arrives.
 */
export abstract class SimulatedClient implements ExchangeClient {
  abstract readonly id: string;
  protected readonly parts: ClientParts;
  /** Where ccxt keeps the headers of the last answer: `Retry-After` stands nowhere else, since its errors drop it. */
  last_response_headers: Readonly<Record<string, string>> | undefined;
  readonly #throttler: CcxtThrottler;
  #marketsLoading: Promise<unknown> | undefined;
  #marketsLoaded = false;
  #isLoading = false;

  constructor(parts: ClientParts) {
    this.parts = parts;
    this.#throttler = new CcxtThrottler(parts.clock);
  }

  /** The process dies: every promise of this client stays pending for ever. */
  kill(): void {
    this.parts.process.alive = false;
  }

  /**
   * Memoised like the real one: a failed first load stays the answer until it is asked for again with `reload`, and a
   * load that is under way is the answer even then.
   */
  loadMarkets(reload = false, _params: Params = {}): Promise<unknown> {
    if ((reload && !this.#isLoading) || this.#marketsLoading === undefined) {
      this.parts.onMarketsLoaded?.();
      this.#isLoading = true;
      this.#marketsLoading = this.fetchMarketTable().then(
        (markets) => {
          this.#isLoading = false;
          this.#marketsLoaded = true;
          return markets;
        },
        (error: unknown) => {
          this.#isLoading = false;
          throw error;
        },
      );
    }
    return this.#marketsLoading;
  }

  abstract fetchTime(params?: Params): Promise<number | undefined>;
  abstract fetchOrderBook(symbol: string, limit?: number, params?: Params): Promise<ClientOrderBook>;
  abstract fetchTicker(symbol: string, params?: Params): Promise<ClientTicker>;
  abstract fetchBalance(params?: Params): Promise<object>;
  abstract createOrder(symbol: string, type: string, side: string, amount: number, price?: number, params?: Params): Promise<ClientOrder>;
  abstract createMarketBuyOrderWithCost(symbol: string, cost: number, params?: Params): Promise<ClientOrder>;
  abstract fetchOrder(id: string | undefined, symbol?: string, params?: Params): Promise<ClientOrder>;
  abstract cancelOrder(id: string | undefined, symbol?: string, params?: Params): Promise<ClientOrder>;
  abstract fetchOpenOrders(symbol?: string, since?: number, limit?: number, params?: Params): Promise<ClientOrder[]>;
  abstract fetchMyTrades(symbol?: string, since?: number, limit?: number, params?: Params): Promise<ClientTrade[]>;
  abstract setLeverage(leverage: number, symbol?: string, params?: Params): Promise<unknown>;
  abstract setMarginMode(marginMode: string, symbol?: string, params?: Params): Promise<unknown>;
  abstract setPositionMode(hedged: boolean, symbol?: string, params?: Params): Promise<unknown>;
  abstract fetchPositionMode(symbol?: string, params?: Params): Promise<unknown>;
  abstract fetchLeverage(symbol: string, params?: Params): Promise<unknown>;
  abstract fetchPositions(symbols?: string[], params?: Params): Promise<ClientPosition[]>;
  abstract fetchFundingRate(symbol: string, params?: Params): Promise<unknown>;

  /** The request behind `loadMarkets`, and its result by symbol. */
  protected abstract fetchMarketTable(): Promise<unknown>;
  /** Every name under which ccxt finds this market. */
  protected abstract readonly names: readonly string[];

  protected async ready(): Promise<void> {
    if (!this.#marketsLoaded) await this.loadMarkets();
  }

  /** @throws BadSymbol for any other market. */
  protected checkSymbol(symbol: string): void {
    if (!this.names.includes(symbol)) throw new BadSymbol(`${this.id} does not have market symbol ${symbol}`);
  }

  protected async request(call: ClientCall): Promise<unknown> {
    if (this.parts.enableRateLimit) await this.#throttler.throttle(call.endpoint.cost);
    const answered: ClientCall['answered'] = (reply) => {
      this.last_response_headers = headersOf(reply);
    };
    return this.parts.pipeline.send({ answered, ...call }, this.parts.process);
  }

  protected async notSupported(method: string): Promise<never> {
    throw new NotSupported(`${this.id} ${method}() is not supported yet`);
  }
}

/** Of all headers only the one that a client may act on; in whole seconds. */
function headersOf(reply: VenueReply): Readonly<Record<string, string>> {
  return reply.ok || reply.retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(reply.retryAfterMs / 1_000)) };
}
