import { kst, utc } from '../instants.js';
import { isNotAvailable } from '../not-available.js';
import { grouped, krwText, ratesText, skewText } from '../number-text.js';
import type { Report, ReportTable } from '../report-json.js';
import { partText } from '../waterfall-text.js';
import { markup, type Markup } from './markup.js';
import { type Cell, figureCell, krwCell, naBrief, naCell, shareCell, signed, table } from './parts.js';

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
  const rows = waterfall.parts.map(({ part, krw, bps }) => [partText(part).name, krwCell(krw), figureCell(bps, 2), partText(part).meaning]);
  return markup`<h2>Where the money went</h2>
    ${intro}${chart}
    <details>
      <summary>All parts in figures</summary>
      <p class="note">Every bps is of the same notional: of one leg, summed over the flows.</p>
      ${table(['', 'KRW', 'bps', '<what it is'], rows, ['Total', krwCell(waterfall.totalKrw), figureCell(waterfall.totalBps, 2), 'the ledger'])}
    </details>`;
}

export function besideSection({ summary, imbalance, returns, rates }: Report): Markup {
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
    ['Calmar, over this run', figureCell(returns.calmar, 2)],
    ['Lag-1 autocorrelation of daily returns', figureCell(returns.autocorrelation, 2)],
    ['Largest drawdown, over every mark of the tape', shareCell(returns.maxDrawdown, 3)],
  ];
  return markup`<h2>Beside it</h2>
    <p>A premium hedge is nearly a holding of USDT bought with KRW; what it earns beyond that is its own.</p>
    ${table(['<', 'gain, KRW'], rows)}
    <h3>Returns on the capital of both venues, idle money included</h3>
    ${table(['<', ''], figures)}
    <h3>Money at the two venues</h3>
    <p>${imbalanceText(imbalance)}</p>
    <p class="note">${ratesText(rates)}</p>`;
}

function imbalanceText(imbalance: Report['imbalance']): Markup {
  if (isNotAvailable(imbalance)) return naCell(imbalance);
  const { upbitStartKrw, upbitEndKrw, binanceStartKrw, binanceEndKrw, daysUntilDry, drySide } = imbalance;
  const dry = isNotAvailable(daysUntilDry) ? naCell(daysUntilDry) : markup`${grouped(daysUntilDry, 1)} (${drySide ?? ''})`;
  return markup`Upbit ${krwText(upbitStartKrw)} → ${krwText(upbitEndKrw)}, Binance ${krwText(binanceStartKrw)} → ${krwText(binanceEndKrw)}. Days until
  one side runs dry at this pace: ${dry}. ${skewText(imbalance.skewEnd)}`;
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
      percent(flow.targetPremiumAtUsdtKrw),
      percent(flow.capturedPremium),
      isNotAvailable(flow.premiumSlippageBps) ? '' : figureCell(flow.premiumSlippageBps, 1),
      krwCell(flow.keptKrw),
      krwCell(flow.rollbackKrw),
    ]);
  const more = flows.length > ROWS_MAX && markup`<p class="note">The first ${ROWS_MAX} of ${flows.length}; report.json holds all.</p>`;
  return markup`<h2>Entries and exits</h2>
    ${table(['flow, UTC', '<ended', 'BTC', 'premium, %', 'at KRW-USDT, %', 'got, %', 'worse, bps', 'fills cost, KRW', 'rollback, KRW'], rows)}${more}`;
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
