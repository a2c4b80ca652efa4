import { briefly } from '../timeline/moments.js';
import { markup, type Markup, raw } from '../html/markup.js';
import { durationText } from '../number-text.js';
import { utc } from '../instants.js';
import { type FailureInput, promiseName } from './failure-input.js';
import { failureStory, type FailureStory, sinceStart, withoutInstants } from './failure-story.js';
import { FAILURE_STYLE } from './failure-style.js';
import { failureSvg, laneNames } from './failure-svg.js';
import { partingEnd } from './failure-text.js';
import type { StoryRow } from './story-rows.js';
import type { Arrow } from './wire-moments.js';

/** What fits one picture; timeline.txt beside it holds the rest. */
const ROWS_MAX = 30;

/**
 * timeline.html: where truth and belief part in a failing run. One file that opens without a network and without
 * scripts; the page's own security policy lets nothing in.
 */
export function failureHtml(input: FailureInput): string {
  const story = failureStory(input, ROWS_MAX);
  const { scenario, seed, executor, title, replay } = input;
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${scenario} fails with ${executor}</title>
        <style>${raw(FAILURE_STYLE)}</style>
      </head>
      <body>
        <main>
          <header>
            <div class="brand">hedgedrill timeline of a failing run</div>
            <h1>${scenario}: ${story.first === undefined ? 'a promise is broken' : `${promiseName(story.first)} is broken`}</h1>
            <p class="lead">${title}. Executor <b>${executor}</b>, seed ${seed}. ${controlText(input)}</p>
            ${keySentence(story)}
          </header>
          <div class="lanes" tabindex="0" role="region" aria-label="Timeline, scrolls sideways">${laneNames(story)}${failureSvg(story)}</div>
          ${legend(story)}${storyTable(story)} ${promises(story)}
          <h2>Run it again</h2>
          <pre>${replay}</pre>
        </main>
      </body>
    </html>
`;
  return page.text;
}

function controlText({ control }: FailureInput): string {
  if (control === undefined) return '';
  return control === 'passed' ? 'Without the faults it passes the same run.' : 'Without the faults it fails the same run, too.';
}

/** What a stranger should know after ten seconds. */
function keySentence(story: FailureStory): Markup {
  const [parting, ...more] = story.partings;
  if (parting === undefined) {
    const told =
      story.belief === undefined
        ? 'No answer misled it: what it was told was true.'
        : 'Truth and belief do not part here: what the journal is sure of is so.';
    return markup`<p class="key">${told} The promise breaks by what the executor did, or left undone.</p>`;
  }
  const again = more.length === 0 ? '' : ` They part ${more.length} more time${more.length === 1 ? '' : 's'} later.`;
  return markup`<p class="key">
    <b>Truth and belief part at ${sinceStart(story, parting.from)}:</b> ${parting.text}${partingEnd(story, parting)}.${again}
  </p>`;
}

function legend(story: FailureStory): Markup {
  const sign = (drawing: string): Markup => raw(`<svg width="22" height="16" aria-hidden="true">${drawing}</svg>`);
  const entries: readonly (readonly [string, string])[] = [
    ['<circle cx="11" cy="8" r="5" class="buy"/>', 'bought'],
    ['<circle cx="11" cy="8" r="5" class="sell"/>', 'sold'],
    ['<line x1="2" x2="20" y1="8" y2="8" class="order"/>', 'order lives'],
    ['<line x1="2" x2="20" y1="12" y2="4" class="there"/>', 'request'],
    ['<line x1="2" x2="20" y1="4" y2="12" class="back"/>', 'reply'],
    ['<path d="M6 3l10 10m0-10l-10 10" class="cross"/>', 'lost'],
    ['<path d="M11 1l7 7-7 7-7-7z" class="fault"/>', 'fault'],
    ['<rect x="7" y="4" width="8" height="8" class="mark"/>', story.belief === undefined ? 'ordered or told' : 'decided or learnt'],
    ['<rect x="3" y="2" width="16" height="12" class="apart"/><line x1="3" x2="3" y1="2" y2="14" class="part-line"/>', 'truth and belief apart'],
    ['<rect x="3" y="2" width="16" height="12" rx="3" class="flag"/>', 'promise broken'],
  ];
  const missing = [
    ...(story.shownFlow === undefined ? [] : [`Flow ${story.shownFlow} of ${story.flows} is shown.`]),
    ...(story.leftOut === 0 ? [] : [`${story.leftOut} lighter moments are left out; timeline.txt has more of them.`]),
  ];
  const span = `From left to right: ${durationText(story.to - story.from)} from ${utc(story.from)} UTC, long waits drawn short.`;
  return markup`<ul class="legend">
      ${entries.map(([drawing, text]) => markup`<li>${sign(drawing)}${text}</li>`)}
    </ul>
    <p class="note">${[span, ...missing].join(' ')}</p>`;
}

const WIRE: Readonly<Record<Arrow, { readonly sign: string; readonly words: string }>> = {
  sent: { sign: '←', words: 'sent' },
  answered: { sign: '→', words: 'reply' },
  'request lost': { sign: '✕', words: 'request lost' },
  'reply lost': { sign: '✕', words: 'reply lost' },
};

function storyTable(story: FailureStory): Markup {
  const hasBelief = story.belief !== undefined;
  const belief = hasBelief ? 'Belief: what the executor knew' : 'Belief unknown: what it ordered and was told';
  return markup`<h2>The same in words</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of the timeline">
      <table class="story">
        <caption>Times in seconds after the start; naked is spot plus perpetual, in BTC.</caption>
        <thead>
          <tr>
            <th scope="col" class="num">row</th><th scope="col" class="num">time</th><th scope="col">Truth: what the venues hold</th><th scope="col">wire</th>
            <th scope="col">${belief}</th><th scope="col" class="num">naked</th>${hasBelief && markup`<th scope="col" class="num">believed</th>`}
          </tr>
        </thead>
        <tbody>${story.rows.map((row, index) => tableRow(story, row, index + 1))}</tbody>
      </table>
    </div>`;
}

function tableRow(story: FailureStory, row: StoryRow, number: number): Markup {
  const hasBelief = story.belief !== undefined;
  const head = markup`<th scope="row" class="num">${number}</th><td class="num">${sinceStart(story, row.t)}</td>`;
  const across = hasBelief ? 5 : 4;
  if (row.broken !== undefined)
    return markup`<tr class="broken">${head}<td class="across" colspan="${across}"><b>${promiseName(row.broken)} is broken:</b> expected ${withoutInstants(story, row.broken.expected)}; found ${withoutInstants(story, row.broken.found)}</td></tr>`;
  if (row.parting !== undefined)
    return markup`<tr class="part">${head}<td class="across" colspan="${across}"><b>Truth and belief part:</b> ${row.parting.text}${partingEnd(story, row.parting)}</td></tr>`;
  const wire = row.arrow === undefined ? undefined : WIRE[row.arrow];
  const isLost = row.arrow === 'request lost' || row.arrow === 'reply lost';
  const believed = row.inDoubt ? `${briefly(row.believedNet ?? 0n)} ?` : briefly(row.believedNet ?? 0n);
  return markup`<tr${row.truth?.fault === true && raw(' class="fault-row"')}>${head}<td class="truth" data-lane="truth">${row.truth?.text ?? ''}</td><td class="${isLost ? 'wire lost-wire' : 'wire'}">${wire !== undefined && `${wire.sign} ${wire.words}`}</td><td class="belief" data-lane="${hasBelief ? 'belief' : 'executor'}">${row.belief?.text ?? ''}</td><td class="num" data-lane="naked">${briefly(row.net)}</td>${
    hasBelief && markup`<td class="${isApart(story, row.t) ? 'num wrong' : 'num'}" data-lane="believed">${believed}</td>`
  }</tr>`;
}

/** Whether the journal is sure of something that is not so. */
const isApart = ({ partings }: FailureStory, t: number): boolean => partings.some(({ from, to }) => from <= t && (to === undefined || t < to));

function promises(story: FailureStory): Markup {
  const { broken } = story.input;
  return markup`<h2>Broken promises</h2>
    <ul class="promises">
      ${broken.map((promise) => {
        const at = promise.at === undefined ? '' : ` at ${sinceStart(story, promise.at)}`;
        return markup`<li><b>${promiseName(promise)}</b>${at}: expected ${withoutInstants(story, promise.expected)}; found ${withoutInstants(story, promise.found)}</li>`;
      })}
    </ul>`;
}
