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
  assert(first !== undefined, () => `the rule "${rule}" has no entry`);
  let current = first;
  for (const entry of history) if (instantOf(entry.from) <= at) current = entry;
  const early = at < instantOf(first.from);
  return {
    value: current.value,
    sourced: { rule, value: current.words, from: current.from, source: current.source },
    caveat: early ? `${rule}: ${current.words} is known from ${first.from.slice(0, 10)} on and is used before it too` : undefined,
  };
}

const INSTANTS = new Map<string, EpochMs>();

/** The dates of the tables are few and asked for with every call. */
function instantOf(iso: string): EpochMs {
  let instant = INSTANTS.get(iso);
  if (instant === undefined) {
    instant = epochMs(Date.parse(iso));
    INSTANTS.set(iso, instant);
  }
  return instant;
}

/**
 * `build`, once for each stretch of time between two dates of `histories`: nothing that is in force changes inside one,
 * and calls ask far more often than rules change.
 */
export function perEra<T>(histories: readonly (readonly Dated<unknown>[])[], build: (at: EpochMs) => T): (at: EpochMs) => T {
  const borders = [...new Set(histories.flat().map(({ from }) => instantOf(from)))].sort((a, b) => a - b);
  const built = new Map<number, T>();
  return (at) => {
    const era = borders.findLastIndex((border) => border <= at);
    let value = built.get(era);
    if (value === undefined) {
      value = build(at);
      built.set(era, value);
    }
    return value;
  };
}
