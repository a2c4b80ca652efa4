import { kst, utc } from '../instants.js';
import { isNotAvailable } from '../not-available.js';
import { durationText, grouped, krwText, toleranceText } from '../number-text.js';
import type { Report, ReportTable } from '../report-json.js';
import { partText } from '../waterfall-text.js';
import { markup, type Markup } from './markup.js';
import { type Cell, figureCell, krwCell, naBrief, naCell, shareCell, signed, table, TAIL_COLUMNS, tailsRow } from './parts.js';

/** Longest tables of the page; the CSV files beside it hold every row. */
const ROWS_MAX = 50;

export function moneySection({ waterfall }: Report, chart: Markup): Markup {
  const intro = markup`<p>
    Positive earned, negative cost. The parts come from the fills and the mids around them, the total from the ledger; were they more than 1 KRW
    apart, this report would not exist.
  </p>`;
  if (isNotAvailable(waterfall))
    return markup`<h2>Where the money went</h2>
      <p>${naCell(waterfall)}</p>`;
  const rows = waterfall.parts.map(({ part, krw }) => [partText(part).name, krwCell(krw), partText(part).meaning]);
  return markup`<h2>Where the money went</h2>
    ${intro}${chart}
    <details>
      <summary>All parts in figures</summary>
      ${table(['', 'KRW', '<what it is'], rows, ['Total', krwCell(waterfall.totalKrw), 'the ledger'])}
    </details>`;
}

export function besideSection({ summary, imbalance, returns }: Report): Markup {
  const { earned } = summary;
  const rows: Cell[][] = [
    ['This run', krwCell(earned.netKrw)],
    ['No trade: the same money left alone', krwCell(earned.noTradeKrw)],
    ['This run beyond no trade', krwCell(earned.againstNoTradeKrw)],
    ['The same KRW held as USDT on Upbit, same times, before fees', krwCell(earned.holdUsdtKrw)],
  ];
  const figures: Cell[][] = [
    ['Sharpe, a year of 365 days', figureCell(returns.sharpe, 2)],
    ['Sortino', figureCell(returns.sortino, 2)],
    ['Calmar', figureCell(returns.calmar, 2)],
    ['Lag-1 autocorrelation of daily returns', figureCell(returns.autocorrelation, 2)],
    ['Largest drawdown', shareCell(returns.maxDrawdown, 3)],
  ];
  return markup`<h2>Beside it</h2>
    <p>A premium hedge is nearly a holding of USDT bought with KRW; what it earns beyond that is its own.</p>
    ${table(['<', 'gain, KRW'], rows)}
    <h3>Returns on the capital of both venues, idle money included</h3>
    ${table(['<', ''], figures)}
    <h3>Money at the two venues</h3>
    <p>${imbalanceText(imbalance)}</p>`;
}

function imbalanceText(imbalance: Report['imbalance']): Markup {
  if (isNotAvailable(imbalance)) return naCell(imbalance);
  const { upbitStartKrw, upbitEndKrw, binanceStartKrw, binanceEndKrw, daysUntilDry, drySide } = imbalance;
  const dry = isNotAvailable(daysUntilDry) ? naCell(daysUntilDry) : markup`${grouped(daysUntilDry, 1)} (${drySide ?? ''})`;
  return markup`Upbit ${krwText(upbitStartKrw)} → ${krwText(upbitEndKrw)}, Binance ${krwText(binanceStartKrw)} → ${krwText(binanceEndKrw)}. Days until
  one side runs dry at this pace: ${dry}.`;
}

export function sensitivitySection({ summary, sensitivity }: Report): Markup {
  if (sensitivity === null) return markup``;
  const runs = [sensitivity.half, summary, sensitivity.double];
  const rows: Cell[][] = [
    ['Earned, net, KRW', ...runs.map((run) => krwCell(run.earned.netKrw))],
    ['Fills cost, KRW', ...runs.map((run) => krwCell(run.fills.costKrw))],
    ['Rollbacks cost, KRW', ...runs.map((run) => krwCell(run.rollbacks.costKrw))],
    ['Slippage p99, bps', ...runs.map((run) => figureCell(run.fills.slippageBps.p99, 2))],
    ['Naked, KRW s', ...runs.map((run) => grouped(run.naked.krwSeconds))],
  ];
  return markup`<h2>If the books were thinner or deeper</h2>
    <p>The depth of the books is modelled, so what depends on it is given at half and at double of it too.</p>
    ${table(['', 'half depth', 'as modelled', 'double depth'], rows)}`;
}

