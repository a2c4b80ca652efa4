import { kst, utc } from '../instants.js';
import { isNotAvailable } from '../not-available.js';
import { durationText, figureText, grouped, krwText, naText, shareText, toleranceText } from '../number-text.js';
import type { Report } from '../report-json.js';
import { grid, TAIL_COLUMNS, tailsRow } from './grid.js';

/** Longest tables of the text report; the CSV files hold every row. */
const ROWS_MAX = 50;

/** What was naked, and what bringing it back cost. */
export function rollbackText({ rollback, exposure, summary }: Report): string {
  const rate = isNotAvailable(rollback.success)
    ? naText(rollback.success)
    : `${shareText(rollback.success.rate)} (${rollback.success.successes} of ${rollback.success.n}; Wilson 95 %: ${shareText(rollback.success.low)} to ${shareText(rollback.success.high)}${rollback.success.failureBoundRuleOfThree === null ? '' : `; failures below ${shareText(rollback.success.failureBoundRuleOfThree)} by the rule of three`})`;
  const tails = [
    tailsRow('cost, KRW', rollback.costKrw, 0),
    tailsRow('cost, bps of what was unwound', rollback.costBps, 2),
    tailsRow('detection lag, ms', rollback.detectionLagMs, 0),
    tailsRow('one-legged until proven, ms', rollback.provenAfterMs, 0),
    tailsRow('known until proven, ms', rollback.provenAfterDetectionMs, 0),
    tailsRow('naked, s', exposure.seconds, 1),
    tailsRow('naked, BTC s', exposure.btcSeconds, 4),
    tailsRow('naked, KRW s', exposure.krwSeconds, 0),
    tailsRow('peak naked, KRW', exposure.peakKrw, 0),
    tailsRow('residue, BTC', rollback.residueBtc, 8),
  ];
  const shown = rollback.episodes.filter((episode) => episode.kind !== 'legging').slice(0, ROWS_MAX);
  const rows = shown.map((episode) => [
    utc(episode.startMs),
    kst(episode.startMs),
    episode.kind,
    durationText(episode.seconds * 1_000),
    grouped(Number(episode.peakKrw)),
    ...(episode.kind === 'complete' ? ['in legging'] : [grouped(Number(episode.costKrw))]),
    ...[episode.parts.spreadKrw, episode.parts.impactKrw, driftOf(episode), episode.parts.feesKrw, episode.parts.fxKrw, episode.fundingKrw].map(
      (krw) => grouped(Number(krw)),
    ),
    episode.escalated ? 'locked' : episode.provenWithinDeadline ? 'proven' : 'not proven',
  ]);
  return [
    '## Rollbacks and exposure',
    `Residual proven ${toleranceText(exposure.toleranceBtc)} in ${rollback.deadlineMs / 1_000} s: ${rate}. Escalated ${shareText(rollback.escalationRate)}. Expected shortfall of the worst 5 %: ${krwText(rollback.expectedShortfallKrw)}. Regret against the best fixed policy: ${krwText(rollback.policyRegretKrw)}.`,
    `Naked ${figureText(summary.naked.seconds, 1, ' s')}, ${figureText(summary.naked.btcSeconds, 4, ' BTC s')}, ${grouped(summary.naked.krwSeconds)} KRW s in all.`,
    `Unwinding by cause, KRW, positive is a cost: ${splitText(rollback)}.`,
    grid(TAIL_COLUMNS, tails),
    'Each repair in KRW, positive is a cost. Completing the other leg costs drift only, which stands under Legging; funding while naked stands under Funding.',
    rows.length === 0
      ? 'No episode needed a repair.'
      : grid(['UTC', 'KST', 'kind', 'naked', 'peak', 'cost', 'spread', 'impact', 'drift', 'fees', 'FX', 'funding', 'end'], rows),
  ].join('\n\n');
}

/** Drift as a cost: of the unwinding where there was one, else what the naked quantity lost. */
export function driftOf({ kind, parts, driftKrw }: Report['rollback']['episodes'][number]): string {
  const cost = kind === 'unwind' ? Number(parts.delayKrw) + Number(parts.leggingKrw) : -Number(driftKrw);
  return cost.toFixed(2);
}

/** The causes in a sentence, with what stands outside the episodes and beside the sum. */
export function splitText({ split, belowToleranceKrw }: Report['rollback']): string {
  const figure = (krw: string): string => grouped(Number(krw));
  const causes = `spread ${figure(split.spreadKrw)}, impact ${figure(split.impactKrw)}, drift ${figure(split.driftKrw)}, fees ${figure(split.feesKrw)}, FX ${figure(split.fxKrw)}; funding while naked, beside it, ${figure(split.fundingKrw)}`;
  const below = Math.round(Number(belowToleranceKrw));
  return below === 0 ? causes : `${causes}; ${grouped(below)} of it for quantities too small to be an episode`;
}
