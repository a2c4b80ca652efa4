import { abs, fixed, formatFixed, mulDiv, negate, ONE, toNumber, type Fixed, type PriceUsdt, type Usdt } from '../core/money.js';
import type { BookSnapshot } from '../market/market-view.js';
import type { EpochMs } from '../core/units.js';
import type { AccountState, BinanceAccount, PositionState } from './binance-account.js';
import type { RateLimitRule } from '../exchange/venue-profile.js';
import { maintenanceMargin, type MarginTier } from '../exchange/margin-tiers.js';
import { notionalMaxAt, usdtOf } from './binance-margin.js';
import { BINANCE_SYMBOL, withDecimals } from './binance-order.js';
import { futuresOf, type VenueRules } from './venue-rules.js';

type Body = Record<string, unknown>;
const money = (amount: bigint): string => withDecimals(amount, 8);

/** Figures of a position at a mark, unsigned but `unrealized`. */
export function figures(position: PositionState, mark: Fixed<string>): { readonly size: bigint; readonly worth: Usdt; readonly unrealized: bigint } {
  const size = abs(position.quantity as bigint);
  const worth = usdtOf(mark, size);
  return { size, worth, unrealized: position.quantity < 0n ? position.cost - worth : worth - position.cost };
}

/** The one asset of the account, as `assets` of the account shows it. */
export function usdtBody(state: AccountState, account: BinanceAccount, mark: Fixed<string>): Body {
  const isolatedMode = account.marginMode === 'isolated';
  let unrealized = 0n;
  let initial = 0n;
  let maintenance = 0n;
  let isolated = 0n;
  for (const position of state.positions) {
    const figure = figures(position, mark);
    unrealized += figure.unrealized;
    initial += account.marginFor(figure.worth);
    maintenance += maintenanceMargin(account.tiers, figure.worth);
    isolated += position.isolated;
  }
  const available = isolatedMode ? state.wallet - isolated - state.reserved : state.wallet + unrealized - initial - state.reserved;
  const cross = state.wallet - isolated;
  return {
    asset: 'USDT',
    walletBalance: money(state.wallet),
    unrealizedProfit: money(unrealized),
    marginBalance: money(state.wallet + unrealized),
    maintMargin: money(maintenance),
    initialMargin: money(initial + state.reserved),
    positionInitialMargin: money(initial),
    openOrderInitialMargin: money(state.reserved),
    crossWalletBalance: money(cross),
    crossUnPnl: money(isolatedMode ? 0n : unrealized),
    availableBalance: money(available),
    maxWithdrawAmount: money(available > 0n ? available : 0n),
    updateTime: state.updatedAt,
  };
}

/** The sums over all assets, of which there is one. */
export function totalsOf(usdt: Body): Body {
  return {
    totalInitialMargin: usdt['initialMargin'],
    totalMaintMargin: usdt['maintMargin'],
    totalWalletBalance: usdt['walletBalance'],
    totalUnrealizedProfit: usdt['unrealizedProfit'],
    totalMarginBalance: usdt['marginBalance'],
    totalPositionInitialMargin: usdt['positionInitialMargin'],
    totalOpenOrderInitialMargin: usdt['openOrderInitialMargin'],
    totalCrossWalletBalance: usdt['crossWalletBalance'],
    totalCrossUnPnl: usdt['crossUnPnl'],
    availableBalance: usdt['availableBalance'],
    maxWithdrawAmount: usdt['maxWithdrawAmount'],
  };
}

/** `GET /fapi/v3/account`. */
export function accountBody(state: AccountState, account: BinanceAccount, mark: Fixed<string>): Body {
  const usdt = usdtBody(state, account, mark);
  return {
    ...totalsOf(usdt),
    assets: [usdt],
    positions: state.positions.map((position) => accountPosition(position, account, mark)),
  };
}

