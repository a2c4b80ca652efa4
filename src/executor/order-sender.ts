import { fixed, mulDiv, notional, ONE, toNumber, type Btc, type Fixed, type PriceKrw } from '../core/money.js';
import { venueOfLeg, type Leg, type MonotonicMs, type Side } from '../core/units.js';
import type { Clock } from '../clock/clock.js';
import type { Judgement } from '../exchange/certainty.js';
import { limitIocParams, marketParams, SYMBOLS } from '../exchange/client-params.js';
import type { ClientOrder, ExchangeClient } from '../exchange/exchange-client.js';
import { collarPrice } from '../hedge/collar.js';
import type { IntentPurpose, OrderIntent } from '../journal/journal-event.js';
import { JournalUnavailable, type JournalWriter } from './journal-writer.js';
import type { OrderFacts } from './order-facts.js';
import type { ExecutorPolicy } from './policy.js';
import type { Attempt, PositionBook } from './position-book.js';
import type { IdSource } from './ports.js';
import { touchOf, type Quote } from './price-desk.js';
import type { Answer, VenueGateway } from './venue-gateway.js';
import { rulesAt, tickOf } from './venue-rules.js';

export interface OrderRequest {
  readonly flow: string;
  readonly intentId: string;
  readonly attempt: number;
  readonly leg: Leg;
  readonly side: Side;
  readonly purpose: IntentPurpose;
  readonly quantity: Btc;
  readonly reduceOnly: boolean;
  /** It takes on exposure: kept back by a kill switch, and it leaves the quota's reserve alone. */
  readonly adds: boolean;
  readonly collarBp: number;
  /** Without a price it goes out as a market order, which only a repair in need does. */
  readonly quote: Quote | undefined;
  /** Until when a reducing order may wait for a journal that fails; one that adds does not wait. */
  readonly giveUpAt: MonotonicMs;
  /** Longest wait for quota or for the end of a ban. */
  readonly patienceMs: number;
  /** Why it must not be sent after all; asked again at the last moment. */
  readonly objection: () => string | undefined;
}

export type Sent =
  | { readonly kind: 'kept-back'; readonly reason: string; readonly waitMs: number }
  | { readonly kind: 'sent'; readonly attempt: Attempt; readonly judgement: Judgement };

/** Sends orders: limiter first, then the durable intent, then the last look at the kill switch, then the one and only send. */
export class OrderSender {
  readonly #gateways: Readonly<Record<'upbit' | 'binance', VenueGateway>>;
  readonly #facts: OrderFacts;
  readonly #writer: JournalWriter;
  readonly #book: PositionBook;
  readonly #ids: IdSource;
  readonly #clock: Clock;
  readonly #policy: ExecutorPolicy;

  constructor(
    gateways: Readonly<Record<'upbit' | 'binance', VenueGateway>>,
    facts: OrderFacts,
    writer: JournalWriter,
    book: PositionBook,
    ids: IdSource,
    clock: Clock,
    policy: ExecutorPolicy,
  ) {
    this.#gateways = gateways;
    this.#facts = facts;
    this.#writer = writer;
    this.#book = book;
    this.#ids = ids;
    this.#clock = clock;
    this.#policy = policy;
  }

  async send(request: OrderRequest): Promise<Sent> {
    const intent = this.#intentOf(request);
    const gateway = this.#gateways[intent.venue];
    let reason: string | undefined;
    const answer = await gateway.call<ClientOrder>('createOrder', (client) => this.#create(client, intent), {
      priority: request.adds ? 'normal' : 'reduce',
      patienceMs: request.patienceMs,
      stillWanted: async () => {
        // Time may have passed in the limiter and in the journal: the switch is looked at before both.
        reason = request.objection() ?? (await this.#writeIntent(request, intent)) ?? request.objection();
        return reason === undefined;
      },
      onLate: (late) => this.#noteLate(intent, late),
    });
    const attempt = this.#book.attempt(intent.clientOrderId);
    if (answer.kind === 'not-sent' || attempt === undefined) {
      if (attempt !== undefined) await this.#facts.settleUnsent(attempt);
      const waitMs = answer.kind === 'not-sent' ? answer.waitMs : 0;
      return { kind: 'kept-back', reason: reason ?? `${intent.venue} may not be called for another ${waitMs} ms`, waitMs };
    }
    const judgement = await this.#facts.absorb(attempt, 'createOrder', answer);
    return { kind: 'sent', attempt, judgement };
  }

  #intentOf(request: OrderRequest): OrderIntent {
    const { intentId, attempt, leg, side, purpose, quantity, reduceOnly, quote } = request;
    const market = this.#policy.orderStyle === 'market' || quote === undefined;
    return {
      intentId,
      clientOrderId: this.#ids.next('hd'),
      attempt,
      leg,
      venue: venueOfLeg(leg),
      side,
      purpose,
      orderType: market ? 'market' : 'limit-ioc',
      quantity,
      limitPrice: quote === undefined ? undefined : this.#limitOf(request, quote, market),
      reduceOnly,
    };
  }

  /** The collar of a limit-IOC; for a market buy on Upbit, which is sized by cost, the price its KRW are worked out at. */
  #limitOf({ leg, side, collarBp }: OrderRequest, quote: Quote, market: boolean): Fixed<string> | undefined {
    const touch = touchOf(quote, side);
    if (!market) return collarPrice(side, touch, collarBp, tickOf(rulesAt(this.#clock.now(), this.#policy).profiles[venueOfLeg(leg)]));
    if (leg !== 'spot' || side !== 'buy') return undefined;
    return fixed(touch + mulDiv(touch, BigInt(Math.round(this.#policy.marketBuySlackBp * 100)), 1_000_000n, 'up'));
  }

  /** @returns why it could not be written. */
  async #writeIntent(request: OrderRequest, intent: OrderIntent): Promise<string | undefined> {
    try {
      await this.#writer.commit({ flow: request.flow, type: 'intent', ...intent }, request.adds ? undefined : request.giveUpAt);
    } catch (error) {
      if (error instanceof JournalUnavailable) return error.message;
      throw error;
    }
    const attempt = this.#book.attempt(intent.clientOrderId);
    if (attempt !== undefined) this.#facts.memo(attempt).sentAt = this.#clock.monotonic();
    return undefined;
  }

  #create(client: ExchangeClient, intent: OrderIntent): Promise<ClientOrder> {
    const { venue, side, quantity, limitPrice, clientOrderId, reduceOnly } = intent;
    const symbol = SYMBOLS[venue];
    const params = { clientOrderId, reduceOnly, recvWindowMs: this.#policy.recvWindowMs };
    if (intent.orderType === 'limit-ioc' && limitPrice !== undefined)
      return client.createOrder(symbol, 'limit', side, toNumber(quantity), toNumber(limitPrice), limitIocParams(venue, params));
    if (venue === 'upbit' && side === 'buy' && limitPrice !== undefined) {
      const cost = notional<'KRW'>(limitPrice as PriceKrw, quantity);
      return client.createMarketBuyOrderWithCost(symbol, toNumber(fixed(cost - (cost % ONE))), marketParams(venue, params));
    }
    return client.createOrder(symbol, 'market', side, toNumber(quantity), undefined, marketParams(venue, params));
  }

  #noteLate(intent: OrderIntent, late: Answer<ClientOrder>): void {
    const attempt = this.#book.attempt(intent.clientOrderId);
    if (attempt !== undefined) this.#facts.memo(attempt).late = late;
  }
}
