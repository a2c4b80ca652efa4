import { formatFixed, parseFixed } from '../core/money.js';
import { isNotAvailable, type Maybe } from './not-available.js';

/** Digits in groups of three: `-1,234,567.8`; `decimals` places. */
export function grouped(value: number, decimals = 0): string {
  const text = Math.abs(value).toFixed(decimals);
  const [whole = '0', fraction] = text.split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = value < 0 && Number(text) !== 0 ? '-' : '';
  return `${sign}${groups}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** KRW to the whole won with its unit, or `N/A (reason)`. */
export function krwText(amount: Maybe<string | number>): string {
  return isNotAvailable(amount) ? naText(amount) : `${grouped(Number(amount))} KRW`;
}

export const naText = ({ na }: { readonly na: string }): string => `N/A (${na})`;

/** A figure with `decimals` places and its unit. */
export function figureText(value: Maybe<number> | null, decimals: number, unit: string): string {
  if (value === null) return 'N/A';
  return isNotAvailable(value) ? naText(value) : `${grouped(value, decimals)}${unit}`;
}

/** A share as a percentage. */
export function shareText(value: Maybe<number>, decimals = 1): string {
  return isNotAvailable(value) ? naText(value) : `${grouped(value * 100, decimals)} %`;
}

/** `1 repair`, `2 repairs`. */
export const plural = (count: number, noun: string): string => `${grouped(count)} ${count === 1 ? noun : nouns(noun)}`;

const nouns = (noun: string): string => (noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`);

/** A span of days: days when it is long, hours and minutes when it is short. */
export function spanText(days: number): string {
  return days >= 2 ? `${grouped(days, 1)} days` : durationText(days * 86_400_000);
}

/** What counts as hedged, from the tolerance in BTC: `below 0.001 BTC`. */
export function toleranceText(tolerance: string): string {
  const units = parseFixed(tolerance);
  return units === 0n ? 'exactly 0 BTC' : `below ${formatFixed(units + 1n)} BTC`;
}

/** A length of time for people: `320 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  // Rounded to the smallest unit that is shown, before it is split into units.
  if (ms < 59_950) return `${grouped(ms / 1_000, 1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2_880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(ms / 3_600_000);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Which exchange rates valued the run, at its start and end. */
export function ratesText(rates: Readonly<Record<'usdKrwStart' | 'usdKrwEnd' | 'usdtKrwStart' | 'usdtKrwEnd', Maybe<number>>>): string {
  const way = (start: Maybe<number>, end: Maybe<number>): string =>
    isNotAvailable(start) || isNotAvailable(end) ? 'not in the data' : `${grouped(start, 2)} at the start, ${grouped(end, 2)} at the end`;
  return `USD/KRW: ${way(rates.usdKrwStart, rates.usdKrwEnd)}. KRW-USDT on Upbit: ${way(rates.usdtKrwStart, rates.usdtKrwEnd)}.`;
}

/** Where the money stood at the end, from the skew in [-1, 1]. */
export function skewText(skew: number): string {
  return `At the end ${grouped(50 * (1 + skew), 1)} % of it was at Upbit, ${grouped(50 * (1 - skew), 1)} % at Binance.`;
}

interface AtTheEnd {
  readonly naked: { readonly stillNaked: boolean; readonly residualEndBtc: string };
  readonly trades: { readonly outcomes: Readonly<Record<string, number>> };
}

/** What is wrong at the end of a run, in a sentence; empty when nothing is. */
export function alarmText({ naked, trades }: AtTheEnd): string {
  const locked = trades.outcomes['locked'] ?? 0;
  return [
    ...(naked.stillNaked ? [`Still naked at the end: ${naked.residualEndBtc} BTC are not hedged.`] : []),
    ...(locked > 0 ? [`${plural(locked, 'flow')} ended locked: the executor gave up, trades no more and waits for a human.`] : []),
  ].join(' ');
}