export function fillSection(report: Report, chart: Markup): Markup {
  const { fillQuality, hedgeQuality } = report;
  const outcomes = Object.entries(fillQuality.outcomes)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  const legs = [['Upbit', fillQuality.spot] as const, ['Binance', fillQuality.perp] as const];
  const rates: Cell[][] = [
    ['Orders sent', `${fillQuality.sent}${outcomes.length === 0 ? '' : ` (${outcomes.join(', ')})`}`],
    ['Filled in full, of orders accepted', shareCell(fillQuality.fillRateOrders)],
    ['Filled, of quantity asked', shareCell(fillQuality.fillRatioQuantity)],
    ['Refused', shareCell(fillQuality.rejectRate)],
    ['Outcome unknown to us at first', shareCell(fillQuality.unknownOutcomeRate)],
    ['Cancels that lost to a fill', shareCell(fillQuality.cancelRaceLossRate)],
    ['Duplicate orders (must be 0)', fillQuality.duplicateOrders],
    ...fillQuality.rejectsByCause.map(({ cause, count }): Cell[] => [`Refused: ${cause}`, count]),
  ];
  const times = legs.flatMap(([name, leg]) => [
    tailsRow(`${name}: answer seen, ms`, leg.ackClientMs, 0),
    tailsRow(`${name}: accepted in truth, ms`, leg.ackTrueMs, 0),
    tailsRow(`${name}: first fill, ms`, leg.firstFillMs, 0),
    tailsRow(`${name}: full fill, ms`, leg.fullFillMs, 0),
  ]);
  const costs = legs.flatMap(([name, leg]) => [
    tailsRow(`${name}: slippage, bps`, leg.slippageBps, 2),
    tailsRow(`${name}: effective spread, bps`, leg.effectiveSpreadBps, 2),
    ...leg.markouts
      .filter((markout) => markout.adverseMarkoutBps.n > 0)
      .map((markout) => tailsRow(`${name}: adverse markout, ${markout.horizonSeconds} s, bps`, markout.adverseMarkoutBps, 2)),
  ]);
  const pair = [
    tailsRow('Between the legs, ms', hedgeQuality.leggingMs, 0),
    tailsRow('Second leg against its mid at the first fill, bps', hedgeQuality.hedgeSlippageBps, 2),
    tailsRow('Premium got against decided, bps', hedgeQuality.premiumSlippageBps, 2),
    tailsRow('Unknown state, ms', fillQuality.unknownStateMs, 0),
  ];
  const shortfalls = legs.map(([name, { shortfall }]): Cell[] => [
    name,
    ...[shortfall.delayKrw, shortfall.executionKrw, shortfall.opportunityKrw, shortfall.explicitKrw, shortfall.totalKrw].map((krw) => krwCell(krw)),
    figureCell(shortfall.bps, 2),
  ]);
  return markup`<h2>What fills cost and how long they took</h2>
    ${table(['<', ''], rates)}${chart}
    <h3>Times</h3>
    ${table(TAIL_COLUMNS, times)}
    <h3>Prices <span class="note">against the mid at arrival; positive is a cost</span></h3>
    ${table(TAIL_COLUMNS, costs)}
    <h3>Implementation shortfall, KRW <span class="note">against the mid of the decision; bps of the intended leg</span></h3>
    ${table(['', 'delay', 'execution', 'opportunity', 'fees', 'total', 'bps'], shortfalls)}
    <h3>The two legs together</h3>
    ${table(TAIL_COLUMNS, pair)}`;
}

