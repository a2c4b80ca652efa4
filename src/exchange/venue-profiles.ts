import type { EpochMs, VenueId } from '../core/units.js';
import { binanceProfileAt } from './binance-profile.js';
import { upbitProfileAt } from './upbit-profile.js';
import type { ProfileAt, RateLimitRule } from './venue-profile.js';

/** The venue's rules in force at an instant, each with its source. */
export const profileAt: ProfileAt = (venue, at) => (venue === 'upbit' ? upbitProfileAt(at) : binanceProfileAt(at));

/** The owner's table of API quotas (specification, section 6), with the pace of its quota manager for Binance. */
const OWNERS_QUOTA: Readonly<Record<VenueId, readonly RateLimitRule[]>> = {
  upbit: [
    { name: 'owner: orders', scope: 'orders', limit: 8, windowMs: 1_000, counts: 'calls' },
    { name: 'owner: queries', scope: 'queries', limit: 10, windowMs: 1_000, counts: 'calls' },
  ],
  binance: [
    { name: 'owner: orders', scope: 'orders', limit: 1_200, windowMs: 60_000, counts: 'calls' },
    { name: 'owner: pace', scope: 'orders', limit: 20, windowMs: 1_000, counts: 'calls' },
    { name: 'owner: queries', scope: 'all', limit: 2_400, windowMs: 60_000, counts: 'weight' },
  ],
};

/**
 * What a client may use at `at`: of the owner's table and the venue's profile, the smaller where both
 * have a rule for the same calls and window, and every rule that only one of them has (design decision 11).
 */
export function quotaOf(venue: VenueId, at: EpochMs): readonly RateLimitRule[] {
  const ownersLeft = new Set(OWNERS_QUOTA[venue]);
  const smaller = profileAt(venue, at).limits.map((rule) => {
    const owners = rule.methods === undefined ? OWNERS_QUOTA[venue].find((candidate) => sameCounter(candidate, rule)) : undefined;
    if (owners === undefined) return rule;
    ownersLeft.delete(owners);
    return owners.limit < rule.limit ? owners : rule;
  });
  return [...smaller, ...ownersLeft];
}

const sameCounter = (a: RateLimitRule, b: RateLimitRule): boolean => a.scope === b.scope && a.windowMs === b.windowMs && a.counts === b.counts;
