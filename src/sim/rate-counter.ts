import type { RateLimitRule } from '../exchange/venue-profile.js';
import type { EpochMs } from '../core/units.js';
import type { VenueRules } from './venue-rules.js';

/** How a call counts at its venue. */
export interface RateClass {
  readonly method: string;
  readonly scope: 'orders' | 'queries' | 'market' | 'apart';
  /** Weight on counters of weight; a new order has none on Binance. */
  readonly weight: number;
}

/** This many calls into a counter that is already full, and the venue stops talking: an assumption, on the card. */
const IGNORED_MAX = 10;
const OFFENCE_MEMORY_MS = 3 * 86_400_000;

export const RATE_CARD: readonly string[] = [
  `Counters count in fixed windows of the venue's clock; the ${IGNORED_MAX}th call into a full counter turns 429 into a 418 ban, and each ban doubles the next (assumed).`,
];

export type RateVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'limited'; readonly rule: RateLimitRule; readonly retryAfterMs: number }
  | { readonly kind: 'banned'; readonly until: EpochMs };

/** A counter as its venue tells it in the headers of an answer. */
export interface RateUse {
  readonly rule: RateLimitRule;
  readonly used: number;
}

interface Counter {
  window: number;
  used: number;
}

/** A venue's request counters: windows aligned to its clock, 429 when one is full, 418 for those who go on. */
export class RateCounter {
  readonly #rules: () => VenueRules;
  readonly #taken: (rule: RateLimitRule, at: EpochMs) => number;
  readonly #counters = new Map<string, Counter>();
  #ignored = 0;
  #limitedUntil = 0;
  #bannedUntil = 0;
  #offences = 0;

  /** @param taken - the share of a limit that others have used up so far in its window. */
  constructor(rules: () => VenueRules, taken: (rule: RateLimitRule, at: EpochMs) => number = () => 0) {
    this.#rules = rules;
    this.#taken = taken;
  }

  /** Counts a call that reached the gateway. A call that is turned away counts too. */
  admit(call: RateClass, at: EpochMs): RateVerdict {
    if (at < this.#bannedUntil) return { kind: 'banned', until: this.#bannedUntil as EpochMs };
    const { limits, ban } = this.#rules();
    let full: RateLimitRule | undefined;
    let freeAt = 0;
    for (const rule of limits) {
      const cost = costOf(rule, call);
      if (cost === 0) continue;
      const window = Math.floor(at / rule.windowMs);
      let counter = this.#counters.get(rule.name);
      if (counter?.window !== window) {
        counter = { window, used: 0 };
        this.#counters.set(rule.name, counter);
      }
      counter.used += cost;
      if (counter.used + Math.floor(rule.limit * this.#taken(rule, at)) <= rule.limit) continue;
      full ??= rule;
      freeAt = Math.max(freeAt, (window + 1) * rule.windowMs);
    }
    if (full === undefined) return { kind: 'pass' };
    this.#ignored = at < this.#limitedUntil ? this.#ignored + 1 : 1;
    this.#limitedUntil = freeAt;
    if (ban !== undefined && this.#ignored >= IGNORED_MAX) return this.#ban(at, ban.firstMs, ban.maxMs);
    return { kind: 'limited', rule: full, retryAfterMs: freeAt - at };
  }

  /** Every counter, with what others have used up of it. */
  uses(at: EpochMs): readonly RateUse[] {
    return this.#rules().limits.map((rule) => {
      const counter = this.#counters.get(rule.name);
      const used = counter?.window === Math.floor(at / rule.windowMs) ? counter.used : 0;
      return { rule, used: used + Math.floor(rule.limit * this.#taken(rule, at)) };
    });
  }

  #ban(at: EpochMs, firstMs: number, maxMs: number): RateVerdict {
    if (at - this.#bannedUntil > OFFENCE_MEMORY_MS) this.#offences = 0;
    const length = Math.min(firstMs * 2 ** this.#offences, maxMs);
    this.#offences += 1;
    this.#ignored = 0;
    this.#bannedUntil = at + length;
    return { kind: 'banned', until: this.#bannedUntil as EpochMs };
  }
}

/** What a call adds to a counter. */
export function costOf(rule: RateLimitRule, call: RateClass): number {
  if (rule.scope !== 'all' && rule.scope !== call.scope) return 0;
  if (rule.methods !== undefined && !rule.methods.some((method) => method === call.method)) return 0;
  return rule.counts === 'weight' ? call.weight : 1;
}
