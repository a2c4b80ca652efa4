import type { Analysis } from '../analysis.js';
import type { Described, TableEngine } from '../danfo-tables.js';
import { round } from '../figures.js';
import type { ReportTable } from '../report-json.js';

const HOUR_MS = 3_600_000;

/** Analysis tables of the premium and of the orders; whatever engine works them out, the figures are the same. */
export function tablesSection(analysis: Analysis, engine: TableEngine): ReportTable[] {
  const { facts, orders } = analysis;
  const tables: ReportTable[] = [];
  const series = facts.premiumSeries;
  if (series !== undefined && series.premium.length > 0) {
    const percent = series.premium.map((value) => value * 100);
    const note = `on the ${percent.length} points the tape keeps; where a run has more, each is the lowest or highest of its stretch, which widens the spread a little`;
    tables.push({ title: 'Premium', note, columns: DESCRIBED('%'), rows: [described('premium', engine.describe(percent))] });
    tables.push({
      title: 'Premium by hour of day',
      note,
      columns: ['hour UTC', 'hour KST', 'points', 'mean premium, %'],
      rows: engine.meanByKey(series.times.map(hourOf), percent).map(byHour),
    });
  }
  const filled = orders.flatMap(({ order, slippageBps }) =>
    typeof slippageBps === 'number' ? [{ leg: order.request.leg, t: order.request.t, slippageBps }] : [],
  );
  if (filled.length === 0) return tables;
  const legs = (['spot', 'perp'] as const).filter((leg) => filled.some((order) => order.leg === leg));
  tables.push({
    title: 'Order slippage by leg',
    note: 'against the mid at arrival, positive is a cost',
    columns: DESCRIBED('bps'),
    rows: legs.map((leg) => described(leg, engine.describe(filled.filter((order) => order.leg === leg).map((order) => order.slippageBps)))),
  });
  const means = engine.meanByKey(
    filled.map((order) => hourOf(order.t)),
    filled.map((order) => order.slippageBps),
  );
  tables.push({
    title: 'Order slippage by hour of day',
    note: 'both legs, by the hour the order was sent',
    columns: ['hour UTC', 'hour KST', 'orders', 'mean slippage, bps'],
    rows: means.map(byHour),
  });
  return tables;
}

const hourOf = (t: number): number => Math.floor(t / HOUR_MS) % 24;
const DESCRIBED = (unit: string): string[] => ['', 'n', ...['mean', 'sd', 'min', 'median', 'max'].map((name) => `${name}, ${unit}`)];

function described(name: string, of: Described): (string | number)[] {
  return [name, of.count, ...[of.mean, of.std, of.min, of.median, of.max].map((value) => round(value, 4))];
}

function byHour(group: { readonly key: number; readonly count: number; readonly mean: number }): (string | number)[] {
  return [group.key, (group.key + 9) % 24, group.count, round(group.mean, 4)];
}
