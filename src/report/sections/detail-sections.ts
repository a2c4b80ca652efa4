import { formatFixed } from '../../core/money.js';
import { imbalance } from '../alternatives.js';
import type { Analysis } from '../analysis.js';
import type { CostParts } from '../facts/fill-costs.js';
import { money, round, roundMaybe, roundTails } from '../figures.js';
import { DAY_MS, utc } from '../instants.js';
import { returnFigures } from '../metrics/returns.js';
import { successRate } from '../metrics/success-rate.js';
import { expectedShortfall, tailsOf } from '../metrics/tails.js';
import { isNotAvailable, type Maybe, mapMaybe, notAvailable } from '../not-available.js';
import type { Report } from '../report-json.js';
import type { EpisodeReport } from '../rollback-episodes.js';
import { WATERFALL_PARTS } from '../waterfall.js';
import { isRollback } from './summary-section.js';

const numbers = (values: readonly Maybe<number>[]): readonly number[] => values.filter((value) => typeof value === 'number');

export function waterfallSection({ waterfall }: Analysis): Report['waterfall'] {
  if (isNotAvailable(waterfall)) return waterfall;
  return { parts: WATERFALL_PARTS.map((part) => ({ part, krw: money(waterfall[part]) })), totalKrw: money(waterfall.total) };
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
    peakKrw: roundTails(tailsOf(episodes.map(({ exposure }) => exposure.peakKrw)), 0),
  };
}

export function rollbackSection({ episodes, deadlineMs, journal }: Analysis): Report['rollback'] {
  const rollbacks = episodes.filter(isRollback);
  const unwound = rollbacks.filter((episode) => episode.unwoundBtc > 0);
  const costs = unwound.map((episode) => episode.costKrw);
  const ended = rollbacks.filter((episode) => episode.end !== undefined);
  const proven = numbers(rollbacks.map((episode) => episode.provenAfterMs));
  const detected = numbers(rollbacks.map((episode) => episode.detectionLagMs));
  const missing = (known: number): number => (journal.present ? rollbacks.length - known : 0);
  return {
    deadlineMs,
    success: mapMaybe(successRate(rollbacks.filter((episode) => episode.provenWithinDeadline).length, rollbacks.length), (rate) => ({
      ...rate,
      rate: round(rate.rate, 6),
      low: round(rate.low, 6),
      high: round(rate.high, 6),
      failureBoundRuleOfThree: rate.failureBoundRuleOfThree === null ? null : round(rate.failureBoundRuleOfThree, 6),
    })),
    costKrw: roundTails(tailsOf(costs), 2),
    costBps: roundTails(tailsOf(numbers(unwound.map((episode) => episode.costBps))), 4),
    expectedShortfallKrw: costs.length === 0 ? notAvailable('nothing was unwound') : money(expectedShortfall(costs, 0.05)),
    provenAfterMs: roundTails(tailsOf(proven, missing(proven.length)), 0),
    detectionLagMs: roundTails(tailsOf(detected, missing(detected.length)), 0),
    residueBtc: roundTails(tailsOf(ended.map((episode) => Math.abs(episode.residualEndBtc))), 8),
    escalationRate:
      rollbacks.length === 0
        ? notAvailable('nothing had to be repaired')
        : round(rollbacks.filter((episode) => episode.escalated).length / rollbacks.length, 6),
    policyRegretKrw: notAvailable('needs the same seed and tape under every fixed policy; this report knows one run'),
    episodes: episodes.map(episodeRow),
  };
}

function episodeRow(episode: EpisodeReport): Report['rollback']['episodes'][number] {
  const { exposure } = episode;
  return {
    startMs: episode.start,
    endMs: episode.end ?? null,
    flow: episode.flow ?? null,
    kind: episode.kind,
    seconds: round(exposure.seconds, 3),
    btcSeconds: round(exposure.btcSeconds, 6),
    krwSeconds: round(exposure.krwSeconds, 0),
    peakKrw: money(exposure.peakKrw),
    driftKrw: money(exposure.driftKrw),
    residualStartBtc: round(episode.residualStartBtc, 8),
    residualEndBtc: round(episode.residualEndBtc, 8),
    detectionLagMs: episode.detectionLagMs,
    provenAfterMs: episode.provenAfterMs,
    provenWithinDeadline: episode.provenWithinDeadline,
    escalated: episode.escalated,
    unwoundBtc: round(episode.unwoundBtc, 8),
    costKrw: money(episode.costKrw),
    costBps: roundMaybe(episode.costBps, 4),
    parts: partsRow(episode.cost),
    fundingKrw: money(episode.fundingKrw),
  };
}

function partsRow(parts: CostParts): Report['flows'][number]['keptParts'] {
  return {
    delayKrw: money(parts.delay),
    leggingKrw: money(parts.legging),
    spreadKrw: money(parts.spread),
    impactKrw: money(parts.impact),
    feesKrw: money(parts.fees),
    fxKrw: money(parts.fx),
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
    capturedPremium: roundMaybe(flow.capturedPremium, 8),
    premiumSlippageBps: roundMaybe(flow.premiumSlippageBps, 4),
    leggingMs: flow.leggingMs,
    hedgeSlippageBps: roundMaybe(flow.hedgeSlippageBps, 4),
    keptKrw: money(flow.keptKrw),
    keptParts: partsRow(flow.kept),
    rollbackKrw: money(flow.rollbackKrw),
  }));
}

export function returnsSection({ equity, flows }: Analysis): Report['returns'] {
  // Midnights only: the partial days at both ends would count as whole ones.
  const daily = equity.filter((mark) => mark.t % DAY_MS === 0).map((mark) => mark.upbitKrw + mark.binanceKrw);
  const figures = returnFigures(daily, flows.filter((flow) => flow.kind === 'enter' && flow.outcome === 'hedged').length);
  return {
    days: Math.max(0, figures.days),
    sharpe: roundMaybe(figures.sharpe, 4),
    sortino: roundMaybe(figures.sortino, 4),
    calmar: roundMaybe(figures.calmar, 4),
    autocorrelation: roundMaybe(figures.autocorrelation, 4),
    maxDrawdown: roundMaybe(figures.maxDrawdown, 8),
  };
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
