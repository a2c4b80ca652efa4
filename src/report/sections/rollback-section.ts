import type { Analysis } from '../analysis.js';
import { addParts, type CostParts, NO_COSTS } from '../facts/fill-costs.js';
import { money, round, roundMaybe, roundTails } from '../figures.js';
import { successRate } from '../metrics/success-rate.js';
import { expectedShortfall, tailsOf } from '../metrics/tails.js';
import { type Maybe, mapMaybe, notAvailable } from '../not-available.js';
import type { Report } from '../report-json.js';
import type { EpisodeReport } from '../rollback-episodes.js';
import { isRollback } from './summary-section.js';

const numbers = (values: readonly Maybe<number>[]): readonly number[] => values.filter((value) => typeof value === 'number');

export function rollbackSection(analysis: Analysis): Report['rollback'] {
  const { episodes, deadlineMs, journal } = analysis;
  const rollbacks = episodes.filter(isRollback);
  const unwound = rollbacks.filter((episode) => episode.unwoundBtc > 0);
  const costs = unwound.map((episode) => episode.costKrw);
  const ended = rollbacks.filter((episode) => episode.end !== undefined);
  const provenOnceKnown = numbers(rollbacks.map((episode) => episode.provenAfterDetectionMs));
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
    ...splitOf(analysis, unwound),
    costKrw: roundTails(tailsOf(costs), 2),
    costBps: roundTails(tailsOf(numbers(unwound.map((episode) => episode.costBps))), 4),
    expectedShortfallKrw: costs.length === 0 ? notAvailable('nothing was unwound') : money(expectedShortfall(costs, 0.05)),
    provenAfterMs: roundTails(tailsOf(proven, missing(proven.length)), 0),
    provenAfterDetectionMs: roundTails(tailsOf(provenOnceKnown, missing(provenOnceKnown.length)), 0),
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

/** All unwinding by cause. The sum is that of the waterfall; what stayed below the tolerance belongs to no episode. */
function splitOf({ costs, attribution }: Analysis, unwound: readonly EpisodeReport[]): Pick<Report['rollback'], 'split' | 'belowToleranceKrw'> {
  const sum = costs.reduce((parts, fill) => addParts(parts, fill.rolledBack), NO_COSTS);
  const drift = sum.delay + sum.legging - [...attribution.outsideDrift.values()].reduce((total, gain) => total + gain, 0);
  const inEpisodes = unwound.reduce((total, episode) => total + episode.costKrw, 0);
  return {
    split: {
      driftKrw: money(drift),
      spreadKrw: money(sum.spread),
      impactKrw: money(sum.impact),
      feesKrw: money(sum.fees),
      fxKrw: money(sum.fx),
      fundingKrw: money(unwound.reduce((total, episode) => total + episode.fundingKrw, 0)),
    },
    belowToleranceKrw: money(drift + sum.spread + sum.impact + sum.fees + sum.fx - inEpisodes),
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
    provenAfterDetectionMs: episode.provenAfterDetectionMs,
    provenWithinDeadline: episode.provenWithinDeadline,
    escalated: episode.escalated,
    unwoundBtc: round(episode.unwoundBtc, 8),
    costKrw: money(episode.costKrw),
    costBps: roundMaybe(episode.costBps, 4),
    parts: partsRow(episode.cost),
    fundingKrw: money(episode.fundingKrw),
  };
}

export function partsRow(parts: CostParts): Report['flows'][number]['keptParts'] {
  return {
    delayKrw: money(parts.delay),
    leggingKrw: money(parts.legging),
    spreadKrw: money(parts.spread),
    impactKrw: money(parts.impact),
    feesKrw: money(parts.fees),
    fxKrw: money(parts.fx),
  };
}
