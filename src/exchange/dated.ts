import type { EpochMs } from '../core/units.js';
import { epochMs } from '../core/units.js';
import { assert } from '../core/assert.js';
import type { SourcedRule } from './venue-profile.js';

/** A value of a venue's rule and the instant from which it held. */
export interface Dated<T> {
  /** ISO 8601 with an offset: `2026-08-21T21:00:00+09:00`. */
  readonly from: string;
  readonly value: T;
  /** For people: the value in words. */
  readonly words: string;
  readonly source: string;
}

export interface InForce<T> {
  readonly value: T;
  readonly sourced: SourcedRule;
  /** Set when `at` lies before the first date that is known: the earliest value is used (design decision 11). */
  readonly caveat: string | undefined;
}

/** The entry in force at `at`; the earliest one before its date. @param history - oldest first. */
export function inForceAt<T>(rule: string, history: readonly Dated<T>[], at: EpochMs): InForce<T> {
  const first = history[0];
  assert(first !== undefined, `the rule "${rule}" has no entry`);
  let current = first;
  for (const entry of history) if (instantOf(entry.from) <= at) current = entry;
  const early = at < instantOf(first.from);
  return {
    value: current.value,
    sourced: { rule, value: current.words, from: current.from, source: current.source },
    caveat: early ? `${rule}: ${current.words} is known from ${first.from.slice(0, 10)} on and is used before it too` : undefined,
  };
}

const instantOf = (iso: string): EpochMs => epochMs(Date.parse(iso));
