import { formatFixed } from '../../core/money.js';
import { imbalance } from '../alternatives.js';
import type { Analysis } from '../analysis.js';
import { type EquityMark, equityAt } from '../facts/equity.js';
import { money, round, roundMaybe, roundTails } from '../figures.js';
import { DAY_MS, utc } from '../instants.js';
import { returnFigures } from '../metrics/returns.js';
import { tailsOf } from '../metrics/tails.js';
import { isNotAvailable, type Maybe, notAvailable } from '../not-available.js';
import type { Report } from '../report-json.js';
import { WATERFALL_PARTS } from '../waterfall.js';
import { partsRow } from './rollback-section.js';

const numbers = (values: readonly Maybe<number>[]): readonly number[] => values.filter((value) => typeof value === 'number');

export function waterfallSection({ waterfall, flows }: Analysis): Report['waterfall'] {
  if (isNotAvailable(waterfall)) return waterfall;
  const notional = flows.reduce((sum, flow) => sum + flow.intendedNotionalKrw, 0);
  // Premiums are ratios and do not add up; KRW over one and the same notional do.
  const bps = (krw: number): Maybe<number> => (notional > 0 ? round((krw / notional) * 10_000, 4) : notAvailable('nothing was traded'));
  return {
    parts: WATERFALL_PARTS.map((part) => ({ part, krw: money(waterfall[part]), bps: bps(waterfall[part]) })),
    totalKrw: money(waterfall.total),
    totalBps: bps(waterfall.total),
  };
}

export function ratesSection({ facts }: Analysis): Report['rates'] {
  const rate = (value: number | undefined): Maybe<number> => (value === undefined ? notAvailable('not in the data') : round(value, 4));
  const { usdKrw, usdtKrw } = facts.prices;
  return {
    usdKrwStart: rate(usdKrw.nearest(facts.from)),
    usdKrwEnd: rate(usdKrw.last),
    usdtKrwStart: rate(usdtKrw.nearest(facts.from)),
    usdtKrwEnd: rate(usdtKrw.last),
  };
}

export function hedgeQualitySection({ flows }: Analysis): Report['hedgeQuality'] {
  return {
    leggingMs: roundTails(tailsOf(numbers(flows.map((flow) => flow.leggingMs))), 0),
    hedgeSlippageBps: roundTails(tailsOf(numbers(flows.map((flow) => flow.hedgeSlippageBps))), 4),
    premiumSlippageBps: roundTails(tailsOf(numbers(flows.map((flow) => flow.premiumSlippageBps))), 4),
    unmatched: roundTails(tailsOf(flows.map((flow) => 1 - flow.matchingRatio)), 6),
  };
}

export function exposureSection({ facts, episodes }: Analysis): Report['exposure'] {
  return {
    toleranceBtc: formatFixed(facts.tolerance),
    seconds: roundTails(tailsOf(episodes.map(({ exposure }) => exposure.seconds)), 3),
    btcSeconds: roundTails(tailsOf(episodes.map(({ exposure }) => exposure.btcSeconds)), 6),
    krwSeconds: roundTails(tailsOf(episodes.map(({ exposure }) => exposure.krwSeconds)), 0),
    peakKrw: roundTails(tailsOf(episodes.map(({ exposure }) => exposure.peakKrw)), 0),
  };
}

export function flowRows({ flows }: Analysis): Report['flows'] {
  return flows.map((flow) => ({
    flow: flow.flow,
    kind: flow.kind,
    beginMs: flow.begin,
    endMs: flow.end ?? null,
    outcome: flow.outcome,
    quantityBtc: round(flow.quantityBtc, 8),
    spotBtc: round(flow.spotBtc, 8),
    perpBtc: round(flow.perpBtc, 8),
    matchingRatio: round(flow.matchingRatio, 6),
    targetPremium: round(flow.targetPremium, 8),
    targetPremiumAtUsdtKrw: roundMaybe(flow.targetPremiumAtUsdtKrw, 8),
    capturedPremium: roundMaybe(flow.capturedPremium, 8),
    premiumSlippageBps: roundMaybe(flow.premiumSlippageBps, 4),
    leggingMs: flow.leggingMs,
    hedgeSlippageBps: roundMaybe(flow.hedgeSlippageBps, 4),
    keptKrw: money(flow.keptKrw),
    keptParts: partsRow(flow.kept),
    rollbackKrw: money(flow.rollbackKrw),
  }));
}

export function returnsSection({ facts, equity, flows }: Analysis): Report['returns'] {
  // Midnights only: the partial days at both ends would count as whole ones.
  const daily = equity.filter((mark) => mark.t % DAY_MS === 0).map((mark) => mark.upbitKrw + mark.binanceKrw);
  const trades = flows.filter((flow) => flow.kind === 'enter' && flow.outcome === 'hedged').length;
  const figures = returnFigures(daily, trades, markedWorth(facts, equity[0]));
  return {
    days: Math.max(0, figures.days),
    sharpe: roundMaybe(figures.sharpe, 4),
    sortino: roundMaybe(figures.sortino, 4),
    calmar: roundMaybe(figures.calmar, 4),
    autocorrelation: roundMaybe(figures.autocorrelation, 4),
    maxDrawdown: roundMaybe(figures.maxDrawdown, 8),
  };
}

/** Worth of both venues at every mark of the tape; money paid in or out later is no gain or loss. */
function markedWorth(facts: Analysis['facts'], opening: EquityMark | undefined): readonly number[] {
  if (opening === undefined || opening.capitalKrw <= 0) return [];
  const instants = [...new Set([opening.t, ...facts.marks.map((mark) => mark.t), facts.to])].filter((t) => t >= opening.t);
  const marks = equityAt(
    facts,
    instants.sort((a, b) => a - b),
  );
  return marks.map((mark) => mark.upbitKrw + mark.binanceKrw - mark.capitalKrw + opening.capitalKrw);
}

export function imbalanceSection({ equity }: Analysis): Report['imbalance'] {
  const [first, last] = [equity[0], equity.at(-1)];
  if (first === undefined || last === undefined) return notAvailable('the tape is empty');
  const moved = imbalance(first, last);
  return {
    upbitStartKrw: money(moved.upbitStartKrw),
    upbitEndKrw: money(moved.upbitEndKrw),
    binanceStartKrw: money(moved.binanceStartKrw),
    binanceEndKrw: money(moved.binanceEndKrw),
    skewEnd: round(moved.skewEnd, 6),
    daysUntilDry: roundMaybe(moved.daysUntilDry, 1),
    drySide: moved.drySide ?? null,
  };
}

export function equityRows({ equity, waterfall }: Analysis): Report['equity'] {
  if (isNotAvailable(waterfall)) return [];
  return equity.map((mark) => ({
    t: mark.t,
    utc: utc(mark.t),
    upbitKrw: money(mark.upbitKrw),
    binanceKrw: money(mark.binanceKrw),
    gainKrw: money(mark.upbitKrw + mark.binanceKrw - mark.capitalKrw),
  }));
}

export function faultRows({ facts }: Analysis): Report['faults'] {
  const counts = new Map<string, { fault: string; action: string; fired: number }>();
  for (const { fault, action } of facts.faults) {
    const row = counts.get(`${fault}/${action}`) ?? { fault, action, fired: 0 };
    counts.set(`${fault}/${action}`, { ...row, fired: row.fired + 1 });
  }
  return [...counts.values()];
}

export const alternativesOf = (earned: Report['summary']['earned']): Report['alternatives'] => ({
  noTradeKrw: earned.noTradeKrw,
  holdUsdtKrw: earned.holdUsdtKrw,
});
