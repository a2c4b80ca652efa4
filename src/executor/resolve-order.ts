import type { Clock } from '../clock/clock.js';
import { Stop } from '../clock/stop.js';
import { abs, fixed, max, min, negate, sub, type Btc } from '../core/money.js';
import { durationMs, type MonotonicMs, type VenueId } from '../core/units.js';
import { byClientOrderId, SYMBOLS } from '../exchange/client-params.js';
import type { ClientOrder, ExchangeClient } from '../exchange/exchange-client.js';
import type { Holdings } from './holdings.js';
import type { JournalWriter } from './journal-writer.js';
import type { Look, OrderFacts } from './order-facts.js';
import type { ExecutorPolicy } from './policy.js';
import type { Attempt, PositionBook } from './position-book.js';
import type { StreamClient, StreamNews } from './ports.js';
import { Waker } from './task-group.js';
import type { Patience, VenueGateway } from './venue-gateway.js';

/** Shortest wait between two looks, however often a stream calls. */
const WOKEN_MIN_MS = 100;
/** Longest distance of two look-ups while an order is in doubt. */
const LOOK_UP_MAX_MS = 2_000;
/** Longest distance of two reads while the venue answers nothing but errors. */
const ERROR_MAX_MS = 5_000;

export interface ResolverHooks {
  /** An order has ended in a way that may turn out to be wrong. */
  readonly onWatched: () => void;
  /** Takes over a position that copies of our requests explain; tells whether they do. */
  readonly adoptCopies: (position: Btc) => Promise<boolean>;
}

/**
 * Finds out what an order has really done. A filled Upbit buy that ends `canceled`, a reply that was lost, a cancel
 * that crossed a fill, a read that lags: the outcome is the executed quantity of a final order, or zero after the
 * lifetime bound and two not-found answers that the holdings do not contradict. An error is not an answer, and
 * nothing is ever sent again for an order in doubt.
 */
export class OrderResolver {
  readonly #gateways: Readonly<Record<VenueId, VenueGateway>>;
  readonly #facts: OrderFacts;
  readonly #writer: JournalWriter;
  readonly #book: PositionBook;
  readonly #holdings: Holdings;
  readonly #clock: Clock;
  readonly #policy: ExecutorPolicy;
  readonly #onWatched: ResolverHooks['onWatched'];
  readonly #adoptCopies: ResolverHooks['adoptCopies'];
  readonly #wakeUp: Readonly<Record<VenueId, Waker>> = { upbit: new Waker(), binance: new Waker() };
  readonly #hasStream: boolean;

