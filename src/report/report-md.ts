import { kst, utc } from './instants.js';
import { fillText } from './md/fill-text.js';
import { escapeMarkdown, grid } from './md/grid.js';
import { rollbackText } from './md/rollback-text.js';
import { isNotAvailable, type Maybe } from './not-available.js';
import { alarmText, durationText, figureText, grouped, krwText, naText, plural, ratesText, shareText, skewText, spanText } from './number-text.js';
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

function head({ summary }: Report): string {
  const { data, period } = summary;
  const lines = [
    `# Hedge report ${summary.runId}`,
    ...(data.synthetic ? ['**SYNTHETIC DATA: these prices were generated, not recorded.**'] : []),
    `${escapeMarkdown(summary.mode)} of the executor \`${escapeMarkdown(summary.executor)}\` on ${escapeMarkdown(data.name)}, seed ${escapeMarkdown(summary.seed)}${summary.scenario === null ? '' : `, scenario ${escapeMarkdown(summary.scenario)}`}.`,
    `${period.fromUtc} to ${period.toUtc} UTC (${period.fromKst} to ${period.toKst} KST), ${spanText(period.days)}.`,
  ];
  const alarm = alarmText(summary);
  if (alarm !== '') lines.push(`**${escapeMarkdown(alarm)}**`);
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
  const rows = waterfall.parts.map(({ part, krw, bps }) => [
    partText(part).name,
    grouped(Number(krw)),
    figureText(bps, 2, ''),
    partText(part).meaning,
  ]);
  const intro =
    'Positive earned, negative cost. The parts come from the fills, the total from the ledger; they agree to 1 KRW or the report is not written. Every bps is of the same notional: of one leg, summed over the flows.';
  return `${title}\n\n${intro}\n\n${grid(['part', 'KRW', 'bps', 'what it is'], [...rows, ['Total (ledger)', grouped(Number(waterfall.totalKrw)), figureText(waterfall.totalBps, 2, ''), '']])}`;
}

function besideText({ summary, imbalance, rates }: Report): string {
  const { earned } = summary;
  const rows = [
    ['this run', krwText(earned.netKrw)],
    ['no trade', krwText(earned.noTradeKrw)],
    ['this run beyond no trade', krwText(earned.againstNoTradeKrw)],
    ['the same KRW as USDT on Upbit, same times, before fees', krwText(earned.holdUsdtKrw)],
  ];
  const venues = isNotAvailable(imbalance)
    ? naText(imbalance)
    : `Upbit went from ${krwText(imbalance.upbitStartKrw)} to ${krwText(imbalance.upbitEndKrw)}, Binance from ${krwText(imbalance.binanceStartKrw)} to ${krwText(imbalance.binanceEndKrw)}. Days until one side runs dry at this pace: ${figureText(imbalance.daysUntilDry, 1, '')}${imbalance.drySide === null ? '' : ` (${imbalance.drySide})`}. ${skewText(imbalance.skewEnd)}`;
  return `## Beside it\n\n${grid(['', 'KRW'], rows)}\n\n${venues}\n\n${ratesText(rates)}`;
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

function flowsText({ flows }: Report): string {
  if (flows.length === 0) return '';
  const rows = flows
    .slice(0, ROWS_MAX)
    .map((flow) => [
      String(flow.flow),
      utc(flow.beginMs),
      kst(flow.beginMs),
      flow.kind,
      flow.outcome,
      String(flow.quantityBtc),
      percent(flow.targetPremium),
      percent(flow.targetPremiumAtUsdtKrw),
      percent(flow.capturedPremium),
      figureText(flow.premiumSlippageBps, 1, ''),
      krwText(flow.keptKrw),
      krwText(flow.rollbackKrw),
    ]);
  const more = flows.length > ROWS_MAX ? `\n\nThe first ${ROWS_MAX} of ${flows.length}; report.json holds all.` : '';
  const columns = [
    'flow',
    'UTC',
    'KST',
    'kind',
    'outcome',
    'BTC',
    'premium decided',
    'at KRW-USDT',
    'premium got',
    'slippage, bps',
    'fills cost',
    'rollback cost',
  ];
  return `## Flows\n\n${grid(columns, rows)}${more}`;
}

const percent = (value: Maybe<number>): string => (isNotAvailable(value) ? 'N/A' : `${(value * 100).toFixed(3)} %`);

function returnsText({ returns }: Report): string {
  const rows = [
    ['Sharpe, yearly (365 days)', figureText(returns.sharpe, 2, '')],
    ['Sortino, yearly', figureText(returns.sortino, 2, '')],
    ['Calmar, over this run', figureText(returns.calmar, 2, '')],
    ['lag-1 autocorrelation, daily', figureText(returns.autocorrelation, 2, '')],
    ['largest drawdown, over every mark', shareText(returns.maxDrawdown, 3)],
  ];
  return `## Returns\n\nOn the capital of both venues, idle money included; ratios from daily marks at 00:00 UTC, against a risk-free rate of 0.\n\n${grid(['', ''], rows)}`;
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
