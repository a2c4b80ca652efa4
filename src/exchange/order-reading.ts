import type { Asset, Btc, Fixed } from '../core/money.js';
import { fixed, fixedFromNumber, isDecimal, parseFixed } from '../core/money.js';
import type { VenueId } from '../core/units.js';
import type { ClientFee, ClientOrder, ClientTrade } from './exchange-client.js';

/** What an order that a client returned says, in exact amounts; a field that it does not say is undefined, never guessed. */
export interface OrderReading {
  readonly orderId: string | undefined;
  readonly clientOrderId: string | undefined;
  /** ccxt's word, for reports: success is told by `executed`, since a filled Upbit market buy ends `canceled`. */
  readonly status: string | undefined;
  /** Whether nothing more can happen to it; undefined for a status that ccxt does not map. */
  readonly terminal: boolean | undefined;
  readonly executed: Btc | undefined;
  /** Quote paid or received before fees: KRW on Upbit, USDT on Binance. */
  readonly quoteExecuted: Fixed<string> | undefined;
  /** Undefined on Binance, whose REST orders carry no fee: read it from `fetchMyTrades`. */
  readonly fee: Fixed<string> | undefined;
  readonly feeAsset: Asset | undefined;
}

/** ccxt's statuses and whether each is final; anything else is a raw venue word. */
const TERMINAL: ReadonlyMap<string, boolean> = new Map([
  ['open', false],
  ['canceling', false],
  ['closed', true],
  ['canceled', true],
  ['expired', true],
  ['rejected', true],
]);

export function isMappedStatus(status: string | undefined): boolean {
  return status !== undefined && TERMINAL.has(status);
}

/**
 * Reads an order past ccxt's traps (4.5.84): amounts come from the venue's own strings in `info`; where
 * `info` is there but lacks one, ccxt's figure is a guess (a `closed` order without an executed quantity
 * gets the full one) and is not used. Only an order without `info` is read from its unified fields.
 *
 * - Upbit: `cost` is the requested KRW until trades are there and in every list; `average` follows it.
 *   Money comes from `executed_funds`, or from trades that add up to the executed volume.
 * - Binance: money is `cumQuote`; `cost` may be price times quantity.
 */
export function readOrder(venue: VenueId, order: ClientOrder): OrderReading {
  const amounts = venue === 'upbit' ? upbitAmounts(order) : binanceAmounts(order);
  return {
    orderId: presentText(order.id),
    clientOrderId: presentText(order.clientOrderId),
    status: order.status,
    terminal: order.status === undefined ? undefined : TERMINAL.get(order.status),
    ...amounts,
  };
}

type Amounts = Pick<OrderReading, 'executed' | 'quoteExecuted' | 'fee' | 'feeAsset'>;

function upbitAmounts(order: ClientOrder): Amounts {
  const info = recordOf(order.info);
  const executed = (info === undefined ? amountOf(order.filled) : amountOf(info['executed_volume'])) as Btc | undefined;
  const fee = info === undefined ? unifiedFee(order)?.cost : amountOf(info['paid_fee']);
  return { executed, quoteExecuted: upbitQuote(order, info, executed), fee, feeAsset: fee === undefined ? undefined : 'KRW' };
}

function upbitQuote(order: ClientOrder, info: Record<string, unknown> | undefined, executed: Btc | undefined): Fixed<string> | undefined {
  if (executed === undefined) return undefined;
  if (executed === 0n) return fixed(0n);
  const funds = amountOf(info?.['executed_funds']);
  if (funds !== undefined) return funds;
  const trades = listOf(info?.['trades']);
  if (trades !== undefined) return sumOf(trades, 'volume', 'funds', executed);
  return info === undefined ? sumOf(order.trades ?? [], 'amount', 'cost', executed) : undefined;
}

function binanceAmounts(order: ClientOrder): Amounts {
  const info = recordOf(order.info);
  const executed = (info === undefined ? amountOf(order.filled) : amountOf(info['executedQty'])) as Btc | undefined;
  const quote = info === undefined ? amountOf(order.cost) : amountOf(info['cumQuote']);
  const fee = unifiedFee(order);
  return {
    executed,
    quoteExecuted: executed === 0n ? fixed(0n) : quote,
    fee: fee?.cost,
    feeAsset: fee?.currency === 'USDT' || fee?.currency === 'BTC' || fee?.currency === 'KRW' ? fee.currency : undefined,
  };
}

/** The money of trades, provided that their quantities add up to what was executed: a list may lag behind its order. */
function sumOf(
  trades: readonly (Record<string, unknown> | ClientTrade)[],
  quantity: string,
  money: string,
  executed: Btc,
): Fixed<string> | undefined {
  let volume = 0n;
  let funds = 0n;
  for (const trade of trades as readonly Record<string, unknown>[]) {
    const one = amountOf(trade[quantity]);
    const paid = amountOf(trade[money]);
    if (one === undefined || paid === undefined) return undefined;
    volume += one;
    funds += paid;
  }
  return volume === executed ? fixed(funds) : undefined;
}

function unifiedFee(order: ClientOrder): { readonly cost: Fixed<string>; readonly currency: string | undefined } | undefined {
  const stated: (ClientFee | undefined)[] = [...(order.fees ?? []), order.fee];
  const fee = stated.find((candidate) => candidate?.cost !== undefined);
  const cost = amountOf(fee?.cost);
  return cost === undefined ? undefined : { cost, currency: fee?.currency };
}

/** Venues write up to 16 decimals (Upbit's fees); rounded half up at 1e-8. Undefined for what is not a number. */
export function amountOf(value: unknown): Fixed<string> | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? fixedFromNumber(value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (isDecimal(value)) return parseFixed(value);
  const long = /^(-?\d+\.\d{8})(\d)\d*$/.exec(value);
  if (long !== null) {
    const cut = parseFixed(long[1] ?? '0');
    const away = value.startsWith('-') ? -1n : 1n;
    return fixed(Number(long[2]) >= 5 ? cut + away : cut);
  }
  return /^-?\d+(\.\d+)?e[+-]?\d+$/i.test(value) ? fixedFromNumber(Number(value)) : undefined;
}

const recordOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
const listOf = (value: unknown): Record<string, unknown>[] | undefined =>
  Array.isArray(value) && value.length > 0 ? (value as Record<string, unknown>[]) : undefined;
const presentText = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