export function rollbackSection({ rollback, exposure }: Report, charts: Markup): Markup {
  const { success } = rollback;
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
    tailsRow('Naked, s', exposure.seconds, 1),
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
      episode.kind,
      durationText(episode.seconds * 1_000),
      krwCell(episode.peakKrw),
      episode.kind === 'complete' ? 'in legging' : krwCell(episode.costKrw),
      ...[episode.parts.spreadKrw, episode.parts.impactKrw, driftOf(episode), episode.parts.feesKrw].map((krw) => krwCell(krw)),
      episode.escalated ? 'locked' : episode.provenWithinDeadline ? 'proven' : 'not proven',
    ]);
  const more = repairs.length > ROWS_MAX && markup`<p class="note">The first ${ROWS_MAX} of ${repairs.length}; rollbacks.csv holds all.</p>`;
  return markup`<h3>
      Repairs, KRW
      <span class="note"
        >cost and its parts; drift is the market's move while naked. Completing the other leg costs drift only, which stands under Legging above</span
      >
    </h3>
    ${table(['UTC', 'kind', 'naked', 'peak', 'cost', 'spread', 'impact', 'drift', 'fees', 'end'], rows)}${more}`;
}

/** Drift as a cost: of the unwinding where there was one, else what the naked quantity lost. */
function driftOf({ kind, parts, driftKrw }: Report['rollback']['episodes'][number]): string {
  const cost = kind === 'unwind' ? Number(parts.delayKrw) + Number(parts.leggingKrw) : -Number(driftKrw);
  return cost.toFixed(2);
}

export function flowsSection({ flows }: Report): Markup {
  if (flows.length === 0) return markup``;
  const percent = (value: Report['flows'][number]['capturedPremium']): Cell =>
    isNotAvailable(value) ? naBrief(value) : signed(grouped(value * 100, 3));
  const rows = flows
    .slice(0, ROWS_MAX)
    .map((flow): Cell[] => [
      markup`${flow.flow} · ${utc(flow.beginMs)}<br /><span class="soft">${kst(flow.beginMs)} KST</span>`,
      `${flow.kind}: ${flow.outcome}`,
      flow.quantityBtc,
      percent(flow.targetPremium),
      percent(flow.capturedPremium),
      isNotAvailable(flow.premiumSlippageBps) ? '' : figureCell(flow.premiumSlippageBps, 1),
      krwCell(flow.keptKrw),
      krwCell(flow.rollbackKrw),
    ]);
  const more = flows.length > ROWS_MAX && markup`<p class="note">The first ${ROWS_MAX} of ${flows.length}; report.json holds all.</p>`;
  return markup`<h2>Entries and exits</h2>
    ${table(['flow, UTC', '<ended', 'BTC', 'premium, %', 'got, %', 'worse, bps', 'fills cost, KRW', 'rollback, KRW'], rows)}${more}`;
}

export function tablesSection(tables: readonly ReportTable[], engine: string): Markup {
  if (tables.length === 0) return markup``;
  const blocks = tables.map(
    ({ title, note, columns, rows }) =>
      markup`<details>
        <summary>${title}</summary>
        <p class="note">${note}</p>
        ${table(
          columns,
          rows.map((row) => row.map((cell) => cell ?? '')),
        )}
      </details>`,
  );
  return markup`<h2>Tables</h2>
    <p class="note">Worked out with ${engine}.</p>
    ${blocks}`;
}

export function cardSection({ card, notes, faults, summary }: Report): Markup {
  const list = (lines: readonly string[]): Markup =>
    markup`<ul class="card">
      ${lines.map((line) => markup`<li>${line}</li> `)}
    </ul>`;
  const fired = faults.map(({ fault, action, fired: times }): Cell[] => [fault, action, times]);
  return markup`<h2>What was modelled and what was not</h2>
    ${list(card)}
    ${
      notes.length > 0 &&
      markup`<h3>Notes on the data and the run</h3>
        ${list(notes)}`
    }
    ${
      fired.length > 0 &&
      markup`<h3>Faults that fired</h3>
        ${table(['<fault', '<action', 'times'], fired)}`
    }
    <footer>
      hedgedrill ${summary.version}, seed ${summary.seed}. The same command writes the same bytes.<br />
      data <span class="mono">${summary.data.hash}</span><br />tape.jsonl <span class="mono">${summary.hashes.tape}</span><br />journal.jsonl
      <span class="mono">${summary.hashes.journal}</span>
    </footer>`;
}
