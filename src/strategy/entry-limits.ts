import { formatFixed, negate } from '../core/money.js';
import type { Krw } from '../core/money.js';
import type { EpochMs } from '../core/units.js';

/** Rails around the strategy; undefined means no limit. A day is one of UTC. */
export interface EntryLimits {
  /** All open positions together, KRW spent on Upbit at entry. */
  readonly exposureMax: Krw | undefined;
  readonly entriesPerDayMax: number | undefined;
  /** Realised loss of one day after which nothing more is opened until the next. */
  readonly lossPerDayMax: Krw | undefined;
}

/** What the driver knows when an entry is about to be sent. */
export interface EntryFacts {
  readonly amount: Krw;
  readonly exposure: Krw;
  /** Entries sent since 00:00 UTC. */
  readonly entriesToday: number;
  /** Realised result since 00:00 UTC, negative for a loss. */
  readonly resultToday: Krw;
}

/** Which limit forbids this entry, in words for the log and the report; undefined when none does. */
export function limitAgainst(limits: EntryLimits, facts: EntryFacts): string | undefined {
  const { exposureMax, entriesPerDayMax, lossPerDayMax } = limits;
  if (exposureMax !== undefined && facts.exposure + facts.amount > exposureMax) {
    return `exposure would be ${formatFixed(facts.exposure + facts.amount)} KRW, limit ${formatFixed(exposureMax)}`;
  }
  if (entriesPerDayMax !== undefined && facts.entriesToday >= entriesPerDayMax)
    return `${facts.entriesToday} entries today, limit ${entriesPerDayMax}`;
  const lost = negate(facts.resultToday);
  if (lossPerDayMax !== undefined && lost >= lossPerDayMax) return `lost ${formatFixed(lost)} KRW today, limit ${formatFixed(lossPerDayMax)}`;
  return undefined;
}

/** The UTC day of an instant, counted from the epoch: the key of the day's counters. */
export const utcDayOf = (at: EpochMs): number => Math.floor(at / 86_400_000);