  constructor(
    gateways: Readonly<Record<VenueId, VenueGateway>>,
    facts: OrderFacts,
    writer: JournalWriter,
    book: PositionBook,
    holdings: Holdings,
    clock: Clock,
    policy: ExecutorPolicy,
    streams: StreamClient | undefined,
    { onWatched, adoptCopies }: ResolverHooks,
  ) {
    this.#gateways = gateways;
    this.#facts = facts;
    this.#writer = writer;
    this.#book = book;
    this.#holdings = holdings;
    this.#clock = clock;
    this.#policy = policy;
    this.#onWatched = onWatched;
    this.#adoptCopies = adoptCopies;
    // A stream only says "look again": what it claims is never believed.
    this.#hasStream = streams !== undefined;
    streams?.onWakeUp((news) => this.#hear(news));
  }

  /**
   * Waits until the order is settled.
   *
   * @returns false when it was still in doubt at `giveUpAt`.
   */
  async settle(attempt: Attempt, giveUpAt: MonotonicMs): Promise<boolean> {
    let looks = 0;
    let errors = 0;
    while (attempt.settled === undefined) {
      if (await this.#takeLate(attempt)) errors = 0;
      if (this.#isSettled(attempt)) return true;
      if (!attempt.accepted) await this.#doubt(attempt);
      const now = this.#clock.monotonic();
      if (now >= giveUpAt) return false;
      const pause = this.#pause(attempt, looks, errors);
      if (pause > 0) await this.#sleep(Math.min(pause, giveUpAt - now), attempt.intent.venue, errors > 0);
      if (await this.#takeLate(attempt)) errors = 0;
      if (this.#isSettled(attempt)) return true;
      await this.#cancelWhenOverdue(attempt);
      const patienceMs = Math.max(0, this.#waitUntil(attempt, giveUpAt) - this.#clock.monotonic());
      const answered = await this.#lookUp(attempt, { priority: 'reduce', patienceMs });
      looks += 1;
      errors = answered ? 0 : errors + 1;
    }
    return true;
  }

  /** A ban is waited out at most to the order's deadline at first: from then on people have to know of it. */
  #waitUntil(attempt: Attempt, giveUpAt: MonotonicMs): MonotonicMs {
    const { overdueTold, sentAt } = this.#facts.memo(attempt);
    return overdueTold ? giveUpAt : (Math.min(giveUpAt, sentAt + this.#policy.legDeadlineMs) as MonotonicMs);
  }

  /** One look, for orders that are followed in the background: a late answer, an overdue cancel, one read. */
  async step(attempt: Attempt): Promise<void> {
    await this.#takeLate(attempt);
    if (attempt.settled?.certainty === 'proven') return;
    await this.#cancelWhenOverdue(attempt);
    await this.lookAgain(attempt);
  }

  /** One read, of an order that has ended as well: a venue may correct what it said. */
  async lookAgain(attempt: Attempt): Promise<void> {
    // Nothing waits for this look, and looks are rationed: an answer that is only slow is worth waiting for.
    await this.#lookUp(attempt, { priority: 'reduce', patienceMs: 0, timeoutMs: this.#policy.patientTimeoutMs });
  }

  /**
   * One look at the order by its id, or by our own where the venue's is not known.
   *
   * @returns whether the venue answered with something that can be read: what cannot is asked for again, at longer and longer intervals.
   */
  async #lookUp(attempt: Attempt, patience: Patience): Promise<boolean> {
    const { venue, clientOrderId } = attempt.intent;
    const { orderId } = attempt;
    const memo = this.#facts.memo(attempt);
    const askedAt = this.#clock.monotonic();
    const answer = await this.#gateways[venue].call<ClientOrder>(
      'fetchOrder',
      (client: ExchangeClient) =>
        orderId === undefined
          ? client.fetchOrder(undefined, SYMBOLS[venue], byClientOrderId(venue, clientOrderId))
          : client.fetchOrder(orderId, SYMBOLS[venue]),
      { onLate: (late) => memo.lateLooks.push({ askedAt, answer: late }), ...patience },
    );
    return this.#takeIn(attempt, { askedAt, answer });
  }

  async #takeIn(attempt: Attempt, { askedAt, answer }: Look): Promise<boolean> {
    const memo = this.#facts.memo(attempt);
    if (answer.kind === 'error' && answer.notFound) {
      memo.everNotFound = true;
      await this.#facts.absorb(attempt, 'fetchOrder', answer);
      await this.#countNotFound(attempt, askedAt);
      return true;
    }
    const known = attempt.accepted;
    const { settled } = attempt;
    const judgement = await this.#facts.absorb(attempt, 'fetchOrder', answer);
    // What a cancel of ours has cut short is read again for a while, also while its flow goes on.
    if (memo.cancelledAt !== undefined && settled === undefined && attempt.settled !== undefined) this.#onWatched();
    if (judgement.certainty === 'accepted' && !known && memo.everNotFound) await this.#writer.mark(attempt.flow, 'resolve.found-after-not-found');
    const isUnderstood = judgement.certainty !== 'unknown';
    // An order in a state that nobody knows is as much in doubt as one that nobody answered for.
    if (answer.kind === 'answer' && !isUnderstood && attempt.settled?.certainty !== 'proven') {
      await this.#doubt(attempt);
      await this.#facts.noteStrange(attempt, answer.value, askedAt, this.#policy.notFoundSpacingMs);
    }
    return isUnderstood;
  }

  /** @param askedAt - when the venue was asked: what it says is no newer than that. */
  async #countNotFound(attempt: Attempt, askedAt: MonotonicMs): Promise<void> {
    const memo = this.#facts.memo(attempt);
    const age = askedAt - memo.sentAt;
    // An order that the venue has confirmed is only late to show, unless it is so old that the venue forgets.
    if (attempt.accepted && age < this.#policy.forgottenAfterMs) return;
    if (age < this.#lifetimeMs(attempt.intent.venue)) return;
    const last = memo.notFoundAt.at(-1);
    if (last !== undefined && askedAt - last < this.#policy.notFoundSpacingMs) return;
    memo.notFoundAt.push(askedAt);
    if (attempt.settled !== undefined) return;
    if (memo.notFoundAt.length < 2 || !(await this.#holdingsAllowZero(attempt))) return;
    await this.#writer.mark(attempt.flow, 'resolve.presumed-zero');
    await this.#facts.settlePresumedZero(attempt);
    this.#onWatched();
  }

  /** How long after its sending an order that was never seen may still be taken. */
  #lifetimeMs(venue: VenueId): number {
    return venue === 'upbit' ? this.#policy.upbitLifetimeMs : this.#policy.recvWindowMs + this.#policy.binanceLifetimeMarginMs;
  }

  /**
   * Whether the order may be counted as zero as far as the venue's holdings go. Unreadable ones speak against it. Ones
   * that have moved as the order would have moved them do so for `doubtMs`; then they are taken as the truth, so that
   * it no longer matters whether the order moved them or something else did (an auto-deleveraging, say).
   */
  async #holdingsAllowZero(attempt: Attempt): Promise<boolean> {
    const { leg, side, quantity, clientOrderId } = attempt.intent;
    const options = { priority: 'reduce', patienceMs: 0, timeoutMs: this.#policy.patientTimeoutMs } as const;
    const read = leg === 'spot' ? await this.#holdings.spot(options, false) : await this.#holdings.perp(true, options, false);
    if (!read.ok) return false;
    const actual = 'btcTotal' in read.value ? read.value.btcTotal : read.value.position;
    const booked = leg === 'spot' ? this.#book.spot : this.#book.perp;
    const change = sub(actual, booked);
    const towards = side === 'buy' ? change : negate(change);
    if (towards < max<Btc>(fixed<Btc>(1n), min<Btc>(fixed<Btc>(abs(quantity) / 2n), this.#policy.mismatchTolerance))) return true;
    const memo = this.#facts.memo(attempt);
    const before = memo.contradictedBy;
    memo.contradictedBy = actual;
    if (before === undefined) {
      const finding = `${clientOrderId} is not found, yet the ${leg} holding has moved: still in doubt`;
      const [spot, perp] = leg === 'spot' ? [actual, this.#book.perp] : [this.#book.spot, actual];
      await this.#writer.record({ flow: attempt.flow, type: 'monitor', spot, perp, finding });
    }
    if (before !== actual) return false;
    // More than the order can have done is a copy of another one, or is not understood: that is for a human.
    if (towards > quantity) return leg === 'perp' ? this.#adoptCopies(actual) : false;
    if (this.#facts.age(attempt) < this.#policy.doubtMs) return false;
    const reason = `${clientOrderId} is not found and the ${leg} holding has moved: the holding is believed`;
    await this.#writer.record({ flow: attempt.flow, type: 'holdings.adopted', leg, from: booked, to: actual, reason });
    await this.#writer.alert(attempt.flow, 'POSITION_MISMATCH', 'critical', reason);
    return true;
  }

  async #doubt(attempt: Attempt): Promise<void> {
    const memo = this.#facts.memo(attempt);
    if (memo.doubted) return;
    memo.doubted = true;
    const { venue, leg, side, clientOrderId } = attempt.intent;
    await this.#writer.mark(attempt.flow, 'resolve.unknown-outcome');
    await this.#writer.alert(
      attempt.flow,
      'UNKNOWN_OUTCOME',
      'warning',
      `${side} of the ${leg} leg on ${venue} (${clientOrderId}) is in doubt; looking it up`,
    );
  }

  /** Milliseconds before the next look. */
  #pause(attempt: Attempt, looks: number, errors: number): number {
    const { pollMs, firstPollMs } = this.#policy;
    if (errors > 0) return Math.min(pollMs * 2 ** Math.min(errors - 1, 6), ERROR_MAX_MS);
    // In doubt the first look is at once: the answer was waited for long enough.
    if (!attempt.accepted) return looks === 0 ? 0 : Math.min(pollMs * 2 ** Math.min(looks - 1, 6), LOOK_UP_MAX_MS);
    return looks === 0 ? firstPollMs : pollMs;
  }

  #hear(news: StreamNews | undefined): void {
    // Only what may be about an order of ours is a reason to look; the book changes all the time.
    if (news !== undefined && news.channel !== 'orders' && news.channel !== 'trades') return;
    for (const [venue, waker] of Object.entries(this.#wakeUp)) if (news === undefined || news.venue === venue) waker.wake();
  }

  /** @param isFailing - the venue answers errors: no stream makes us ask it sooner then. */
  async #sleep(delayMs: number, venue: VenueId, isFailing: boolean): Promise<void> {
    if (!this.#hasStream || isFailing) {
      await this.#clock.sleep(durationMs(Math.ceil(delayMs)));
      return;
    }
    const done = new Stop();
    const begun = this.#clock.monotonic();
    await Promise.race([this.#clock.sleep(durationMs(Math.ceil(delayMs)), done), this.#wakeUp[venue].wait(done)]);
    done.abort();
    // A burst of messages is one reason to look, not as many.
    const early = Math.min(delayMs, WOKEN_MIN_MS) - (this.#clock.monotonic() - begun);
    if (early > 0) await this.#clock.sleep(durationMs(Math.ceil(early)));
  }

  /** What may rest is cancelled once its deadline has passed; what the cancel's answer claims is not believed, it is read. */
  async #cancelWhenOverdue(attempt: Attempt): Promise<void> {
    const memo = this.#facts.memo(attempt);
    if (this.#facts.age(attempt) < this.#policy.legDeadlineMs) return;
    await this.#tellOverdue(attempt);
    if (!attempt.accepted && attempt.orderId === undefined) return;
    const now = this.#clock.monotonic();
    if (memo.cancelledAt !== undefined && now - memo.cancelledAt < this.#policy.cancelRetryMs) return;
    if (memo.cancelledAt === undefined) await this.#writer.mark(attempt.flow, 'resolve.cancel-sent');
    memo.cancelledAt = now;
    memo.executedBeforeCancel ??= attempt.executedAtLeast;
    const { venue, clientOrderId } = attempt.intent;
    const { orderId } = attempt;
    const answer = await this.#gateways[venue].call(
      'cancelOrder',
      (client: ExchangeClient) =>
        orderId === undefined
          ? client.cancelOrder(undefined, SYMBOLS[venue], byClientOrderId(venue, clientOrderId))
          : client.cancelOrder(orderId, SYMBOLS[venue]),
      { priority: 'reduce', patienceMs: 0 },
    );
    await this.#facts.noteCancel(attempt, answer);
  }

  /** The other leg may have filled long ago: from its deadline on an order that is not final is an exposure people know about. */
  async #tellOverdue(attempt: Attempt): Promise<void> {
    const memo = this.#facts.memo(attempt);
    if (memo.overdueTold || attempt.settled !== undefined) return;
    memo.overdueTold = true;
    const { side, leg, venue, clientOrderId } = attempt.intent;
    await this.#writer.alert(
      attempt.flow,
      'UNHEDGED_EXPOSURE',
      'warning',
      `${side} of the ${leg} leg on ${venue} (${clientOrderId}) is not final after ${this.#policy.legDeadlineMs} ms: the legs may be unequal`,
    );
  }

  /**
   * An answer that came too late for its caller is still an answer, to its own order, since it is bound to the attempt: a
   * venue that is slower than we wait would keep every order in doubt otherwise.
   *
   * @returns whether a look was answered.
   */
  async #takeLate(attempt: Attempt): Promise<boolean> {
    const memo = this.#facts.memo(attempt);
    const { late } = memo;
    memo.late = undefined;
    if (late !== undefined) await this.#facts.absorb(attempt, 'createOrder', late);
    let answered = false;
    for (const look of memo.lateLooks.splice(0)) if (await this.#takeIn(attempt, look)) answered = true;
    return answered;
  }

  #isSettled(attempt: Attempt): boolean {
    return attempt.settled !== undefined;
  }
}
