import type { Clock } from '../clock/clock.js';
import { fixedFromNumber, type Fixed } from '../core/money.js';
import { type MonotonicMs, type Side, type VenueId } from '../core/units.js';
import type { ClientOrderBook } from '../exchange/exchange-client.js';
import type { ExecutorPolicy } from './policy.js';
import type { Priority } from './quota.js';
import type { Answer, CallOptions, VenueGateway } from './venue-gateway.js';
import { SYMBOLS } from '../exchange/client-params.js';

/** Best prices of a venue at a moment, in quote per BTC. */
export interface Quote {
  readonly bid: Fixed<string>;
  readonly ask: Fixed<string>;
  readonly mid: number;
  /** When we read it. */
  readonly readAt: MonotonicMs;
  /** The book's own time, where the venue gives one. */
  readonly bookTime: number | undefined;
}

/** Reads books and remembers the last one: a repair must be able to price an order while market data is down. */
export class PriceDesk {
  readonly #gateways: Readonly<Record<VenueId, VenueGateway>>;
  readonly #clock: Clock;
  readonly #policy: ExecutorPolicy;
  readonly #last = new Map<VenueId, Quote>();

  constructor(gateways: Readonly<Record<VenueId, VenueGateway>>, clock: Clock, policy: ExecutorPolicy) {
    this.#gateways = gateways;
    this.#clock = clock;
    this.#policy = policy;
  }

  last(venue: VenueId): Quote | undefined {
    return this.#last.get(venue);
  }

  /** A fresh quote, tried again after failures that a second try can cure, and after a book that is no price. */
  async read(venue: VenueId, options: { readonly patienceMs?: number } = {}): Promise<Answer<Quote | undefined>> {
    const objection = (book: ClientOrderBook): string | undefined =>
      readQuote(book, this.#clock.monotonic()) === undefined ? 'the book has no prices, or crossed ones' : undefined;
    return this.#readBook(venue, { ...options, objection });
  }

  async #readBook(venue: VenueId, options: CallOptions<ClientOrderBook>): Promise<Answer<Quote | undefined>> {
    const answer = await this.#gateways[venue].read('fetchOrderBook', (client) => client.fetchOrderBook(SYMBOLS[venue], 5), options);
    return this.#remember(venue, answer);
  }

  /**
   * A quote for an exit, which must not wait for a book that cannot be read: else the last trade, else the last quote
   * known. Its orders are collared whatever the price is.
   */
  async forExit(venue: VenueId): Promise<Quote | undefined> {
    const book = await this.#readBook(venue, { patienceMs: this.#policy.banPatienceMs });
    if (book.kind === 'answer' && book.value !== undefined) return book.value;
    const ticker = await this.#gateways[venue].call('fetchTicker', (client) => client.fetchTicker(SYMBOLS[venue]), { patienceMs: 0 });
    const last = ticker.kind === 'answer' ? ticker.value.last : undefined;
    if (last === undefined || !(last > 0)) return this.#last.get(venue);
    const price = fixedFromNumber<Fixed<string>>(last);
    return { bid: price, ask: price, mid: last, readAt: this.#clock.monotonic(), bookTime: undefined };
  }

  /** A quote for a repair: one try, else the last one known; undefined when there is none. */
  async forRepair(venue: VenueId, priority: Priority): Promise<Quote | undefined> {
    const known = this.#last.get(venue);
    if (known !== undefined && this.#clock.monotonic() - known.readAt <= this.#policy.pollMs) return known;
    const answer = await this.#gateways[venue].call('fetchOrderBook', (client) => client.fetchOrderBook(SYMBOLS[venue], 5), {
      priority,
      // A ban is not waited out for a price: the other venue may do the repair meanwhile.
      patienceMs: 0,
    });
    const fresh = this.#remember(venue, answer);
    return fresh.kind === 'answer' ? (fresh.value ?? known) : known;
  }

  #remember(venue: VenueId, answer: Answer<ClientOrderBook>): Answer<Quote | undefined> {
    if (answer.kind !== 'answer') return answer;
    const quote = readQuote(answer.value, this.#clock.monotonic());
    if (quote !== undefined) this.#last.set(venue, quote);
    return { kind: 'answer', value: quote };
  }
}

/** Best prices of a book; undefined when a side is empty or the book is crossed: such a book is no price. */
function readQuote(book: ClientOrderBook, readAt: MonotonicMs): Quote | undefined {
  const bid = book.bids[0]?.[0];
  const ask = book.asks[0]?.[0];
  if (bid === undefined || ask === undefined || !(bid > 0) || !(ask >= bid)) return undefined;
  return { bid: fixedFromNumber(bid), ask: fixedFromNumber(ask), mid: (bid + ask) / 2, readAt, bookTime: book.timestamp };
}

/** The best price a side can trade at. */
export const touchOf = (quote: Quote, side: Side): Fixed<string> => (side === 'buy' ? quote.ask : quote.bid);
