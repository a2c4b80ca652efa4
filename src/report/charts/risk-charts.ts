import { toNumber } from '../../core/money.js';
import type { Analysis } from '../analysis.js';
import { round } from '../figures.js';
import { orderTimes } from '../metrics/order-timing.js';
import type { Chart } from './chart.js';
import { csvData, krwAxis, PALETTE, type Spec, timeAxis } from './palette.js';
import { MARKS_MAX, thin } from './thin.js';

/** A run shorter than this is drawn as the curve of what was naked; in a longer one that would be invisible needles. */
const CURVE_MS = 7_200_000;
/** With fewer unwindings the table says more than bars of height one. */
const HISTOGRAM_MIN = 5;
const KINDS = ['legging', 'complete', 'unwind', 'left'];
const KIND_COLORS = [PALETTE.sky, PALETTE.green, PALETTE.orange, PALETTE.red];

/** What was not hedged, in KRW, over time. */
export function nakedChart({ facts, episodes }: Analysis, pointsMax: number): readonly Chart[] {
  if (episodes.length === 0) return [];
  const span = facts.to - facts.from;
  const x = { field: 't', type: 'temporal', scale: { type: 'utc', nice: false }, axis: timeAxis(span) };
  const chart = { id: 'naked', title: 'Naked notional', height: 180 };
  if (span <= CURVE_MS)
    return [
      { ...chart, caption: 'Unhedged BTC at the Upbit mid, in KRW, over time.', spec: { height: chart.height, ...nakedCurve(facts, x, pointsMax) } },
    ];
  const rows = episodes.map((episode) => [episode.start, round(episode.exposure.peakKrw, 0), round(episode.exposure.seconds, 3), episode.kind]);
  // Needles of no height at both ends stretch the axis over the whole run.
  const ends = [facts.from, facts.to].map((t) => [t, 0, 0, 'legging']);
  const data = csvData(['t', 'peak', 'seconds', 'kind'], [...ends, ...thin(rows, (row) => Number(row[1]), MARKS_MAX)]);
  const y = { field: 'peak', type: 'quantitative', axis: krwAxis('peak, KRW') };
  const color = { field: 'kind', type: 'nominal', scale: { domain: KINDS, range: KIND_COLORS } };
  const tooltip = [
    { field: 'kind', title: 'kind' },
    { field: 'peak', title: 'peak, KRW', format: ',.0f' },
    { field: 'seconds', title: 'naked, s' },
    { field: 't', type: 'temporal', timeUnit: 'utcyearmonthdatehoursminutesseconds', title: 'UTC' },
  ];
  const needle: Spec = { data, mark: { type: 'bar', width: 1.5, opacity: 0.45 }, encoding: { x, y, color, tooltip } };
  // Legs that merely filled one after the other stay needles, so that the repairs stand out.
  const dot: Spec = {
    data,
    transform: [{ filter: "datum.kind !== 'legging'" }],
    mark: { type: 'circle', opacity: 0.85 },
    encoding: { x, y, color, tooltip, size: { field: 'seconds', type: 'quantitative', scale: { type: 'sqrt', range: [24, 400] }, legend: null } },
  };
  return [
    {
      ...chart,
      caption:
        'Each needle is one episode of unhedged BTC: its height the largest naked notional in KRW. Those that needed a repair have a head, larger the longer they lasted.',
      spec: { height: chart.height, layer: episodes.some((episode) => episode.kind !== 'legging') ? [needle, dot] : [needle] },
    },
  ];
}

function nakedCurve(facts: Analysis['facts'], x: Spec, pointsMax: number): Spec {
  const points = facts.positions.flatMap((step) => [
    [step.t, round(toNumber(step.residual) * (facts.prices.upbit.nearest(step.t) ?? 0), 0)] as const,
  ]);
  const last = points.at(-1)?.[1] ?? 0;
  const rows = [[facts.from, 0], ...thin(points, (point) => point[1], pointsMax), [facts.to, last]];
  return {
    data: csvData(['t', 'krw'], rows),
    mark: { type: 'area', interpolate: 'step-after', color: PALETTE.red, opacity: 0.35, line: { color: PALETTE.red, strokeWidth: 1.5 } },
    encoding: { x, y: { field: 'krw', type: 'quantitative', axis: krwAxis('unhedged, KRW (long +, short -)') } },
  };
}

/** What unwindings cost, as a histogram with its tail marked. */
export function rollbackChart({ episodes }: Analysis): readonly Chart[] {
  const costs = episodes.filter((episode) => episode.unwoundBtc > 0).map((episode) => round(episode.costKrw, 0));
  if (costs.length < HISTOGRAM_MIN) return [];
  const bars: Spec = {
    data: csvData(
      ['cost'],
      costs.map((cost) => [cost]),
    ),
    mark: { type: 'bar', color: PALETTE.orange, tooltip: true },
    encoding: {
      x: { field: 'cost', type: 'quantitative', bin: { maxbins: 24 }, axis: krwAxis('cost of an unwinding, KRW') },
      y: { aggregate: 'count', type: 'quantitative', axis: { title: 'unwindings', tickMinStep: 1 } },
    },
  };
  return [
    {
      id: 'rollback-cost',
      title: 'What unwinding cost',
      caption: `Costs of ${costs.length} unwindings of a half-filled hedge in KRW: entry and exit of the excess, with the drift while naked.`,
      spec: { height: 160, layer: [bars] },
    },
  ];
}

/** How long orders took until their first fill, as the share that had filled by then; the tail is on the right. */
export function latencyChart({ facts }: Analysis): readonly Chart[] {
  const rows = (['spot', 'perp'] as const).flatMap((leg) => {
    const times = facts.orders.flatMap((order) => {
      const time = order.request.leg === leg ? orderTimes(order).firstFillMs : undefined;
      return time === undefined ? [] : [Math.max(1, time)];
    });
    times.sort((a, b) => a - b);
    const name = leg === 'spot' ? 'Upbit' : 'Binance';
    return thin(
      times.map((time, index) => [time, round((index + 1) / times.length, 5), name] as const),
      (row) => row[0],
      MARKS_MAX,
    );
  });
  if (rows.length < 3) return [];
  return [
    {
      id: 'latency',
      title: 'Time to first fill',
      caption: 'Share of filled orders that had their first fill within so many milliseconds of being sent; logarithmic, so the tail shows.',
      spec: {
        height: 180,
        layer: [
          {
            data: csvData(['ms', 'share', 'leg'], rows),
            mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2, point: rows.length < 60, tooltip: true },
            encoding: {
              x: {
                field: 'ms',
                type: 'quantitative',
                scale: { type: 'log', nice: false },
                axis: { title: 'ms from sent to first fill (log)', format: '~s', tickCount: 5 },
              },
              y: {
                field: 'share',
                type: 'quantitative',
                scale: { domain: [0, 1] },
                axis: { title: 'share of filled orders', format: '%', tickCount: 5 },
              },
              color: { field: 'leg', type: 'nominal', scale: { domain: ['Upbit', 'Binance'], range: [PALETTE.blue, PALETTE.orange] } },
              strokeDash: {
                field: 'leg',
                type: 'nominal',
                scale: {
                  domain: ['Upbit', 'Binance'],
                  range: [
                    [1, 0],
                    [5, 3],
                  ],
                },
              },
            },
          },
        ],
      },
    },
  ];
}
