import { describe, expect, test } from 'vitest';
import type { Krw, PriceKrw, PriceUsdt } from '../../src/core/money.js';
import { formatFixed, parseFixed } from '../../src/core/money.js';
import { epochMs } from '../../src/core/units.js';
import { requestWeight } from '../../src/exchange/request-weights.js';
import { profileAt, quotaOf } from '../../src/exchange/venue-profiles.js';

const at = (iso: string) => epochMs(Date.parse(iso));
const today = at('2026-12-01T00:00:00Z');
const limitOf = (venue: 'upbit' | 'binance', iso: string, name: string) => profileAt(venue, at(iso)).limits.find((rule) => rule.name === name)?.limit;

describe('Upbit', () => {
  test.each([
    { iso: '2026-08-21T20:59:59.999+09:00', limit: 8 },
    { iso: '2026-08-21T21:00:00+09:00', limit: 12 },
  ])('orders a second at $iso: $limit', ({ iso, limit }) => {
    expect(limitOf('upbit', iso, 'order')).toBe(limit);
  });

  test.each([
    { iso: '2023-06-01T00:00:00Z', price: '150000000', tick: '1000' },
    { iso: '2023-06-01T00:00:00Z', price: '1500000', tick: '500' },
    { iso: '2025-07-30T00:00:00Z', price: '1500000', tick: '500' },
    { iso: '2025-07-31T00:00:00Z', price: '1500000', tick: '1000' },
    { iso: '2025-07-31T00:00:00Z', price: '999500', tick: '500' },
    { iso: '2025-07-31T00:00:00Z', price: '499900', tick: '100' },
    { iso: '2025-07-31T00:00:00Z', price: '50000', tick: '50' },
    { iso: '2025-07-31T00:00:00Z', price: '49990', tick: '10' },
    { iso: '2025-07-31T00:00:00Z', price: '5000', tick: '5' },
    { iso: '2025-07-31T00:00:00Z', price: '4999', tick: '1' },
    { iso: '2024-01-28T00:00:00Z', price: '5000', tick: '5' },
    { iso: '2024-01-29T00:00:00Z', price: '5000', tick: '1' },
  ])('tick of $price KRW at $iso is $tick', ({ iso, price, tick }) => {
    expect(formatFixed(profileAt('upbit', at(iso)).priceTick(parseFixed<PriceKrw>(price)))).toBe(tick);
  });

  test.each([
    { iso: '2025-05-07T14:59:59+09:00', levels: 15 },
    { iso: '2025-05-07T15:00:00+09:00', levels: 30 },
  ])('market orders are refused beyond $levels levels at $iso', ({ iso, levels }) => {
    expect(profileAt('upbit', at(iso)).marketOrderLevels).toBe(levels);
  });

  test('amounts and fees', () => {
    const profile = profileAt('upbit', today);
    expect(profile.minNotional).toBe(parseFixed<Krw>('5000'));
    expect(profile.maxNotional).toBe(parseFixed<Krw>('1000000000'));
    expect(profile.takerFeePpm).toBe(500n);
    expect(profile.quantityStep).toBe(1n);
  });

  test('each group of market data has its own counter', () => {
    const market = profileAt('upbit', today).limits.filter(({ scope }) => scope === 'market');
    expect(market.map(({ limit, methods }) => [limit, methods])).toEqual([
      [10, ['fetchOrderBook']],
      [10, ['fetchTicker']],
      [10, ['loadMarkets']],
    ]);
  });
});

describe('Binance', () => {
  test('filters, bounds, limits and fees', () => {
    const profile = profileAt('binance', today);
    expect(formatFixed(profile.priceTick(parseFixed<PriceUsdt>('100000')))).toBe('0.1');
    expect([profile.quantityStep, profile.minNotional, profile.maxMarketQuantity].map((amount) => formatFixed(amount ?? 0n))).toEqual([
      '0.001',
      '100',
      '120',
    ]);
    expect([profile.makerFeePpm, profile.takerFeePpm]).toEqual([200n, 500n]);
    expect(profile.futures).toMatchObject({ percentPricePpm: 50_000n, marketTakeBoundPpm: 50_000n, liquidationFeePpm: 12_500n });
    expect(profile.limits.map(({ limit, windowMs, counts }) => [limit, windowMs, counts])).toEqual([
      [2_400, 60_000, 'weight'],
      [1_200, 60_000, 'calls'],
      [300, 10_000, 'calls'],
    ]);
  });

  test('a book weighs by its levels, an order nothing', () => {
    expect([5, 50, 100, 500, 1_000, undefined].map((levels) => requestWeight('binance', 'fetchOrderBook', levels))).toEqual([2, 2, 5, 10, 20, 10]);
    expect(requestWeight('binance', 'createOrder')).toBe(0);
    expect(requestWeight('upbit', 'createOrder')).toBe(1);
  });
});

describe('honesty', () => {
  test.each(['upbit', 'binance'] as const)('%s: every rule has a date and a source, today none lies before its first date', (venue) => {
    const { sources, caveats } = profileAt(venue, today);
    expect(sources.length).toBeGreaterThanOrEqual(3);
    for (const { rule, value, from, source } of sources) expect([rule, value, from, source].every((text) => text.length > 0)).toBe(true);
    expect(caveats.filter((text) => text.includes('before it too'))).toEqual([]);
  });

  test('a date before the first source says which rules are extended', () => {
    expect(profileAt('binance', at('2021-05-01T00:00:00Z')).caveats).toEqual([
      expect.stringMatching(/^Binance filters: tick 0\.1.*known from 2025-01-01 on and is used before it too$/) as string,
      expect.stringMatching(/^Binance limits: .*known from 2025-01-01/) as string,
      expect.stringMatching(/^Binance fees: maker 0\.02 %.*known from 2026-11-22/) as string,
    ]);
    expect(profileAt('upbit', at('2018-01-01T00:00:00Z')).caveats.some((text) => text.startsWith('Upbit price tick'))).toBe(true);
  });
});

describe("quotaOf: the smaller of the owner's table and the profile", () => {
  const byName = (venue: 'upbit' | 'binance', iso: string) => Object.fromEntries(quotaOf(venue, at(iso)).map(({ name, limit }) => [name, limit]));

  test("Upbit: the owner's 8 orders a second stay when the venue allows 12, and 10 queries where it allows 30", () => {
    expect(byName('upbit', '2026-11-01T00:00:00Z')).toEqual({ 'owner: orders': 8, 'owner: queries': 10, orderbook: 10, ticker: 10, market: 10 });
    expect(byName('upbit', '2025-01-01T00:00:00Z')).toEqual({ order: 8, 'owner: queries': 10, orderbook: 10, ticker: 10, market: 10 });
  });

  test('Binance: 1,200 orders and 2,400 weight a minute, 300 orders in 10 s, and the pace of 20 orders a second', () => {
    expect(byName('binance', '2026-11-01T00:00:00Z')).toEqual({
      'REQUEST_WEIGHT 1m': 2_400,
      'ORDERS 1m': 1_200,
      'ORDERS 10s': 300,
      'owner: pace': 20,
    });
  });
});
