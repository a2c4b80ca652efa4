import { isDecimal, parseFixed, type Fixed } from '../core/money.js';
import { InvalidOrder } from '../exchange/ccxt-errors.js';
import { amountText, priceText } from './ccxt-numbers.js';

/** `parseOrders` of ccxt: it takes a list, and anything else as a mapping of ids, a text's characters included. */
export function ordersIn<T>(body: unknown, parse: (row: Readonly<Record<string, unknown>>) => T): T[] {
  if (Array.isArray(body)) return (body as Readonly<Record<string, unknown>>[]).map(parse);
  const entries = typeof body === 'string' ? [...body].map((char, index) => [String(index), { 0: char }] as const) : Object.entries(body as object);
  return entries.map(([id, row]: readonly [string, unknown]) => parse({ id, ...(row as object) }));
}

export type Params = Record<string, unknown>;

/** `safeString`: numbers become text, everything else but text is absent. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** An amount of a request as far as it is one: parameters go to the venue as they are. */
export function amountIn<T extends Fixed<string>>(text: string | undefined): T | undefined {
  return text !== undefined && isDecimal(text) ? parseFixed<T>(text) : undefined;
}

/** A query as ccxt writes it: undefined parameters are dropped. */
export function queryOf(params: Readonly<Record<string, string | number | undefined>>): string | undefined {
  const pairs = Object.entries(params).filter(([, value]) => value !== undefined);
  return pairs.length === 0 ? undefined : pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

/** Which client and market a local check speaks of. */
export interface LocalMarket {
  readonly client: string;
  readonly symbol: string;
}

/** @throws InvalidOrder when nothing is left after cutting to `step`. */
export function checkedAmount({ client, symbol }: LocalMarket, amount: number | string, step: bigint): string {
  const text = amountText(amount, step);
  if (text === '0') throw new InvalidOrder(`${client} amount of ${symbol} must be greater than minimum amount precision of ${stepText(step)}`);
  return text;
}

/** @throws InvalidOrder when nothing is left after rounding to `tick`. */
export function checkedPrice({ client, symbol }: LocalMarket, price: number | string, tick: bigint): string {
  const text = priceText(price, tick);
  if (text === '0') throw new InvalidOrder(`${client} price of ${symbol} must be greater than minimum price precision of ${stepText(tick)}`);
  return text;
}

/** @throws InvalidOrder for combinations that ccxt refuses by itself. */
export function isPostOnly(client: string, type: string, params: Params): boolean {
  const timeInForce = textOf(params['timeInForce'])?.toUpperCase();
  const asked = params['postOnly'] === true || params['post_only'] === true || timeInForce === 'PO';
  if (!asked) return false;
  if (timeInForce === 'IOC' || timeInForce === 'FOK')
    throw new InvalidOrder(`${client} postOnly orders cannot have timeInForce equal to ${timeInForce}`);
  if (type.toLowerCase() === 'market') throw new InvalidOrder(`${client} market orders cannot be postOnly`);
  return true;
}

const stepText = (step: bigint): string => priceText(`0.${step.toString().padStart(8, '0')}`, 1n);
