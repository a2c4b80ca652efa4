import { InternalError } from '../../core/assert.js';
import type { Chart } from './chart.js';
import { CHART_CONFIG, type Spec } from './palette.js';

/** A chart ready for the page: a picture that needs no script, and the Vega specification that replaces it. */
export interface RenderedChart {
  readonly chart: Chart;
  readonly svg: string;
  readonly vega: unknown;
}

const STATIC_WIDTH = 760;

/** Vega-Lite warns on the console about a specification it bends; ours are to need no bending. */
const STRICT: Logger = {
  level: () => STRICT,
  error: (message: unknown) => refuse(message),
  warn: (message: unknown) => refuse(message),
  info: () => STRICT,
  debug: () => STRICT,
};

interface Logger {
  level(): Logger;
  error(message: unknown): Logger;
  warn(message: unknown): Logger;
  info(): Logger;
  debug(): Logger;
}

function refuse(message: unknown): Logger {
  throw new InternalError(`a chart's specification is not right: ${String(message)}`);
}

/**
 * Draws every chart on the server. Both the picture and the live chart come from one Vega-Lite specification; it is
 * compiled here, so that the page carries the Vega runtime but not the compiler (250 KB).
 */
export async function renderCharts(charts: readonly Chart[]): Promise<readonly RenderedChart[]> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const compile = (spec: Spec): Spec => {
    const compiled: Spec = { ...vegaLite.compile(spec as unknown as Parameters<typeof vegaLite.compile>[0], { logger: STRICT }).spec };
    // The address of a schema is never fetched, but a page that refers to nothing outside should not even name one.
    return Object.fromEntries(Object.entries(compiled).filter(([key]) => key !== '$schema'));
  };
  return Promise.all(
    charts.map(async (chart) => {
      const view = new vega.View(vega.parse(compile(fixedWidth(chart))), { renderer: 'none' });
      const svg = await view.toSVG();
      view.finalize();
      return { chart, svg: scalable(ownClips(svg, chart.id)), vega: compile(containerWidth(chart)) };
    }),
  );
}

function fixedWidth({ spec }: Chart): Spec {
  return { ...spec, width: STATIC_WIDTH, autosize: { type: 'fit-x', contains: 'padding' }, config: { ...CHART_CONFIG, aria: false } };
}

function containerWidth({ spec, hover }: Chart): Spec {
  const layers = Array.isArray(spec['layer']) ? { layer: [...(spec['layer'] as readonly Spec[]), ...(hover ?? [])] } : {};
  return { ...spec, ...layers, width: 'container', autosize: { type: 'fit-x', contains: 'padding' }, config: CHART_CONFIG };
}

/** Vega numbers clip paths through the whole process; a picture's own numbers make it the same every time. */
function ownClips(svg: string, id: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\b(id="|url\(#)(clip\d+)/g, (_match, before: string, name: string) => {
    const own = names.get(name) ?? `clip-${id}-${names.size}`;
    names.set(name, own);
    return `${before}${own}`;
  });
}

/**
 * Lets a picture shrink with the page (the view box keeps its shape) and drops what a still picture does not need:
 * attributes at their default, the font that the page has anyway, and coordinates finer than a tenth of a pixel.
 */
function scalable(svg: string): string {
  return svg
    .replace(/^<svg([^>]*?) width="[^"]*" height="[^"]*"/, '<svg$1')
    .replace(/ (?:font-family|class|pointer-events|aria-hidden|xmlns:xlink)="[^"]*"| opacity="1"/g, '')
    .replace(/ (d|transform)="[^"]*"/g, (attribute) => attribute.replace(/(\.\d)\d+/g, '$1'));
}
