import { canary, CANARY_KEY } from '../drill/oracle/canary.js';
import { plural } from '../report/number-text.js';
import type { DrillRow } from './drill-row.js';
import type { Paint, ScenarioResult } from './drill-table.js';

/** Whether the row would have failed its drill for the planted oracle, as a real broken promise would. */
const isReported = ({ passed, broken, promises }: DrillRow): boolean =>
  !passed && broken.some(({ key }) => key === CANARY_KEY) && promises.some(({ id }) => id === canary.id);

/** The seeds of a scenario in which the planted oracle was not reported; one that ran with none reported nothing either. */
const swallowedIn = ({ rows }: ScenarioResult): readonly string[] => rows.filter((row) => !isReported(row)).map(({ seed }) => seed);

const isAlive = (result: ScenarioResult): boolean => result.rows.length > 0 && swallowedIn(result).length === 0;

/** Whether every scenario reported the planted oracle with each of its seeds; a drill of nothing has shown nothing. */
export const canaryReported = (results: readonly ScenarioResult[]): boolean => results.length > 0 && results.every(isAlive);

/** One line a scenario. */
export function canaryText(result: ScenarioResult, paint: Paint): string {
  const { scenario, file, rows, problem } = result;
  if (problem !== undefined) return [`${paint('bad', 'LINT')}     ${file} was not run`, ...problem.split('\n').map((line) => `  ${line}`)].join('\n');
  if (isAlive(result)) return `${paint('good', 'reported')} ${scenario}${rows.length === 1 ? '' : ` x${rows.length}`}`;
  return `${paint('bad', 'SWALLOWED')} ${scenario}, seed ${swallowedIn(result).join(', ') || 'none'}: its oracle does not work, and nothing that it says counts`;
}

/** The row for programs. */
export const canaryJson = ({ scenario, file, rows, problem }: ScenarioResult): readonly object[] =>
  problem === undefined ? rows.map((row) => ({ scenario, seed: row.seed, canary: isReported(row) ? 'reported' : 'swallowed' })) : [{ file, problem }];

/** The last line. */
export function canaryClosing(results: readonly ScenarioResult[], paint: Paint): string {
  const runs = results.reduce((sum, { rows }) => sum + rows.length, 0);
  const dead = results.filter((result) => !isAlive(result)).length;
  const words = dead === 0 ? 'every one reported the canary' : `${dead} did not report the canary`;
  return paint(dead === 0 ? 'good' : 'bad', `${plural(results.length, 'scenario')}, ${plural(runs, 'run')}: ${words}`);
}
