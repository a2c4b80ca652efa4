import type { ClientOrder, ClientOrderBook, ClientPosition, ClientTicker, ClientTrade } from '../exchange/exchange-client.js';
import { isoTime, numberOf, numberUnlessZero } from './ccxt-numbers.js';
import { Precise } from './ccxt-precise.js';
import { tickerOf } from './ccxt-ticker.js';

type Body = Readonly<Record<string, unknown>>;

const listIn = (value: unknown): Body[] => (Array.isArray(value) ? (value as Body[]) : []);

/** ccxt looks for a field with `in`, which fails on a body that is no JSON: a JavaScript error, not one of ccxt's. */
function refuseText(body: unknown, field: string): void {
  if (typeof body === 'string') throw new TypeError(`Cannot use 'in' operator to search for '${field}' in ${body}`);
}

export const BINANCE_MARKET = 'BTC/USDT:USDT';
/** Of the tick. */
const PRICE_DECIMALS = 1;
const STATUSES: Readonly<Record<string, string>> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  FILLED: 'closed',
  CANCELED: 'canceled',
  PENDING_CANCEL: 'canceling',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
};
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined);

/** What ccxt 4.5.84 makes of a futures order (`parseOrder`, `safeOrder`): tested field by field against it. */
export function binanceOrder(body: Body): ClientOrder {
  refuseText(body, 'positionSide');
  const filled = text(body['executedQty']) ?? '0';
  const status = STATUSES[text(body['status']) ?? ''] ?? text(body['status']);
  const timestamp = numberOf(body['time']) ?? numberOf(body['updateTime']);
  const updated = numberOf(body['updateTime']);
  const wireTimeInForce = text(body['timeInForce']);
  const timeInForce = wireTimeInForce === 'GTX' ? 'PO' : wireTimeInForce;
  const type = text(body['type'])?.toLowerCase();
  const amount = text(body['origQty']);
  const traded = Number(filled) > 0;
  const average = numberUnlessZero(body['avgPrice']) ?? (traded ? numberOf(Precise.stringDiv(text(body['cumQuote']), filled)) : undefined);
  const limit = numberUnlessZero(body['price']);
  const lastTradeTimestamp = status === 'closed' || (status === 'open' && traded) ? updated : undefined;
  return {
    info: body,
    id: text(body['orderId']),
    clientOrderId: text(body['clientOrderId']),
    timestamp,
    datetime: isoTime(timestamp),
    lastTradeTimestamp,
    lastUpdateTimestamp: updated,
    symbol: BINANCE_MARKET,
    type,
    timeInForce,
    postOnly: timeInForce === 'PO',
    reduceOnly: body['reduceOnly'] as boolean | undefined,
    side: text(body['side'])?.toLowerCase(),
    price: limit ?? (type === 'market' ? average : undefined),
    triggerPrice: undefined,
    amount: numberUnlessZero(amount),
    cost: numberOf(body['cumQuote'] ?? Precise.stringMul(filled, text(average ?? limit))),
    average,
    filled: numberOf(filled),
    remaining: amount === undefined ? undefined : numberOf(Precise.stringSub(amount, filled)),
    status,
    fee: undefined,
    trades: [],
    fees: [],
    stopPrice: undefined,
    takeProfitPrice: undefined,
    stopLossPrice: undefined,
  } as ClientOrder;
}

/** What ccxt makes of a row of `userTrades`. */
export function binanceTrade(body: Body): ClientTrade {
  refuseText(body, 'isDustTrade');
  const timestamp = numberOf(body['time']);
  const fee = { currency: text(body['commissionAsset']), cost: numberOf(body['commission']) };
  return {
    info: body,
    timestamp,
    datetime: isoTime(timestamp),
    symbol: BINANCE_MARKET,
    id: text(body['id']),
    order: text(body['orderId']),
    type: undefined,
    side: text(body['side'])?.toLowerCase(),
    takerOrMaker: body['maker'] === true ? 'maker' : 'taker',
    price: numberOf(body['price']),
    amount: numberOf(body['qty']),
    cost: numberOf(body['quoteQty']),
    fee,
    fees: [{ ...fee }],
  } as ClientTrade;
}

