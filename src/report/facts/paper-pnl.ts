/** A change of the hedge's quantities at known mids and FX rate: a paper trade without costs. */
export interface Knot {
  readonly t: number;
  readonly upbitMid: number;
  readonly binanceMid: number;
  readonly usdKrw: number;
  /** BTC, signed: bought is positive. */
  readonly spot: number;
  readonly perp: number;
}

/** What the portfolio made between two knots, KRW. */
export interface PaperStretch {
  readonly from: number;
  readonly to: number;
  /** On the matched quantity. */
  readonly premium: number;
  /** On what one leg holds beyond the other. */
  readonly btcLegs: number;
}

/**
 * What a portfolio that trades at mids makes, in KRW. Between two knots the matched quantity (long spot against
 * short perp) earns the change of the premium, `upbit - binance * usdKrw`; the rest of each leg earns its price.
 * Both over all stretches add up exactly to the portfolio's gain.
 *
 * @param end - the mids and rate at which what is left is valued.
 */
export function paperPnl(knots: readonly Knot[], end: Omit<Knot, 'spot' | 'perp'>): readonly PaperStretch[] {
  const ordered = [...knots].sort((a, b) => a.t - b.t);
  let spot = 0;
  let perp = 0;
  return ordered.map((knot, index) => {
    spot += knot.spot;
    perp += knot.perp;
    const next = ordered[index + 1] ?? end;
    const spotMove = next.upbitMid - knot.upbitMid;
    const perpMove = next.binanceMid * next.usdKrw - knot.binanceMid * knot.usdKrw;
    const matched = Math.max(0, Math.min(spot, -perp));
    return {
      from: knot.t,
      to: next.t,
      premium: matched * (spotMove - perpMove),
      btcLegs: (spot - matched) * spotMove + (perp + matched) * perpMove,
    };
  });
}
