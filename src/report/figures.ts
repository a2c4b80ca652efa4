import { type Maybe, mapMaybe } from './not-available.js';
import type { Tails } from './metrics/tails.js';

/** Rounds half away from zero at `decimals` places; -0 becomes 0, so that equal figures print equal bytes. */
export function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  const rounded = (Math.sign(value) * Math.round(Math.abs(value) * factor)) / factor;
  return rounded === 0 ? 0 : rounded;
}

/** KRW as a decimal string with two places, `-1234.50`. */
export function money(krw: number): string {
  return round(krw, 2).toFixed(2);
}

export const moneyMaybe = (value: Maybe<number>): Maybe<string> => mapMaybe(value, money);
export const roundMaybe = (value: Maybe<number>, decimals: number): Maybe<number> => mapMaybe(value, (figure) => round(figure, decimals));

/** Rounds every figure of a sample's shape. */
export function roundTails(tails: Tails, decimals: number): Tails {
  const at = (value: number | null): number | null => (value === null ? null : round(value, decimals));
  return { ...tails, mean: at(tails.mean), p50: at(tails.p50), p95: at(tails.p95), p99: at(tails.p99), max: at(tails.max) };
}
