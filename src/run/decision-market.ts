import { epochMs, type EpochMs } from '../core/units.js';
import type { ActiveWindow, FaultSession } from '../faults/fault-session.js';
import { premiumAgainst } from '../hedge/premium.js';
import type { PremiumBars } from '../market/bars.js';
import type { MarketView } from '../market/market-view.js';
import type { FlowDecision } from '../sim/flow-truth.js';

/** What decisions are made on: mids, and the rates as the run's own feed shows them. */
export type DecisionMarket = Pick<MarketView, 'mid' | 'usdKrw' | 'usdtKrw'>;

/** The market with the faults of its USD/KRW quote: frozen since a fault began, or off by so much. The truth goes on beside it. */
export function decisionMarket(market: MarketView, faults: FaultSession): DecisionMarket {
  return {
    mid: (venue, at) => market.mid(venue, at),
    usdtKrw: (at) => market.usdtKrw(at),
    usdKrw: (at) => {
      const { frozenAt, factor } = quoteFaults(faults.windows('fx', at));
      const quote = market.usdKrw(frozenAt ?? at);
      return quote === undefined || factor === 1 ? quote : quote * factor;
    },
  };
}

/** Both mids, FX and premium at an instant; undefined in a gap. */
export function decisionAt(market: DecisionMarket, decidedAt: EpochMs): FlowDecision | undefined {
  const upbitMid = market.mid('upbit', decidedAt);
  const binanceMid = market.mid('binance', decidedAt);
  const usdKrw = market.usdKrw(decidedAt);
  if (upbitMid === undefined || binanceMid === undefined || usdKrw === undefined) return undefined;
  return { decidedAt, upbitMid, binanceMid, usdKrw, premium: premiumAgainst(upbitMid, binanceMid, usdKrw) };
}

/**
 * The bars as a strategy sees them under the same faults: the quote, and with it the premium in dollars. Only windows
 * whose time is known when the run begins (an instant, a time after the start, a calendar) reach a strategy's history.
 */
export function barsAsDecided(bars: PremiumBars, faults: FaultSession): PremiumBars {
  const struck = rowsStruck(bars, faults);
  if (struck.size === 0) return bars;
  const usdKrw = Float64Array.from(bars.usdKrw);
  const premium = Float64Array.from(bars.premium);
  const fxStep = Uint8Array.from(bars.fxStep);
  const fxSince = bars.fxSince && Float64Array.from(bars.fxSince);
  for (const [row, { frozenAt, factor }] of struck) {
    const source = frozenAt === undefined ? row : rowAt(bars, frozenAt, row);
    usdKrw[row] = (bars.usdKrw[source] ?? Number.NaN) * factor;
    premium[row] = ((1 + (bars.premium[row] ?? Number.NaN)) * (bars.usdKrw[row] ?? Number.NaN)) / (usdKrw[row] ?? Number.NaN) - 1;
    if (fxSince !== undefined) fxSince[row] = bars.fxSince?.[source] ?? Number.NaN;
  }
  // A live rate moves with every row, which is no new fixing.
  for (const row of struck.keys())
    for (const changed of [row, row + 1])
      if (changed > 0 && changed < bars.length && bars.fxLive?.[changed] !== 1) fxStep[changed] = usdKrw[changed] === usdKrw[changed - 1] ? 0 : 1;
  return { ...bars, usdKrw, premium, fxStep, fxSince };
}

interface QuoteFaults {
  /** The instant whose quote is still shown; undefined: the present one. */
  readonly frozenAt: EpochMs | undefined;
  readonly factor: number;
}

function quoteFaults(windows: readonly ActiveWindow[]): QuoteFaults {
  let frozenAt: EpochMs | undefined;
  let factor = 1;
  for (const { action, from } of windows) {
    if (action.kind !== 'fx') continue;
    if (action.frozen && (frozenAt === undefined || from < frozenAt)) frozenAt = from;
    factor *= 1 + action.gapBp / 10_000;
  }
  return { frozenAt, factor };
}

function rowsStruck(bars: PremiumBars, faults: FaultSession): Map<number, QuoteFaults> {
  const struck = new Map<number, QuoteFaults>();
  for (let row = 0; row < bars.length; row += 1) {
    const windows = faults.windows('fx', epochMs(bars.time[row] ?? 0));
    if (windows.length > 0) struck.set(row, quoteFaults(windows));
  }
  return struck;
}

/** The last row at or before `at`, looked for backwards from `from`; the first one when there is none. */
function rowAt(bars: PremiumBars, at: EpochMs, from: number): number {
  let row = from;
  while (row > 0 && (bars.time[row] ?? 0) > at) row -= 1;
  return row;
}
