import { figureText, durationText, krwText, plural, shareText, spanText } from './number-text.js';
import { isNotAvailable } from './not-available.js';
import type { Summary } from './report-json.js';

const WIDTH = 100;
const LINES = 24;

/** Cuts a line at the screen's width, with a mark that something is missing. */
export function fit(line: string, width = WIDTH): string {
  return line.length <= width ? line : `${line.slice(0, width - 3)}...`;
}

/**
 * The result on one screen: at most 24 lines of 100 columns, what was earned first.
 *
 * @param directory - where the report lies; left out when it is not written (yet).
 */
export function oneScreen(summary: Summary & { readonly directory?: string | undefined }): string {
  const { earned, fills, rollbacks, naked, trades, period } = summary;
  const title = `${summary.mode} of ${summary.executor} on ${summary.data.name}${summary.data.synthetic ? '   ** SYNTHETIC DATA **' : ''}`;
  const lines = [
    title,
    `${period.fromUtc} .. ${period.toUtc} UTC (${spanText(period.days)}), seed ${summary.seed}`,
    '',
    row('Earned', `${krwText(earned.netKrw)} net; ${krwText(earned.againstNoTradeKrw)} beyond no trade`),
    row('  of it', `premium ${krwText(earned.premiumKrw)}, funding ${krwText(earned.fundingKrw)}, FX ${krwText(earned.fxKrw)}`),
    row('  beside it', `no trade ${krwText(earned.noTradeKrw)}; the same KRW as USDT on Upbit ${krwText(earned.holdUsdtKrw)}`),
    ...rows('Trades', tradesText(summary)),
    '',
    row('Fills cost', `${krwText(fills.costKrw)}   ${isNotAvailable(fills.costBps) ? '' : figureText(fills.costBps, 1, ' bps of the leg notional')}`),
    row('', `${plural(fills.orders, 'order')}, ${shareText(fills.fillRatio)} of the quantity filled, fees ${krwText(fills.feesKrw)}`),
    row('', `slippage ${tailText(fills.slippageBps, 2)} bps; ${fills.refused} refused, ${fills.unknownOutcomes} of unknown outcome`),
    row('Rollbacks cost', krwText(rollbacks.costKrw)),
    row('', rollbackText(summary)),
    row('Naked', nakedText(summary)),
    row('', `peak ${krwText(naked.peakKrw)}, drift ${krwText(naked.driftKrw)} (+ earned), left at the end ${naked.residualEndBtc} BTC`),
    '',
    ...(summary.verdict === null ? [] : [row('Scenario', verdictText(summary.verdict))]),
    ...(summary.verdict?.findings ?? []).slice(0, 3).flatMap((finding) => rows('', finding)),
    ...(trades.note === null ? [] : rows('No trade', trades.note)),
    ...(summary.directory === undefined ? [] : [reportRow(summary.directory)]),
    row('Hashes', `tape ${summary.hashes.tape.slice(0, 16)}  journal ${summary.hashes.journal.slice(0, 16)}`),
  ];
  // Where the report lies follows on a line of its own when it was not known yet.
  return lines
    .slice(0, summary.directory === undefined ? LINES - 1 : LINES)
    .map((line) => fit(line.trimEnd()))
    .join('\n');
}

/** Where the report lies: the last line of the screen once it is written. */
export const reportRow = (directory: string): string => fit(row('Report', `${directory}/report.html`));

/** A text that may be long: what does not fit goes on below, indented. */
function rows(label: string, text: string): readonly string[] {
  const width = WIDTH - LABEL;
  const lines = text.split(' ').reduce<string[]>((done, word) => {
    const last = done.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) return [...done.slice(0, -1), `${last} ${word}`];
    return [...done, word];
  }, []);
  return lines.map((line, index) => row(index === 0 ? label : '', line));
}

const LABEL = 16;
const row = (label: string, text: string): string => `${label.padEnd(LABEL)}${text}`;

function tailText(tails: { n: number; p50: number | null; p99: number | null; max: number | null }, decimals: number): string {
  if (tails.n === 0) return 'N/A';
  return `p50 ${figureText(tails.p50, decimals, '')}, p99 ${figureText(tails.p99, decimals, '')}, max ${figureText(tails.max, decimals, '')} (n ${tails.n})`;
}

function tradesText({ trades }: Summary): string {
  const outcomes = Object.entries(trades.outcomes).map(([name, count]) => `${count} ${name}`);
  return `${plural(trades.entries, 'entry')}, ${plural(trades.exits, 'exit')}${outcomes.length === 0 ? '' : ` (${outcomes.join(', ')})`}, still on ${trades.openAtEndBtc} BTC`;
}

function rollbackText({ rollbacks }: Summary): string {
  if (rollbacks.episodes === 0) return 'no half-filled hedge had to be repaired';
  const { episodes, unwound, completed, left, proven, escalated } = rollbacks;
  return `${plural(episodes, 'repair')}: ${unwound} unwound, ${completed} completed, ${left} left; ${proven} proven in time, ${escalated} locked`;
}

function nakedText({ naked }: Summary): string {
  if (naked.episodes === 0) return 'never above one lot';
  const total = durationText(naked.seconds * 1_000);
  const longest = durationText(naked.longestSeconds * 1_000);
  return `${total} in ${plural(naked.episodes, 'episode')}, longest ${longest}, ${figureText(naked.btcSeconds, 2, ' BTC s')}${naked.stillNaked ? ', STILL NAKED' : ''}`;
}

function verdictText(verdict: NonNullable<Summary['verdict']>): string {
  const control = verdict.control === undefined ? '' : ` (control without faults: ${verdict.control})`;
  return `${verdict.name}: ${verdict.verdict.toUpperCase()}${control}`;
}
