import { formatFixed, mulDiv, parseFixed, toNumber, type Fixed } from '../../core/money.js';
import type { ClientOrder, ClientPosition, ClientTrade } from '../../exchange/exchange-client.js';
import type { BinanceReference } from './binance-account.js';
import type { Deviation, ReferenceOrder, SeenTrade } from './reference-order.js';
import type { UpbitReference } from './upbit-account.js';

type Body = Readonly<Record<string, unknown>>;
const ONE = 100_000_000n;

const units = (value: unknown): bigint => parseFixed<Fixed<string>>(typeof value === 'string' ? value : '0');
const bodyOf = (info: unknown): Body => (typeof info === 'object' && info !== null ? (info as Body) : {});

/** Collects what of a view differs from the model. */
export class Comparison {
  readonly deviations: Deviation[] = [];

  amount(rule: string, what: string, expected: bigint, found: unknown): void {
    const text = typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
    if (text === '' || units(text) !== expected) this.tell(rule, `${what} ${formatFixed(expected)}`, text === '' ? 'nothing' : text);
  }

  /** @param found - a figure of ccxt's result, exact up to what a number holds. */
  figure(rule: string, what: string, expected: number | undefined, found: number | undefined): void {
    const near = expected === found || (expected !== undefined && found !== undefined && Math.abs(found - expected) <= Math.abs(expected) * 1e-12);
    if (!near) this.tell(rule, `${what} ${String(expected)}`, String(found));
  }

  word(rule: string, what: string, expected: string, found: unknown): void {
    if (expected !== found) this.tell(rule, `${what} ${expected}`, String(found));
  }

  tell(rule: string, expected: string, found: string): void {
    this.deviations.push({ rule, expected, found });
  }
}

/** Trades as an order of Upbit shows them. */
export function upbitTrades(order: ClientOrder): readonly SeenTrade[] {
  const rows = (bodyOf(order.info)['trades'] ?? []) as Body[];
  return rows.map((row) => ({
    id: String(row['uuid']),
    order: order.id ?? '',
    at: Date.parse(String(row['created_at'])),
    price: units(row['price']),
    quantity: units(row['volume']),
  }));
}

export function binanceTrade(trade: ClientTrade): SeenTrade {
  const row = bodyOf((trade as { info?: unknown }).info);
  return {
    id: trade.id ?? '',
    order: trade.order ?? '',
    at: trade.timestamp ?? 0,
    price: units(row['price']),
    quantity: units(row['qty']),
    fee: units(row['commission']),
    feeAsset: trade.fee?.currency ?? undefined,
    realized: units(row['realizedPnl']),
    maker: row['maker'] === true,
  };
}

export function compareUpbitOrder(order: ReferenceOrder, shown: ClientOrder): readonly Deviation[] {
  const check = new Comparison();
  const body = bodyOf(shown.info);
  const name = `order ${order.id}:`;
  const word = order.ended === undefined ? 'wait' : order.ended === 'filled' ? 'done' : 'cancel';
  check.word('status', `${name} state`, word, body['state']);
  check.word('status', `${name} status`, { wait: 'open', done: 'closed', cancel: 'canceled' }[word], shown.status);
  check.amount('filled', `${name} executed`, order.executed, body['executed_volume']);
  check.amount('fee', `${name} fee`, order.fee, body['paid_fee']);
  check.amount('hold', `${name} holds`, order.held, body['locked']);
  check.figure('filled', `${name} filled`, toNumber(order.executed), shown.filled);
  check.word('fee currency', `${name} fee in`, 'KRW', shown.fee?.currency);
  const { quantity } = order;
  if (quantity !== undefined) check.amount('filled', `${name} remaining`, quantity - order.executed, body['remaining_volume']);
  compareAverage(check, order, shown);
  return check.deviations;
}

