import type { Btc, Fixed } from '../core/money.js';
import { fixed, parseFixed } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { Dated, InForce } from './dated.js';
import { inForceAt, perEra } from './dated.js';
import type { RateLimitRule, VenueProfile } from './venue-profile.js';

type TickTable = readonly (readonly [fromPrice: string, tick: string])[];

const DOC = 'https://docs.upbit.com';
/** When sources that bear no date were read; an entry that a later change names "the old one" bears the day before that change. */
const READ = '2026-11-22T00:00:00Z';
const won = (text: string): Fixed<'KRW'> => parseFixed(text);

/** Ticks by price, highest first. Below 100 KRW no table is kept: BTC is never there. */
const TICKS: readonly Dated<TickTable>[] = [
  {
    from: '2024-01-28T00:00:00+09:00',
    value: [
      ['2000000', '1000'],
      ['1000000', '500'],
      ['500000', '100'],
      ['100000', '50'],
      ['10000', '10'],
      ['1000', '5'],
      ['100', '1'],
    ],
    words: '1,000 KRW from 2,000,000 KRW up',
    source: `${DOC}/v1.4.1/docs/market-info-trade-price-detail (the table until 2024-01-29; since when is not stated)`,
  },
  {
    from: '2024-01-29T00:00:00+09:00',
    value: [
      ['2000000', '1000'],
      ['1000000', '500'],
      ['500000', '100'],
      ['100000', '50'],
      ['10000', '10'],
      ['1000', '1'],
      ['100', '0.1'],
    ],
    words: '1,000 KRW from 2,000,000 KRW up',
    source: `${DOC}/v1.4.5/docs/market-info-trade-price-detail`,
  },
  {
    from: '2025-07-31T00:00:00+09:00',
    value: [
      ['1000000', '1000'],
      ['500000', '500'],
      ['100000', '100'],
      ['50000', '50'],
      ['10000', '10'],
      ['5000', '5'],
      ['100', '1'],
    ],
    words: '1,000 KRW from 1,000,000 KRW up',
    source: `${DOC}/kr/docs/krw-market-info`,
  },
];

const ORDER_RATE: readonly Dated<number>[] = [
  { from: '2024-12-11T00:00:00+09:00', value: 8, words: '8 orders a second', source: `${DOC}/docs/user-request-guide` },
  { from: '2026-08-21T21:00:00+09:00', value: 12, words: '12 orders a second', source: `${DOC}/kr/changelog/order-rate-limit-update` },
];

/** Cancels and reads of orders and accounts. */
const DEFAULT_RATE: readonly Dated<number>[] = [
  { from: '2024-12-11T00:00:00+09:00', value: 30, words: '30 other account calls a second', source: `${DOC}/docs/user-request-guide` },
];

const MARKET_RATE: readonly Dated<number>[] = [
  { from: '2026-10-07T00:00:00+09:00', value: 10, words: '10 calls a second in each group of market data', source: `${DOC}/kr/docs/rate-limits` },
];

const MINIMUM: readonly Dated<Fixed<'KRW'>>[] = [
  { from: '2025-12-11T00:00:00+09:00', value: won('5000'), words: '5,000 KRW', source: "the owner's specification, and users' code" },
];

const MAXIMUM: readonly Dated<Fixed<'KRW'>>[] = [
  {
    from: READ,
    value: won('1000000000'),
    words: '1,000,000,000 KRW',
    source: 'sharebook-kr/pyupbit issue 71 (error over_max_total_market_ask)',
  },
];

const FEE: readonly Dated<bigint>[] = [
  { from: READ, value: 500n, words: '0.05 % of the notional, in KRW on top of the order', source: 'ccxt 4.5.84, upbit.js' },
];

