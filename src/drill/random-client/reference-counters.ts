import type { VenueId } from '../../core/units.js';

/** What must come back for a call as far as limits go. */
export type Admission = { readonly kind: 'passes' } | { readonly kind: 'limited' } | { readonly kind: 'banned'; readonly until: number };

interface Limit {
  readonly limit: number;
  readonly windowMs: number;
  readonly costOf: (method: string) => number;
}

const PUBLIC = ['fetchOrderBook', 'fetchTicker', 'loadMarkets', 'fetchTime'];
const only =
  (...methods: readonly string[]) =>
  (method: string): number =>
    methods.includes(method) ? 1 : 0;

/** Upbit in September 2025: 8 orders, 30 other account calls, 10 of each sort of market data a second. */
const UPBIT: readonly Limit[] = [
  { limit: 8, windowMs: 1_000, costOf: only('createOrder') },
  { limit: 30, windowMs: 1_000, costOf: (method) => (method === 'createOrder' || PUBLIC.includes(method) ? 0 : 1) },
  { limit: 10, windowMs: 1_000, costOf: only('fetchOrderBook') },
  { limit: 10, windowMs: 1_000, costOf: only('fetchTicker') },
];

const WEIGHT: Readonly<Record<string, number>> = {
  createOrder: 0,
  fetchBalance: 5,
  fetchMyTrades: 5,
  fetchPositions: 5,
  fetchPositionMode: 30,
  fetchOrderBook: 10,
};

/** Binance USD-M: 2,400 weight a minute, 1,200 orders a minute, 300 in ten seconds. */
const BINANCE: readonly Limit[] = [
  { limit: 2_400, windowMs: 60_000, costOf: (method) => WEIGHT[method] ?? 1 },
  { limit: 1_200, windowMs: 60_000, costOf: only('createOrder') },
  { limit: 300, windowMs: 10_000, costOf: only('createOrder') },
];

/** The tenth call into a full counter is answered with a ban; each ban is twice as long as the last, up to a longest. */
const BAN = { upbit: { first: 10_000, longest: 600_000 }, binance: { first: 120_000, longest: 3 * 86_400_000 } };
const PATIENCE = 10;
/** After so long without a ban the next one is a first one. */
const FORGIVEN_MS = 3 * 86_400_000;

/** A venue's counters, counted again: which of our calls must be turned away, and until when. */
export class ReferenceCounters {
  readonly #limits: readonly Limit[];
  readonly #ban: { readonly first: number; readonly longest: number };
  readonly #used = new Map<string, number>();
  #pushes = 0;
  #fullUntil = 0;
  #bannedUntil = 0;
  #bans = 0;

  constructor(venue: VenueId) {
    this.#limits = venue === 'upbit' ? UPBIT : BINANCE;
    this.#ban = BAN[venue];
  }

  get bannedUntil(): number {
    return this.#bannedUntil;
  }

  /** Counts a call that arrives at `at`. */
  admit(method: string, at: number): Admission {
    if (at < this.#bannedUntil) return { kind: 'banned', until: this.#bannedUntil };
    let freeAt = 0;
    for (const [index, { limit, windowMs, costOf }] of this.#limits.entries()) {
      const cost = costOf(method);
      if (cost === 0) continue;
      const window = Math.floor(at / windowMs);
      const name = `${index}/${window}`;
      const used = (this.#used.get(name) ?? 0) + cost;
      this.#used.set(name, used);
      if (used > limit) freeAt = Math.max(freeAt, (window + 1) * windowMs);
    }
    if (freeAt === 0) return { kind: 'passes' };
    this.#pushes = at < this.#fullUntil ? this.#pushes + 1 : 1;
    this.#fullUntil = freeAt;
    if (this.#pushes < PATIENCE) return { kind: 'limited' };
    if (at - this.#bannedUntil > FORGIVEN_MS) this.#bans = 0;
    this.#bannedUntil = at + Math.min(this.#ban.first * 2 ** this.#bans, this.#ban.longest);
    this.#bans += 1;
    this.#pushes = 0;
    return { kind: 'banned', until: this.#bannedUntil };
  }

  /** How long to wait before these calls all find room, when they would arrive at `at`. */
  waitFor(methods: readonly string[], at: number): number {
    if (at < this.#bannedUntil) return this.#bannedUntil - at;
    let wait = 0;
    for (const [index, { limit, windowMs, costOf }] of this.#limits.entries()) {
      const cost = methods.reduce((sum, method) => sum + costOf(method), 0);
      const window = Math.floor(at / windowMs);
      if ((this.#used.get(`${index}/${window}`) ?? 0) + cost > limit) wait = Math.max(wait, (window + 1) * windowMs - at);
    }
    return wait;
  }
}
