import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFixed, parseFixed, type Btc, type PriceUsdt } from '../../src/core/money.js';
import { durationMs } from '../../src/core/units.js';
import { depthBody, positionRiskBody, premiumIndexBody, symbolConfigBody } from '../../src/sim/binance-bodies.js';
import { tickerBody } from '../../src/sim/binance-market-bodies.js';
import type { AccountState, BinanceAccount } from '../../src/sim/binance-account.js';
import { withDecimals } from '../../src/sim/binance-order.js';
import {
  binanceFundingRate,
  binanceLeverage,
  binanceOrder,
  binanceOrderBook,
  binancePosition,
  binanceTicker,
  binanceTrade,
  bracketsOf,
} from '../../src/sim/binance-shapes.js';
import { leverageBracketBody } from '../../src/sim/binance-bodies.js';
import { marginTiersAt } from '../../src/exchange/margin-tiers.js';
import { liquidationPrice } from '../../src/sim/binance-margin.js';
import { upbitBalance, upbitOrder, upbitTicker } from '../../src/sim/upbit-shapes.js';
import { realClients } from './support/real-ccxt.js';
import { btc, PERP, simulate, SPOT } from './support/simulate.js';
import { START } from './support/world.js';

const TIERS = marginTiersAt(START).value;
const real = realClients();
const market = real.binance.market(PERP);
const units = (from: bigint, to: bigint) => fc.bigInt({ min: from, max: to });

/** Any order body Upbit may answer with: every type and state, filled to any degree, with trades or without. */
const upbitBody = fc
  .record({
    side: fc.constantFrom('bid', 'ask'),
    kind: fc.constantFrom('limit', 'price', 'market', 'best'),
    state: fc.constantFrom('wait', 'done', 'cancel', 'watch'),
    price: units(1_000n, 200_000n).map((thousands) => thousands * 1_000n * 100_000_000n),
    volume: units(1n, 200_000_000n),
    filledPercent: fc.integer({ min: 0, max: 100 }),
    pieces: fc.integer({ min: 1, max: 4 }),
    trades: fc.boolean(),
    identifier: fc.option(fc.constant('id-1'), { nil: undefined }),
    timeInForce: fc.constantFrom(undefined, 'ioc', 'fok', 'post_only'),
  })
  .map(({ side, kind, state, price, volume, filledPercent, pieces, trades, identifier, timeInForce }) => {
    const executed = (volume * BigInt(filledPercent)) / 100n;
    const sizes = Array.from({ length: pieces }, (_, index) =>
      index === 0 ? executed - (executed / BigInt(pieces)) * BigInt(pieces - 1) : executed / BigInt(pieces),
    );
    const byCost = kind === 'price' || (kind === 'best' && side === 'bid');
    return {
      uuid: 'u-1',
      side,
      ord_type: kind,
      price: kind === 'market' || (kind === 'best' && side === 'ask') ? null : formatFixed(price),
      state,
      market: 'KRW-BTC',
      created_at: '2025-09-03T10:00:00+09:00',
      volume: byCost ? null : formatFixed(volume),
      remaining_volume: byCost ? null : formatFixed(volume - executed),
      executed_volume: formatFixed(executed),
      reserved_fee: '0',
      remaining_fee: '0',
      paid_fee: formatFixed(executed / 3n),
      locked: '0',
      trades_count: pieces,
      ...(identifier === undefined ? {} : { identifier }),
      ...(timeInForce === undefined ? {} : { time_in_force: timeInForce }),
      ...(trades && executed > 0n
        ? {
            trades: sizes
              .filter((size) => size > 0n)
              .map((size, index) => ({
                market: 'KRW-BTC',
                uuid: `t-${index}`,
                price: formatFixed(price),
                volume: formatFixed(size),
                funds: formatFixed((price * size) / 100_000_000n),
                created_at: `2025-09-03T10:00:00.12${index}+09:00`,
                side,
              })),
          }
        : {}),
    };
  });

test('any Upbit order: our result equals what the real ccxt.upbit parses, undefined fields included', () => {
  fc.assert(
    fc.property(upbitBody, (body) => {
      expect(upbitOrder(body)).toStrictEqual(real.parse.upbit['parseOrder']?.(body));
    }),
    { numRuns: 500 },
  );
});

