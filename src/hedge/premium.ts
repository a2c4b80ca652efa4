/**
 * The kimchi premium has two definitions, which differ by what a dollar costs and can differ in sign; no
 * figure is shown without naming its own.
 *
 * - `usd`: against the bank's USD/KRW. What the press quotes. Nearly all of it is Upbit's own USDT premium
 *   (hourly correlation 0.998, May to September 2025), and with a daily rate it jumps at every new fixing.
 * - `usdt`: against KRW per USDT on Upbit itself. What is left for BTC alone: a few basis points (sd 8 bp in
 *   the same months).
 *
 * @see design/decisions 10; metrics d3 "Kimchi premium".
 */
export type PremiumDefinition = 'usd' | 'usdt';

/** Prices at one instant: KRW per BTC, USDT per BTC, KRW per USD (bank) and KRW per USDT (Upbit; NaN when unknown). */
export interface PremiumPrices {
  readonly upbitKrw: number;
  readonly binanceUsdt: number;
  readonly usdKrw: number;
  readonly usdtKrw: number;
}

/**
 * `upbitKrw / (binanceUsdt * krwPerDollar) - 1`, as a fraction (0.01 = 1 %); positive when BTC is dearer in
 * Korea. NaN when a price is NaN.
 *
 * @param krwPerDollar - KRW per USD or KRW per USDT: the definition is the caller's choice of this rate.
 */
export function premiumAgainst(upbitKrw: number, binanceUsdt: number, krwPerDollar: number): number {
  return upbitKrw / (binanceUsdt * krwPerDollar) - 1;
}

/** The premium in the given definition, as a fraction; NaN when its rate is unknown. */
export function premiumOf(definition: PremiumDefinition, prices: PremiumPrices): number {
  return premiumAgainst(prices.upbitKrw, prices.binanceUsdt, definition === 'usd' ? prices.usdKrw : prices.usdtKrw);
}

/**
 * KRW that one USDT costs when it is bought as BTC on Upbit and sold on Binance. It is the premium without a
 * rate of exchange: `premium = impliedRate / krwPerDollar - 1`.
 *
 * A hedge of one BTC opened at the implied rate r and closed at r' earns about `binanceUsdt * (r' - r)` KRW
 * before costs, whatever the bank rate did in between: a premium that rises only because the bank's rate was
 * fixed lower pays nothing.
 */
export function impliedRate(upbitKrw: number, binanceUsdt: number): number {
  return upbitKrw / binanceUsdt;
}
