import type { Clock } from '../clock/clock.js';
import { Stop } from '../clock/stop.js';
import { durationMs, type MonotonicMs, type VenueId } from '../core/units.js';
import type { Judgement, OrderOperation } from '../exchange/certainty.js';
import { judgeError } from '../exchange/certainty.js';
import type { ExchangeClient } from '../exchange/exchange-client.js';
import { profileAt } from '../exchange/venue-profiles.js';
import type { ExecutorPolicy } from './policy.js';
import type { Lease } from './ports.js';
import type { CallName, Priority, Quota } from './quota.js';

/** What became of a call. */
export type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'error'; readonly judgement: Judgement; readonly error: string; readonly notFound: boolean }
  /** Our own limiter or a ban kept it back: no byte was sent. */
  | { readonly kind: 'not-sent'; readonly waitMs: number };

/** How long a call may wait. */
export interface Patience {
  readonly priority?: Priority;
  /** Longest wait for quota or the end of a ban; beyond it the call is not sent. Default: for ever. */
  readonly patienceMs?: number;
  /** Longest wait for the answer. Default: `requestTimeoutMs` of the policy. */
  readonly timeoutMs?: number;
}

export interface CallOptions<T> extends Patience {
  /** Asked right before sending; false keeps the call back. */
  readonly stillWanted?: () => Promise<boolean> | boolean;
  /** Why an answer says nothing, where ccxt makes something ordinary of what it cannot read; undefined: it can be used. */
  readonly objection?: (value: T) => Promise<string | undefined> | string | undefined;
  /** The answer that came after we had stopped waiting for it. */
  readonly onLate?: (answer: Answer<T>) => void;
}

/** What a gateway tells about its venue as it learns it. */
export interface VenueNews {
  banned(venue: VenueId, forMs: number, row: string): Promise<void>;
  banWaitedOut(venue: VenueId): Promise<void>;
}

const OPERATIONS: Readonly<Partial<Record<CallName, OrderOperation>>> = { createOrder: 'createOrder', cancelOrder: 'cancelOrder' };
/** Back-off that one order asks for (overload spares reduce-only orders; the book is too far away), not the whole venue. */
const ORDER_BACK_OFF: ReadonlySet<string> = new Set(['binance -1008', 'binance -4131']);
const BANS: ReadonlySet<string> = new Set(['binance http 418', 'upbit http 418', 'upbit blocked']);
const NOT_FOUND: ReadonlySet<string> = new Set(['binance -2013', 'upbit order_not_found']);
const UNREADABLE: Judgement = { certainty: 'unknown', row: 'unreadable answer', advice: 'look-up' };
const OWN_TIMEOUT: Judgement = { certainty: 'unknown', row: 'own time-out', advice: 'look-up' };

/**
 * Every call to one venue goes through here: quota, bans, a hard time-out of our own, the judgement of the answer.
 * It never throws and never resends.
 */
export class VenueGateway {
  readonly venue: VenueId;
  readonly #client: ExchangeClient;
  readonly #clock: Clock;
  readonly #policy: ExecutorPolicy;
  readonly #quota: Quota;
  readonly #lease: Lease;
  readonly #news: VenueNews;
  readonly #inFlight = new Set<Promise<unknown>>();
  #banKnown = false;
  #marketsLoaded = false;
  #loadTried = false;
  #loading: Promise<Answer<unknown>> | undefined;
  #failingSince: MonotonicMs | undefined;
  #calls = 0;

  constructor(venue: VenueId, client: ExchangeClient, clock: Clock, policy: ExecutorPolicy, quota: Quota, lease: Lease, news: VenueNews) {
    this.venue = venue;
    this.#client = client;
    this.#clock = clock;
    this.#policy = policy;
    this.#quota = quota;
    this.#lease = lease;
    this.#news = news;
  }

  /** How many calls went out so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Since when nothing but failures has come back; undefined while the venue answers. */
  get failingSince(): MonotonicMs | undefined {
    return this.#failingSince;
  }

  get blockedMs(): number {
    return this.#quota.blockedMs(this.#clock.monotonic());
  }

  async call<T>(name: CallName, send: (client: ExchangeClient) => Promise<T>, options: CallOptions<T> = {}): Promise<Answer<T>> {
    const obstacle = await this.#loadMarkets(options);
    if (obstacle !== undefined) return name === 'createOrder' ? { kind: 'not-sent', waitMs: 0 } : obstacle;
    const answer = await this.#one(name, send, options);
    const objection = answer.kind === 'answer' ? await options.objection?.(answer.value) : undefined;
    return objection === undefined ? answer : { kind: 'error', judgement: UNREADABLE, error: objection, notFound: false };
  }

