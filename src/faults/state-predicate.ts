import { isDecimal, parseFixed, type Fixed } from '../core/money.js';

/** What `when.state` may look at, and what kind of value stands there. */
const PATHS = {
  'upbit.btc': 'amount',
  'upbit.krw': 'amount',
  'upbit.mid': 'amount',
  'upbit.openOrders': 'amount',
  'binance.position': 'amount',
  'binance.usdt': 'amount',
  'binance.mid': 'amount',
  'binance.openOrders': 'amount',
  'binance.leverage': 'amount',
  'binance.positionMode': 'word',
  'binance.marginMode': 'word',
  delta: 'amount',
  openOrders: 'amount',
  usdKrw: 'amount',
} as const;

export type StatePath = keyof typeof PATHS;
/** Amounts in units of 1e-8, words as they are; undefined in a gap of the data. */
export type StateValue = Fixed<string> | string | undefined;
export type StateOperator = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'in';

export const STATE_PATHS = Object.keys(PATHS) as readonly StatePath[];
export const STATE_OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in'] as const;

/** One condition on the truth at the venues; several must hold together. */
export interface StatePredicate {
  readonly path: StatePath;
  readonly op: StateOperator;
  /** One value, or those that `in` allows. */
  readonly values: readonly (Fixed<string> | string)[];
}

export function isStatePath(path: string): path is StatePath {
  return path in PATHS;
}

/** @returns the predicate, or what is wrong with it and under which key. */
export function statePredicate(
  path: StatePath,
  op: StateOperator,
  value: string | boolean | readonly string[],
): StatePredicate | { readonly key: 'op' | 'value'; readonly problem: string } {
  const list = Array.isArray(value) ? (value as readonly string[]).map(String) : [String(value)];
  if ((op === 'in') !== Array.isArray(value))
    return { key: 'value', problem: op === 'in' ? 'in takes a list of values' : `${op} takes one value, not a list` };
  const isWord = PATHS[path] === 'word';
  if (isWord && ['lt', 'lte', 'gt', 'gte'].includes(op))
    return { key: 'op', problem: `${path} is a word; compare it with eq, ne or in, found ${op}` };
  const bad = isWord ? undefined : list.find((text) => !isDecimal(text));
  if (bad !== undefined) return { key: 'value', problem: `${path} is an amount; expected a decimal in quotes, found "${bad}"` };
  return { path, op, values: isWord ? list : list.map((text) => parseFixed<Fixed<string>>(text)) };
}

/** Whether the truth is as the predicate says; in a gap of the data nothing is. */
export function holds({ op, values }: StatePredicate, found: StateValue): boolean {
  const [value] = values;
  if (found === undefined || value === undefined) return false;
  switch (op) {
    case 'eq':
      return found === value;
    case 'ne':
      return found !== value;
    case 'in':
      return values.includes(found);
    case 'lt':
      return found < value;
    case 'lte':
      return found <= value;
    case 'gt':
      return found > value;
    case 'gte':
      return found >= value;
  }
}
