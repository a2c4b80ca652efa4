import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Btc, PriceUsdt, Usdt } from '../../src/core/money.js';
import { fixed, formatFixed, notional, parseFixed, toNumber } from '../../src/core/money.js';
import { epochMs } from '../../src/core/units.js';
import { maintenanceMargin, marginTiersAt, shortLiquidationPrice, tierOf } from '../../src/exchange/margin-tiers.js';

const at = (iso: string) => epochMs(Date.parse(iso));
const usdt = (text: string): Usdt => parseFixed(text);
const newest = marginTiersAt(at('2026-01-01T00:00:00Z')).value;
const file = `${process.env['HEDGEDRILL_DATA'] ?? '../shared/data'}/binance-margin-tiers/btcusdt-usdm-leverage-tiers-2025-12.json`;

interface RecordedTier {
  readonly minNotional: number;
  readonly maxNotional: number;
  readonly maintenanceMarginRate: number;
  readonly maxLeverage: number;
  readonly info: { readonly cum: string };
}

test.skipIf(!existsSync(file))('the tiers of 2025-12-05 are those of the recorded file (skipped when the data folder is absent)', () => {
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as RecordedTier[];
  const ours = newest.map(({ floor, cap, maintenancePpm, amount, leverageMax }) => ({
    minNotional: toNumber(floor),
    maxNotional: toNumber(cap),
    maintenanceMarginRate: Number(maintenancePpm) / 1e6,
    maxLeverage: leverageMax,
    cum: toNumber(amount),
  }));
  expect(ours).toEqual(
    recorded.map(({ info, minNotional, maxNotional, maintenanceMarginRate, maxLeverage }) => ({
      minNotional,
      maxNotional,
      maintenanceMarginRate,
      maxLeverage,
      cum: Number(info.cum),
    })),
  );
});

describe('maintenance margin', () => {
  test.each([
    { iso: '2026-01-01T00:00:00Z', value: '100000', margin: '400' },
    { iso: '2026-01-01T00:00:00Z', value: '300000', margin: '1200' },
    { iso: '2026-01-01T00:00:00Z', value: '1000000', margin: '5000' },
    { iso: '2021-05-01T00:00:00Z', value: '100000', margin: '450' },
    { iso: '2021-05-01T00:00:00Z', value: '6000000', margin: '133700' },
    { iso: '2021-07-01T00:00:00Z', value: '6000000', margin: '158700' },
  ])('of $value USDT at $iso is $margin', ({ iso, value, margin }) => {
    expect(formatFixed(maintenanceMargin(marginTiersAt(at(iso)).value, usdt(value)))).toBe(margin);
  });

  test('has no step anywhere and grows with the notional', () =>
    fc.assert(
      fc.property(
        fc.oneof(fc.bigInt({ min: 0n, max: 2_000_000_000n * 100_000_000n }), fc.constantFrom(...newest.map(({ cap }) => cap as bigint))),
        (units) => {
          const [here, next] = [maintenanceMargin(newest, fixed<Usdt>(units)), maintenanceMargin(newest, fixed<Usdt>(units + 1n))];
          expect(next - here === 0n || next - here === 1n).toBe(true);
        },
      ),
    ));

  test('a notional above the last cap stays in the last tier', () => {
    expect(tierOf(newest, usdt('5000000000')).leverageMax).toBe(1);
  });
});

describe('liquidation of an isolated short', () => {
  const btc = (text: string): Btc => parseFixed(text);
  const price = (text: string): PriceUsdt => parseFixed(text);

  test('at 1x lies near twice the entry', () => {
    const liquidation = shortLiquidationPrice(newest, btc('0.1'), price('100000'), usdt('10000'));
    expect(toNumber(liquidation)).toBeCloseTo(200_000 / 1.004, 6);
  });

  test('what is left there equals the maintenance margin, in every tier', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.integer({ min: 10_000, max: 200_000 }),
        fc.integer({ min: 20, max: 150 }),
        (lots, entry, percent) => {
          const quantity = fixed<Btc>(BigInt(lots) * 100_000n);
          const entryPrice = price(String(entry));
          const margin = fixed<Usdt>((notional(entryPrice, quantity) * BigInt(percent)) / 100n);
          const liquidation = shortLiquidationPrice(newest, quantity, entryPrice, margin);
          const left = margin + notional(entryPrice, quantity) - notional(liquidation, quantity);
          const needed = maintenanceMargin(newest, notional(liquidation, quantity));
          // The price is rounded to 1e-8, so the two differ by at most the quantity's worth of that.
          const tolerance = quantity / 100_000_000n + 2n;
          expect(left - needed <= tolerance && needed - left <= tolerance).toBe(true);
        },
      ),
    ));
});

describe('dates', () => {
  test.each([
    { iso: '2020-01-01T00:00:00Z', caveat: /known from 2021-03-18 on and is used before it too/ },
    { iso: '2024-01-01T00:00:00Z', caveat: /those of 2021-06-22 are used until 2025-12-05/ },
  ])('at $iso the card says what is not known', ({ iso, caveat }) => {
    expect(marginTiersAt(at(iso)).caveat).toMatch(caveat);
  });

  test('from 2025-12-05 on nothing is left to say', () => {
    expect(marginTiersAt(at('2025-12-05T00:00:00Z')).caveat).toBeUndefined();
  });
});
