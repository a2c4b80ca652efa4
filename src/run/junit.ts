import { promiseName } from '../report/failure/failure-input.js';
import type { DrillRow } from './drill-row.js';
import { promiseLine, type ScenarioResult, shownRow } from './drill-table.js';

export interface JunitCase {
  readonly result: ScenarioResult;
  /** timeline.txt of the failing run, shortened. */
  readonly timeline?: string | undefined;
}

/**
 * A drill as JUnit XML: one test suite, a test case for each scenario. A failure's message is the promise that broke
 * first, its text the command that runs it again and the two lanes. `time` is wall time, so it alone differs between
 * two equal drills.
 */
export function junitXml(executor: string, cases: readonly JunitCase[]): string {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(3);
  const failures = cases.filter(({ result }) => shownRow(result)?.passed === false).length;
  const errors = cases.filter(({ result }) => result.problem !== undefined).length;
  const total = cases.reduce((sum, { result }) => sum + result.elapsedMs, 0);
  const counts = attributes({
    tests: cases.length,
    failures,
    errors,
    skipped: cases.filter(({ result }) => shownRow(result)?.notJudged !== undefined).length,
    time: seconds(total),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: 'hedgedrill' })} ${counts}>`,
    `  <testsuite ${attributes({ name: `hedgedrill drill ${executor}` })} ${counts}>`,
    ...cases.flatMap((each) => testCase(each, executor, seconds(each.result.elapsedMs))),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ result, timeline }: JunitCase, executor: string, time: string): readonly string[] {
  const head = `    <testcase ${attributes({ classname: `hedgedrill.${executor}`, name: result.scenario, file: result.file, time })}`;
  if (result.problem !== undefined) {
    const [message = ''] = result.problem.split('\n');
    return [`${head}>`, `      <error ${attributes({ message, type: 'lint' })}>${escapeXml(result.problem)}</error>`, '    </testcase>'];
  }
  const row = shownRow(result);
  if (row?.notJudged !== undefined)
    return [`${head}>`, `      <skipped ${attributes({ message: `not judged: ${row.notJudged}` })}/>`, '    </testcase>'];
  if (row === undefined || row.passed) return [`${head}/>`];
  return [
    `${head}>`,
    `      <failure ${attributes({ message: messageOf(row), type: row.firstBroken === undefined ? 'broken' : promiseName(row.firstBroken) })}>${escapeXml(failureText(row, result, timeline))}</failure>`,
    '    </testcase>',
  ];
}

const messageOf = (row: DrillRow): string => (row.firstBroken === undefined ? 'a promise is broken' : promiseLine(row, row.firstBroken));

function failureText(row: DrillRow, { rows }: ScenarioResult, timeline: string | undefined): string {
  const seeds = rows.filter(({ passed }) => !passed).map(({ seed }) => seed);
  return [
    `Seed ${row.seed}; failing seeds: ${seeds.join(', ')}. The control without faults: ${row.control}.${row.remark === undefined ? '' : ` ${row.remark}.`}`,
    `Replay: ${row.replay}`,
    ...(row.timeline === undefined ? [] : [`Timeline: ${row.timeline}`]),
    ...row.promises.map((promise) => promiseLine(row, promise)),
    ...(timeline === undefined ? [] : ['', timeline]),
  ].join('\n');
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value)).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join(' ');

/** XML 1.0 knows no other characters; what an executor prints may hold any. */
const FORBIDDEN = /[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escapeXml(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(FORBIDDEN, '\uFFFD')
    .replace(/[&<>]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[mark] ?? mark);
}
