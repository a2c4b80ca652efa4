import { kst, utc } from '../instants.js';
import { driftOf, splitText } from '../md/rollback-text.js';
import { isNotAvailable } from '../not-available.js';
import { durationText, grouped, krwText, plural, toleranceText } from '../number-text.js';
import type { Report } from '../report-json.js';
import { markup, type Markup } from './markup.js';
import { type Cell, krwCell, naCell, shareCell, table, TAIL_COLUMNS, tailsRow } from './parts.js';

/** Longest tables of the page; the CSV files beside it hold every row. */
const ROWS_MAX = 50;

/** What was naked, and what bringing it back cost. */
export function rollbackSection({ rollback, exposure, summary }: Report, charts: Markup): Markup {
  const { success } = rollback;
  const { naked } = summary;
  if (naked.episodes === 0 && rollback.episodes.length === 0)
    return markup`<h2>What was naked, and what bringing it back cost</h2>
      <p>Nothing was ever naked: the unhedged quantity stayed ${toleranceText(exposure.toleranceBtc)}.</p>`;
  const rate = isNotAvailable(success)
    ? naCell(success)
    : markup`${shareCell(success.rate)}
        <span class="soft"
          >(${success.successes} of ${success.n}; 95 %: ${shareCell(success.low)} to
          ${shareCell(success.high)}${
            success.failureBoundRuleOfThree !== null && markup`; failures below ${shareCell(success.failureBoundRuleOfThree)} by the rule of three`
          })</span
        >`;
  const facts: Cell[][] = [
    [
      'Naked in all',
      `${durationText(naked.seconds * 1_000)} in ${plural(naked.episodes, 'episode')}: ${grouped(naked.btcSeconds, 4)} BTC s, ${grouped(naked.krwSeconds)} KRW s`,
    ],
    ['Unwinding by cause, KRW', splitText(rollback)],
    [`Residual proven ${toleranceText(exposure.toleranceBtc)} in ${rollback.deadlineMs / 1_000} s`, rate],
    ['Handed to a human', shareCell(rollback.escalationRate)],
    [
      'Mean of the worst 5 % of unwindings',
      isNotAvailable(rollback.expectedShortfallKrw) ? naCell(rollback.expectedShortfallKrw) : krwText(rollback.expectedShortfallKrw),
    ],
    [
      'Regret against the best fixed policy',
      isNotAvailable(rollback.policyRegretKrw) ? naCell(rollback.policyRegretKrw) : krwText(rollback.policyRegretKrw),
    ],
  ];
  const tails = [
    tailsRow('Cost, KRW', rollback.costKrw, 0),
    tailsRow('Cost, bps of what was unwound', rollback.costBps, 2),
    tailsRow('One-legged until we knew, ms', rollback.detectionLagMs, 0),
    tailsRow('One-legged until proven, ms', rollback.provenAfterMs, 0),
    tailsRow('Known until proven, ms', rollback.provenAfterDetectionMs, 0),
    tailsRow('Naked, s', exposure.seconds, 1),
    tailsRow('Naked, BTC s', exposure.btcSeconds, 4),
    tailsRow('Naked, KRW s', exposure.krwSeconds, 0),
    tailsRow('Peak naked, KRW', exposure.peakKrw, 0),
    tailsRow('Residue, BTC', rollback.residueBtc, 8),
  ];
  return markup`<h2>What was naked, and what bringing it back cost</h2>
    ${table(['<', '<'], facts)}${charts} ${table(TAIL_COLUMNS, tails)} ${episodesTable(rollback.episodes)}`;
}

function episodesTable(episodes: Report['rollback']['episodes']): Markup {
  const repairs = episodes.filter((episode) => episode.kind !== 'legging');
  if (repairs.length === 0) return markup`<p>No half-filled hedge had to be repaired.</p>`;
  const rows = repairs
    .slice(0, ROWS_MAX)
    .map((episode): Cell[] => [
      markup`${utc(episode.startMs)}<br /><span class="soft">${kst(episode.startMs)} KST</span>`,
      markup`${episode.kind}<br /><span class="soft">${episode.escalated ? 'locked' : episode.provenWithinDeadline ? 'proven' : 'not proven'}</span>`,
      durationText(episode.seconds * 1_000),
      krwCell(episode.peakKrw),
      episode.kind === 'complete' ? 'in legging' : krwCell(episode.costKrw),
      ...[episode.parts.spreadKrw, episode.parts.impactKrw, driftOf(episode), episode.parts.feesKrw, episode.parts.fxKrw, episode.fundingKrw].map(
        (krw) => krwCell(krw),
      ),
    ]);
  const more = repairs.length > ROWS_MAX && markup`<p class="note">The first ${ROWS_MAX} of ${repairs.length}; rollbacks.csv holds all.</p>`;
  return markup`<h3>
      Repairs, KRW
      <span class="note"
        >cost and its parts; drift is the market's move while naked. Completing the other leg costs drift only, which stands under Legging above; funding while naked stands under Funding</span
      >
    </h3>
    ${table(['UTC', '<kind, end', 'naked', 'peak', 'cost', 'spread', 'impact', 'drift', 'fees', 'FX', 'funding'], rows)}${more}`;
}
