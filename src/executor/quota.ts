import type { MonotonicMs } from '../core/units.js';
import type { ClientMethod } from '../exchange/exchange-client.js';
import type { RateLimitRule } from '../exchange/venue-profile.js';

/** Who asks: `reduce` may use what is kept back for repairs and closes. */
export type Priority = 'normal' | 'reduce';
type Scope = Exclude<RateLimitRule['scope'], 'all'>;

/** The calls an executor makes, with what they count for at Binance (its weight table; Upbit counts calls). */
export const CALLS = {
  createOrder: { scope: 'orders', weight: 0 },
  cancelOrder: { scope: 'queries', weight: 1 },
  fetchOrder: { scope: 'queries', weight: 1 },
  fetchOpenOrders: { scope: 'queries', weight: 1 },
  fetchBalance: { scope: 'queries', weight: 5 },
  fetchPositions: { scope: 'queries', weight: 5 },
  fetchMyTrades: { scope: 'queries', weight: 5 },
  fetchPositionMode: { scope: 'queries', weight: 30 },
  fetchLeverage: { scope: 'queries', weight: 5 },
  setLeverage: { scope: 'queries', weight: 1 },
  setMarginMode: { scope: 'queries', weight: 1 },
  fetchOrderBook: { scope: 'market', weight: 2 },
  fetchTicker: { scope: 'market', weight: 1 },
  fetchTime: { scope: 'market', weight: 1 },
  loadMarkets: { scope: 'market', weight: 40 },
} as const satisfies Partial<Record<ClientMethod, { readonly scope: Scope; readonly weight: number }>>;

export type CallName = keyof typeof CALLS;

interface Used {
  readonly at: number;
  readonly amount: number;
}

/** One counter: what was used within the last window. */
class Counter {
  readonly #rule: RateLimitRule;
  readonly #limits: Readonly<Record<Priority, number>>;
  #used: Used[] = [];
  #sum = 0;

  constructor(rule: RateLimitRule, reserve: number) {
    this.#rule = rule;
    // At least one call stays open to everybody, however small the limit.
    this.#limits = { normal: Math.max(1, Math.floor(rule.limit * (1 - reserve))), reduce: rule.limit };
  }

  amountOf(call: CallName): number {
    const { scope, weight } = CALLS[call];
    if (this.#rule.scope !== 'all' && this.#rule.scope !== scope) return 0;
    if (this.#rule.methods !== undefined && !this.#rule.methods.includes(call)) return 0;
    return this.#rule.counts === 'calls' ? 1 : weight;
  }

  /** Milliseconds until `amount` more fits. */
  waitMs(amount: number, priority: Priority, now: number): number {
    this.#forget(now);
    if (amount === 0) return 0;
    let excess = this.#sum + amount - Math.max(this.#limits[priority], amount);
    for (const { at, amount: used } of this.#used) {
      if (excess <= 0) break;
      excess -= used;
      if (excess <= 0) return at + this.#rule.windowMs - now;
    }
    return 0;
  }

  take(amount: number, now: number): void {
    if (amount === 0) return;
    this.#used.push({ at: now, amount });
    this.#sum += amount;
  }

  #forget(now: number): void {
    let gone = 0;
    for (const { at, amount } of this.#used) {
      if (at + this.#rule.windowMs > now) break;
      gone += 1;
      this.#sum -= amount;
    }
    if (gone > 0) this.#used = this.#used.slice(gone);
  }
}

/**
 * One venue's quotas and bans: the only limiter there is. It says how long a call has to wait; a ban that the venue
 * told us about is waited out by everybody, a reserve of each quota is left for closing orders.
 */
export class Quota {
  readonly #counters: readonly Counter[];
  #blockedUntil = 0;
  #strikes = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(rules: readonly RateLimitRule[], reserve: number) {
    this.#counters = rules.map((rule) => new Counter(rule, reserve));
  }

  /** Milliseconds until the venue may be spoken to again. */
  blockedMs(now: MonotonicMs): number {
    return Math.max(0, this.#blockedUntil - now);
  }

  /** Milliseconds until `call` may go out. */
  waitMs(call: CallName, priority: Priority, now: MonotonicMs): number {
    return this.#counters.reduce((wait, counter) => Math.max(wait, counter.waitMs(counter.amountOf(call), priority, now)), this.blockedMs(now));
  }

  take(call: CallName, now: MonotonicMs): void {
    for (const counter of this.#counters) counter.take(counter.amountOf(call), now);
  }

  /**
   * The venue told us to stay away. Without a term the wait doubles with every further warning; the answer to a request
   * that left before the last one was heard is the same warning.
   *
   * @returns for how long.
   */
  block(now: MonotonicMs, askedMs: number | undefined, byDefaultMs: number, sentAt = now): number {
    if (sentAt >= this.#warnedAt) this.#strikes += 1;
    this.#warnedAt = now;
    const duration = askedMs ?? byDefaultMs * 2 ** Math.min(this.#strikes - 1, 6);
    // The margin covers the way of the answer and whole-second rounding of Retry-After.
    this.#blockedUntil = Math.max(this.#blockedUntil, now + duration + 250);
    return duration;
  }

  /** The venue has answered: the next warning is a first one again. */
  relax(): void {
    this.#strikes = 0;
    this.#warnedAt = Number.NEGATIVE_INFINITY;
  }
}
