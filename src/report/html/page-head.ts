import { alarmText, durationText, figureText, grouped, krwText, plural, spanText } from '../number-text.js';
import { isNotAvailable, type Maybe } from '../not-available.js';
import type { Report, Summary } from '../report-json.js';
import { markup, type Markup } from './markup.js';
import { signed } from './parts.js';

/** Title, what ran on what, the synthetic banner, the scenario's verdict and the four figures that matter. */
export function pageHead({ summary }: Report): Markup {
  const { data, period } = summary;
  const scenario = summary.scenario === null ? '' : markup` under the scenario <b>${summary.scenario}</b>`;
  return markup`<header>
      <div class="brand">hedgedrill report ${summary.runId}</div>
      <h1>${titleOf(summary)}</h1>
      <p class="lead">
        ${modeName(summary.mode)} of the executor <b>${summary.executor}</b> on <b>${data.name}</b>${scenario}, seed ${summary.seed}.<br />
        ${period.fromUtc} to ${period.toUtc} UTC <span class="soft">(${period.fromKst} to ${period.toKst} KST)</span>, ${spanText(period.days)}.
      </p>
      ${summary.trades.note !== null && markup`<p class="why">${summary.trades.note}</p>`}
      ${data.synthetic && markup`<div class="synthetic" role="note">SYNTHETIC DATA. These prices were generated, not recorded: nothing here says what a market paid.</div>`}
      ${verdictBox(summary)}${alarmBox(summary)}
    </header>
    ${bigNumbers(summary)}`;
}

const modeName = (mode: string): string => `${mode.slice(0, 1).toUpperCase()}${mode.slice(1)}`;

/** The result in a sentence. */
function titleOf({ earned, naked, trades }: Summary): string {
  if (trades.entries === 0 && trades.exits === 0) return 'No trade was made';
  const net = isNotAvailable(earned.netKrw)
    ? 'Result unknown'
    : `${Number(earned.netKrw) < 0 ? 'Lost' : 'Earned'} ${grouped(Math.abs(Number(earned.netKrw)))} KRW`;
  const beside =
    isNotAvailable(earned.againstNoTradeKrw) || Number(earned.noTradeKrw) === 0 ? '' : `, ${againstText(Number(earned.againstNoTradeKrw))}`;
  if (naked.stillNaked) return `${net}${beside}, and ended naked`;
  return `${net}${beside}${naked.episodes === 0 ? ', never naked' : `, naked for ${durationText(naked.seconds * 1_000)}`}`;
}

const againstText = (krw: number): string => `${grouped(Math.abs(krw))} ${krw < 0 ? 'worse' : 'better'} than no trade`;

/** What somebody has to do something about, whatever a scenario expected. */
function alarmBox(summary: Summary): Markup {
  const alarm = alarmText(summary);
  return alarm === '' ? markup`` : markup`<div class="alarm" role="note">${alarm}</div>`;
}

function verdictBox({ verdict }: Summary): Markup {
  if (verdict === null) return markup``;
  const kind = verdict.verdict === 'passed' ? 'passed' : verdict.verdict === 'failed' ? 'failed' : '';
  const control = verdict.control === undefined ? '' : ` The same executor and seed without faults: ${verdict.control}.`;
  const findings =
    verdict.findings.length > 0 &&
    markup`<ul>
      ${verdict.findings.map((finding) => markup`<li>${finding}</li>`)}
    </ul>`;
  return markup`<div class="verdict ${kind}"><b>Scenario ${verdict.name}: ${verdict.verdict}.</b>${control}${findings}</div>`;
}

function bigNumbers({ earned, fills, rollbacks, naked }: Summary): Markup {
  const repairs = `${plural(rollbacks.episodes, 'repair')}, ${rollbacks.proven} proven in time${rollbacks.escalated > 0 ? `, ${rollbacks.escalated} locked` : ''}`;
  return markup`<dl class="big">
    ${bigKrw('Earned, net', earned.netKrw, true, isNotAvailable(earned.againstNoTradeKrw) ? '' : `${grouped(Number(earned.againstNoTradeKrw))} beyond no trade`)}
    ${bigKrw('Fills cost', fills.costKrw, false, figureText(fills.costBps, 1, ' bps of the leg notional'))}
    ${bigKrw('Rollbacks cost', rollbacks.costKrw, false, rollbacks.episodes === 0 ? 'no half-filled hedge' : repairs)}
    <div>
      <dt>Naked</dt>
      <dd>
        <div class="figure">${naked.episodes === 0 ? 'never' : durationText(naked.seconds * 1_000)}</div>
        <div class="under">
          ${naked.episodes > 0 && `longest ${durationText(naked.longestSeconds * 1_000)}, peak ${krwText(naked.peakKrw)}`}${
            naked.stillNaked && markup`, <b class="loss">still naked</b>`
          }
        </div>
      </dd>
    </div>
  </dl>`;
}

function bigKrw(name: string, amount: Maybe<string>, earned: boolean, under: string): Markup {
  if (isNotAvailable(amount))
    return markup`<div>
      <dt>${name}</dt>
      <dd>
        <div class="figure na">N/A</div>
        <div class="under">${amount.na}</div>
      </dd>
    </div>`;
  const value = Number(amount);
  const kind = earned && value < 0 ? 'figure loss' : 'figure';
  return markup`<div>
    <dt>${name}, KRW</dt>
    <dd>
      <div class="${kind}">${signed(grouped(value))}</div>
      <div class="under">${signed(under)}</div>
    </dd>
  </div>`;
}