export function compareBinanceOrder(order: ReferenceOrder, shown: ClientOrder): readonly Deviation[] {
  const check = new Comparison();
  const body = bodyOf(shown.info);
  const name = `order ${order.id}:`;
  const open = order.executed > 0n ? 'PARTIALLY_FILLED' : 'NEW';
  const word = order.ended === undefined ? open : { filled: 'FILLED', canceled: 'CANCELED', expired: 'EXPIRED' }[order.ended];
  check.word('status', `${name} status`, word, body['status']);
  const unified = order.ended === undefined ? 'open' : { filled: 'closed', canceled: 'canceled', expired: 'expired' }[order.ended];
  check.word('status', `${name} ccxt's status`, unified, shown.status);
  check.amount('filled', `${name} executed`, order.executed, body['executedQty']);
  check.amount('quantity', `${name} quantity`, order.quantity ?? 0n, body['origQty']);
  check.amount('price', `${name} price`, order.ask.limit ?? 0n, body['price']);
  check.amount('average', `${name} quote`, rounded(order.quote), body['cumQuote']);
  check.figure('filled', `${name} filled`, toNumber(order.executed), shown.filled);
  if (order.executed > 0n) check.amount('average', `${name} average`, rounded(mulDiv(order.quote, ONE, order.executed, 'half-up')), body['avgPrice']);
  return check.deviations;
}

/** Binance shows money with five decimals. */
const rounded = (amount: bigint): bigint => ((amount + 500n) / 1_000n) * 1_000n;

function compareAverage(check: Comparison, order: ReferenceOrder, shown: ClientOrder): void {
  if (order.executed === 0n) return;
  const expected = toNumber((order.quote * ONE) / order.executed);
  const found = shown.average ?? 0;
  if (Math.abs(found - expected) > 1e-6) check.tell('average', `order ${order.id}: average ${expected}`, String(found));
}

export function compareUpbitBalance(account: UpbitReference, balance: object): readonly Deviation[] {
  const check = new Comparison();
  const rows = ((balance as { info?: unknown }).info ?? []) as Body[];
  for (const asset of ['KRW', 'BTC'] as const) {
    const row = rows.find(({ currency }) => currency === asset) ?? {};
    const total = asset === 'KRW' ? account.krw : account.btc;
    check.amount('balance', `free ${asset}`, total - account.locked[asset], row['balance']);
    check.amount('hold', `locked ${asset}`, account.locked[asset], row['locked']);
    const shown = (balance as Record<string, { total?: number }>)[asset];
    check.figure('balance', `total ${asset}`, toNumber(total), shown?.total);
  }
  return check.deviations;
}

export function compareBinanceBalance(account: BinanceReference, balance: object, at: number): readonly Deviation[] {
  const check = new Comparison();
  const [row = {}] = (bodyOf((balance as { info?: unknown }).info)['assets'] ?? []) as Body[];
  check.amount('balance', 'wallet', account.wallet, row['walletBalance']);
  check.amount('hold', 'margin of open orders', account.reserved, row['openOrderInitialMargin']);
  check.amount('unrealised result', 'unrealised', account.unrealized(at), row['unrealizedProfit']);
  check.amount('balance', 'available', account.available(at), row['availableBalance']);
  return check.deviations;
}

export function comparePositions(account: BinanceReference, positions: readonly ClientPosition[]): readonly Deviation[] {
  const check = new Comparison();
  const shown = new Map(positions.map((position) => [String(bodyOf(position.info)['positionSide']), position]));
  for (const [side, { quantity, cost, isolated }] of account.positions) {
    const position = shown.get(side);
    shown.delete(side);
    if (quantity === 0n) {
      if (position !== undefined) check.tell('position', `no position ${side}`, String(position.contracts));
      continue;
    }
    const body = bodyOf(position?.info);
    const size = quantity < 0n ? -quantity : quantity;
    check.amount('position', `position ${side}`, quantity, body['positionAmt']);
    check.amount('average', `entry of ${side}`, mulDiv(cost, ONE, size, 'half-up'), body['entryPrice']);
    check.amount('margin', `isolated margin of ${side}`, isolated, body['isolatedWallet']);
    check.word('position', `side of ${side}`, quantity < 0n ? 'short' : 'long', position?.side);
    check.figure('position', `contracts of ${side}`, toNumber(size), position?.contracts);
  }
  for (const [side, { contracts }] of shown) check.tell('position', `no position ${side}`, String(contracts));
  return check.deviations;
}
