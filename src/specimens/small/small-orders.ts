import { Stop } from '../../clock/stop.js';
import { InputError } from '../../core/input-error.js';
import { InvalidOrder, OrderNotFound, RequestTimeout } from '../../exchange/ccxt-errors.js';
import { add, fixed, fixedFromNumber, negate, toNumber, type Btc, type Fixed } from '../../core/money.js';
import { durationMs, epochMs, seconds, venueOfLeg, type VenueId } from '../../core/units.js';
import { judgeError, judgeOrder } from '../../exchange/certainty.js';
import { limitIocParams, marketParams, SYMBOLS } from '../../exchange/client-params.js';
import type { ClientOrder, ExchangeClient } from '../../exchange/exchange-client.js';
import { isMappedStatus, readOrder } from '../../exchange/order-reading.js';
import type { ExecutorPorts } from '../../executor/ports.js';
import type { TaskGroup } from '../../executor/task-group.js';
import type { JournalEvent } from '../../journal/journal-event.js';
import type { Decisions, SmallOrder } from './decisions.js';
import { StreamFills } from './stream-fills.js';

const PATIENCE = seconds(3);
const POLL = seconds(0.5);
const LEG_DEADLINE_MS = 10_000;
const CANCEL_AGAIN_MS = 5_000;
const WATCH = seconds(5);
const WATCH_MS = 600_000;
const RECV_WINDOW_MS = 2_000;
const BACK_OFF_MS = 2_000;

/** How an order ended, as far as this executor can tell. */
export interface OrderEnd {
  readonly kind: 'final' | 'refused' | 'in-doubt';
  readonly executed: Btc;
  /** Refused in a way that will not be otherwise a moment later. */
  readonly forGood: boolean;
}

interface Attempt {
  readonly order: SmallOrder;
  readonly clientOrderId: string;
  readonly sentAt: number;
  orderId?: string | undefined;
  executed: Btc;
  quote: Fixed<string>;
  cancelledAt?: number | undefined;
  /** A create returned it without an id, and it was taken for placed all the same. */
  isNameless?: boolean;
}

type Intent = Extract<JournalEvent, { readonly type: 'intent' }>;

const ZERO = fixed<Btc>(0n);

/** The life of one order: intent, create, look-ups until it is final, late watch; and what both legs hold by our own orders. */
export class SmallOrders {
  readonly held = { spot: ZERO, perp: ZERO };
  /** Calls that failed, whatever was made of it. */
  errors = 0;
  readonly #ports: ExecutorPorts;
  readonly #decisions: Decisions;
  readonly #tasks: TaskGroup;
  readonly #onLateFill: () => void;
  readonly #blockedUntil: Record<VenueId, number> = { upbit: 0, binance: 0 };
  readonly #refused = new Map<string, string>();
  readonly #filled = new Map<string, bigint>();
  readonly #streamFills: StreamFills | undefined;
  #intents = 0;

