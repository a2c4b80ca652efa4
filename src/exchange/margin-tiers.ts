import { assert } from '../core/assert.js';
import type { Btc, PriceUsdt, Usdt } from '../core/money.js';
import { add, fixed, mulDiv, notional, ONE, parseFixed } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { Dated, InForce } from './dated.js';
import { inForceAt } from './dated.js';

/** One bracket of BTCUSDT: positions with a notional above `floor` up to `cap`. */
export interface MarginTier {
  readonly floor: Usdt;
  readonly cap: Usdt;
  readonly maintenancePpm: bigint;
  /** Subtracted from notional times rate, so that the requirement has no step at a tier's floor. */
  readonly amount: Usdt;
  readonly leverageMax: number;
}

type Bracket = readonly [cap: string, maintenancePpm: number, leverageMax: number];

const PPM = 1_000_000n;

/** Amounts follow from the rates: each tier's is the previous one plus its floor times the rise of the rate. */
function tiers(brackets: readonly Bracket[]): readonly MarginTier[] {
  const built: MarginTier[] = [];
  let floor = fixed<Usdt>(0n);
  let amount = fixed<Usdt>(0n);
  let previousPpm: bigint | undefined;
  for (const [capText, rate, leverageMax] of brackets) {
    const maintenancePpm = BigInt(rate);
    if (previousPpm !== undefined) amount = add(amount, fixed<Usdt>(mulDiv(floor, maintenancePpm - previousPpm, PPM, 'half-up')));
    const cap = parseFixed<Usdt>(capText);
    built.push({ floor, cap, maintenancePpm, amount, leverageMax });
    floor = cap;
    previousPpm = maintenancePpm;
  }
  return built;
}

const ANNOUNCEMENT = 'https://www.binance.com/en/support/announcement';

const TIERS: readonly Dated<readonly MarginTier[]>[] = [
  {
    from: '2021-03-18T09:00:00Z',
    value: tiers([
      ['50000', 4_000, 125],
      ['250000', 5_000, 100],
      ['1000000', 10_000, 50],
      ['10000000', 25_000, 20],
      ['20000000', 50_000, 10],
      ['50000000', 100_000, 5],
      ['100000000', 125_000, 4],
      ['200000000', 150_000, 3],
      ['300000000', 250_000, 2],
      ['500000000', 500_000, 1],
    ]),
    words: '10 tiers, 0.40 % up to 50,000 USDT',
    source: `${ANNOUNCEMENT}/86cf9aa472574b8cb2e05bb751c2a9a6`,
  },
  {
    from: '2021-06-22T03:30:00Z',
    value: tiers([
      ['50000', 4_000, 125],
      ['250000', 5_000, 100],
      ['1000000', 10_000, 50],
      ['5000000', 25_000, 20],
      ['20000000', 50_000, 10],
      ['50000000', 100_000, 5],
      ['100000000', 125_000, 4],
      ['200000000', 150_000, 3],
      ['300000000', 250_000, 2],
      ['500000000', 500_000, 1],
    ]),
    words: '10 tiers, 0.40 % up to 50,000 USDT, 5 % from 5,000,000',
    source: `${ANNOUNCEMENT}/f55d25695ca8453ab4c132c1fd4dc36a (the copy read ends before the last tier, which is taken from the table before)`,
  },
  {
    from: '2025-12-05T00:00:00Z',
    value: tiers([
      ['300000', 4_000, 150],
      ['800000', 5_000, 100],
      ['3000000', 6_500, 75],
      ['12000000', 10_000, 50],
      ['70000000', 20_000, 25],
      ['100000000', 25_000, 20],
      ['230000000', 50_000, 10],
      ['480000000', 100_000, 5],
      ['600000000', 125_000, 4],
      ['800000000', 150_000, 3],
      ['1200000000', 250_000, 2],
      ['1800000000', 500_000, 1],
    ]),
    words: '12 tiers, 0.40 % up to 300,000 USDT',
    source: 'freqtrade, binance_leverage_tiers.json, BTC/USDT:USDT as of 2025-12-05',
  },
];

/** The brackets in force; `caveat` names dates that no source covers. */
export function marginTiersAt(at: EpochMs): InForce<readonly MarginTier[]> {
  const found = inForceAt('Binance maintenance tiers', TIERS, at);
  const between = at >= Date.parse('2021-06-22T03:30:00Z') && at < Date.parse('2025-12-05T00:00:00Z');
  const caveat = 'Binance maintenance tiers: those of 2021-06-22 are used until 2025-12-05; changes in between are not known';
  return between ? { ...found, caveat } : found;
}

/** @param value - the position's notional, not negative. Above the last cap the last tier goes on. */
export function tierOf(brackets: readonly MarginTier[], value: Usdt): MarginTier {
  assert(value >= 0n, () => `a notional is not negative, was ${value}`);
  const tier = brackets.find(({ cap }) => value <= cap) ?? brackets[brackets.length - 1];
  assert(tier !== undefined, 'there is at least one tier');
  return tier;
}

/** What a position of this notional must keep: notional times rate minus amount, rounded up to 1e-8 USDT. */
export function maintenanceMargin(brackets: readonly MarginTier[], value: Usdt): Usdt {
  const { maintenancePpm, amount } = tierOf(brackets, value);
  return fixed<Usdt>(mulDiv(value, maintenancePpm, PPM, 'up') - amount);
}

/**
 * The mark at which an isolated short is liquidated: the lowest price at which its margin plus its loss no
 * longer exceeds the maintenance margin.
 *
 * @param quantity - of the short, positive.
 * @param margin - USDT that stand for this position alone, before unrealised profit.
 * @see price = (margin + quantity * entry + amount) / (quantity * (1 + rate)), in the tier of that price.
 */
export function shortLiquidationPrice(brackets: readonly MarginTier[], quantity: Btc, entry: PriceUsdt, margin: Usdt): PriceUsdt {
  assert(quantity > 0n, () => `a short has a quantity, was ${quantity}`);
  const worth = margin + notional(entry, quantity);
  let price = fixed<PriceUsdt>(0n);
  for (const { floor, cap, maintenancePpm, amount } of brackets) {
    price = fixed<PriceUsdt>(mulDiv((worth + amount) * ONE, PPM, quantity * (PPM + maintenancePpm), 'half-up'));
    const value = notional(price, quantity);
    if (value >= floor && value <= cap) return price;
  }
  return price;
}
