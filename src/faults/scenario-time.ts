import { assert } from '../core/assert.js';
import { durationMs, epochMs } from '../core/units.js';
import type { EpochMs } from '../core/units.js';
import type { Span } from './fault-action.js';

/** `250ms`, `3s`, `1h30m`, `0.5d`. */
export const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;
/** A duration with a sign, for shifts. */
export const SIGNED_DURATION = /^[+-]?(\d+(\.\d+)?(ms|s|m|h|d))+$/;
/** An instant with its zone: `2025-01-03T06:26:00+09:00`, `2025-01-02T21:26Z`, `2025-01-03 06:26 KST`. */
export const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?\s?(Z|UTC|KST|[+-]\d{2}:\d{2})$/;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const ZONES: Readonly<Record<string, string>> = { UTC: 'Z', KST: '+09:00' };

/** @returns whole milliseconds; a fraction of one is rounded. */
export function parseDurationMs(text: string): number {
  assert(SIGNED_DURATION.test(text), `not a duration: "${text}"`);
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return Math.round(text.startsWith('-') ? -total : total);
}

/** A duration, or `forever`. */
export const parseSpan = (text: string): Span => (text === 'forever' ? 'forever' : durationMs(parseDurationMs(text)));

/** @returns undefined when there is no such day or time. */
export function parseInstant(text: string): EpochMs | undefined {
  const [, day, minute, second, zone] = INSTANT.exec(text) ?? [];
  if (day === undefined || minute === undefined || zone === undefined) return undefined;
  const at = Date.parse(`${day}T${minute}${second ?? ':00'}${ZONES[zone] ?? zone}`);
  // A day that does not exist (31 February) is moved on by Date.parse in some engines.
  const offset = Date.parse(`1970-01-01T00:00:00${ZONES[zone] ?? zone}`);
  const stands = Number.isFinite(at) && new Date(at - offset).toISOString().startsWith(`${day}T${minute}`);
  return stands ? epochMs(at) : undefined;
}

/** `2025-01-02T21:26:00.000Z`. */
export const formatInstant = (at: EpochMs): string => new Date(at).toISOString();