  constructor(ports: ExecutorPorts, decisions: Decisions, tasks: TaskGroup, onLateFill: () => void) {
    this.#ports = ports;
    this.#decisions = decisions;
    this.#tasks = tasks;
    this.#onLateFill = onLateFill;
    if (decisions.countsFills === 'by the stream')
      this.#streamFills = new StreamFills(ports, ({ leg, side }, quantity) => {
        this.book(leg, side, quantity);
        onLateFill();
      });
  }

  /** Whether this instance may send anything. */
  get mayTrade(): boolean {
    return !this.#decisions.honoursLease || this.#ports.lease.held();
  }

  /** Writes an event down. An instance that honours no lease goes on without a journal that has shut it out. */
  async record(event: JournalEvent): Promise<void> {
    const written = this.#ports.journal.append(event);
    await (this.#decisions.honoursLease ? written : written.catch(() => undefined));
  }

  /** What deadlines are measured by. */
  #now(): number {
    const { clock } = this.#ports;
    return this.#decisions.deadlineClock === 'wall' ? clock.now() : clock.monotonic();
  }

  /** Sends an order and follows it to its end. @throws what the decisions let out of a create. */
  async place(order: SmallOrder): Promise<OrderEnd> {
    const venue = venueOfLeg(order.leg);
    this.#intents += 1;
    const intentId = `${order.flow}/${this.#intents}`;
    let attempt: Attempt | undefined;
    let count = 0;
    const send = async (id: string | undefined): Promise<ClientOrder> => {
      if (!this.mayTrade) throw new InputError('another process holds the lease');
      count += 1;
      attempt = { order, clientOrderId: id ?? '', sentAt: this.#now(), executed: ZERO, quote: fixed(0n) };
      const intent = this.#intentOf(order, intentId, id ?? `${intentId}-${count}`, count);
      if (this.#decisions.intentFirst) await this.record(intent);
      const answer = await this.call(venue, (client) => this.#create(client, order, id));
      if (!this.#decisions.intentFirst) await this.record(intent);
      return answer;
    };
    const key = `${order.leg}/${order.side}`;
    const reused = this.#decisions.freshIdAfterRefusal ? undefined : this.#refused.get(key);
    try {
      const answer = await this.#decisions.create(order, send, () => reused ?? this.#ports.ids.next('s'));
      if (attempt !== undefined && this.#takesIn(attempt, answer) && isFinal(venue, answer)) return await this.#settle(attempt, 'final');
    } catch (error) {
      const proof = this.#decisions.judgeCreate(venue, error);
      if (proof === 'raise') throw error;
      if (proof === 'refused' && attempt !== undefined) {
        this.#refused.set(key, attempt.clientOrderId);
        return { ...(await this.#settle(attempt, 'refused')), forGood: isForGood(venue, error) };
      }
    }
    return attempt === undefined ? { kind: 'refused', executed: ZERO, forGood: true } : this.#follow(attempt);
  }

  /** Follows an order that an earlier life of the process may have sent. */
  async resume(intent: Intent): Promise<OrderEnd> {
    const { flow, leg, side, quantity, purpose, clientOrderId } = intent;
    const age = Math.max(0, this.#ports.clock.now() - intent.t);
    const sentAt = this.#now() - age;
    return this.#follow({ order: { flow, leg, side, quantity, purpose }, clientOrderId, sentAt, executed: ZERO, quote: fixed(0n) });
  }

  /** One call with the executor's own patience, after a ban that was announced is over. */
  async call<T>(venue: VenueId, act: (client: ExchangeClient) => Promise<T>): Promise<T> {
    const { clock } = this.#ports;
    const wait = this.#blockedUntil[venue] - clock.now();
    if (wait > 0 && this.#decisions.honoursBans) await clock.sleep(durationMs(wait));
    const answered = new Stop();
    const timeOut = async (): Promise<never> => {
      await clock.sleep(PATIENCE, answered);
      throw new RequestTimeout(`${venue} gave no answer within ${PATIENCE} ms`);
    };
    try {
      return await Promise.race([act(this.#ports[venue]), timeOut()]);
    } catch (error) {
      this.errors += 1;
      this.#noteBan(venue, error);
      throw error;
    } finally {
      answered.abort();
    }
  }

  book(leg: 'spot' | 'perp', side: 'buy' | 'sell', executed: Btc): void {
    this.held[leg] = add(this.held[leg], side === 'buy' ? executed : negate(executed));
  }

  /** @returns whether what a create returned counts as an order that was placed. */
  #takesIn(attempt: Attempt, answer: ClientOrder): boolean {
    const isNameless = answer.id === undefined && this.#decisions.acceptsWithoutId;
    if (!isNameless && judgeOrder(venueOfLeg(attempt.order.leg), 'createOrder', answer).certainty !== 'accepted') return false;
    this.#learn(attempt, answer);
    attempt.isNameless = isNameless;
    return true;
  }

  #create(client: ExchangeClient, { leg, side, quantity, purpose, limitKrw }: SmallOrder, id: string | undefined): Promise<ClientOrder> {
    const venue = venueOfLeg(leg);
    const reduceOnly = leg === 'perp' && side === 'buy' && (purpose !== 'close' || this.#decisions.closesReduceOnly);
    const named = { clientOrderId: id ?? 'unnamed', reduceOnly, recvWindowMs: RECV_WINDOW_MS };
    const params = limitKrw === undefined ? marketParams(venue, named) : limitIocParams(venue, named);
    if (id === undefined) delete params['clientOrderId'];
    const type = limitKrw === undefined ? 'market' : 'limit';
    return client.createOrder(SYMBOLS[venue], type, side, toNumber(quantity), limitKrw, params);
  }

  /** Reads the order until nothing more can happen to it. */
  async #follow(attempt: Attempt): Promise<OrderEnd> {
    const { lifetimeMs, denials, giveUpMs, givesUpOnUnmapped } = this.#decisions;
    const venue = venueOfLeg(attempt.order.leg);
    const deniedAt: number[] = [];
    let begunAt = this.#now();
    while (this.#now() - begunAt < giveUpMs) {
      await this.#ports.clock.sleep(POLL);
      if ((await this.#cancelWhenOverdue(attempt)) && !this.#decisions.readsAfterCancel) return this.#settle(attempt, 'final');
      const look = await this.#look(attempt);
      if (look === 'final') return this.#settle(attempt, 'final');
      const now = this.#now();
      if (look === 'unmapped' && !givesUpOnUnmapped) begunAt = now;
      if (look !== 'denied' || attempt.orderId !== undefined || now - attempt.sentAt < lifetimeMs[venue]) continue;
      if (now - (deniedAt.at(-1) ?? -Infinity) >= 1_000) deniedAt.push(now);
      if (deniedAt.length < denials) continue;
      if (this.#decisions.watchesTheDead) this.#tasks.spawn('watch', () => this.#watch(attempt));
      return this.#settle(attempt, 'final', 'presumed-zero');
    }
    return { kind: 'in-doubt', executed: ZERO, forGood: false };
  }

  async #look(attempt: Attempt): Promise<'final' | 'open' | 'unmapped' | 'denied' | 'no answer'> {
    const venue = venueOfLeg(attempt.order.leg);
    const { orderId, clientOrderId, isNameless } = attempt;
    try {
      const order = await this.call(venue, (client) =>
        orderId === undefined && isNameless !== true
          ? this.#decisions.lookUp(client, venue, clientOrderId)
          : client.fetchOrder(orderId, SYMBOLS[venue]),
      );
      this.#learn(attempt, order);
      if (isFinal(venue, order)) return 'final';
      return isMappedStatus(order.status) ? 'open' : 'unmapped';
    } catch (error) {
      return error instanceof OrderNotFound ? 'denied' : 'no answer';
    }
  }

  #learn(attempt: Attempt, order: ClientOrder): void {
    const reading = readOrder(venueOfLeg(attempt.order.leg), order);
    attempt.orderId ??= reading.orderId;
    attempt.executed = reading.executed ?? attempt.executed;
    attempt.quote = reading.quoteExecuted ?? attempt.quote;
  }

  /** @returns whether a cancel was sent. */
  async #cancelWhenOverdue(attempt: Attempt): Promise<boolean> {
    const now = this.#now();
    const { orderId, cancelledAt } = attempt;
    if (!this.mayTrade || orderId === undefined || now - attempt.sentAt < LEG_DEADLINE_MS) return false;
    if (cancelledAt !== undefined && now - cancelledAt < CANCEL_AGAIN_MS) return false;
    attempt.cancelledAt = now;
    const venue = venueOfLeg(attempt.order.leg);
    // What a cancel answers is not believed: the order is read afterwards.
    await this.call(venue, (client) => client.cancelOrder(orderId, SYMBOLS[venue])).catch(() => undefined);
    return true;
  }

  async #settle(attempt: Attempt, kind: OrderEnd['kind'], certainty: 'proven' | 'presumed-zero' = 'proven'): Promise<OrderEnd> {
    const { order, clientOrderId, orderId, executed, quote } = attempt;
    const key = `${order.flow}/${order.leg}/${order.side}`;
    const before = this.#filled.get(key) ?? 0n;
    this.#filled.set(key, before + executed);
    const filled = this.#decisions.countsReplacement === 'cumulative' && executed > 0n ? fixed<Btc>(executed + before) : executed;
    const counted = (await this.#streamFills?.end(clientOrderId, order, filled)) ?? filled;
    this.book(order.leg, order.side, counted);
    await this.record({
      t: this.#ports.clock.now(),
      flow: order.flow,
      type: 'order.settled',
      clientOrderId,
      orderId,
      executed: counted,
      quoteExecuted: quote,
      certainty,
    });
    return { kind, executed, forGood: false };
  }

  /** An id that was declared absent stays under watch: what arrives late after all is settled like any other order. */
  async #watch(attempt: Attempt): Promise<void> {
    const end = this.#ports.clock.monotonic() + WATCH_MS;
    while (this.#ports.clock.monotonic() < end && (await this.#tasks.sleep(WATCH))) {
      if ((await this.#look(attempt)) !== 'final') continue;
      if (attempt.executed === 0n) return;
      await this.#settle(attempt, 'final');
      this.#onLateFill();
      return;
    }
  }

  #intentOf(order: SmallOrder, intentId: string, clientOrderId: string, attempt: number): JournalEvent {
    const { flow, leg, side, purpose, quantity, limitKrw } = order;
    return {
      t: this.#ports.clock.now(),
      flow,
      type: 'intent',
      intentId,
      clientOrderId,
      attempt,
      leg,
      venue: venueOfLeg(leg),
      side,
      purpose,
      orderType: limitKrw === undefined ? 'market' : 'limit-ioc',
      quantity,
      limitPrice: limitKrw === undefined ? undefined : fixedFromNumber(limitKrw),
      reduceOnly: leg === 'perp' && side === 'buy',
    };
  }

  #noteBan(venue: VenueId, error: unknown): void {
    const now = this.#ports.clock.now();
    const { advice, bannedUntil, retryAfterMs } = judgeError(venue, 'createOrder', error, now);
    const until = bannedUntil ?? (advice === 'back-off' ? now + (retryAfterMs ?? BACK_OFF_MS) : 0);
    this.#blockedUntil[venue] = Math.max(this.#blockedUntil[venue], epochMs(until));
  }
}

function isFinal(venue: VenueId, order: ClientOrder): boolean {
  const { terminal, executed } = readOrder(venue, order);
  return terminal === true && executed !== undefined;
}

function isForGood(venue: VenueId, error: unknown): boolean {
  const { advice } = judgeError(venue, 'createOrder', error);
  return advice === 'insufficient-funds' || advice === 'invalid-order' || advice === 'halt' || error instanceof InvalidOrder;
}