/** A row of `positions` in the account: version 3 lists open positions only, with fewer fields than `positionRisk`. */
function accountPosition(position: PositionState, account: BinanceAccount, mark: Fixed<string>): Body {
  const { worth, unrealized } = figures(position, mark);
  return {
    symbol: BINANCE_SYMBOL,
    positionSide: position.side,
    positionAmt: withDecimals(position.quantity, 3),
    unrealizedProfit: money(unrealized),
    isolatedMargin: money(position.isolated === 0n ? 0n : position.isolated + unrealized),
    notional: money(position.quantity < 0n ? negate(worth) : worth),
    isolatedWallet: money(position.isolated),
    initialMargin: money(account.marginFor(worth)),
    maintMargin: money(maintenanceMargin(account.tiers, worth)),
    updateTime: position.updatedAt,
  };
}

/** `GET /fapi/v3/positionRisk` (open positions only) or v2 (always a row, with leverage and margin type). */
export function positionRiskBody(state: AccountState, account: BinanceAccount, mark: Fixed<string>, version: 2 | 3): Body[] {
  const none: PositionState = { side: 'BOTH', quantity: fixed(0n), cost: 0n, isolated: 0n, updatedAt: 0 };
  const shown = version === 2 && state.positions.length === 0 ? [none] : state.positions;
  return shown.map((position) => {
    const { size, worth, unrealized } = figures(position, mark);
    const entry = size === 0n ? 0n : mulDiv(position.cost, ONE, size, 'half-up');
    const initial = account.marginFor(worth);
    const body: Body = {
      symbol: BINANCE_SYMBOL,
      positionSide: position.side,
      positionAmt: withDecimals(position.quantity, 3),
      entryPrice: formatFixed(entry),
      breakEvenPrice: formatFixed(entry),
      markPrice: money(mark),
      unRealizedProfit: money(unrealized),
      liquidationPrice: formatFixed(account.liquidationPrice(position) ?? 0n),
      isolatedMargin: money(position.isolated === 0n ? 0n : position.isolated + unrealized),
      notional: money(position.quantity < 0n ? negate(worth) : worth),
      marginAsset: 'USDT',
      isolatedWallet: money(position.isolated),
      initialMargin: money(initial),
      maintMargin: money(maintenanceMargin(account.tiers, worth)),
      positionInitialMargin: money(initial),
      openOrderInitialMargin: money(0n),
      adl: 2,
      bidNotional: '0',
      askNotional: '0',
      updateTime: position.updatedAt,
    };
    if (version === 3) return body;
    return {
      ...body,
      leverage: String(account.leverage),
      marginType: account.marginMode,
      isAutoAddMargin: 'false',
      maxNotionalValue: formatFixed(notionalMaxAt(account.tiers, account.leverage)),
    };
  });
}

/** `GET /fapi/v1/leverageBracket`. */
export function leverageBracketBody(tiers: readonly MarginTier[]): Body[] {
  return [
    {
      symbol: BINANCE_SYMBOL,
      notionalCoef: 1,
      brackets: tiers.map((tier, index) => ({
        bracket: index + 1,
        initialLeverage: tier.leverageMax,
        notionalCap: toNumber(tier.cap),
        notionalFloor: toNumber(tier.floor),
        maintMarginRatio: Number(tier.maintenancePpm) / 1e6,
        cum: toNumber(tier.amount),
      })),
    },
  ];
}

/** `GET /fapi/v1/symbolConfig`. */
export function symbolConfigBody(account: BinanceAccount): Body[] {
  return [
    {
      symbol: BINANCE_SYMBOL,
      marginType: account.marginMode === 'isolated' ? 'ISOLATED' : 'CROSSED',
      isAutoAddMargin: false,
      leverage: account.leverage,
      maxNotionalValue: formatFixed(notionalMaxAt(account.tiers, account.leverage)),
    },
  ];
}

/** `GET /fapi/v1/premiumIndex`; the index is taken to be the mark. */
export function premiumIndexBody(
  mark: PriceUsdt | undefined,
  funding: { readonly at: EpochMs; readonly rate: number } | undefined,
  now: EpochMs,
): Body {
  const price = mark === undefined ? null : money(mark);
  return {
    symbol: BINANCE_SYMBOL,
    markPrice: price,
    indexPrice: price,
    estimatedSettlePrice: price,
    lastFundingRate: funding === undefined ? '' : funding.rate.toFixed(8),
    interestRate: '0.00010000',
    nextFundingTime: funding?.at ?? 0,
    time: now,
  };
}