/** What ccxt makes of `GET /fapi/v3/account`. */
export function binanceBalance(body: Body): object {
  const free: Record<string, number | undefined> = {};
  const used: Record<string, number | undefined> = {};
  const total: Record<string, number | undefined> = {};
  const result: Record<string, unknown> = { info: body, timestamp: undefined, datetime: undefined };
  for (const asset of listIn(body['assets'])) {
    if (asset['updateTime'] === 0) continue;
    const code = text(asset['asset']) ?? '';
    const [available, initial, margin] = ['availableBalance', 'initialMargin', 'marginBalance'].map((field) => text(asset[field]));
    free[code] = numberOf(available ?? Precise.stringSub(margin, initial));
    used[code] = numberOf(initial ?? Precise.stringSub(margin, available));
    total[code] = numberOf(margin ?? Precise.stringAdd(available, initial));
    result[code] = { free: free[code], used: used[code], total: total[code] };
  }
  return Object.assign(result, { free, used, total });
}

/** Floors of notional and maintenance rates, as `loadLeverageBrackets` keeps them. */
export type Brackets = readonly (readonly [floor: string, rate: string])[];

export function bracketsOf(body: readonly Body[]): Brackets {
  const rows = (body[0]?.['brackets'] ?? []) as Body[];
  return rows.map((row) => [text(row['notionalFloor']) ?? '0', text(row['maintMarginRatio']) ?? '0'] as const);
}

/** What ccxt makes of a row of `positionRisk`, version 3 by default: no leverage, margin mode guessed from the isolated margin. */
export function binancePosition(body: Body, brackets: Brackets): ClientPosition {
  const signed = text(body['notional']) ?? '0';
  const notional = Precise.stringAbs(signed);
  let rate: string | undefined;
  for (const [floor, bracketRate] of brackets) {
    if (Precise.stringLt(notional, floor)) break;
    rate = bracketRate;
  }
  const isolatedMargin = text(body['isolatedMargin']) ?? '0';
  const marginMode = text(body['marginType']) ?? (Precise.stringEq(isolatedMargin, '0') ? 'cross' : 'isolated');
  const side = Precise.stringGt(signed, '0') ? 'long' : Precise.stringLt(signed, '0') ? 'short' : undefined;
  const contracts = Precise.stringAbs(text(body['positionAmt']));
  const collateral = marginMode === 'cross' ? crossCollateral(body, side, contracts, rate) : isolatedMargin;
  const maintenance = Precise.stringMul(rate, notional) ?? text(body['maintMargin']);
  const { initial, share } = initialOf(body, notional);
  const unrealized = text(body['unRealizedProfit']);
  const hasCollateral = !Precise.stringEquals(collateral, '0');
  const ratio = hasCollateral ? Precise.stringDiv(Precise.stringAdd(Precise.stringDiv(maintenance, collateral), '5e-5'), '1', 4) : undefined;
  const percentage = Precise.stringMul(Precise.stringDiv(unrealized, initial, 4), '100');
  const updated = numberUnlessZero(body['updateTime']);
  return {
    info: body,
    id: undefined,
    symbol: BINANCE_MARKET,
    contracts: numberOf(contracts),
    contractSize: 1,
    unrealizedPnl: numberOf(unrealized),
    leverage: numberUnlessZero(body['leverage']),
    liquidationPrice: numberUnlessZero(body['liquidationPrice']),
    collateral: numberOf(collateral),
    notional: numberOf(notional),
    markPrice: numberUnlessZero(body['markPrice']),
    entryPrice: numberOf(body['entryPrice']),
    timestamp: updated,
    initialMargin: numberOf(initial),
    initialMarginPercentage: numberOf(share),
    maintenanceMargin: numberOf(maintenance),
    maintenanceMarginPercentage: numberOf(rate),
    marginRatio: numberOf(ratio),
    datetime: isoTime(updated),
    marginMode,
    marginType: marginMode,
    side,
    hedged: body['positionSide'] !== 'BOTH',
    percentage: numberOf(percentage),
    stopLossPrice: undefined,
    takeProfitPrice: undefined,
  } as ClientPosition;
}

