import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { type DrillCommandOptions, runDrills } from '../../src/run/drill-command.js';
import { replayToken } from '../../src/run/replay-command.js';
import { readXml } from './support/read-xml.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hedgedrill-drill-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function drilled(
  given: Partial<DrillCommandOptions>,
): Promise<{ readonly code: number; readonly said: string; readonly problems: readonly string[] }> {
  const said: string[] = [];
  const problems: string[] = [];
  const observer = {
    progress: () => undefined,
    notice: () => undefined,
    problem: (line: string) => problems.push(line),
    say: (text: string) => said.push(text),
  };
  const code = await runDrills({ files: [], params: [], out: join(dir, 'out'), json: false, observer, ...given });
  return { code, said: said.join('\n'), problems };
}

const timelineOf = (said: string): string => /^ {5}timeline (\S+)$/m.exec(said)?.[1] ?? 'none';

describe('a drill of several scenarios', () => {
  const files = ['late-arrival', 'duel-lost-reply', 'case-a-spot-filled-perp-refused'];

  test('prints a row each in the order of their names within 100 columns, and exits with 1', async () => {
    const { code, said } = await drilled({ files, executor: 'naive' });
    expect(code).toBe(1);
    expect([...said.matchAll(/^(pass|FAIL) (\S+)/gm)].map(([, verdict, name]) => `${verdict ?? ''} ${name ?? ''}`)).toEqual([
      'pass case-a-spot-filled-perp-refused',
      'FAIL duel-lost-reply',
      'FAIL late-arrival',
    ]);
    for (const line of said.split('\n')) if (!/^ {5}(timeline|replay) /.test(line)) expect(line.length, line).toBeLessThanOrEqual(100);
    expect(said).toMatch(/3 scenarios, 3 runs: 1 passed, 2 failed \(2 of them caught/);
    expect(said.match(/TRUTH \(what the venues hold\)/g)).toHaveLength(1);
  });

  test('names the promise that broke first, and writes a whole timeline where the row says', async () => {
    const { said } = await drilled({ files: ['duel-lost-reply', 'late-arrival'], executor: 'naive' });
    expect(said).toMatch(/^FAIL duel-lost-reply .* I4\n {5}I4 justified-orders: expected /m);
    const file = timelineOf(said);
    expect(readFileSync(file, 'utf8')).toContain('</html>');
    expect(readFileSync(file.replace(/html$/, 'txt'), 'utf8')).toContain('TRUTH AND BELIEF PART');
    expect(readdirSync(join(file, '../..')).sort()).toEqual(['duel-lost-reply', 'late-arrival']);
  });

  test('says the same figures as its report', async () => {
    const { said } = await drilled({ files: ['duel-lost-reply'], executor: 'naive' });
    const report = /^report: (\S+)html$/m.exec(said)?.[1] ?? '';
    const { summary } = JSON.parse(readFileSync(`${report}json`, 'utf8')) as {
      summary: { naked: { seconds: number; residualEndBtc: string }; rollbacks: { costKrw: string }; fills: { orders: number } };
    };
    const cells = /^FAIL duel-lost-reply .*$/m.exec(said)?.[0].split(/ +/) ?? [];
    expect(cells.slice(3, 6)).toEqual([
      summary.naked.residualEndBtc,
      summary.naked.seconds.toFixed(1),
      Math.round(Number(summary.rollbacks.costKrw)).toLocaleString('en-US'),
    ]);
    expect(cells[7]).toBe(String(summary.fills.orders));
  });

  test('twice: says and writes the same', async () => {
    const first = await drilled({ files, executor: 'naive' });
    const page = readFileSync(timelineOf(first.said), 'utf8');
    const second = await drilled({ files: [...files].reverse(), executor: 'naive' });
    expect(second.said).toBe(first.said);
    expect(readFileSync(timelineOf(second.said), 'utf8')).toBe(page);
  });

  test('with a scenario of many seeds: one row, and one run each in JSON', async () => {
    const { code, said } = await drilled({ files: ['slow-venue'] });
    expect(code).toBe(0);
    expect(said).toMatch(/^pass slow-venue x20 .*\n1 scenario, 20 runs: 1 passed, 0 failed/m);
    const json = await drilled({ files: ['slow-venue'], json: true });
    expect(JSON.parse(json.said)).toHaveLength(20);
    expect(existsSync(join(dir, 'out'))).toBe(false);
  });
});

test('the command under a failing row: replays the run to the byte, and exits with 1', async () => {
  const { said } = await drilled({ files: ['duel-lost-reply'], executor: 'bug-b01' });
  const token = /--token (\S+)$/m.exec(said)?.[1] ?? '';
  const lines: string[] = [];
  const observer = {
    progress: () => undefined,
    notice: () => undefined,
    problem: (line: string) => lines.push(line),
    say: (text: string) => lines.push(text),
  };
  expect(await replayToken({ token, out: join(dir, 'again'), observer })).toBe(1);
  expect(lines.join('\n')).toMatch(/the same run to the byte/);
  const file = /^timeline (\S+)$/m.exec(lines.join('\n'))?.[1] ?? '';
  expect(readFileSync(file, 'utf8')).toContain('</html>');
});

describe('hostile use', () => {
  const broken = (): string => {
    const file = join(dir, 'broken.yaml');
    writeFileSync(file, 'apiVersion: scenario/v1\nkind: Scenario\nid: broken\nflwo: []\n');
    return file;
  };

  test.each([
    { given: 'duel-lost-replay', meant: /did you mean "duel-lost-reply"/ },
    { given: 'ccxt-188', meant: /did you mean "museum\/ccxt-1880"/ },
    { given: 'scenarios/duel-lost-repl.yaml', meant: /did you mean "duel-lost-reply"/ },
  ])('a mistyped $given among others: nothing runs, and the one that was meant is named', async ({ given, meant }) => {
    await expect(drilled({ files: ['duel-lost-reply', given] })).rejects.toThrow(meant);
  });

  test('a file that fails lint among others: the others run, it is told, and the exit is that of bad input', async () => {
    const { code, said } = await drilled({ files: [broken(), 'duel-lost-reply'], junit: join(dir, 'j.xml') });
    expect(code).toBe(2);
    expect(said).toMatch(/^LINT .*broken\.yaml was not run\n.*: missing/m);
    expect(said).toMatch(/^pass duel-lost-reply/m);
    expect(said).toMatch(/1 passed, 0 failed, 1 not run/);
    const cases = readXml(readFileSync(join(dir, 'j.xml'), 'utf8')).children[0]?.children ?? [];
    expect(cases.map(({ children }) => children.map(({ name }) => name))).toEqual([['error'], []]);
  });

  test('alone, a file that fails lint: is an error of the input', async () => {
    await expect(drilled({ files: [broken()] })).rejects.toThrow(InputError);
  });

  test.each(['out', 'junit'] as const)('--%s where nothing can be written: refused before anything runs, nothing is left', async (option) => {
    writeFileSync(join(dir, 'taken'), '');
    await expect(drilled({ files: ['duel-lost-reply'], [option]: join(dir, 'taken', 'x', 'y') })).rejects.toThrow(/a part of the path is a file/);
    expect(readdirSync(dir)).toEqual(['taken']);
  });
});

describe('--junit', () => {
  test('has a case for each scenario, with its time, and a failure with message, replay and timeline', async () => {
    let now = 0;
    const { code } = await drilled({
      files: ['duel-lost-reply', 'slow-venue'],
      executor: 'naive',
      junit: join(dir, 'ci', 'drill.xml'),
      stopwatch: () => (now += 1_500),
    });
    expect(code).toBe(1);
    const root = readXml(readFileSync(join(dir, 'ci', 'drill.xml'), 'utf8'));
    expect(root).toMatchObject({ name: 'testsuites', attributes: { tests: '2', failures: '1', errors: '0', time: '3.000' } });
    const [suite] = root.children;
    expect(suite).toMatchObject({
      name: 'testsuite',
      attributes: { name: 'hedgedrill drill naive', tests: '2', failures: '1', errors: '0', skipped: '0', time: '3.000' },
    });
    const [failing, passing] = suite?.children ?? [];
    expect(failing).toMatchObject({ name: 'testcase', attributes: { classname: 'hedgedrill.naive', name: 'duel-lost-reply', time: '1.500' } });
    expect(passing).toMatchObject({ name: 'testcase', attributes: { name: 'slow-venue' }, children: [] });
    const failure = failing?.children[0];
    expect(failure?.attributes['message']).toMatch(/^I4 justified-orders: expected /);
    expect(failure?.text).toMatch(/^Replay: npx hedgedrill drill --token hd1:\S+$/m);
    expect(failure?.text).toMatch(/<-- orders: sell 0\.2 BTC on Binance/);
    expect(readdirSync(join(dir, 'ci'))).toEqual(['drill.xml']);
  });
});