const binanceBody = fc
  .record({
    status: fc.constantFrom('NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED', 'PENDING_CANCEL', 'NEW_ADL'),
    type: fc.constantFrom('LIMIT', 'MARKET'),
    timeInForce: fc.constantFrom('GTC', 'IOC', 'FOK', 'GTX'),
    side: fc.constantFrom('BUY', 'SELL'),
    lots: fc.integer({ min: 1, max: 5_000 }),
    filledPercent: fc.integer({ min: 0, max: 100 }),
    ticks: fc.integer({ min: 10_000, max: 2_000_000 }),
    reduceOnly: fc.boolean(),
    query: fc.boolean(),
  })
  .map(({ status, type, timeInForce, side, lots, filledPercent, ticks, reduceOnly, query }) => {
    const quantity = BigInt(lots) * 100_000n;
    const executed = (BigInt(lots * filledPercent) / 100n) * 100_000n;
    const price = BigInt(ticks) * 10_000_000n;
    return {
      orderId: 700000000001,
      symbol: 'BTCUSDT',
      status,
      clientOrderId: 'c-1',
      price: type === 'LIMIT' ? withDecimals(price, 2) : '0.00',
      avgPrice: executed === 0n ? '0.00000' : withDecimals(price, 5),
      origQty: withDecimals(quantity, 3),
      executedQty: withDecimals(executed, 3),
      cumQuote: withDecimals((price * executed) / 100_000_000n, 5),
      timeInForce,
      type,
      reduceOnly,
      side,
      positionSide: 'BOTH',
      stopPrice: '0.00',
      updateTime: START + 55,
      ...(query ? { time: START } : { cumQty: '0' }),
    };
  });

test('any Binance order: our result equals what the real ccxt.binanceusdm parses, undefined fields included', () => {
  fc.assert(
    fc.property(binanceBody, (body) => {
      expect(binanceOrder(body)).toStrictEqual(real.parse.binance['parseOrder']?.(body, market));
    }),
    { numRuns: 500 },
  );
});

test('any Binance position, isolated or cross, version 2 or 3: our result equals what ccxt parses', () => {
  const brackets = bracketsOf(leverageBracketBody(TIERS));
  const position = fc.record({
    lots: fc.integer({ min: 1, max: 100_000 }),
    short: fc.boolean(),
    entryTicks: fc.integer({ min: 100_000, max: 2_000_000 }),
    markTicks: fc.integer({ min: 100_000, max: 2_000_000 }),
    isolated: fc.boolean(),
    leverage: fc.constantFrom(1, 2, 3, 7, 20),
    version: fc.constantFrom(2 as const, 3 as const),
  });
  fc.assert(
    fc.property(position, ({ lots, short, entryTicks, markTicks, isolated, leverage, version }) => {
      const size = BigInt(lots) * 100_000n;
      const cost = (size * BigInt(entryTicks) * 10_000_000n) / 100_000_000n;
      const margin = isolated ? cost / BigInt(leverage) : 0n;
      const wallet = cost * 2n;
      const account = {
        marginMode: isolated ? 'isolated' : 'cross',
        leverage,
        tiers: TIERS,
        marginFor: (notional: bigint) => notional / BigInt(leverage),
        liquidationPrice: ({ quantity, cost: entered, isolated: own }: { quantity: bigint; cost: bigint; isolated: bigint }) =>
          liquidationPrice(TIERS, quantity, entered, isolated ? own : wallet),
      } as unknown as BinanceAccount;
      const state: AccountState = {
        wallet,
        reserved: 0n,
        updatedAt: START,
        positions: [{ side: 'BOTH', quantity: btc(((short ? -1 : 1) * lots) / 1_000), cost, isolated: margin, updatedAt: START }],
      };
      const [body] = positionRiskBody(state, account, parseFixed(String(markTicks / 10)), version);
      expect(binancePosition(body ?? {}, brackets)).toStrictEqual(real.parse.binance['parsePositionRisk']?.(body));
    }),
    { numRuns: 300 },
  );
});

test('results of a simulated round trip: every info object parses to the very result that was returned', async () => {
  const run = await simulate({}, async ({ clock, upbit, binance }) => {
    const buy = await upbit.createMarketBuyOrderWithCost(SPOT, 6_500_000, { clientOrderId: 'u-1' });
    const sell = await binance.createOrder(PERP, 'market', 'sell', 0.049, undefined, { clientOrderId: 'b-1' });
    await clock.sleep(durationMs(50));
    return {
      upbitOrders: [buy, await upbit.fetchOrder(undefined, SPOT, { identifier: 'u-1' })],
      binanceOrders: [sell, await binance.fetchOrder(undefined, PERP, { clientOrderId: 'b-1' })],
      upbitBalance: await upbit.fetchBalance(),
      binanceBalance: await binance.fetchBalance(),
      positions: await binance.fetchPositions([PERP]),
      trades: await binance.fetchMyTrades(PERP),
    };
  });
  const { upbitOrders, binanceOrders, upbitBalance, binanceBalance, positions, trades } = run.value;
  for (const order of upbitOrders) expect(order).toStrictEqual(real.parse.upbit['parseOrder']?.(order.info));
  for (const order of binanceOrders) expect(order).toStrictEqual(real.parse.binance['parseOrder']?.(order.info, market));
  expect(upbitBalance).toStrictEqual(real.parse.upbit['parseBalance']?.((upbitBalance as { info: unknown }).info));
  expect(binanceBalance).toStrictEqual(real.parse.binance['parseBalanceCustom']?.((binanceBalance as { info: unknown }).info, 'linear'));
  for (const position of positions) expect(position).toStrictEqual(real.parse.binance['parsePositionRisk']?.(position.info));
  expect(trades.length).toBeGreaterThan(0);
  for (const trade of trades) expect(trade).toStrictEqual(real.parse.binance['parseTrade']?.((trade as { info: unknown }).info, market));
});

