import { formatFixed, mulDiv, parseFixed, type Fixed } from '../core/money.js';

/** A number as ccxt writes it on the wire: a plain decimal without an exponent. */
export function decimalText(value: number | string): string {
  const text = String(value);
  if (!/e/i.test(text)) return text;
  const digits = Number(value).toFixed(20);
  return digits.includes('.') ? digits.replace(/0+$/, '').replace(/\.$/, '') : digits;
}

/** Cut to 1e-8 units, like ccxt's TRUNCATE to a precision of 1e-8. */
function cutToUnits(value: number | string): Fixed<string> {
  const [whole = '0', fraction = ''] = decimalText(value).split('.');
  return parseFixed(`${whole}.${fraction.slice(0, 8).padEnd(1, '0')}`);
}

/** `amountToPrecision`: cut to a multiple of `step`. */
export function amountText(value: number | string, step: bigint): string {
  const units = cutToUnits(value);
  return formatFixed(units - (units % step));
}

/** `priceToPrecision`: rounded half up to a multiple of `tick`. */
export function priceText(value: number | string, tick: bigint): string {
  return formatFixed(mulDiv(cutToUnits(value), 1n, tick, 'half-up') * tick);
}

/** `Precise.stringDiv`: eighteen decimals, cut; then read as a number. */
export function quotientOf(numerator: bigint, denominator: bigint): number {
  const SCALE = 10n ** 18n;
  const scaled = (numerator * SCALE) / denominator;
  return Number(`${scaled / SCALE}.${(scaled % SCALE).toString().padStart(18, '0')}`);
}

/** A decimal string of the wire in 1e-8 units; more decimals than that never occur on our venues. */
export function unitsOf(text: string): bigint {
  return parseFixed<Fixed<string>>(text);
}

/** `safeNumber`: absent and null become undefined. */
export function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** `omitZero` then a number: zero means "not there". */
export function numberUnlessZero(value: unknown): number | undefined {
  const parsed = numberOf(value);
  return parsed === 0 ? undefined : parsed;
}

export function isoTime(timestamp: number | undefined): string | undefined {
  return timestamp === undefined ? undefined : new Date(timestamp).toISOString();
}
