import type { Clock } from '../clock/clock.js';
import { fixed, notional, type Btc, type Fixed, type PriceIn, type Quote as QuoteAsset } from '../core/money.js';
import type { MonotonicMs } from '../core/units.js';
import { judgeOrder, type Judgement, type OrderOperation } from '../exchange/certainty.js';
import type { ClientOrder } from '../exchange/exchange-client.js';
import { readOrder, type OrderReading } from '../exchange/order-reading.js';
import type { JournalWriter } from './journal-writer.js';
import type { Attempt } from './position-book.js';
import type { Answer } from './venue-gateway.js';

/** A look at an order: what was answered, and when it was asked for. */
export interface Look {
  readonly askedAt: MonotonicMs;
  readonly answer: Answer<ClientOrder>;
}

/** What is remembered of an attempt besides the journal, while its outcome is being found out. */
interface Memo {
  /** When the order left at the latest; deadlines count from here, on the clock that never jumps. */
  sentAt: MonotonicMs;
  settledAt: MonotonicMs | undefined;
  cancelledAt: MonotonicMs | undefined;
  executedBeforeCancel: Btc | undefined;
  /** When the venue last answered a cancel with: there is no such order open. */
  cancelDeniedAt: MonotonicMs | undefined;
  /** The first look since then that showed a state which nobody knows. */
  strange: { readonly askedAt: MonotonicMs; readonly executed: Btc } | undefined;
  /** Not-found answers that count: after the lifetime bound and far enough apart. */
  notFoundAt: MonotonicMs[];
  everNotFound: boolean;
  doubted: boolean;
  /** What the holdings were when they last spoke against counting it as zero. */
  contradictedBy: Btc | undefined;
  /** People were told that it is not final although its deadline has passed. */
  overdueTold: boolean;
  /** An answer to the create that came after we had stopped waiting. */
  late: Answer<ClientOrder> | undefined;
  /** Looks that were answered after we had stopped waiting, in the order of their answers. */
  readonly lateLooks: Look[];
  /** What was last journaled of each kind of answer. */
  readonly lastWritten: Map<OrderOperation, string>;
  /** Final answers that named the quantity but not yet the money. */
  moneyless: number;
}

/** A final order whose trades lag is read this often again before its money is taken from its limit price. */
const MONEY_READS = 6;

const NOTHING_TO_CANCEL: ReadonlySet<string> = new Set(['binance -2011']);

/**
 * Turns answers about an order into facts in the journal. An answer is written when it says something new; an order is
 * settled when its reading is final, or when its refusal is proven.
 */
export class OrderFacts {
  readonly #writer: JournalWriter;
  readonly #clock: Clock;
  readonly #memos = new WeakMap<Attempt, Memo>();

  constructor(writer: JournalWriter, clock: Clock) {
    this.#writer = writer;
    this.#clock = clock;
  }

