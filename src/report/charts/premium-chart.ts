import type { Analysis } from '../analysis.js';
import { round } from '../figures.js';
import type { Chart } from './chart.js';
import { csvData, PALETTE, type Spec, timeAxis } from './palette.js';
import { MARKS_MAX, thin } from './thin.js';

/** The premium with every entry and exit, and the z-score below it. */
export function premiumCharts(analysis: Analysis, pointsMax: number): readonly Chart[] {
  const series = analysis.facts.premiumSeries;
  if (series === undefined || series.times.length < 2) return [];
  const points = thin(
    series.times.map((t, index) => ({ t, premium: (series.premium[index] ?? 0) * 100, z: series.z[index] ?? null })),
    (point) => point.premium,
    pointsMax,
  );
  const from = points[0]?.t ?? 0;
  const to = points.at(-1)?.t ?? 0;
  const x = { field: 't', type: 'temporal', scale: { type: 'utc', nice: false }, axis: timeAxis(to - from) };
  const shown = thin(analysis.flows, (flow) => flow.targetPremium, MARKS_MAX);
  const flows = shown.map((flow) => [
    flow.begin,
    round(flow.targetPremium * 100, 4),
    flow.kind === 'enter' ? (flow.outcome === 'hedged' ? 'entry' : 'entry not kept') : 'exit',
    `flow ${flow.flow} ended ${flow.outcome.replaceAll(',', ' ')}`,
  ]);
  const y = { field: 'premium', type: 'quantitative', scale: { zero: false }, axis: { title: 'premium, %' } };
  const line: Spec = {
    data: csvData(
      ['t', 'premium'],
      points.map((point) => [point.t, round(point.premium, 4)]),
    ),
    mark: { type: 'line', strokeWidth: 1.2, color: PALETTE.blue, clip: true },
    encoding: { x, y },
  };
  const premium: Chart = {
    id: 'premium',
    title: 'Premium, entries and exits',
    caption:
      'Premium of Upbit over Binance at USD/KRW, in percent; a triangle up is an entry, down an exit, a cross an entry that was rolled back or aborted.',
    spec: { height: 260, layer: flows.length === 0 ? [line] : [line, flowMarks(flows, x)] },
    hover: [hoverRule(line, x, [{ field: 'premium', title: 'premium, %', format: '.3f' }])],
  };
  const scored = points.map((point) => [point.t, point.z === null ? null : round(point.z, 3)] as const);
  return scored.filter(([, z]) => z !== null).length < 2 ? [premium] : [premium, zChart(scored, x)];
}

function flowMarks(flows: readonly (readonly (string | number)[])[], x: Spec): Spec {
  const kinds = ['entry', 'exit', 'entry not kept'];
  return {
    data: csvData(['t', 'premium', 'kind', 'what'], flows),
    mark: { type: 'point', filled: true, size: 90, opacity: 1, stroke: 'white', strokeWidth: 0.8, clip: true },
    encoding: {
      x,
      y: { field: 'premium', type: 'quantitative' },
      color: { field: 'kind', type: 'nominal', scale: { domain: kinds, range: [PALETTE.green, PALETTE.purple, PALETTE.red] } },
      shape: { field: 'kind', type: 'nominal', scale: { domain: kinds, range: ['triangle-up', 'triangle-down', 'cross'] } },
      tooltip: [
        { field: 'what', title: 'flow' },
        { field: 'premium', title: 'premium decided on, %' },
        { field: 't', type: 'temporal', timeUnit: 'utcyearmonthdatehoursminutes', title: 'UTC' },
      ],
    },
  };
}

/** A rule that follows the pointer to the nearest point and reads it out. */
export function hoverRule(line: Spec, x: Spec, fields: readonly Spec[]): Spec {
  return {
    data: line['data'],
    params: [{ name: 'near', select: { type: 'point', on: 'pointerover', nearest: true, clear: 'pointerout', encodings: ['x'] } }],
    mark: { type: 'rule', color: PALETTE.soft },
    encoding: {
      x,
      opacity: { condition: { param: 'near', empty: false, value: 0.6 }, value: 0 },
      tooltip: [{ field: 't', type: 'temporal', timeUnit: 'utcyearmonthdatehoursminutesseconds', title: 'UTC' }, ...fields],
    },
  };
}

function zChart(points: readonly (readonly (number | null)[])[], x: Spec): Chart {
  const line: Spec = {
    data: csvData(['t', 'z'], points),
    mark: { type: 'line', strokeWidth: 1, color: PALETTE.soft, clip: true },
    encoding: { x, y: { field: 'z', type: 'quantitative', axis: { title: 'z-score', tickCount: 4 } } },
  };
  const zero: Spec = {
    data: { values: [{ z: 0 }] },
    mark: { type: 'rule', color: PALETTE.rule },
    encoding: { y: { field: 'z', type: 'quantitative' } },
  };
  return {
    id: 'z',
    title: 'Z-score of the premium',
    caption:
      'How many standard deviations the premium stood from its own rolling mean; the strategy enters when it is low. A break is where the window fills again after a gap.',
    spec: { height: 110, layer: [zero, line] },
    hover: [hoverRule(line, x, [{ field: 'z', title: 'z', format: '.2f' }])],
  };
}
