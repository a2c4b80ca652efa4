import { kst, utc } from './instants.js';
import type { Tails } from './metrics/tails.js';
import { isNotAvailable, type Maybe } from './not-available.js';
import { durationText, figureText, grouped, krwText, naText, plural, shareText, spanText, toleranceText } from './number-text.js';
import type { Report, ReportTable } from './report-json.js';
import { partText } from './waterfall-text.js';

/** Longest tables of the text report; the CSV files hold every row. */
const ROWS_MAX = 50;

/** report.md: the whole report as text, in the order in which a reader asks. */
export function reportMarkdown(report: Report, timeline: string, engine: string): string {
  const sections = [
    head(report),
    bigNumbers(report),
    waterfallText(report),
    besideText(report),
    sensitivityText(report),
    fillText(report),
    rollbackText(report),
    timeline === '' ? '' : `## Worst episode, truth beside belief\n\n\`\`\`text\n${timeline}\n\`\`\``,
    flowsText(report),
    returnsText(report),
    ...report.tables.map((table) => tableText(table)),
    cardText(report, engine),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** Text that stands in a Markdown cell or line as it is. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, (mark) => `\\${mark}`).replace(/[\r\n]+/g, ' ');
}

function grid(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = `| ${columns.map((_, index) => (index === 0 ? '---' : '---:')).join(' | ')} |`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

function head({ summary }: Report): string {
  const { data, period } = summary;
  const lines = [
    `# Hedge report ${summary.runId}`,
    ...(data.synthetic ? ['**SYNTHETIC DATA: these prices were generated, not recorded.**'] : []),
    `${escapeMarkdown(summary.mode)} of the executor \`${escapeMarkdown(summary.executor)}\` on ${escapeMarkdown(data.name)}, seed ${escapeMarkdown(summary.seed)}${summary.scenario === null ? '' : `, scenario ${escapeMarkdown(summary.scenario)}`}.`,
    `${period.fromUtc} to ${period.toUtc} UTC (${period.fromKst} to ${period.toKst} KST), ${spanText(period.days)}.`,
  ];
  if (summary.verdict !== null) {
    const { verdict, control, findings } = summary.verdict;
    const beside = control === undefined ? '' : `; the same executor and seed without faults: ${control}`;
    lines.push(`Scenario verdict: **${verdict}**${beside}.`, ...findings.map((finding) => `- ${escapeMarkdown(finding)}`));
  }
  return lines.join('\n\n');
}

function bigNumbers({ summary }: Report): string {
  const { earned, fills, rollbacks, naked, trades } = summary;
  const outcomes = Object.entries(trades.outcomes)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  const rows = [
    [
      'Earned, net',
      krwText(earned.netKrw),
      `${krwText(earned.againstNoTradeKrw)} beyond no trade; net ${figureText(earned.netBps, 1, ' bps')} of what was entered`,
    ],
    ['Fills cost', krwText(fills.costKrw), figureText(fills.costBps, 1, ' bps of the leg notional')],
    [
      'Rollbacks cost',
      krwText(rollbacks.costKrw),
      `${plural(rollbacks.episodes, 'repair')}, ${rollbacks.proven} proven in time, ${rollbacks.escalated} locked`,
    ],
    [
      'Naked',
      durationText(naked.seconds * 1_000),
      `longest ${durationText(naked.longestSeconds * 1_000)}, peak ${krwText(naked.peakKrw)}, ${grouped(naked.krwSeconds)} KRW s`,
    ],
    ['Trades', `${plural(trades.entries, 'entry')}, ${plural(trades.exits, 'exit')}`, outcomes === '' ? (trades.note ?? '') : outcomes],
    ['Left at the end', `${trades.openAtEndBtc} BTC hedged`, `${naked.residualEndBtc} BTC unhedged`],
  ];
  return `## What happened\n\n${grid(['', '', ''], rows)}`;
}

function waterfallText({ waterfall }: Report): string {
  const title = '## Where the money went';
  if (isNotAvailable(waterfall)) return `${title}\n\n${naText(waterfall)}`;
  const rows = waterfall.parts.map(({ part, krw }) => [partText(part).name, krwText(krw), partText(part).meaning]);
  const intro =
    'Positive earned, negative cost. The parts come from the fills, the total from the ledger; they agree to 1 KRW or the report is not written.';
  return `${title}\n\n${intro}\n\n${grid(['part', 'KRW', 'what it is'], [...rows, ['Total (ledger)', krwText(waterfall.totalKrw), '']])}`;
}

function besideText({ summary, imbalance }: Report): string {
  const { earned } = summary;
  const rows = [
    ['this run', krwText(earned.netKrw)],
    ['no trade', krwText(earned.noTradeKrw)],
    ['this run beyond no trade', krwText(earned.againstNoTradeKrw)],
    ['the same KRW as USDT on Upbit, same times, before fees', krwText(earned.holdUsdtKrw)],
  ];
  const venues = isNotAvailable(imbalance)
    ? naText(imbalance)
    : `Upbit went from ${krwText(imbalance.upbitStartKrw)} to ${krwText(imbalance.upbitEndKrw)}, Binance from ${krwText(imbalance.binanceStartKrw)} to ${krwText(imbalance.binanceEndKrw)}. Days until one side runs dry at this pace: ${figureText(imbalance.daysUntilDry, 1, '')}${imbalance.drySide === null ? '' : ` (${imbalance.drySide})`}.`;
  return `## Beside it\n\n${grid(['', 'KRW'], rows)}\n\n${venues}`;
}

function sensitivityText({ summary, sensitivity }: Report): string {
  if (sensitivity === null) return '';
  const runs = [sensitivity.half, summary, sensitivity.double];
  const rows = [
    ['Earned, net', ...runs.map((run) => krwText(run.earned.netKrw))],
    ['Fills cost', ...runs.map((run) => krwText(run.fills.costKrw))],
    ['Rollbacks cost', ...runs.map((run) => krwText(run.rollbacks.costKrw))],
    ['Naked, KRW s', ...runs.map((run) => grouped(run.naked.krwSeconds))],
  ];
  return `## If the books were thinner or deeper\n\n${grid(['', 'half depth', 'as modelled', 'double depth'], rows)}`;
}

const tailsRow = (name: string, tails: Tails, decimals: number): string[] => [
  name,
  String(tails.n),
  String(tails.censored),
  ...[tails.mean, tails.p50, tails.p95, tails.p99, tails.max].map((value) => figureText(value, decimals, '')),
];
const TAIL_COLUMNS = ['', 'n', 'never', 'mean', 'p50', 'p95', 'p99', 'max'] as const;

function fillText({ fillQuality, hedgeQuality }: Report): string {
  const { spot, perp } = fillQuality;
  const outcomes = Object.entries(fillQuality.outcomes)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  const legs = [['Upbit', spot] as const, ['Binance', perp] as const];
  const rates = [
    `${fillQuality.sent} orders sent: ${outcomes}.`,
    `Filled in full ${shareText(fillQuality.fillRateOrders)} of orders, ${shareText(fillQuality.fillRatioQuantity)} of quantity. Refused ${shareText(fillQuality.rejectRate)}, unknown outcome ${shareText(fillQuality.unknownOutcomeRate)}.`,
    `Cancels ${fillQuality.cancels}, lost to a fill ${shareText(fillQuality.cancelRaceLossRate)}. Duplicate orders ${fillQuality.duplicateOrders} (must be 0).`,
    ...(fillQuality.rejectsByCause.length === 0
      ? []
      : [`Refusals: ${fillQuality.rejectsByCause.map(({ cause, count }) => `${escapeMarkdown(cause)} ${count}`).join(', ')}.`]),
  ];
  const times = [
    ...legs.flatMap(([name, leg]) => [
      tailsRow(`${name}: answer seen, ms`, leg.ackClientMs, 0),
      tailsRow(`${name}: first fill, ms`, leg.firstFillMs, 0),
      tailsRow(`${name}: full fill, ms`, leg.fullFillMs, 0),
      tailsRow(`${name}: slippage, bps`, leg.slippageBps, 2),
      tailsRow(`${name}: effective spread, bps`, leg.effectiveSpreadBps, 2),
      ...leg.markouts
        .filter((markout) => markout.adverseMarkoutBps.n > 0)
        .map((markout) => tailsRow(`${name}: adverse markout at ${markout.horizonSeconds} s, bps`, markout.adverseMarkoutBps, 2)),
    ]),
    tailsRow('unknown state, ms', fillQuality.unknownStateMs, 0),
    tailsRow('legging, ms', hedgeQuality.leggingMs, 0),
    tailsRow('hedge slippage, bps', hedgeQuality.hedgeSlippageBps, 2),
    tailsRow('premium slippage, bps', hedgeQuality.premiumSlippageBps, 2),
  ];
  const shortfalls = legs.map(([name, { shortfall }]) => [
    name,
    ...[shortfall.delayKrw, shortfall.executionKrw, shortfall.opportunityKrw, shortfall.explicitKrw, shortfall.totalKrw].map((value) =>
      krwText(value),
    ),
    figureText(shortfall.bps, 2, ''),
  ]);
  return [
    '## Fill quality',
    rates.join('\n'),
    grid(TAIL_COLUMNS, times),
    'Implementation shortfall against the mid of the decision; positive is a cost.',
    grid(['leg', 'delay', 'execution', 'opportunity', 'fees', 'total', 'bps'], shortfalls),
  ].join('\n\n');
}

function rollbackText({ rollback, exposure }: Report): string {
  const rate = isNotAvailable(rollback.success)
    ? naText(rollback.success)
    : `${shareText(rollback.success.rate)} (${rollback.success.successes} of ${rollback.success.n}; Wilson 95 %: ${shareText(rollback.success.low)} to ${shareText(rollback.success.high)}${rollback.success.failureBoundRuleOfThree === null ? '' : `; failures below ${shareText(rollback.success.failureBoundRuleOfThree)} by the rule of three`})`;
  const tails = [
    tailsRow('cost, KRW', rollback.costKrw, 0),
    tailsRow('cost, bps of what was unwound', rollback.costBps, 2),
    tailsRow('detection lag, ms', rollback.detectionLagMs, 0),
    tailsRow('one-legged until proven, ms', rollback.provenAfterMs, 0),
    tailsRow('naked, s', exposure.seconds, 1),
    tailsRow('peak naked, KRW', exposure.peakKrw, 0),
    tailsRow('residue, BTC', rollback.residueBtc, 8),
  ];
  const shown = rollback.episodes.filter((episode) => episode.kind !== 'legging').slice(0, ROWS_MAX);
  const rows = shown.map((episode) => [
    utc(episode.startMs),
    kst(episode.startMs),
    episode.kind,
    durationText(episode.seconds * 1_000),
    krwText(episode.peakKrw),
    episode.kind === 'complete' ? 'in legging' : krwText(episode.costKrw),
    krwText(episode.driftKrw),
    episode.escalated ? 'locked' : episode.provenWithinDeadline ? 'proven' : 'not proven',
  ]);
  return [
    '## Rollbacks and exposure',
    `Residual proven ${toleranceText(exposure.toleranceBtc)} in ${rollback.deadlineMs / 1_000} s: ${rate}. Escalated ${shareText(rollback.escalationRate)}. Expected shortfall of the worst 5 %: ${krwText(rollback.expectedShortfallKrw)}. Regret against the best fixed policy: ${krwText(rollback.policyRegretKrw)}.`,
    grid(TAIL_COLUMNS, tails),
    rows.length === 0 ? 'No episode needed a repair.' : grid(['UTC', 'KST', 'kind', 'naked', 'peak', 'cost', 'drift (+ earned)', 'end'], rows),
  ].join('\n\n');
}

function flowsText({ flows }: Report): string {
  if (flows.length === 0) return '';
  const rows = flows
    .slice(0, ROWS_MAX)
    .map((flow) => [
      String(flow.flow),
      utc(flow.beginMs),
      flow.kind,
      flow.outcome,
      String(flow.quantityBtc),
      percent(flow.targetPremium),
      percent(flow.capturedPremium),
      figureText(flow.premiumSlippageBps, 1, ''),
      krwText(flow.keptKrw),
      krwText(flow.rollbackKrw),
    ]);
  const more = flows.length > ROWS_MAX ? `\n\nThe first ${ROWS_MAX} of ${flows.length}; report.json holds all.` : '';
  const columns = ['flow', 'UTC', 'kind', 'outcome', 'BTC', 'premium decided', 'premium got', 'slippage, bps', 'fills cost', 'rollback cost'];
  return `## Flows\n\n${grid(columns, rows)}${more}`;
}

const percent = (value: Maybe<number>): string => (isNotAvailable(value) ? 'N/A' : `${(value * 100).toFixed(3)} %`);

function returnsText({ returns }: Report): string {
  const rows = [
    ['Sharpe, yearly (365 days)', figureText(returns.sharpe, 2, '')],
    ['Sortino, yearly', figureText(returns.sortino, 2, '')],
    ['Calmar', figureText(returns.calmar, 2, '')],
    ['lag-1 autocorrelation, daily', figureText(returns.autocorrelation, 2, '')],
    ['largest drawdown', shareText(returns.maxDrawdown, 3)],
  ];
  return `## Returns\n\nOn the capital of both venues, idle money included; daily marks at 00:00 UTC.\n\n${grid(['', ''], rows)}`;
}

function tableText(table: ReportTable): string {
  const rows = table.rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
  return `## ${escapeMarkdown(table.title)}\n\n${escapeMarkdown(table.note)}\n\n${grid(table.columns, rows)}`;
}

function cardText({ card, notes, summary, faults }: Report, engine: string): string {
  const lines = [...card, `Tables by ${engine}.`].map((line) => `- ${escapeMarkdown(line)}`);
  const fired = faults.map(
    ({ fault, action, fired: times }) => `- ${escapeMarkdown(fault)}: ${escapeMarkdown(action)}, fired ${plural(times, 'time')}`,
  );
  return [
    '## What was modelled and what was not',
    lines.join('\n'),
    ...(fired.length === 0 ? [] : ['## Faults that fired', fired.join('\n')]),
    ...(notes.length === 0 ? [] : ['## Notes', notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n')]),
    '## Reproduce',
    `Version ${escapeMarkdown(summary.version)}, seed ${escapeMarkdown(summary.seed)}, data ${escapeMarkdown(summary.data.hash)}. SHA-256 of tape.jsonl ${summary.hashes.tape}, of journal.jsonl ${summary.hashes.journal}.`,
  ].join('\n\n');
}
