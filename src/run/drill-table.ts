import { fit } from '../report/console-summary.js';
import { type BrokenPromise, promiseName } from '../report/failure/failure-input.js';
import { withoutInstants } from '../report/failure/failure-story.js';
import { wrapped } from '../report/failure/wrapped.js';
import { grouped, plural } from '../report/number-text.js';
import type { DrillRow } from './drill-row.js';

/** All runs of one scenario file, or why there is none. */
export interface ScenarioResult {
  readonly file: string;
  readonly scenario: string;
  readonly rows: readonly DrillRow[];
  /** The file cannot be read as a scenario. */
  readonly problem?: string | undefined;
  /** Of all its runs, wall time. */
  readonly elapsedMs: number;
}

/** How a word is shown where colours are wanted. */
export type Tone = 'good' | 'bad' | 'soft';
export type Paint = (tone: Tone, text: string) => string;
export const PLAIN: Paint = (_tone, text) => text;

const WIDTH = 100;
const INDENT = '     ';
const NAME_WIDTH = 35;
/** Lines about a failure in a table of many. */
const WHY_LINES = 2;

/** The head of the table. */
export const tableHead = (paint: Paint): string =>
  paint(
    'soft',
    cells({
      verdict: '',
      name: 'scenario',
      control: 'control',
      delta: 'delta BTC',
      naked: 'naked s',
      cost: 'rollback KRW',
      bps: 'bps',
      orders: 'orders',
      broke: 'broke',
    }),
  );

type Columns = Readonly<Record<'verdict' | 'name' | 'control' | 'delta' | 'naked' | 'cost' | 'bps' | 'orders' | 'broke', string>>;

function cells({ verdict, name, control, delta, naked, cost, bps, orders, broke }: Columns): string {
  const left = `${verdict.padEnd(4)} ${fit(name, NAME_WIDTH).padEnd(NAME_WIDTH)} ${control.padEnd(7)}`;
  return `${left}${delta.padStart(12)}${naked.padStart(8)}${cost.padStart(13)}${bps.padStart(6)}${orders.padStart(7)} ${broke}`.trimEnd();
}

/** The run that stands for its scenario: the first that fails, else the one that was naked longest. */
export function shownRow({ rows }: ScenarioResult): DrillRow | undefined {
  return (
    rows.find(({ passed }) => !passed) ??
    rows.reduce<DrillRow | undefined>((most, row) => (most === undefined || row.nakedMs > most.nakedMs ? row : most), undefined)
  );
}

/** One row a scenario, and under a failing one what broke, its timeline and the command that runs it again. */
export function scenarioText(result: ScenarioResult, isAlone: boolean, paint: Paint): string {
  const row = shownRow(result);
  if (row === undefined) {
    const problem = (result.problem ?? 'it has no seed').split('\n').map((line) => `${INDENT}${line}`);
    return [`${paint('bad', 'LINT')} ${fit(result.file, WIDTH - 20)} was not run`, ...problem].join('\n');
  }
  const failing = result.rows.filter(({ passed }) => !passed);
  const line = cells({
    verdict: row.notJudged !== undefined ? '--' : row.passed ? 'pass' : 'FAIL',
    name: result.rows.length === 1 ? row.scenario : `${row.scenario} x${result.rows.length}`,
    control: row.control === 'passed' ? 'pass' : 'FAIL',
    delta: row.netDeltaBtc,
    naked: grouped(row.nakedMs / 1_000, 1),
    cost: row.rollbackCostKrw === null ? '-' : grouped(Number(row.rollbackCostKrw)),
    bps: row.rollbackCostBps === null ? '-' : grouped(row.rollbackCostBps, 1),
    orders: String(row.orders),
    broke: row.firstBroken === undefined ? '' : row.firstBroken.name === '' ? '*' : row.firstBroken.id,
  });
  const painted = `${paint(row.notJudged !== undefined ? 'soft' : row.passed ? 'good' : 'bad', line.slice(0, 4))}${line.slice(4)}`;
  const details = row.passed ? remarks(row) : failureLines(row, failing, result.rows.length, isAlone);
  return [painted, ...details.map((text) => `${INDENT}${text}`)].join('\n');
}

const remarks = ({ remark }: DrillRow): readonly string[] => (remark === undefined ? [] : wrapped(remark, WIDTH - INDENT.length));

function failureLines(row: DrillRow, failing: readonly DrillRow[], seeds: number, isAlone: boolean): readonly string[] {
  const width = WIDTH - INDENT.length;
  const first = row.firstBroken;
  const rest = row.promises.filter((promise) => promise !== first);
  const told = isAlone ? row.promises : first === undefined ? [] : [first];
  const why = told.flatMap((promise) => {
    const lines = wrapped(promiseLine(row, promise), width);
    return isAlone || lines.length <= WHY_LINES
      ? lines
      : [...lines.slice(0, WHY_LINES - 1), `${(lines[WHY_LINES - 1] ?? '').slice(0, width - 4)} ...`];
  });
  return [
    ...why,
    ...(isAlone || rest.length === 0 ? [] : [fit(`and ${rest.length} more: ${rest.map(({ id }) => id).join(', ')}`, width)]),
    ...row.thrown.slice(0, 2).map((text) => fit(text, width)),
    ...remarks(row),
    ...(seeds === 1 ? [] : [fit(`seed ${row.seed}; ${failing.length} of ${seeds} seeds fail: ${failing.map(({ seed }) => seed).join(', ')}`, width)]),
    // A path and a command are there to be copied: neither is cut.
    ...(row.timeline === undefined ? [] : [`timeline ${row.timeline}`]),
    `replay   ${row.replay}`,
  ];
}

/** `I4 justified-orders: expected ...; found ...`, with instants told from the first flow's begin. */
export const promiseLine = ({ begunAt }: DrillRow, promise: BrokenPromise): string =>
  withoutInstants({ from: begunAt }, `${promiseName(promise)}: expected ${promise.expected}; found ${promise.found}`);

/** The last lines: how many of how many. */
export function closing(results: readonly ScenarioResult[], paint: Paint): string {
  const rows = results.flatMap((result) => shownRow(result) ?? []);
  const runs = results.reduce((sum, each) => sum + each.rows.length, 0);
  const failed = rows.filter(({ passed }) => !passed);
  const skipped = rows.filter(({ notJudged }) => notJudged !== undefined).length;
  const hollow = rows.filter(({ passed, control, notJudged }) => passed && control === 'failed' && notJudged === undefined).length;
  const unread = results.filter(({ problem }) => problem !== undefined).length;
  const caught = failed.filter(({ isCatch }) => isCatch).length;
  const words = [
    `${rows.length - failed.length - skipped} passed${hollow === 0 ? '' : ` (${hollow} with a failed control)`}`,
    `${failed.length} failed${failed.length === 0 ? '' : ` (${caught} of them caught by a fault: the same run passes without)`}`,
    ...(skipped === 0 ? [] : [`${skipped} not judged`]),
    ...(unread === 0 ? [] : [`${unread} not run`]),
  ];
  const line = paint(
    failed.length + unread === 0 ? 'good' : 'bad',
    `${plural(rows.length, 'scenario')}, ${plural(runs, 'run')}: ${words.join(', ')}`,
  );
  const never = rows.length > 0 && rows.every(({ sentNothing }) => sentNothing);
  return never ? `${line}\nthis executor never trades: it sent no order in any run, with or without faults` : line;
}
