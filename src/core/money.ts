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

/** Magnitudes up to here are whole doubles, and so are their parts: no digit is lost on the way through a `number`. */
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const UNITS = Number(ONE);

/** Whether `text` is a decimal string that `parseFixed` takes. */
export function isDecimal(text: string): boolean {
  const match = PATTERN.exec(text);
  return match !== null && (match[3] ?? '').length <= DECIMALS;
}

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
/** As many digits as always make a safe integer. */
const SAFE_DIGITS = 15;

/** The units of a short decimal; undefined for a long one and for what is no decimal, which the pattern decides about. */
function shortUnits(text: string): number | undefined {
  const first = text.charCodeAt(0) === MINUS ? 1 : 0;
  let units = 0;
  let point = -1;
  for (let index = first; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit >= 0 && digit <= 9) units = units * 10 + digit;
    else if (digit === POINT - ZERO && point === -1 && index > first) point = index;
    else return undefined;
  }
  const decimals = point === -1 ? 0 : text.length - point - 1;
  const digits = text.length - first - (point === -1 ? 0 : 1);
  const isShort = digits > 0 && digits - decimals + DECIMALS <= SAFE_DIGITS && decimals <= DECIMALS && point !== text.length - 1;
  if (!isShort) return undefined;
  const scaled = units * (SCALES[decimals] ?? 1);
  return first === 1 ? -scaled : scaled;
}

/** By how much digits with so many decimals fall short of units. */
const SCALES = Array.from({ length: DECIMALS + 1 }, (_, decimals) => 10 ** (DECIMALS - decimals));

/**
 * @param text - a plain decimal such as `-12.5`: no exponent, at most 8 decimals.
 * @throws InternalError otherwise; check user input with `isDecimal` first.
 */
export function parseFixed<T extends Fixed<string>>(text: string): T {
  const short = shortUnits(text);
  if (short !== undefined) return fixed<T>(BigInt(short));
  const match = PATTERN.exec(text);
  const fraction = match?.[3] ?? '';
  assert(match !== null && fraction.length <= DECIMALS, () => `not a decimal with at most 8 places: "${text}"`);
  const units = BigInt(match[2] ?? '0') * ONE + BigInt(fraction.padEnd(DECIMALS, '0'));
  return fixed<T>(match[1] === '-' ? -units : units);
}

/** The shortest plain decimal string: `0.05`, `-1`, `130000000`. */
export function formatFixed(amount: bigint): string {
  const magnitude = amount < 0n ? -amount : amount;
  const text = magnitude <= SAFE ? shortText(Number(magnitude)) : `${magnitude / ONE}${fractionText(Number(magnitude % ONE))}`;
  return amount < 0n ? `-${text}` : text;
}

function shortText(units: number): string {
  const fraction = units % UNITS;
  return `${(units - fraction) / UNITS}${fractionText(fraction)}`;
}

/** Decimals behind their point without the zeros at the end; nothing for none. */
function fractionText(units: number): string {
  if (units === 0) return '';
  let digits = units;
  let length = DECIMALS;
  while (digits % 10 === 0) {
    digits /= 10;
    length -= 1;
  }
  return `.${String(digits).padStart(length, '0')}`;
}

/**
 * A floating-point figure (a ccxt result, a model price) as an amount, rounded half up at 1e-8.
 * Goes through the shortest decimal that reads back as `value`, so `0.1` is exactly 0.1.
 */
export function fixedFromNumber<T extends Fixed<string>>(value: number): T {
  assert(Number.isFinite(value), () => `an amount is finite, was ${value}`);
  const text = String(value);
  const short = shortUnits(text);
  if (short !== undefined) return fixed<T>(BigInt(short));
  if (isDecimal(text)) return parseFixed<T>(text);
  const whole = Math.trunc(value);
  return fixed<T>(BigInt(whole) * ONE + BigInt(Math.round((value - whole) * Number(ONE))));
}

/** For analytics, reports and ccxt-shaped results only: exactness ends here. */
export function toNumber(amount: bigint): number {
  // Both are whole doubles, so that their quotient is rounded once, like the decimal that is read.
  if (amount <= SAFE && amount >= -SAFE) return Number(amount) / UNITS;
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
