import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ONE, parseFixed } from '../../src/core/money.js';
import type { Btc, Krw, PriceKrw, PriceUsdt } from '../../src/core/money.js';
import { premiumAgainst, premiumOf } from '../../src/hedge/premium.js';
import { entryIsWorth, roundTripCost, takeCostBp } from '../../src/strategy/entry-cost.js';
import { limitAgainst, utcDayOf } from '../../src/strategy/entry-limits.js';
import { sizeByKrw, SIZING_RULES } from '../../src/strategy/sizing.js';
import type { EpochMs } from '../../src/core/units.js';

const btc = (text: string): Btc => parseFixed<Btc>(text);
const krw = (text: string): Krw => parseFixed<Krw>(text);
const FEES = { upbitFeePpm: 500n, binanceFeePpm: 500n };

describe('premium', () => {
  test.each([
    { name: 'against the bank', definition: 'usd' as const, premium: 159_500_000 / (115_000 * 1_390) - 1 },
    { name: 'against USDT on Upbit', definition: 'usdt' as const, premium: 159_500_000 / (115_000 * 1_402) - 1 },
  ])('$name: Upbit over Binance at that rate', ({ definition, premium }) => {
    expect(premiumOf(definition, { upbitKrw: 159_500_000, binanceUsdt: 115_000, usdKrw: 1_390, usdtKrw: 1_402 })).toBe(premium);
  });

  test('an unknown rate gives no premium', () => {
    expect(premiumAgainst(159_500_000, 115_000, NaN)).toBeNaN();
  });
});

describe('entry cost', () => {
  test.each([
    ['upbit', '0.01', 0.4],
    ['upbit', '0.1', 0.4],
    ['upbit', '0.3', 0.515],
    ['upbit', '0.5', 0.63],
    ['upbit', '1', 1.14],
    ['upbit', '2', 2.16],
    ['binance', '0.5', 0.06],
    ['binance', '3', 0.11],
  ] as const)('taking %s %s BTC once costs %d bp: measured sizes, lines between them', (venue, size, cost) => {
    expect(takeCostBp(venue, btc(size))).toBeCloseTo(cost, 9);
  });

  test('a round trip pays fees and spread twice on both venues', () => {
    // 2 x (5 + 5) bp of fees and 2 x (0.40 + 0.06) bp of taking 0.1 BTC.
    expect(roundTripCost({ quantity: btc('0.1'), ...FEES }) * 10_000).toBeCloseTo(20.92, 9);
    expect(roundTripCost({ quantity: btc('0.1'), upbitTakeBp: 3, binanceTakeBp: 1, ...FEES }) * 10_000).toBeCloseTo(28, 9);
  });

  test.each([
    { reversion: 0.0027, worth: true },
    { reversion: 0.0026, worth: true },
    { reversion: 0.0025, worth: false },
  ])('a reversion of $reversion against a cost of 21 bp and a margin of 5: worth it is $worth', ({ reversion, worth }) => {
    expect(entryIsWorth({ kind: 'enter', expectedReversion: reversion, z: -3, reason: '' }, 0.0021, 0.0005)).toBe(worth);
  });
});

describe('sizing', () => {
  const input = (amount: string, upbit = '159500000', binance = '115000') => ({
    amount: krw(amount),
    upbitPrice: parseFixed<PriceKrw>(upbit),
    binancePrice: parseFixed<PriceUsdt>(binance),
    ...SIZING_RULES,
  });

  test('ten million KRW at 159.5 M are 62 lots: the 0.0627 BTC they could buy are cut to the lot on both legs', () => {
    expect(sizeByKrw(input('10000000'))).toEqual({ kind: 'sized', quantity: btc('0.062'), lots: 62n });
  });

  test('below 100,000 USDT one lot is less than 100 USDT: two are the least', () => {
    expect(sizeByKrw(input('200000', '139000000', '99999'))).toEqual({
      kind: 'refused',
      reason: '200000 KRW buy 1 lots, and the venues take at least 2: 278001 KRW would do',
    });
    expect(sizeByKrw(input('200000', '139000000', '100000'))).toMatchObject({ kind: 'sized', lots: 1n });
  });

  test('an amount of less than a lot is refused with the amount that would do', () => {
    const refused = sizeByKrw(input('100000'));
    expect(refused).toMatchObject({ kind: 'refused' });
    if (refused.kind !== 'refused') return;
    const [needed] = /(\d+) KRW would do/.exec(refused.reason)?.slice(1) ?? [];
    expect(sizeByKrw(input(needed ?? '0')).kind).toBe('sized');
  });

  test('any amount and prices: whole lots, affordable, and one lot more would not be', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 10n), fc.bigInt(1_000_000n, 10n ** 9n), fc.bigInt(1_000n, 10n ** 6n), (amount, upbit, binance) => {
        const sizing = sizeByKrw({
          ...input('1'),
          amount: (amount * ONE) as Krw,
          upbitPrice: (upbit * ONE) as PriceKrw,
          binancePrice: (binance * ONE) as PriceUsdt,
        });
        if (sizing.kind === 'refused') return;
        const lot = SIZING_RULES.lot as bigint;
        expect((sizing.quantity as bigint) % lot).toBe(0n);
        expect((sizing.quantity as bigint) * upbit <= amount * ONE).toBe(true);
        expect(((sizing.quantity as bigint) + lot) * upbit > amount * ONE).toBe(true);
        expect((sizing.quantity as bigint) * binance >= 100n * ONE).toBe(true);
      }),
    );
  });
});

describe('entry limits', () => {
  const facts = { amount: krw('10'), exposure: krw('25'), entriesToday: 3, resultToday: krw('-7') };
  const none = { exposureMax: undefined, entriesPerDayMax: undefined, lossPerDayMax: undefined };

  test.each([
    { limits: none, refusal: undefined },
    { limits: { ...none, exposureMax: krw('35') }, refusal: undefined },
    { limits: { ...none, exposureMax: krw('34.9') }, refusal: 'exposure would be 35 KRW, limit 34.9' },
    { limits: { ...none, entriesPerDayMax: 4 }, refusal: undefined },
    { limits: { ...none, entriesPerDayMax: 3 }, refusal: '3 entries today, limit 3' },
    { limits: { ...none, lossPerDayMax: krw('7.1') }, refusal: undefined },
    { limits: { ...none, lossPerDayMax: krw('7') }, refusal: 'lost 7 KRW today, limit 7' },
  ])('an entry of 10 KRW over 25 open, 3 today and 7 lost: $refusal', ({ limits, refusal }) => {
    expect(limitAgainst(limits, facts)).toBe(refusal);
  });

  test('a gain is no loss, and a day begins at 00:00 UTC', () => {
    expect(limitAgainst({ ...none, lossPerDayMax: krw('1') }, { ...facts, resultToday: krw('7') })).toBeUndefined();
    expect(utcDayOf(Date.UTC(2025, 8, 2) as EpochMs) - utcDayOf((Date.UTC(2025, 8, 2) - 1) as EpochMs)).toBe(1);
  });
});
