import {
  fixed,
  floorTo,
  max,
  mulDiv,
  notional,
  ONE,
  type Btc,
  type Fixed,
  type Krw,
  type PriceKrw,
  type PriceUsdt,
  type Usdt,
} from '../core/money.js';

/** What the venues allow, as far as sizes go. */
export interface SizeRules {
  /** Step of the perpetual; the grid both legs share. */
  readonly lot: Btc;
  readonly spotMinNotional: Krw;
  readonly perpMinNotional: Usdt;
  readonly spotMaxNotional: Krw | undefined;
  readonly perpMaxQuantity: Btc | undefined;
}

export type SizedEntry = { readonly ok: true; readonly lots: Btc; readonly spot: Btc } | { readonly ok: false; readonly reason: string };

/** The least quantity whose notional reaches `minimum`, in steps of `step`. */
export function leastQuantity(minimum: Fixed<string>, price: Fixed<string>, step: Btc): Btc {
  const exact = mulDiv(minimum, ONE, price, 'up');
  const steps = (exact + step - 1n) / step;
  return fixed<Btc>(max(steps * step, step));
}

/** The least opening short: one lot, or more where the minimum notional needs it (0.002 BTC under 100,000 USDT). */
export function leastShort(rules: SizeRules, perpPrice: PriceUsdt): Btc {
  return leastQuantity(rules.perpMinNotional, perpPrice, rules.lot);
}

/**
 * Sizes an entry: the lots of the perpetual first, then exactly that much spot, less what is already there as dust.
 * Sizing by KRW and cutting to 8 decimals instead leaves up to a lot unhedged, or a short too small to be taken
 * after the spot leg has filled.
 *
 * @param dust - signed BTC by which both holdings together are long.
 */
export function sizeEntry(wanted: Btc, dust: Btc, rules: SizeRules, prices: { readonly spot: PriceKrw; readonly perp: PriceUsdt }): SizedEntry {
  const lots = floorTo(wanted, rules.lot);
  const least = leastShort(rules, prices.perp);
  if (lots < least) return { ok: false, reason: 'smaller than the least short the perpetual takes' };
  if (rules.perpMaxQuantity !== undefined && lots > rules.perpMaxQuantity)
    return { ok: false, reason: 'larger than one order of the perpetual may be' };
  const spot = fixed<Btc>(lots - dust);
  const cost = notional<'KRW'>(prices.spot, spot);
  if (cost < rules.spotMinNotional) return { ok: false, reason: 'smaller than the least order of the spot market' };
  if (rules.spotMaxNotional !== undefined && cost > rules.spotMaxNotional)
    return { ok: false, reason: 'larger than one order of the spot market may be' };
  return { ok: true, lots, spot };
}

/** Lots to short against spot that has filled: never more than it (the rest is dust). */
export function lotsAgainst(spot: Btc, lot: Btc): Btc {
  return spot <= 0n ? fixed<Btc>(0n) : floorTo(spot, lot);
}

/** KRW that a buy needs free: its cost at the collar, the fee on top, and slack (an all-in buy fails for want of the fee). */
export function krwNeeded(spot: Btc, collar: PriceKrw, feePpm: bigint, slackPpm: bigint): Krw {
  const cost = notional<'KRW'>(collar, spot, 'up');
  return fixed<Krw>(cost + mulDiv(cost, feePpm + slackPpm, 1_000_000n, 'up'));
}

/** USDT that a short needs free: its notional over the leverage, the fee, and slack. */
export function usdtNeeded(lots: Btc, price: PriceUsdt, leverage: number, feePpm: bigint, slackPpm: bigint): Usdt {
  const value = notional<'USDT'>(price, lots, 'up');
  return fixed<Usdt>(mulDiv(value, 1n, BigInt(leverage), 'up') + mulDiv(value, feePpm + slackPpm, 1_000_000n, 'up'));
}

/**
 * How many lots to take off so that the margin ratio (equity over notional) rises to `target`. Closing at the mark
 * leaves the equity as it is and shrinks the notional.
 */
export function lotsToRestoreMargin(held: Btc, equityUsdt: number, mark: number, target: number, lot: Btc): Btc {
  const keep = equityUsdt <= 0 ? 0 : equityUsdt / (mark * target);
  const keepLots = floorTo(fixed<Btc>(BigInt(Math.floor(keep * Number(ONE)))), lot);
  return keepLots >= held ? fixed<Btc>(0n) : fixed<Btc>(held - keepLots);
}
