import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The ten lines of the README, with a specimen as the executor, so that they fail. */
const TEN_LINES = `import { expect, test } from 'vitest';
import { drill, explore, type Verdict } from 'hedgedrill/testing';
import 'hedgedrill/testing/vitest';

test('a lost reply', async () => {
  const verdict: Verdict = await drill({ executor: 'naive', scenario: 'lost-reply-after-fill', seed: 1 });
  expect(verdict).toStayHedgedWithin('15m');
  expect(verdict).toHaveFaultsFired('spot-answer-lost');
  expect(verdict).toKeepItsPromises();
});
test('an entry', async () => {
  expect(await explore({ executor: 'reference', flows: ['enter-parallel'], limit: 5 })).toKeepItsPromises();
}, 60_000);
`;

/** What the types must refuse, each line of it. */
const WRONG = `import { expect } from 'vitest';
import { drill } from 'hedgedrill/testing';
import 'hedgedrill/testing/vitest';
const verdict = await drill({ executor: 'naive', scenario: 'lost-request' });
expect(verdict).toEndAs('hedgd');
expect(verdict).toHoldInvariants('I99');
await drill({ executor: () => 1, scenario: 'lost-request' });
`;

const WITHOUT_VITEST = `import assert from 'node:assert/strict';
import test from 'node:test';
import { brokenText, drill } from 'hedgedrill/testing';
test('the reference executor under a lost request', async () => {
  const verdict = await drill({ executor: 'reference', scenario: 'lost-request' });
  assert.ok(verdict.passed, brokenText(verdict));
});
`;

let dir = '';
let app = '';

/** Environment without this run's own vitest. */
const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(VITEST.*|NODE_ENV|npm_.*)$/i.test(key)));

function node(cwd: string, ...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, args, { cwd, env });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => done({ code, output }));
  });
}

/** A project with only what a stranger's has: the package as built, and, where it is wanted, development tools. */
function project(name: string, tools: readonly string[]): string {
  const folder = join(dir, name);
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  symlinkSync(join(dir, 'package'), join(folder, 'node_modules', 'hedgedrill'), 'dir');
  for (const tool of tools) symlinkSync(resolve('node_modules', tool), join(folder, 'node_modules', tool), 'dir');
  return folder;
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'hedgedrill-built-'));
  const built = join(dir, 'package');
  mkdirSync(built);
  for (const name of ['src', 'scripts', 'scenarios', 'data', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(name, join(built, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(built, 'node_modules'), 'dir');
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: built, env, encoding: 'utf8' });
  expect(build.status, build.stdout + build.stderr).toBe(0);
  rmSync(join(built, 'src'), { recursive: true });
  app = project('app', ['vitest', 'typescript', join('@types', 'node')]);
  cpSync('examples/own-executor', app, { recursive: true, filter: (from) => !from.includes('node_modules') });
}, 180_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const typescript = (cwd: string): ReturnType<typeof node> => node(cwd, resolve('node_modules/typescript/bin/tsc'), '--noEmit');
const vitest = (...args: string[]): ReturnType<typeof node> => node(app, resolve('node_modules/vitest/vitest.mjs'), 'run', ...args);

test('the example and the ten lines: compile against the built declarations, and wrong uses do not', async () => {
  writeFileSync(join(app, 'test', 'ten-lines.test.ts'), TEN_LINES);
  expect(await typescript(app)).toEqual({ code: 0, output: '' });
  writeFileSync(join(app, 'test', 'wrong.ts'), WRONG);
  const { code, output } = await typescript(app);
  rmSync(join(app, 'test', 'wrong.ts'));
  expect(code).not.toBe(0);
  const lines = [...output.matchAll(/^test\/wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line));
  expect([...new Set(lines)]).toEqual([5, 6, 7]);
}, 120_000);

test('the ten lines under vitest: fail with the token in the report that CI reads, and the token replays', async () => {
  writeFileSync(join(app, 'test', 'ten-lines.test.ts'), TEN_LINES);
  const { code } = await vitest('test/ten-lines.test.ts', '--reporter=junit', '--outputFile=junit.xml');
  expect(code).toBe(1);
  const report = readFileSync(join(app, 'junit.xml'), 'utf8');
  expect(report).toContain('tests="2" failures="1"');
  const [, message = ''] = /<failure message="([^"]*)"/.exec(report) ?? [];
  expect(message).toContain('naive in lost-reply-after-fill, seed 1');
  expect(message).toContain('first broken invariant: I');
  const [, token = ''] = /npx hedgedrill drill --token (\S+)/.exec(message) ?? [];
  const replayed = await node(app, join('node_modules', 'hedgedrill', 'dist', 'cli', 'main.js'), 'drill', '--token', token);
  expect(replayed.code, replayed.output).toBe(1);
  expect(replayed.output).toContain('the same run to the byte');
}, 120_000);

test("the example's own tests: pass against the build", async () => {
  const { code, output } = await vitest('test/own-executor.test.ts', '-t', 'lost|crash-in-flight|hedge-mode');
  expect(code, output).toBe(0);
  expect(output).toMatch(/Tests .*[1-9]\d* passed/);
}, 240_000);

test('node:test in a project without vitest: drills', async () => {
  const bare = project('bare', []);
  expect(readdirSync(join(bare, 'node_modules'))).not.toContain('vitest');
  writeFileSync(join(bare, 'drill.test.mjs'), WITHOUT_VITEST);
  const { code, output } = await node(bare, '--test', 'drill.test.mjs');
  expect(code, output).toBe(0);
  expect(output).toMatch(/pass 1/);
}, 60_000);
