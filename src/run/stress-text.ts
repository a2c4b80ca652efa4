import { markdownRow } from '../core/markdown.js';
import type { VenueId } from '../core/units.js';
import { grouped } from '../report/number-text.js';
import type { Quantiles, StressFigures, VenueFigures } from './stress-figures.js';

interface Row {
  readonly name: string;
  readonly cell: (figures: StressFigures) => string;
}

const NOTHING = '-';
const NAMES: Readonly<Record<VenueId, string>> = { upbit: 'Upbit', binance: 'Binance' };

const number = (value: number | null, decimals: number): string => {
  if (value === null) return NOTHING;
  return Number.isFinite(value) ? grouped(value, decimals) : 'no answer';
};
const list = (values: Quantiles, decimals: number): string =>
  values.every((value) => value === null) ? NOTHING : values.map((value) => number(value, decimals)).join(' / ');
const percent = (share: number, decimals = 2): string => `${grouped(share * 100, decimals)} %`;

/** A row for each venue. */
function perVenue(name: string, cell: (figures: VenueFigures) => string): readonly Row[] {
  return (['upbit', 'binance'] as const).map((venue) => ({ name: `${NAMES[venue]}: ${name}`, cell: ({ venues }) => cell(venues[venue]) }));
}

const ROWS: readonly Row[] = [
  ...perVenue('level, p50 / p95 / p99', ({ level }) => list(level, 2)),
  ...perVenue('spread bp, p50 / p95 / p99', ({ spreadBp }) => list(spreadBp, 2)),
  ...perVenue('BTC a side within 20 bp, p50 / p5 / p1', ({ depthBtc }) => list(depthBtc, 2)),
  ...perVenue('latency of a read ms, p50 / p95 / p99 / p99.9', ({ latencyMs }) => list(latencyMs, 0)),
  ...perVenue('visibility lag ms, p50 / p95 / p99', ({ visibilityMs }) => list(visibilityMs, 0)),
  ...perVenue('5xx', ({ serverErrors }) => percent(serverErrors)),
  ...perVenue('429 and 418', ({ limited }) => percent(limited)),
  ...perVenue('no answer', ({ silent }) => percent(silent)),
  ...perVenue('reads that time out after 2.5 s', ({ tooLate }) => percent(tooLate)),
  ...perVenue('outages an hour', ({ outagesPerHour }) => grouped(outagesPerHour, 3)),
  ...perVenue('outage s, p50 / p95 / longest', ({ outageS }) => list(outageS, 0)),
  ...perVenue('down', ({ down }) => percent(down)),
  { name: 'Both: correlation of levels', cell: ({ correlation }) => number(correlation, 2) },
  { name: 'Both: times likelier in trouble when the other is', cell: ({ together }) => number(together, 1) },
  { name: 'Hedges: flows', cell: ({ hedges }) => String(hedges.flows) },
  { name: 'Hedges: ended as asked', cell: ({ hedges }) => percent(hedges.asAsked, 1) },
  { name: 'Hedges: how they ended', cell: ({ hedges }) => endsText(hedges.ends) },
  { name: 'Hedges: one leg alone s, p50 / p99 / longest', cell: ({ hedges }) => list(hedges.nakedS, 1) },
  { name: 'Hedges: rollbacks', cell: ({ hedges }) => String(hedges.rollbacks) },
  { name: 'Hedges: rollback cost bp, p50 / worst', cell: ({ hedges }) => list(hedges.rollbackCostBps, 1) },
  { name: 'Hedges: broken promises', cell: ({ hedges }) => (hedges.broken.length === 0 ? 'none' : hedges.broken.join('; ')) },
];

const endsText = (ends: Readonly<Record<string, number>>): string =>
  Object.entries(ends)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

/** Presets side by side as a Markdown table. */
export function stressTable(cards: readonly StressFigures[]): string {
  const head = ['', ...cards.map(({ preset }) => `\`${preset}\``)];
  return [markdownRow(head), markdownRow(head.map(() => '---')), ...ROWS.map(({ name, cell }) => markdownRow([name, ...cards.map(cell)]))].join('\n');
}

/** Presets side by side for a terminal. */
export function stressScreen(cards: readonly StressFigures[]): string {
  const grid = [['', ...cards.map(({ preset }) => preset)], ...ROWS.map(({ name, cell }) => [name, ...cards.map(cell)])];
  const widths = grid[0]?.map((_, column) => Math.max(...grid.map((row) => (row[column] ?? '').length))) ?? [];
  return grid
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
