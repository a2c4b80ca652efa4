import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { RenderedChart } from '../charts/render.js';
import { markup, type Markup, raw, scriptCode, scriptJson } from './markup.js';

/** A chart's figure: the still picture at once, the live one in its place when scripts run. */
export function chartFigure({ chart, svg }: RenderedChart): Markup {
  return markup`<figure id="chart-${chart.id}" data-chart="${chart.id}" role="group" aria-label="${chart.title}">
    <h3>${chart.title}</h3>
    <figcaption>${chart.caption}</figcaption>
    <div class="still" role="img" aria-label="${chart.caption}">${raw(svg)}</div>
    <div class="live"></div>
  </figure>`;
}

// Vega draws into the figure at its real width. The page's policy allows no eval: `ast` has expressions interpreted, and
// the CSV is read here since Vega's own reader writes itself a function.
const START = `(function(){
function rows(data){if(!data.format||data.format.type!=='csv')return;var lines=data.values.split('\\n'),names=lines[0].split(',');
data.values=lines.slice(1).map(function(line){var row={};line.split(',').forEach(function(cell,i){row[names[i]]=cell===''?null:isNaN(cell)?cell:Number(cell);});return row;});
delete data.format;}
document.querySelectorAll('figure[data-chart]').forEach(function(figure){
var text=document.getElementById('spec-'+figure.dataset.chart);if(!text||!window.vegaEmbed)return;
var spec=JSON.parse(text.textContent);spec.data.forEach(rows);
window.vegaEmbed(figure.querySelector('.live'),spec,{mode:'vega',renderer:'svg',actions:false,ast:true})
.then(function(result){figure.classList.add('is-live');return result.view.resize().runAsync();},function(){figure.classList.remove('is-live');});
});})();`;

export interface Scripts {
  /** Data and code, for the end of the page. */
  readonly elements: Markup;
  /** Hashes for the page's content security policy. */
  readonly hashes: readonly string[];
}

/** Vega, its embedder, the charts' specifications and the few lines that start them. */
export function chartScripts(charts: readonly RenderedChart[]): Scripts {
  const codes = [bundle('vega', 'vega.min.js'), bundle('vega-embed', 'vega-embed.min.js'), START].map(scriptCode);
  const specs = charts.map(({ chart, vega }) => markup`<script type="application/json" id="spec-${chart.id}">${raw(scriptJson(vega))}</script>\n`);
  return {
    elements: markup`${specs}${codes.map((code) => markup`<script>${raw(code)}</script>\n`)}`,
    hashes: codes.map((code) => `'sha256-${createHash('sha256').update(code, 'utf8').digest('base64')}'`),
  };
}

/** A bundle that lies beside the package's entry; its source map does not lie beside the report. */
function bundle(name: string, file: string): string {
  const require = createRequire(import.meta.url);
  const code = readFileSync(join(dirname(require.resolve(name)), file), 'utf8');
  return code.replace(/\n?\/\/# sourceMappingURL=\S*\s*$/, '');
}