/** ccxt works the margin of a cross position back from its liquidation price; without one it is 0. */
function crossCollateral(body: Body, side: string | undefined, contracts: string | undefined, rate: string | undefined): string {
  const price = text(body['liquidationPrice']);
  const liquidation = price === undefined || Number(price) === 0 ? undefined : price;
  const entry = text(body['entryPrice']);
  const factor = Precise.stringAdd(side === 'short' ? '1' : '-1', rate);
  const signedEntry = side === 'short' ? Precise.stringMul('-1', entry) : entry;
  const left = Precise.stringAdd(Precise.stringMul(liquidation, factor), signedEntry);
  return Precise.stringDiv(Precise.stringMul(left, contracts), '1', 8) ?? '0';
}

function initialOf(body: Body, notional: string | undefined): { readonly initial: string | undefined; readonly share: string | undefined } {
  const leverage = text(body['leverage']);
  if (leverage === undefined || Number(leverage) === 0) {
    const initial = text(body['initialMargin']);
    return { initial, share: Precise.stringDiv(Precise.stringMul(initial, '1'), notional, 8) };
  }
  const share = Precise.stringDiv('1', leverage, 8);
  return { initial: Precise.stringDiv(Precise.stringMul(notional, share), '1', 8), share };
}

/** What ccxt makes of `GET /fapi/v1/depth`. */
export function binanceOrderBook(body: Body): ClientOrderBook {
  const side = (levels: unknown): [number, number][] =>
    (listIn(levels) as unknown as [string, string][]).map(([price, quantity]) => [Number(price), Number(quantity)]);
  const timestamp = numberOf(body['T']);
  return {
    symbol: BINANCE_MARKET,
    bids: side(body['bids']),
    asks: side(body['asks']),
    timestamp,
    datetime: isoTime(timestamp),
    nonce: numberOf(body['lastUpdateId']),
  } as ClientOrderBook;
}

/** What ccxt makes of `GET /fapi/v1/ticker/24hr`: no bid, no ask. */
export function binanceTicker(given: Body): ClientTicker {
  const body = Array.isArray(given) ? ((given[0] ?? {}) as Body) : given;
  refuseText(body, 'time');
  const of = (name: string): string | undefined => text(body[name]);
  return tickerOf(
    BINANCE_MARKET,
    numberOf(body['closeTime']),
    body,
    {
      open: of('openPrice'),
      last: of('lastPrice'),
      change: of('priceChange'),
      percentage: of('priceChangePercent'),
      high: of('highPrice'),
      low: of('lowPrice'),
      vwap: of('weightedAvgPrice'),
      baseVolume: of('volume'),
      quoteVolume: of('quoteVolume'),
    },
    PRICE_DECIMALS,
  );
}

/** What ccxt makes of `GET /fapi/v1/premiumIndex`. */
export function binanceFundingRate(body: Body): object {
  const timestamp = numberOf(body['time']);
  const next = numberOf(body['nextFundingTime']);
  return {
    info: body,
    symbol: BINANCE_MARKET,
    markPrice: numberOf(body['markPrice']),
    indexPrice: numberOf(body['indexPrice']),
    interestRate: numberOf(body['interestRate']),
    estimatedSettlePrice: numberOf(body['estimatedSettlePrice']),
    timestamp,
    datetime: isoTime(timestamp),
    fundingRate: numberOf(body['lastFundingRate']),
    fundingTimestamp: next,
    fundingDatetime: isoTime(next),
    nextFundingRate: undefined,
    nextFundingTimestamp: undefined,
    nextFundingDatetime: undefined,
    previousFundingRate: undefined,
    previousFundingTimestamp: undefined,
    previousFundingDatetime: undefined,
    interval: undefined,
  };
}

/** What ccxt makes of a row of `GET /fapi/v1/symbolConfig`. */
export function binanceLeverage(body: Body): object {
  const leverage = numberOf(body['leverage']);
  const marginType = text(body['marginType'])?.toLowerCase();
  return {
    info: body,
    symbol: BINANCE_MARKET,
    marginMode: marginType === 'crossed' ? 'cross' : 'isolated',
    longLeverage: leverage,
    shortLeverage: leverage,
  };
}
