import { durationMs, type DurationMs } from '../core/units.js';
import type { BarsSource, PremiumBars } from './bars.js';

export type FxKind = BarsSource['fxKind'];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A day's ECB rate is out by 15:00 UTC (../shared/data/README.md, conventions). */
export const FIXING_KNOWN_AFTER_MS = 15 * HOUR_MS;

/**
 * Oldest FX value that may start an entry (design decision 10). The daily limit is the longest bank holiday
 * there is: from Thursday 15:00 UTC over Easter to Tuesday 15:00 UTC.
 */
export const FX_AGE_MS_MAX: Readonly<Record<FxKind, DurationMs>> = {
  daily: durationMs(120 * HOUR_MS),
  live: durationMs(10 * 60_000),
  unknown: durationMs(120 * HOUR_MS),
};
/** A new FX value further from the old one than this fraction is not believed until the next value. */
const FX_JUMP_MAX = 0.015;

/** The FX side of a series, row by row. */
export interface FxRows {
  readonly time: Float64Array;
  readonly usdKrw: Float64Array;
  readonly afterGap: Uint8Array;
  /** 1 where the value comes from a live source. */
  readonly live: Uint8Array;
  /** When each live value was quoted, where that is not the row's own moment. */
  readonly quotedAt?: Float64Array | undefined;
}

/** USD/KRW values, not yet followed through the rows. */
export interface FxValues {
  readonly usdKrw: Float64Array;
  readonly live: Uint8Array;
  readonly quotedAt?: Float64Array | undefined;
  readonly kind: FxKind;
}

export interface FxColumns {
  readonly since: Float64Array;
  readonly jump: Float64Array;
  readonly step: Uint8Array;
}

/** When the daily rate in force at `at` was published: 15:00 UTC of the last business day. */
export function dailyPublication(at: number): number {
  let published = Math.floor((at - FIXING_KNOWN_AFTER_MS) / DAY_MS) * DAY_MS + FIXING_KNOWN_AFTER_MS;
  // 1970-01-01 was a Thursday: 2 and 3 days later come Saturday and Sunday.
  while ([2, 3].includes(((Math.floor(published / DAY_MS) % 7) + 7) % 7)) published -= DAY_MS;
  return published;
}

/**
 * Follows the FX value through the rows.
 *
 * `since`: a live value is as old as its quote. Any other value is known since the row that first shows it; at the
 * start and behind a gap that row says too little, and the last daily publication before it stands in.
 * `step`: any change of a daily value. A live rate moves with every row, so only a change beyond the jump guard
 * and a change of source count. `jump` is not taken over a hole longer than the daily age limit, behind which the
 * old value says nothing.
 */
export function followFx({ time, usdKrw, afterGap, live, quotedAt }: FxRows): FxColumns {
  const columns: FxColumns = { since: new Float64Array(time.length), jump: new Float64Array(time.length), step: new Uint8Array(time.length) };
  const knownSince = (row: number, at: number): number => {
    if (live[row] === 1) return quotedAt?.[row] ?? at;
    return row > 0 && afterGap[row] !== 1 ? at : dailyPublication(at);
  };
  let since = Number.NaN;
  let jump = 0;
  for (let row = 0; row < time.length; row += 1) {
    const at = time[row] ?? Number.NaN;
    const change = row === 0 ? 0 : (usdKrw[row] ?? Number.NaN) / (usdKrw[row - 1] ?? Number.NaN) - 1;
    if (row === 0 || live[row] === 1 || change !== 0) {
      since = knownSince(row, at);
      jump = at - (time[row - 1] ?? at) <= FX_AGE_MS_MAX.daily ? change : 0;
    }
    columns.since[row] = since;
    columns.jump[row] = jump;
    const stepped = live[row] === 1 ? Math.abs(change) > FX_JUMP_MAX : change !== 0;
    if (row > 0 && (stepped || live[row - 1] !== live[row])) columns.step[row] = 1;
  }
  return columns;
}

/** How old the FX value of a row is at that row, milliseconds; NaN when the bars do not say. */
export function fxAgeMs(bars: PremiumBars, row: number): number {
  return (bars.time[row] ?? Number.NaN) - (bars.fxSince?.[row] ?? Number.NaN);
}

/** The age limit that goes for a row: a file may mix live and daily rates. */
function fxAgeLimitMs(bars: PremiumBars, row: number): DurationMs {
  if (bars.fxLive === undefined) return FX_AGE_MS_MAX[bars.source.fxKind];
  return bars.fxLive[row] === 1 ? FX_AGE_MS_MAX.live : FX_AGE_MS_MAX[bars.source.fxKind === 'live' ? 'daily' : bars.source.fxKind];
}

export type FxVerdict =
  | { readonly ok: true; readonly ageMs: number; readonly jump: number }
  | { readonly ok: false; readonly why: 'missing' | 'stale' | 'jump'; readonly ageMs: number; readonly jump: number; readonly limit: number };

/**
 * Whether the FX value of a row may start an entry. An exit never asks: it must not wait for a bank.
 * @returns with `why`: no value at all, older than its source's limit, or a jump beyond `FX_JUMP_MAX`.
 */
export function fxCheck(bars: PremiumBars, row: number): FxVerdict {
  const ageMs = fxAgeMs(bars, row);
  const jump = bars.fxJump?.[row] ?? 0;
  const value = bars.usdKrw[row] ?? Number.NaN;
  if (!(value > 0)) return { ok: false, why: 'missing', ageMs, jump, limit: 0 };
  const limit = fxAgeLimitMs(bars, row);
  if (ageMs > limit) return { ok: false, why: 'stale', ageMs, jump, limit };
  if (Math.abs(jump) > FX_JUMP_MAX) return { ok: false, why: 'jump', ageMs, jump, limit: FX_JUMP_MAX };
  return { ok: true, ageMs, jump };
}

/** Whether a rate moves like a quoted one: a daily rate changes in few rows of anything finer than a day. */
export function looksLive(usdKrw: Float64Array, stepMs: number): boolean {
  if (stepMs >= DAY_MS || usdKrw.length < 10) return false;
  let changes = 0;
  for (let row = 1; row < usdKrw.length; row += 1) if (usdKrw[row] !== usdKrw[row - 1]) changes += 1;
  return changes > 0.5 * (usdKrw.length - 1);
}
