import type { EpochMs, VenueId } from '../core/units.js';
import { profileAt } from '../exchange/venue-profiles.js';
import { rulesOf, type VenueRules } from './venue-rules.js';

type Overrides = Readonly<Record<string, string>>;

/** Rules change on the hour at the earliest, so an hour's worth of calls shares one look-up. */
const RULES_STAY_MS = 3_600_000;

/** The rules of one venue: its dated profile, what the world sets instead, and what a fault changes while the run goes on. */
export class RuleBook {
  readonly #venue: VenueId;
  readonly #editions: Overrides[];
  readonly #known = new Map<number, { readonly rules: VenueRules; readonly until: number }>();

  constructor(venue: VenueId, overrides: Overrides) {
    this.#venue = venue;
    this.#editions = [overrides];
  }

  /** Counts the changes; a client that loaded its markets keeps the edition of then. */
  get edition(): number {
    return this.#editions.length - 1;
  }

  change(overrides: Overrides): void {
    this.#editions.push({ ...this.#editions.at(-1), ...overrides });
  }

  at(now: EpochMs, edition = this.edition): VenueRules {
    const known = this.#known.get(edition);
    if (known !== undefined && now < known.until && now >= known.until - RULES_STAY_MS) return known.rules;
    const rules = rulesOf(profileAt(this.#venue, now), this.#editions[edition] ?? {});
    this.#known.set(edition, { rules, until: (Math.floor(now / RULES_STAY_MS) + 1) * RULES_STAY_MS });
    return rules;
  }
}
