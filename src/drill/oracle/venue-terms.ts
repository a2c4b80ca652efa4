import { parseFixed, type Fixed } from '../../core/money.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import type { VenueProfile } from '../../exchange/venue-profile.js';
import { profileAt } from '../../exchange/venue-profiles.js';

/** What a venue charges and on which grid it trades. */
export interface VenueTerms {
  readonly takerPpm: bigint;
  readonly makerPpm: bigint;
  readonly liquidationPpm: bigint;
  readonly step: bigint;
  readonly tick: (price: bigint) => bigint;
}

const HOUR = 3_600_000;

/** A venue's rules from some instant on, where a fault of the run changed them for the account. */
export interface RuleChange {
  readonly since: EpochMs;
  readonly venue: VenueId;
  readonly rules: Readonly<Record<string, string>>;
}

/** The venue's dated rules with a run's overrides, looked up once an hour and at each change: no dated rule changes within one. */
export class TermsBook {
  readonly #overrides: Readonly<Record<VenueId, Readonly<Record<string, string>>>>;
  readonly #changes: readonly RuleChange[];
  readonly #known: Record<VenueId, { readonly hour: number; readonly changed: number; readonly terms: VenueTerms } | undefined> = {
    upbit: undefined,
    binance: undefined,
  };

  /** @param changes - in the order of time. */
  constructor(overrides: Readonly<Record<VenueId, Readonly<Record<string, string>>>>, changes: readonly RuleChange[] = []) {
    this.#overrides = overrides;
    this.#changes = changes;
  }

  at(venue: VenueId, t: EpochMs): VenueTerms {
    const hour = Math.floor(t / HOUR);
    const changes = this.#changes.length === 0 ? [] : this.#changes.filter((change) => change.venue === venue && change.since <= t);
    const known = this.#known[venue];
    if (known?.hour === hour && known.changed === changes.length) return known.terms;
    const overrides = changes.reduce((rules, change) => ({ ...rules, ...change.rules }), this.#overrides[venue]);
    const terms = termsOf(profileAt(venue, t), overrides);
    this.#known[venue] = { hour, changed: changes.length, terms };
    return terms;
  }
}

function termsOf(profile: VenueProfile, overrides: Readonly<Record<string, string>>): VenueTerms {
  const { takerFeePpm, makerFeePpm, priceStep, amountStep } = overrides;
  const step = priceStep === undefined ? undefined : parseFixed(priceStep);
  return {
    takerPpm: takerFeePpm === undefined ? profile.takerFeePpm : BigInt(takerFeePpm),
    makerPpm: makerFeePpm === undefined ? profile.makerFeePpm : BigInt(makerFeePpm),
    liquidationPpm: profile.futures?.liquidationFeePpm ?? 0n,
    step: amountStep === undefined ? profile.quantityStep : parseFixed(amountStep),
    tick: (price) => step ?? profile.priceTick(price as Fixed<string>),
  };
}