/** Since when the book has this many levels, and a market order beyond them is refused. */
const LEVELS: readonly Dated<number>[] = [
  { from: '2025-05-06T00:00:00+09:00', value: 15, words: 'refused beyond 15 levels', source: `${DOC}/kr/changelog/orderbook_expansion` },
  { from: '2025-05-07T15:00:00+09:00', value: 30, words: 'refused beyond 30 levels', source: `${DOC}/kr/changelog/orderbook_expansion` },
];

/** Test orders a second (the published limits of api-evangelist/dunamu, read with the others). */
const TEST_ORDERS = 8;

/** Upbit BTC/KRW at `at`. */
export const upbitProfileAt = perEra<VenueProfile>([TICKS, ORDER_RATE, DEFAULT_RATE, MARKET_RATE, MINIMUM, MAXIMUM, FEE, LEVELS], profileInForce);

function profileInForce(at: EpochMs): VenueProfile {
  const tick = inForceAt('Upbit price tick', TICKS, at);
  const orders = inForceAt('Upbit order limit', ORDER_RATE, at);
  const others = inForceAt('Upbit account limit', DEFAULT_RATE, at);
  const market = inForceAt('Upbit market-data limit', MARKET_RATE, at);
  const minimum = inForceAt('Upbit minimum order', MINIMUM, at);
  const maximum = inForceAt('Upbit maximum order', MAXIMUM, at);
  const fee = inForceAt('Upbit fee', FEE, at);
  const levels = inForceAt('Upbit market order', LEVELS, at);
  const rules: readonly InForce<unknown>[] = [tick, orders, others, market, minimum, maximum, fee, levels];
  return {
    venue: 'upbit',
    quantityStep: fixed<Btc>(1n),
    priceTick: (price) => tickIn(tick.value, price),
    minQuantity: fixed<Btc>(1n),
    minNotional: minimum.value,
    maxNotional: maximum.value,
    maxMarketQuantity: undefined,
    makerFeePpm: fee.value,
    takerFeePpm: fee.value,
    limits: limitsOf(orders.value, others.value, market.value),
    wireLimits: wireLimitsOf(TEST_ORDERS, market.value),
    // Upbit states the block's length with each 418 and lengthens it for repeats; the lengths are not published.
    ban: { firstMs: 10_000, maxMs: 600_000 },
    marketOrderLevels: levels.value,
    sources: rules.map(({ sourced }) => sourced),
    caveats: [
      ...rules.flatMap(({ caveat }) => (caveat === undefined ? [] : [caveat])),
      'Upbit does not publish how long a 418 block lasts: 10 s doubling to 10 min is assumed',
    ],
  };
}

function limitsOf(orders: number, others: number, market: number): readonly RateLimitRule[] {
  const second = { windowMs: 1_000, counts: 'calls' } as const;
  return [
    { name: 'order', scope: 'orders', limit: orders, ...second },
    { name: 'default', scope: 'queries', limit: others, ...second },
    { name: 'orderbook', scope: 'market', limit: market, ...second, methods: ['fetchOrderBook'] },
    { name: 'ticker', scope: 'market', limit: market, ...second, methods: ['fetchTicker'] },
    { name: 'market', scope: 'market', limit: market, ...second, methods: ['loadMarkets'] },
  ];
}

function wireLimitsOf(tests: number, market: number): readonly RateLimitRule[] {
  const second = { windowMs: 1_000, counts: 'calls' } as const;
  return [
    { name: 'candle', scope: 'market', limit: market, ...second, methods: ['fetchOHLCV'] },
    { name: 'trade', scope: 'market', limit: market, ...second, methods: ['fetchTrades'] },
    { name: 'order-test', scope: 'apart', limit: tests, ...second, methods: ['testOrder'] },
    { name: 'order-cancel-all', scope: 'apart', limit: 1, windowMs: 2_000, counts: 'calls', methods: ['cancelAllOrders'] },
  ];
}

function tickIn(table: TickTable, price: Fixed<string>): Fixed<string> {
  const row = table.find(([fromPrice]) => price >= won(fromPrice)) ?? table[table.length - 1];
  return won(row?.[1] ?? '1');
}