/** `GET /fapi/v1/depth`. */
export function depthBody(book: BookSnapshot | undefined, limit: number, now: EpochMs): Body {
  const side = (levels: BookSnapshot['bids'] | undefined): [string, string][] =>
    (levels ?? []).slice(0, limit).map(({ price, quantity }) => [withDecimals(price, 2), withDecimals(quantity, 3)]);
  return { lastUpdateId: now, E: now, T: now, bids: side(book?.bids), asks: side(book?.asks) };
}

/** Conditional orders that may be open; they are not emulated. */
const ALGO_ORDERS_MAX = 10;

/** A counter as Binance's interface names it. */
export const rateLimitRow = ({ scope, windowMs, limit }: RateLimitRule): Body => ({
  rateLimitType: scope === 'orders' ? 'ORDERS' : 'REQUEST_WEIGHT',
  ...(windowMs % 60_000 === 0 ? { interval: 'MINUTE', intervalNum: windowMs / 60_000 } : { interval: 'SECOND', intervalNum: windowMs / 1_000 }),
  limit,
});

/** `GET /fapi/v1/exchangeInfo`. */
export function exchangeInfoBody(rules: VenueRules, now: EpochMs): Body {
  const futures = futuresOf(rules);
  const step = formatFixed(rules.quantityStep);
  const band = Number(futures.percentPricePpm) / 1e6;
  return {
    timezone: 'UTC',
    serverTime: now,
    futuresType: 'U_MARGINED',
    rateLimits: rules.limits.filter(({ methods }) => methods === undefined).map(rateLimitRow),
    exchangeFilters: [],
    assets: [
      { asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' },
      { asset: 'BTC', marginAvailable: true, autoAssetExchange: '-0.10000000' },
    ],
    symbols: [
      {
        symbol: BINANCE_SYMBOL,
        pair: BINANCE_SYMBOL,
        contractType: 'PERPETUAL',
        deliveryDate: 4_133_404_800_000,
        onboardDate: 1_569_398_400_000,
        status: 'TRADING',
        maintMarginPercent: '2.5000',
        requiredMarginPercent: '5.0000',
        baseAsset: 'BTC',
        quoteAsset: 'USDT',
        marginAsset: 'USDT',
        pricePrecision: 2,
        quantityPrecision: 3,
        baseAssetPrecision: 8,
        quotePrecision: 8,
        underlyingType: 'COIN',
        underlyingSubType: ['PoW'],
        triggerProtect: '0.0500',
        liquidationFee: (Number(futures.liquidationFeePpm) / 1e6).toFixed(6),
        marketTakeBound: (Number(futures.marketTakeBoundPpm) / 1e6).toFixed(2),
        filters: [
          {
            filterType: 'PRICE_FILTER',
            minPrice: withDecimals(futures.priceMin, 2),
            maxPrice: formatFixed(futures.priceMax),
            tickSize: withDecimals(rules.tick(fixed(0n)), 2),
          },
          { filterType: 'LOT_SIZE', minQty: step, maxQty: formatFixed(futures.maxQuantity), stepSize: step },
          { filterType: 'MARKET_LOT_SIZE', minQty: step, maxQty: formatFixed(rules.maxMarketQuantity ?? futures.maxQuantity), stepSize: step },
          { filterType: 'MAX_NUM_ORDERS', limit: futures.maxOpenOrders },
          { filterType: 'MAX_NUM_ALGO_ORDERS', limit: ALGO_ORDERS_MAX },
          { filterType: 'MIN_NOTIONAL', notional: formatFixed(rules.minNotional) },
          { filterType: 'PERCENT_PRICE', multiplierUp: (1 + band).toFixed(4), multiplierDown: (1 - band).toFixed(4), multiplierDecimal: '4' },
        ],
        orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
        timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
      },
    ],
  };
}
