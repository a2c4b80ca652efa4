import type { Analysis } from './analysis.js';
import type { Chart } from './charts/chart.js';
import { equityChart, waterfallChart } from './charts/money-charts.js';
import { premiumCharts } from './charts/premium-chart.js';
import { type RenderedChart, renderCharts } from './charts/render.js';
import { POINTS_MAX } from './charts/thin.js';
import { latencyChart, nakedChart, rollbackChart } from './charts/risk-charts.js';
import { chartFigure, chartScripts } from './html/live-charts.js';
import { markup, type Markup, raw } from './html/markup.js';
import { pageHead } from './html/page-head.js';
import { besideSection, cardSection, flowsSection, moneySection, sensitivitySection, tablesSection } from './html/page-sections.js';
import { fillSection } from './html/fill-section.js';
import { type Cell, table } from './html/parts.js';
import { rollbackSection } from './html/rollback-section.js';
import { STYLE } from './html/style.js';
import { durationText, krwText } from './number-text.js';
import type { Report } from './report-json.js';
import { timelineRows } from './timeline/timeline-rows.js';
import { timelineSvg } from './timeline/timeline-svg.js';
import { episodeWindow, worstEpisode } from './worst-episode.js';

const TIMELINE_ROWS = 18;
/** The page stays below this; its lines get coarser (extremes kept) before it grows past it. */
const BYTES_MAX = 1_048_576;

/**
 * report.html: one file that opens without a network. Every chart is a picture drawn here, so the page is whole
 * without scripts, in print and at once; Vega is in it too and redraws the charts at the reader's width with
 * values under the pointer. The page's own security policy lets nothing in from outside and runs no other script.
 */
export async function reportHtml(analysis: Analysis, report: Report, engine: string): Promise<string> {
  let page = '';
  for (let pointsMax = POINTS_MAX; pointsMax >= 250; pointsMax /= 2) {
    page = await pageWith(analysis, report, engine, pointsMax);
    if (Buffer.byteLength(page) < BYTES_MAX) break;
  }
  return page;
}

async function pageWith(analysis: Analysis, report: Report, engine: string, pointsMax: number): Promise<string> {
  const charts = await renderCharts(chartsOf(analysis, pointsMax));
  const scripts = chartScripts(charts);
  const figure = (...ids: string[]): Markup => markup`${charts.filter(({ chart }) => ids.includes(chart.id)).map((chart) => chartFigure(chart))}`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; script-src ${scripts.hashes.join(' ')}`;
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Hedge report ${report.summary.runId}</title>
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <main>
          ${pageHead(report)} ${moneySection(report, figure('waterfall'))} ${figure('equity')} ${besideSection(report)} ${worstSection(analysis)}
          ${rollbackSection(report, figure('naked', 'rollback-cost'))} ${fillSection(report, figure('latency'))}
          ${
            hasAny(charts, 'premium') &&
            markup`<h2>The premium</h2>
              ${figure('premium', 'z')}`
          }
          ${flowsSection(report)} ${sensitivitySection(report)} ${tablesSection(report.tables, engine)} ${cardSection(report)}
        </main>
        ${scripts.elements}
      </body>
    </html>
`;
  return page.text;
}

const hasAny = (charts: readonly RenderedChart[], id: string): boolean => charts.some(({ chart }) => chart.id === id);

function chartsOf(analysis: Analysis, pointsMax: number): readonly Chart[] {
  return [
    ...waterfallChart(analysis),
    ...equityChart(analysis, pointsMax),
    ...nakedChart(analysis, pointsMax),
    ...rollbackChart(analysis),
    ...latencyChart(analysis),
    ...premiumCharts(analysis, pointsMax),
  ];
}

/** The dearest episode as a picture, with the table that its numbers lead to. */
function worstSection(analysis: Analysis): Markup {
  const episode = worstEpisode(analysis);
  if (episode === undefined) return markup``;
  const { input, facts } = analysis;
  const window = episodeWindow(analysis, episode);
  const rows = timelineRows(input.tape, input.journal, { ...window, rowsMax: TIMELINE_ROWS });
  const lines = rows.map((row, index): Cell[] => [
    index + 1,
    `+${((row.t - window.from) / 1_000).toFixed(3)} s`,
    row.truth?.text ?? '',
    row.belief?.text ?? '',
  ]);
  const told = input.journal.length === 0 ? 'What it was told (this executor keeps no journal)' : 'Belief: what the executor thought';
  return markup`<h2>The worst moment</h2>
    <p>
      Naked for ${durationText(episode.exposure.seconds * 1_000)}, at most
      ${krwText(episode.exposure.peakKrw)}${episode.costKrw > 0 && markup`; unwinding cost ${krwText(episode.costKrw)}`}. Above what the venues really
      did, below what the executor knew: where the two part, money is lost.
    </p>
    <figure><div class="scroll">${timelineSvg(facts, input.tape, rows, window)}</div></figure>
    ${table(['', 'time', '<Truth: what the venues did', `<${told}`], lines)}`;
}
