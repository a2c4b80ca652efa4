import { assert } from './assert.js';

declare const fixedUnit: unique symbol;

/**
 * An exact amount in whole units of 1e-8 of its unit. `bigint`, since 90 million KRW at 1e-8 already
 * leaves the safe integers (design decision 5).
 */
export type Fixed<Unit extends string> = bigint & { readonly [fixedUnit]: Unit };
export type Btc = Fixed<'BTC'>;
export type Krw = Fixed<'KRW'>;
export type Usdt = Fixed<'USDT'>;
/** A price in units of 1e-8 of the quote currency per whole BTC. */
export type PriceKrw = Fixed<'KRW/BTC'>;
export type PriceUsdt = Fixed<'USDT/BTC'>;
export type Quote = 'KRW' | 'USDT';
export type Asset = 'BTC' | Quote;
export type PriceIn<Q extends Quote> = Fixed<`${Q}/BTC`>;

/** One whole unit: 1 BTC, 1 KRW, 1 USDT. */
export const ONE = 100_000_000n;
const DECIMALS = 8;
const PATTERN = /^(-?)(\d+)(?:\.(\d+))?$/;

/** The amount `units` of 1e-8 each; the only place besides parsing where a brand is made. */
export function fixed<T extends Fixed<string>>(units: bigint): T {
  return units as T;
}

/** Whether `text` is a decimal string that `parseFixed` takes. */
export function isDecimal(text: string): boolean {
  const match = PATTERN.exec(text);
  return match !== null && (match[3] ?? '').length <= DECIMALS;
}

/**
 * @param text - a plain decimal such as `-12.5`: no exponent, at most 8 decimals.
 * @throws InternalError otherwise; check user input with `isDecimal` first.
 */
export function parseFixed<T extends Fixed<string>>(text: string): T {
  const match = PATTERN.exec(text);
  const fraction = match?.[3] ?? '';
  assert(match !== null && fraction.length <= DECIMALS, `not a decimal with at most 8 places: "${text}"`);
  const units = BigInt(match[2] ?? '0') * ONE + BigInt(fraction.padEnd(DECIMALS, '0'));
  return fixed<T>(match[1] === '-' ? -units : units);
}

/** The shortest plain decimal string: `0.05`, `-1`, `130000000`. */
export function formatFixed(amount: bigint): string {
  const magnitude = amount < 0n ? -amount : amount;
  const fraction = (magnitude % ONE).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  const text = `${magnitude / ONE}${fraction === '' ? '' : `.${fraction}`}`;
  return amount < 0n ? `-${text}` : text;
}

/**
 * A floating-point figure (a ccxt result, a model price) as an amount, rounded half up at 1e-8.
 * Goes through the shortest decimal that reads back as `value`, so `0.1` is exactly 0.1.
 */
export function fixedFromNumber<T extends Fixed<string>>(value: number): T {
  assert(Number.isFinite(value), `an amount is finite, was ${value}`);
  const text = String(value);
  if (isDecimal(text)) return parseFixed<T>(text);
  const whole = Math.trunc(value);
  return fixed<T>(BigInt(whole) * ONE + BigInt(Math.round((value - whole) * Number(ONE))));
}

/** For analytics, reports and ccxt-shaped results only: exactness ends here. */
export function toNumber(amount: bigint): number {
  return Number(formatFixed(amount));
}

export type Rounding = 'down' | 'up' | 'half-up';

/** `a * b / c` in whole units, for positive and negative `a`; `down` is towards zero. */
export function mulDiv(a: bigint, b: bigint, c: bigint, rounding: Rounding): bigint {
  const product = a * b;
  const negative = product < 0n !== c < 0n && product !== 0n;
  const magnitude = product < 0n ? -product : product;
  const divisor = c < 0n ? -c : c;
  const quotient = magnitude / divisor;
  const rest = magnitude % divisor;
  const up = rounding === 'up' ? rest > 0n : rounding === 'half-up' ? rest * 2n >= divisor : false;
  const result = up ? quotient + 1n : quotient;
  return negative ? -result : result;
}

/** Price times quantity in the price's quote currency. */
export function notional<Q extends Quote>(price: Fixed<`${Q}/BTC`>, quantity: Btc, rounding: Rounding = 'half-up'): Fixed<Q> {
  return fixed<Fixed<Q>>(mulDiv(price, quantity, ONE, rounding));
}

/** The largest multiple of `step` that is not above `amount` (towards zero for negatives). */
export function floorTo<T extends bigint>(amount: T, step: bigint): T {
  return (amount - (amount % step)) as T;
}

export const abs = <T extends bigint>(amount: T): T => (amount < 0n ? -(amount as bigint) : amount) as T;
export const min = <T extends bigint>(a: T, b: T): T => (a < b ? a : b);
export const max = <T extends bigint>(a: T, b: T): T => (a > b ? a : b);
export const add = <T extends bigint>(a: T, b: T): T => ((a as bigint) + (b as bigint)) as T;
export const sub = <T extends bigint>(a: T, b: T): T => ((a as bigint) - (b as bigint)) as T;
export const negate = <T extends bigint>(a: T): T => -(a as bigint) as T;
