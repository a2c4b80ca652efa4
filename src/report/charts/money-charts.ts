import type { Analysis } from '../analysis.js';
import { equityAt } from '../facts/equity.js';
import { round } from '../figures.js';
import { isNotAvailable } from '../not-available.js';
import { PART_TEXTS } from '../waterfall-text.js';
import { WATERFALL_PARTS } from '../waterfall.js';
import type { Chart } from './chart.js';
import { csvData, krwAxis, PALETTE, type Spec, timeAxis } from './palette.js';
import { hoverRule } from './premium-chart.js';
import { thin } from './thin.js';

/** Gain of both venues together over time, at every mark of the tape. */
export function equityChart({ facts, waterfall }: Analysis, pointsMax: number): readonly Chart[] {
  const opening = facts.ledger.capital[0]?.t;
  if (isNotAvailable(waterfall) || opening === undefined) return [];
  const instants = [...new Set([opening, ...facts.marks.map((mark) => mark.t), facts.to])].filter((t) => t >= opening).sort((a, b) => a - b);
  const all = equityAt(facts, instants).map((mark) => ({ t: mark.t, gain: mark.upbitKrw + mark.binanceKrw - mark.capitalKrw }));
  const points = thin(all, (point) => point.gain, pointsMax);
  // A line that never leaves zero has no scale to be drawn on, and nothing to show.
  if (points.length < 2 || points.every(({ gain }) => Math.abs(gain) < 0.5)) return [];
  const span = (points.at(-1)?.t ?? 0) - (points[0]?.t ?? 0);
  const x = { field: 't', type: 'temporal', scale: { type: 'utc', nice: false }, axis: timeAxis(span) };
  const y = { field: 'gain', type: 'quantitative', axis: krwAxis('gain since the start, KRW') };
  const line: Spec = {
    data: csvData(
      ['t', 'gain'],
      points.map((point) => [point.t, round(point.gain, 0)]),
    ),
    mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.5, color: PALETTE.blue },
    encoding: { x, y },
  };
  const zero: Spec = { data: { values: [{ gain: 0 }] }, mark: { type: 'rule', color: PALETTE.soft, strokeDash: [3, 3] }, encoding: { y: { ...y } } };
  return [
    {
      id: 'equity',
      title: 'Gain over time',
      caption: 'Worth of both venues minus what was paid in, in KRW, at the mids and USD/KRW of each mark of the tape.',
      spec: { height: 220, layer: [zero, line] },
      hover: [hoverRule(line, x, [{ field: 'gain', title: 'gain, KRW', format: ',.0f' }])],
    },
  ];
}

/** The profit's parts from left to right up to the ledger's total. Parts of nothing are left out. */
export function waterfallChart({ waterfall }: Analysis): readonly Chart[] {
  if (isNotAvailable(waterfall)) return [];
  let sum = 0;
  const bars: (string | number)[][] = [];
  for (const part of WATERFALL_PARTS) {
    const krw = waterfall[part];
    if (Math.abs(krw) < 1) continue;
    bars.push([PART_TEXTS[part].name.replaceAll(',', ''), round(sum, 0), round(sum + krw, 0), round(krw, 0), krw < 0 ? 'cost' : 'gain']);
    sum += krw;
  }
  if (bars.length === 0) return [];
  bars.push(['Total', 0, round(waterfall.total, 0), round(waterfall.total, 0), 'total']);
  const data = csvData(['part', 'from', 'to', 'krw', 'kind'], bars);
  const y = {
    field: 'part',
    type: 'nominal',
    sort: null,
    axis: { title: null, labelFontSize: 12, labelColor: PALETTE.ink, ticks: false, domain: false },
  };
  const tooltip = [
    { field: 'part', title: 'part' },
    { field: 'krw', title: 'KRW', format: ',.0f' },
  ];
  const bar: Spec = {
    data,
    mark: { type: 'bar', height: { band: 0.62 } },
    encoding: {
      y,
      x: { field: 'from', type: 'quantitative', axis: { ...krwAxis('KRW'), tickCount: { signal: 'max(3, floor(width / 90))' } } },
      x2: { field: 'to' },
      color: {
        field: 'kind',
        type: 'nominal',
        legend: null,
        scale: { domain: ['gain', 'cost', 'total'], range: [PALETTE.blue, PALETTE.red, PALETTE.ink] },
      },
      tooltip,
    },
  };
  const label: Spec = {
    data,
    transform: [{ calculate: 'max(datum.from, datum.to)', as: 'edge' }],
    mark: { type: 'text', align: 'left', dx: 5, fontSize: 11, color: PALETTE.ink },
    encoding: { y, x: { field: 'edge', type: 'quantitative' }, text: { field: 'krw', type: 'quantitative', format: '+,.0f' } },
  };
  return [
    {
      id: 'waterfall',
      title: 'From premium to profit',
      caption: 'Each bar starts where the one above ended; blue earned, red cost, black is the total of the ledger. KRW.',
      spec: { height: bars.length * 26, layer: [bar, label] },
    },
  ];
}
