import type { ClientOrder, ClientOrderBook, ClientTicker, ClientTrade } from '../exchange/exchange-client.js';
import { toNumber } from '../core/money.js';
import { UPBIT_MARKET } from './upbit-order.js';
import { isoTime, numberOf, numberUnlessZero, quotientOf, unitsOf } from './ccxt-numbers.js';
import { Precise } from './ccxt-precise.js';
import { tickerOf } from './ccxt-ticker.js';

type Body = Readonly<Record<string, unknown>>;
type Num = number | undefined;
export const UPBIT_SYMBOL = 'BTC/KRW';
/** ccxt takes the tick of every market of Upbit to be 1e-8. */
const PRICE_DECIMALS = 8;
const STATUSES: Readonly<Record<string, string>> = { wait: 'open', done: 'closed', cancel: 'canceled' };
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const sideOf = (value: unknown): string | undefined => (value === 'bid' ? 'buy' : value === 'ask' ? 'sell' : text(value));

/** `2025-03-03T10:00:00+09:00` in milliseconds. */
function timeOf(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** What ccxt 4.5.84 makes of an order of Upbit (`parseOrder`, `safeOrder`): tested field by field against it. */
export function upbitOrder(body: Body, market?: string): ClientOrder {
  const type = body['ord_type'] === 'price' ? 'market' : text(body['ord_type']);
  const status = STATUSES[text(body['state']) ?? ''] ?? text(body['state']);
  const trades = ((body['trades'] ?? []) as Body[]).map((trade) => upbitTrade(trade, text(body['uuid']), type)).sort(byTimeAndId);
  const timeInForce = text(body['time_in_force'])?.toUpperCase();
  const symbol = body['market'] === UPBIT_MARKET ? UPBIT_SYMBOL : market;
  const currency = symbol === undefined ? undefined : 'KRW';
  const fee = body['paid_fee'] === undefined ? undefined : { currency, cost: text(body['paid_fee']) };
  const timestamp = timeOf(body['created_at']);
  return {
    info: body,
    id: text(body['uuid']),
    clientOrderId: text(body['identifier']),
    timestamp,
    datetime: isoTime(timestamp),
    lastTradeTimestamp: trades.at(-1)?.timestamp,
    symbol,
    type,
    timeInForce: timeInForce ?? (type === 'market' ? 'IOC' : undefined),
    postOnly: timeInForce === undefined ? undefined : timeInForce === 'PO',
    side: sideOf(body['side']),
    ...moneyOf(body, type),
    triggerPrice: undefined,
    ...quantitiesOf(body, status),
    status,
    fee,
    trades,
    fees: fee === undefined ? [] : [{ currency, cost: numberOf(fee.cost) }],
    lastUpdateTimestamp: undefined,
    reduceOnly: undefined,
    stopPrice: undefined,
    takeProfitPrice: undefined,
    stopLossPrice: undefined,
  } as ClientOrder;
}

/** Price, cost and average: from trades where there are any, else from what was asked for, however it went. */
function moneyOf(body: Body, type: string | undefined): { readonly price: Num; readonly cost: Num; readonly average: Num } {
  const filled = unitsOf(text(body['executed_volume']) ?? '0');
  const byCost = body['ord_type'] === 'price';
  const limit = byCost ? undefined : numberUnlessZero(body['price']);
  const rows = (body['trades'] ?? []) as Body[];
  const traded = rows.reduce((sum, trade) => sum + unitsOf(text(trade['funds']) ?? '0'), 0n);
  const asked = byCost ? unitsOf(text(body['price']) ?? '0') : undefined;
  const funds = rows.length > 0 ? traded : asked;
  const average = funds === undefined || filled === 0n ? undefined : quotientOf(funds, filled);
  const byLimit = limit === undefined ? undefined : exactProduct(filled, text(body['price']) ?? '0');
  return { price: limit ?? (type === 'market' ? average : undefined), cost: funds === undefined ? byLimit : toNumber(funds), average };
}

/** An order by cost has no volume: amount and remaining stay undefined unless it ended `done`. */
function quantitiesOf(body: Body, status: string | undefined): { readonly amount: Num; readonly filled: Num; readonly remaining: Num } {
  const executed = numberOf(body['executed_volume']);
  const closed = status === 'closed';
  const amount = numberUnlessZero(body['volume']) ?? (closed ? executed : undefined);
  const left = text(body['remaining_volume']);
  const volume = text(body['volume']);
  // Without an executed volume ccxt guesses: what is not left has traded, and a closed order has traded whole.
  const guess =
    amount === undefined ? undefined : left === undefined ? (closed ? amount : undefined) : toNumber(unitsOf(volume ?? '0') - unitsOf(left));
  return { amount, filled: executed ?? guess, remaining: numberOf(left) ?? (closed ? 0 : undefined) };
}

/** `sortBy2` of ccxt: trades of one millisecond stand in the order of their ids, whatever order they came in. */
function byTimeAndId(a: ClientTrade, b: ClientTrade): number {
  const [earlier, later] = [a.timestamp ?? Number.NaN, b.timestamp ?? Number.NaN];
  if (earlier < later || earlier > later) return earlier < later ? -1 : 1;
  const [first, second] = [a.id ?? '', b.id ?? ''];
  return first < second ? -1 : first > second ? 1 : 0;
}

function upbitTrade(body: Body, order: string | undefined, type: string | undefined): ClientTrade {
  const timestamp = timeOf(body['created_at']);
  return {
    id: text(body['uuid']),
    info: body,
    order,
    timestamp,
    datetime: isoTime(timestamp),
    symbol: UPBIT_SYMBOL,
    type,
    side: sideOf(body['side']),
    takerOrMaker: undefined,
    price: numberOf(body['price']),
    amount: numberOf(body['volume']),
    cost: numberOf(body['funds']),
    fee: { cost: undefined, currency: undefined },
    fees: [],
  } as ClientTrade;
}

/** A quantity times a price, exactly, then as a number. */
function exactProduct(units: bigint, price: string): number {
  const product = units * unitsOf(price);
  const scale = 10n ** 16n;
  return Number(`${product / scale}.${(product % scale).toString().padStart(16, '0')}`);
}

/** What ccxt makes of `GET /v1/accounts`. */
export function upbitBalance(body: readonly Body[] | string): object {
  const free: Record<string, number | undefined> = {};
  const used: Record<string, number | undefined> = {};
  const total: Record<string, number | undefined> = {};
  const result: Record<string, unknown> = { info: body, timestamp: undefined, datetime: undefined };
  for (const entry of Array.isArray(body) ? (body as readonly Body[]) : []) {
    const code = text(entry['currency']) ?? '';
    const [balance, locked] = [text(entry['balance']), text(entry['locked'])];
    free[code] = numberOf(entry['balance']);
    used[code] = numberOf(entry['locked']);
    total[code] = balance === undefined || locked === undefined ? undefined : exactProduct(unitsOf(balance) + unitsOf(locked), '1');
    result[code] = { free: free[code], used: used[code], total: total[code] };
  }
  return Object.assign(result, { free, used, total });
}

/** What ccxt makes of `GET /v1/orderbook`. */
export function upbitOrderBook(body: unknown): ClientOrderBook {
  const book = Array.isArray(body) ? (body[0] as Body | undefined) : undefined;
  // ccxt looks the market up in what it has parsed and hands on that there is none.
  if (book === undefined) return undefined as unknown as ClientOrderBook;
  const units = (book?.['orderbook_units'] ?? []) as Readonly<Record<string, number>>[];
  const side = (price: string, size: string): [number, number][] => units.map((unit) => [unit[price] ?? 0, unit[size] ?? 0]);
  const timestamp = numberOf(book?.['timestamp']);
  return {
    symbol: UPBIT_SYMBOL,
    bids: side('bid_price', 'bid_size'),
    asks: side('ask_price', 'ask_size'),
    timestamp,
    datetime: isoTime(timestamp),
    nonce: undefined,
  } as ClientOrderBook;
}

/** What ccxt makes of one entry of `GET /v1/ticker`: it has no bid and no ask. */
export function upbitTicker(body: Body | undefined): ClientTicker {
  if (body === undefined) return undefined as unknown as ClientTicker;
  const of = (name: string): string | undefined => plainText(body[name]);
  const rate = of('signed_change_rate');
  return tickerOf(
    UPBIT_SYMBOL,
    numberOf(body['trade_timestamp']),
    body,
    {
      open: of('opening_price'),
      last: of('trade_price'),
      change: of('signed_change_price'),
      percentage: rate === undefined ? undefined : Precise.stringMul(rate, '100'),
      high: of('high_price'),
      low: of('low_price'),
      baseVolume: of('acc_trade_volume_24h'),
      quoteVolume: of('acc_trade_price_24h'),
      previousClose: of('prev_closing_price'),
    },
    PRICE_DECIMALS,
  );
}

/** `safeString` of a number or a text. */
const plainText = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined;
