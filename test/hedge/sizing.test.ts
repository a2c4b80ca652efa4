import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixed, formatFixed, notional, parseFixed, type Btc, type Krw, type PriceKrw, type PriceUsdt, type Usdt } from '../../src/core/money.js';
import { hedgedLots, isWithinTolerance, planDust } from '../../src/hedge/dust.js';
import { krwNeeded, leastShort, lotsAgainst, lotsToRestoreMargin, sizeEntry, usdtNeeded, type SizeRules } from '../../src/hedge/sizing.js';

const btc = (text: string): Btc => parseFixed<Btc>(text);
const rules: SizeRules = {
  lot: btc('0.001'),
  spotMinNotional: parseFixed<Krw>('5000'),
  perpMinNotional: parseFixed<Usdt>('100'),
  spotMaxNotional: parseFixed<Krw>('1000000000'),
  perpMaxQuantity: btc('120'),
};
const prices = { spot: parseFixed<PriceKrw>('130000000'), perp: parseFixed<PriceUsdt>('89500') };

test.each([
  { name: 'on the grid: that quantity on both legs', wanted: '0.05', dust: '0', size: '0.05 lots, 0.05 spot' },
  { name: 'off the grid: cut to lots, and no more spot than that', wanted: '0.06271', dust: '0', size: '0.062 lots, 0.062 spot' },
  { name: 'long residue: that much less spot', wanted: '0.05', dust: '0.0004', size: '0.05 lots, 0.0496 spot' },
  { name: 'short residue: that much more spot', wanted: '0.05', dust: '-0.0004', size: '0.05 lots, 0.0504 spot' },
  {
    name: 'under 100 USDT: no short of 0.001 while BTC is under 100,000',
    wanted: '0.0019',
    dust: '0',
    size: 'smaller than the least short the perpetual takes',
  },
  { name: 'two lots: the least short', wanted: '0.002', dust: '0', size: '0.002 lots, 0.002 spot' },
  { name: 'more than one order may hold', wanted: '121', dust: '0', size: 'larger than one order of the perpetual may be' },
  { name: 'more than one billion KRW', wanted: '8', dust: '0', size: 'larger than one order of the spot market may be' },
])('size of an entry, $name', ({ wanted, dust, size }) => {
  const sized = sizeEntry(btc(wanted), btc(dust), rules, prices);
  expect(sized.ok ? `${formatFixed(sized.lots)} lots, ${formatFixed(sized.spot)} spot` : sized.reason).toBe(size);
});

test.each([
  { price: '99999', least: '0.002' },
  { price: '100000', least: '0.001' },
  { price: '100001', least: '0.001' },
  { price: '20000', least: '0.005' },
])('least short at $price USDT: $least BTC', ({ price, least }) => {
  expect(formatFixed(leastShort(rules, parseFixed<PriceUsdt>(price)))).toBe(least);
});

test('size of an entry, any wish and any residue: both legs end within tolerance of each other', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.bigInt({ min: -99_999n, max: 99_999n }), (wanted, dust) => {
      const sized = sizeEntry(fixed<Btc>(wanted), fixed<Btc>(dust), rules, prices);
      if (!sized.ok) return;
      expect(sized.lots % rules.lot).toBe(0n);
      expect(sized.lots).toBeLessThanOrEqual(wanted);
      // Filled whole, the residue is used up.
      expect(dust + sized.spot - sized.lots).toBe(0n);
      expect(notional<'USDT'>(prices.perp, sized.lots)).toBeGreaterThanOrEqual(rules.perpMinNotional);
    }),
  );
});

test.each([
  { spot: '0.05', lots: '0.05' },
  { spot: '0.0509', lots: '0.05' },
  { spot: '0.0009', lots: '0' },
  { spot: '-0.01', lots: '0' },
])('lots against $spot BTC of spot: $lots, never more than there is', ({ spot, lots }) => {
  expect(formatFixed(lotsAgainst(btc(spot), rules.lot))).toBe(lots);
});

test('KRW for a buy: cost at the collar, the fee of 0.05 % on top of it, and the slack', () => {
  // 0.05 x 130,260,000 = 6,513,000; 0.15 % of it 9,769.5.
  expect(formatFixed(krwNeeded(btc('0.05'), parseFixed('130260000'), 500n, 1_000n))).toBe('6522769.5');
});

test('USDT for a short at 1x: the whole notional, the fee and the slack', () => {
  expect(formatFixed(usdtNeeded(btc('0.05'), parseFixed('89500'), 1, 500n, 1_000n))).toBe('4481.7125');
  expect(formatFixed(usdtNeeded(btc('0.05'), parseFixed('89500'), 2, 500n, 1_000n))).toBe('2244.2125');
});

test.each([
  { name: 'equity 1,600 against 0.05 at 134,250, to 0.5', equity: 1_600, mark: 134_250, target: 0.5, off: '0.027' },
  { name: 'ratio already there', equity: 10_000, mark: 100_000, target: 0.5, off: '0' },
  { name: 'no equity left: everything', equity: 0, mark: 100_000, target: 0.5, off: '0.05' },
])('lots to take off, $name: $off', ({ equity, mark, target, off }) => {
  const taken = lotsToRestoreMargin(btc('0.05'), equity, mark, target, rules.lot);
  expect(formatFixed(taken)).toBe(off);
});

test.each([
  { residual: '0', ok: true },
  { residual: '0.00099999', ok: true },
  { residual: '-0.00099999', ok: true },
  { residual: '0.001', ok: false },
  { residual: '-0.001', ok: false },
])('tolerance: a residual of $residual is hedged: $ok', ({ residual, ok }) => {
  expect(isWithinTolerance(btc(residual), rules.lot)).toBe(ok);
});

test.each([
  { spot: '0.05', perp: '-0.05', lots: '0.05' },
  { spot: '0.0504', perp: '-0.05', lots: '0.05' },
  { spot: '0.0496', perp: '-0.05', lots: '0.05' },
  { spot: '0.02', perp: '-0.05', lots: '0.02' },
  { spot: '0.05', perp: '0', lots: '0' },
  { spot: '0', perp: '-0.05', lots: '0' },
  { spot: '0.05', perp: '0.05', lots: '0' },
])('hedged of $spot spot and $perp short: $lots', ({ spot, perp, lots }) => {
  expect(formatFixed(hedgedLots(btc(spot), btc(perp), rules.lot))).toBe(lots);
});

test.each([
  { dust: '0.0004', plan: 'keep' },
  { dust: '0.0006', plan: 'sell 0.0006' },
  { dust: '-0.0006', plan: 'buy 0.0006' },
])('dust of $dust under a cap of 0.0005: $plan', ({ dust, plan }) => {
  const step = planDust(btc(dust), btc('0.0005'), btc('0.00003847'));
  expect(step.kind === 'keep' ? 'keep' : `${step.side} ${formatFixed(step.quantity)}`).toBe(plan);
});

test('dust above its cap but under the least order: kept, since no venue takes it', () => {
  expect(planDust(btc('0.00003'), btc('0.00001'), btc('0.00003847')).kind).toBe('keep');
});