  /**
   * ccxt loads a venue's markets before its first call and remembers a failure for ever: every later call throws it
   * again without a request. So they are loaded here, and reloaded until that has worked once.
   */
  async #loadMarkets({ priority, patienceMs }: CallOptions<never>): Promise<Exclude<Answer<never>, { kind: 'answer' }> | undefined> {
    if (this.#marketsLoaded) return undefined;
    this.#loading ??= this.#one('loadMarkets', (client) => client.loadMarkets(this.#loadTried), {
      priority: priority ?? 'normal',
      ...(patienceMs === undefined ? {} : { patienceMs }),
    }).finally(() => {
      this.#loading = undefined;
    });
    const answer = await this.#loading;
    this.#loadTried = true;
    if (answer.kind !== 'answer') return answer;
    this.#marketsLoaded = true;
    return undefined;
  }

  async #one<T>(name: CallName, send: (client: ExchangeClient) => Promise<T>, options: CallOptions<T>): Promise<Answer<T>> {
    const waitMs = await this.#admit(name, options.priority ?? 'normal', options.patienceMs ?? Number.POSITIVE_INFINITY);
    if (waitMs > 0) return { kind: 'not-sent', waitMs };
    if (options.stillWanted !== undefined && !(await options.stillWanted())) return { kind: 'not-sent', waitMs: 0 };
    // A slow disk may have taken the intent only after another call was told to stay away.
    const blockedMs = this.blockedMs;
    if (blockedMs > 0) return { kind: 'not-sent', waitMs: blockedMs };
    // Whoever wakes up after its lease has run out sends nothing more, not even a read: another one is at work.
    if (!this.#lease.held()) return { kind: 'not-sent', waitMs: 0 };
    this.#calls += 1;
    return this.#race(name, send, options);
  }

  /** A read that is tried again after failures that a second try can cure: specification 7.1, for reads only. */
  async read<T>(name: CallName, send: (client: ExchangeClient) => Promise<T>, options: CallOptions<T> = {}): Promise<Answer<T>> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.call(name, send, options);
      if (answer.kind !== 'error' || answer.judgement.advice === 'halt' || attempt >= this.#policy.readAttempts) return answer;
      await this.#clock.sleep(durationMs(this.#policy.backoffMs * 2 ** (attempt - 1)));
    }
  }

  /** A ban that an earlier life of the process was told of. */
  honour(forMs: number): void {
    this.#quota.block(this.#clock.monotonic(), forMs, forMs);
    this.#banKnown = true;
  }

  /** Resolves when no request is in flight, or after the grace. */
  async drained(graceMs: number): Promise<void> {
    if (this.#inFlight.size === 0) return;
    const giveUp = new Stop();
    const settled = Promise.allSettled(this.#inFlight);
    await Promise.race([settled, this.#clock.sleep(durationMs(graceMs), giveUp)]);
    giveUp.abort();
  }

  /** Waits for quota and bans; returns 0 when the call may go out now, else how long it would have had to wait. */
  async #admit(name: CallName, priority: Priority, patienceMs: number): Promise<number> {
    const start = this.#clock.monotonic();
    for (;;) {
      const now = this.#clock.monotonic();
      const wait = this.#quota.waitMs(name, priority, now);
      if (wait === 0) break;
      if (now - start + wait > patienceMs) return wait;
      await this.#clock.sleep(durationMs(Math.ceil(wait)));
    }
    this.#quota.take(name, this.#clock.monotonic());
    if (this.#banKnown) {
      this.#banKnown = false;
      await this.#news.banWaitedOut(this.venue);
    }
    return 0;
  }

  async #race<T>(name: CallName, send: (client: ExchangeClient) => Promise<T>, { timeoutMs, onLate }: CallOptions<T>): Promise<Answer<T>> {
    const giveUp = new Stop();
    const sentAt = this.#clock.monotonic();
    let waiting = true;
    const answered: Promise<Answer<T>> = Promise.resolve()
      .then(() => send(this.#client))
      .then(
        // ccxt makes nothing at all of a book or a ticker that it cannot read.
        (value): Answer<T> =>
          value === undefined && name.startsWith('fetch')
            ? { kind: 'error', judgement: UNREADABLE, error: `the answer to ${name} cannot be read`, notFound: false }
            : { kind: 'answer', value },
        (error: unknown): Answer<T> => this.#judge(name, error),
      )
      .then(async (answer) => {
        if (waiting) return answer;
        // Too late for its caller; a ban that it tells of holds all the same.
        await this.#note(answer, sentAt);
        onLate?.(answer);
        return answer;
      });
    this.#inFlight.add(answered);
    void answered.finally(() => this.#inFlight.delete(answered));
    const timeout = this.#clock
      .sleep(durationMs(timeoutMs ?? this.#policy.requestTimeoutMs), giveUp)
      .then((): Answer<T> => ({ kind: 'error', judgement: OWN_TIMEOUT, error: 'no answer in time', notFound: false }));
    const answer = await Promise.race([answered, timeout]);
    waiting = false;
    giveUp.abort();
    await this.#note(answer, sentAt);
    return answer;
  }

  #judge<T>(name: CallName, error: unknown): Answer<T> {
    const judgement = judgeError(this.venue, OPERATIONS[name] ?? 'fetchOrder', error, this.#clock.now());
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { kind: 'error', judgement, error: text.slice(0, 300), notFound: NOT_FOUND.has(judgement.row) };
  }

  #shortestBanMs(): number {
    return profileAt(this.venue, this.#clock.now()).ban?.firstMs ?? this.#policy.banDefaultMs;
  }

  async #note(answer: Answer<unknown>, sentAt: MonotonicMs): Promise<void> {
    if (answer.kind !== 'error') {
      this.#failingSince = undefined;
      this.#quota.relax();
      return;
    }
    const { certainty, advice, row } = answer.judgement;
    if (answer.notFound || certainty === 'refused' || advice === 'back-off') this.#failingSince = undefined;
    else this.#failingSince ??= this.#clock.monotonic();
    if (advice !== 'back-off' || ORDER_BACK_OFF.has(row)) return;
    const banned = BANS.has(row);
    const duration = this.#quota.block(
      this.#clock.monotonic(),
      answer.judgement.retryAfterMs,
      banned ? this.#shortestBanMs() : this.#policy.backoffMs,
      sentAt,
    );
    this.#banKnown = true;
    if (banned || duration >= this.#policy.banPatienceMs) await this.#news.banned(this.venue, duration, row);
  }
}