/** The body without each of its fields but the market's name, one at a time. */
const withoutEach = (body: object): Record<string, unknown>[] =>
  Object.keys(body)
    .filter((name) => name !== 'symbol' && name !== 'market')
    .map((name) => Object.fromEntries(Object.entries(body).filter(([key]) => key !== name)));

test('market data of both venues: book, ticker, funding and leverage equal what ccxt parses', () => {
  const depth = depthBody(
    { bids: [{ price: parseFixed('89499.1'), quantity: btc(0.5) }], asks: [{ price: parseFixed('89500.9'), quantity: btc(0.25) }] },
    20,
    START,
  );
  const parsedBook = real.parse.binance['parseOrderBook']?.(depth, PERP, START) as object;
  expect(binanceOrderBook(depth)).toStrictEqual({ ...parsedBook, nonce: START });
  const [open, high, low, close] = [
    parseFixed<PriceUsdt>('88000.1'),
    parseFixed<PriceUsdt>('90000'),
    parseFixed<PriceUsdt>('87654.3'),
    parseFixed<PriceUsdt>('89500.2'),
  ];
  const day = {
    start: START,
    end: START,
    open,
    high,
    low,
    close,
    volume: parseFixed<Btc>('1234.567'),
    quote: parseFixed('109876543.21'),
    trades: 7,
    lastAt: START,
  };
  const ticker = tickerBody(close, day, undefined, START);
  for (const body of [ticker, tickerBody(close, undefined, undefined, START), ...withoutEach(ticker)])
    expect(binanceTicker(body), JSON.stringify(body)).toStrictEqual(real.parse.binance['parseTicker']?.(body, market));
  const index = premiumIndexBody(parseFixed('89500'), { at: START, rate: 0.0001 }, START);
  expect(binanceFundingRate(index)).toStrictEqual(real.parse.binance['parseFundingRate']?.(index, market));
  const [config] = symbolConfigBody({ marginMode: 'isolated', leverage: 1, tiers: TIERS } as unknown as BinanceAccount);
  expect(binanceLeverage(config ?? {})).toStrictEqual(
    (real.parse.binance['parseLeverages']?.([config], [PERP], 'symbol') as Record<string, unknown>)[PERP],
  );
  const upbitTick = {
    ...{ market: 'KRW-BTC', timestamp: START, trade_timestamp: START, trade_price: 130_000_000, opening_price: 129_000_000 },
    ...{ high_price: 131_000_000, low_price: 128_500_000, prev_closing_price: 129_000_000, signed_change_price: 1_000_000 },
    ...{ signed_change_rate: 0.0077519379, acc_trade_volume_24h: 2_345.67891234, acc_trade_price_24h: 304_938_258_604.125 },
  };
  for (const body of [upbitTick, { market: 'KRW-BTC', trade_timestamp: START, trade_price: 130_000_000 }, ...withoutEach(upbitTick)])
    expect(upbitTicker(body), JSON.stringify(body)).toStrictEqual(real.parse.upbit['parseTicker']?.(body));
  const accounts = [{ currency: 'KRW', balance: '93496750.0650325', locked: '12.5', unit_currency: 'KRW' }];
  expect(upbitBalance(accounts)).toStrictEqual(real.parse.upbit['parseBalance']?.(accounts));
});

test('trades of Binance, maker and taker: equal what ccxt parses', () => {
  for (const maker of [true, false]) {
    const row = {
      symbol: 'BTCUSDT',
      id: 5,
      orderId: 1,
      side: 'SELL',
      price: '89499.10',
      qty: '0.010',
      realizedPnl: '0',
      quoteQty: '894.99100',
      commission: '0.4474955',
      commissionAsset: 'USDT',
      time: START,
      positionSide: 'BOTH',
      buyer: false,
      maker,
    };
    expect(binanceTrade(row)).toStrictEqual(real.parse.binance['parseTrade']?.(row, market));
  }
});