  memo(attempt: Attempt): Memo {
    let memo = this.#memos.get(attempt);
    if (memo === undefined) {
      // Found in the journal: the wall clock says how long ago it was, and a clock set back says nothing.
      const age = Math.max(0, this.#clock.now() - attempt.intendedAt);
      memo = {
        sentAt: (this.#clock.monotonic() - age) as MonotonicMs,
        settledAt: undefined,
        cancelledAt: undefined,
        executedBeforeCancel: undefined,
        cancelDeniedAt: undefined,
        strange: undefined,
        notFoundAt: [],
        everNotFound: false,
        doubted: false,
        contradictedBy: undefined,
        overdueTold: false,
        late: undefined,
        lateLooks: [],
        lastWritten: new Map(),
        moneyless: 0,
      };
      this.#memos.set(attempt, memo);
    }
    return memo;
  }

  /** Milliseconds since the order was sent. */
  age(attempt: Attempt): number {
    return this.#clock.monotonic() - this.memo(attempt).sentAt;
  }

  /** Milliseconds since it was last settled; of an earlier life's the wall clock tells, and one that was set back says nothing. */
  sinceSettled(attempt: Attempt): number {
    const memo = this.memo(attempt);
    const at = attempt.settled?.at ?? this.#clock.now();
    memo.settledAt ??= (this.#clock.monotonic() - Math.max(0, this.#clock.now() - at)) as MonotonicMs;
    return this.#clock.monotonic() - memo.settledAt;
  }

  /** Takes in an answer to a create or a read; the judgement says what it proved. */
  async absorb(attempt: Attempt, operation: OrderOperation, answer: Answer<ClientOrder>): Promise<Judgement> {
    if (answer.kind === 'not-sent') return { certainty: 'unknown', row: 'not sent', advice: 'back-off' };
    if (answer.kind === 'error') {
      await this.#write(attempt, operation, answer.judgement, { error: answer.error });
      if (operation === 'createOrder' && answer.judgement.certainty === 'refused') await this.#settleRefused(attempt);
      return answer.judgement;
    }
    const { venue, clientOrderId } = attempt.intent;
    const judgement = judgeOrder(venue, operation, answer.value, { orderId: attempt.orderId, clientOrderId });
    const reading = readOrder(venue, answer.value);
    await this.#write(attempt, operation, judgement, {
      // An order that carries our own id is there, in whatever state.
      orderId: judgement.certainty === 'accepted' || reading.clientOrderId === clientOrderId ? reading.orderId : undefined,
      status: reading.status,
      executed: judgement.certainty === 'accepted' ? reading.executed : undefined,
    });
    if (judgement.certainty === 'accepted' && reading.terminal === true) await this.#settle(attempt, reading);
    return judgement;
  }

  /** Takes in the answer to a cancel. It only says what became of the request: the order is read afterwards. */
  async noteCancel(attempt: Attempt, answer: Answer<unknown>): Promise<void> {
    if (answer.kind === 'not-sent') return;
    const taken: Judgement = { certainty: 'accepted', row: `${attempt.intent.venue} cancel taken`, advice: 'none' };
    if (answer.kind === 'answer') {
      await this.#write(attempt, 'cancelOrder', taken, {});
      return;
    }
    if (answer.notFound || NOTHING_TO_CANCEL.has(answer.judgement.row)) this.memo(attempt).cancelDeniedAt ??= this.#clock.monotonic();
    await this.#write(attempt, 'cancelOrder', answer.judgement, { error: answer.error });
  }

  /**
   * Takes in a look that shows the order in a state that ccxt does not map, such as Upbit's `prevented`. Once the venue has
   * denied that there is anything to cancel, two such looks `spacingMs` apart with the same execution are its end, whatever
   * it is called there.
   */
  async noteStrange(attempt: Attempt, order: ClientOrder, askedAt: MonotonicMs, spacingMs: number): Promise<void> {
    const memo = this.memo(attempt);
    const reading = readOrder(attempt.intent.venue, order);
    const { orderId, status, terminal, executed } = reading;
    const isOurs = orderId !== undefined && orderId === attempt.orderId;
    if (attempt.settled !== undefined || !isOurs || status === undefined || terminal !== undefined || executed === undefined) return;
    if (memo.cancelDeniedAt === undefined || askedAt < memo.cancelDeniedAt) return;
    if (memo.strange?.executed !== executed) memo.strange = { askedAt, executed };
    else if (askedAt - memo.strange.askedAt >= spacingMs) await this.#settle(attempt, reading);
  }

  /** The order never left: our own limiter, lock or journal held it back. */
  async settleUnsent(attempt: Attempt): Promise<void> {
    await this.#settled(attempt, { executed: fixed<Btc>(0n), quoteExecuted: fixed(0n), certainty: 'proven', status: 'not-sent' });
  }

  async settlePresumedZero(attempt: Attempt): Promise<void> {
    await this.#settled(attempt, { executed: fixed<Btc>(0n), quoteExecuted: fixed(0n), certainty: 'presumed-zero' });
  }

  async #settleRefused(attempt: Attempt): Promise<void> {
    if (attempt.settled !== undefined) return;
    await this.#settled(attempt, { executed: fixed<Btc>(0n), quoteExecuted: fixed(0n), certainty: 'proven', status: 'refused' });
  }

  async #settle(attempt: Attempt, reading: OrderReading): Promise<void> {
    if (reading.executed === undefined) return;
    const memo = this.memo(attempt);
    if (reading.quoteExecuted === undefined && memo.moneyless < MONEY_READS) {
      memo.moneyless += 1;
      return;
    }
    if (attempt.settled?.certainty === 'proven' && attempt.settled.executed === reading.executed) return;
    if (memo.executedBeforeCancel !== undefined && reading.executed > memo.executedBeforeCancel)
      await this.#writer.mark(attempt.flow, 'cancel.race-detected');
    await this.#settled(attempt, {
      orderId: reading.orderId,
      executed: reading.executed,
      quoteExecuted: reading.quoteExecuted ?? worstQuote(attempt, reading.executed),
      fee: reading.fee,
      certainty: 'proven',
      status: reading.status,
    });
  }

  #settled(attempt: Attempt, facts: SettledFacts): Promise<void> {
    this.memo(attempt).settledAt = this.#clock.monotonic();
    return this.#writer.record({ flow: attempt.flow, type: 'order.settled', clientOrderId: attempt.intent.clientOrderId, ...facts });
  }

  async #write(
    attempt: Attempt,
    operation: OrderOperation,
    judgement: Judgement,
    facts: { error?: string | undefined; orderId?: string | undefined; status?: string | undefined; executed?: Btc | undefined },
  ): Promise<void> {
    const memo = this.memo(attempt);
    const signature = [judgement.certainty, judgement.row, facts.status, facts.executed].join('|');
    if (memo.lastWritten.get(operation) === signature) return;
    memo.lastWritten.set(operation, signature);
    await this.#writer.record({
      flow: attempt.flow,
      type: 'answer',
      clientOrderId: attempt.intent.clientOrderId,
      operation,
      certainty: judgement.certainty,
      row: judgement.row,
      ...facts,
    });
  }
}

interface SettledFacts {
  readonly orderId?: string | undefined;
  readonly executed: Btc;
  readonly quoteExecuted: Fixed<string>;
  readonly fee?: Fixed<string> | undefined;
  readonly certainty: 'proven' | 'presumed-zero';
  readonly status?: string | undefined;
}

/** The venue never told the money: the collar is the worst it can have been. Quantities, which decide, are not touched by this. */
function worstQuote(attempt: Attempt, executed: Btc): Fixed<string> {
  const price = attempt.intent.limitPrice;
  return price === undefined ? fixed(0n) : notional<QuoteAsset>(price as PriceIn<QuoteAsset>, executed);
}
