import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { epochMs, durationMs } from '../../src/core/units.js';
import { RandomStreams } from '../../src/core/random.js';
import type { ExploredRun } from '../../src/drill/explore/explored-run.js';
import type { Runner } from '../../src/drill/explore/explore.js';
import { planId, type Plan } from '../../src/drill/explore/planned-fault.js';
import { ResumingRunner } from '../../src/run/resuming-runner.js';
import { RunLog } from '../../src/run/run-log.js';
import { SwarmTally, type SwarmEntry } from '../../src/run/swarm-tally.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

const dir = mkdtempSync(join(tmpdir(), 'hedgedrill-resume-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ARGS = ['--import', 'tsx', 'src/cli/main.ts', 'explore', '--flow', 'enter-perp-first', '--levels', 'singles', '--threads', '1'];
const runsFile = (out: string): string | undefined => {
  if (!existsSync(out)) return undefined;
  const [folder] = readdirSync(out);
  return folder === undefined ? undefined : join(out, folder, 'runs.jsonl');
};
const linesOf = (out: string): readonly string[] => {
  const file = runsFile(out);
  return file === undefined || !existsSync(file) ? [] : readFileSync(file, 'utf8').split('\n').slice(0, -1);
};

async function killedAfter(
  out: string,
  signal: 'SIGKILL' | 'SIGINT',
  runs: number,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [...ARGS, '--out', out]);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  while (linesOf(out).length < runs && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill(signal);
  return { code: await ended, stderr };
}

test('an explorer that is killed outright: every finished run is there, and the same command runs only the others', async () => {
  const out = join(dir, 'killed');
  await killedAfter(out, 'SIGKILL', 20);
  const before = linesOf(out);
  expect(before.length).toBeGreaterThanOrEqual(20);
  const again = spawnSync(process.execPath, [...ARGS, '--out', out], { encoding: 'utf8' });
  expect(again.status, again.stderr).toBe(0);
  expect(again.stderr).toContain(`${before.length} finished runs are taken from`);
  const after = linesOf(out);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(new Set(after.map((line) => (JSON.parse(line) as ExploredRun).id)).size).toBe(after.length);
  expect(again.stdout).toContain(`${after.length} runs`);
}, 240_000);

test('an explorer that is interrupted: says how many runs are kept and how to go on', async () => {
  const { code, stderr } = await killedAfter(join(dir, 'interrupted'), 'SIGINT', 5);
  expect(code).toBe(130);
  expect(stderr).toMatch(/\d+ finished runs are kept in .*; the same command goes on from there/);
}, 120_000);

/** Carries out plans in the opposite order, as a slow and a fast thread might, and no more than `most`. */
const backwards = (begun: string[], most = Number.POSITIVE_INFINITY): Runner => ({
  run: (plan) => Promise.resolve({ id: planId(plan), plan } as ExploredRun),
  runAll: (plans, each) => {
    for (const plan of [...plans].slice(0, most).reverse()) {
      begun.push(plan.flow);
      each({ id: planId(plan), plan } as ExploredRun);
    }
    return Promise.resolve();
  },
});

test('runs are told of in the order of their plans, whichever thread was faster and wherever an earlier start ended', async () => {
  const file = join(dir, 'order.jsonl');
  const plans = ['a', 'b', 'c', 'b', 'd'].map((flow): Plan => ({ level: 'singles', flow, seed: 1, faults: [] }));
  const told = async (begun: string[], most?: number): Promise<string> => {
    const runner = new ResumingRunner(backwards(begun, most), file);
    const order: string[] = [];
    await runner.runAll(plans, ({ plan }) => void order.push(plan.flow));
    runner.close();
    return order.join('');
  };
  const [first, second, third]: string[][] = [[], [], []];
  // Stopped after three: only what was run is told of.
  expect([await told(first ?? [], 3), first]).toEqual(['abcb', ['c', 'b', 'a']]);
  expect([await told(second ?? []), second]).toEqual(['abcbd', ['d']]);
  expect([await told(third ?? []), third]).toEqual(['abcbd', []]);
});

test('a log whose last line was cut off: that run is forgotten, and the next one does not grow onto it', () => {
  const file = join(dir, 'torn.jsonl');
  const run = (id: string): ExploredRun => ({ id, events: 1 }) as unknown as ExploredRun;
  const ids = ['0000000000000001', '0000000000000002', '0000000000000003'];
  writeFileSync(file, `${JSON.stringify(run(ids[0] ?? ''))}\n{"id":"0000000000000002","ev`);
  const log = new RunLog(file);
  expect([log.size, log.has(ids[1] ?? '')]).toEqual([1, false]);
  log.add(run(ids[2] ?? ''));
  log.close();
  const again = new RunLog(file);
  expect([again.get(ids[0] ?? '')?.id, again.get(ids[1] ?? ''), again.get(ids[2] ?? '')?.id]).toEqual([ids[0], undefined, ids[2]]);
  again.close();
});

test('tally of the swarm: the next seed is the first that nobody ran, an entry grows in place, another file is refused', () => {
  const file = join(dir, 'history', 'swarm.json');
  const entry = (from: number, to: number): SwarmEntry => ({
    commit: 'abc',
    executor: 'reference',
    executorHash: 'x',
    flowsHash: 'y',
    seeds: { from, to },
    runs: to - from + 1,
    flows: 10 * (to - from + 1),
    virtualHours: 1,
    distinctBehaviours: 1,
    violations: 0,
    broken: [],
    startedAt: '2026-01-01T00:00:00Z',
    endedAt: '2026-01-01T00:00:01Z',
    seconds: 1,
    threads: 1,
  });
  const tally = new SwarmTally(file);
  expect(tally.nextSeed).toBe(1);
  tally.put(entry(1, 128));
  tally.put(entry(1, 256));
  tally.put(entry(257, 300));
  const again = new SwarmTally(file);
  expect([again.entries.length, again.flows, again.nextSeed]).toEqual([2, 3_000, 301]);
  writeFileSync(file, '{}');
  expect(() => new SwarmTally(file)).toThrow('not a tally');
});

test('the shipped tally: its sums agree with its seeds, and each violation can be replayed', () => {
  const { entries } = new SwarmTally('explore/history/swarm.json');
  expect(entries.length).toBeGreaterThan(0);
  for (const { seeds, runs, flows, violations, broken } of entries) {
    expect([seeds.to - seeds.from + 1, flows, broken.length]).toEqual([runs, runs * 10, violations]);
    for (const { token } of broken) expect(token).toMatch(/^hd1:/);
  }
});

/** Order in which sleepers that are due at one instant wake. */
async function wakes(seed: string | undefined): Promise<string> {
  const clock = new VirtualClock(epochMs(0), { shuffle: seed === undefined ? undefined : new RandomStreams(seed).key('interleaving') });
  const order: number[] = [];
  await clock.run(async () => {
    const sleepers = [0, 1, 2, 3, 4, 5, 6, 7].map(async (index) => {
      await clock.sleep(durationMs(100));
      order.push(index);
    });
    await Promise.all(sleepers);
  });
  return order.join('');
}

test('events due at one instant: first in first out in a base run, in an order drawn from the seed in a swarm', async () => {
  expect(await wakes(undefined)).toBe('01234567');
  const [first, again, other] = [await wakes('1'), await wakes('1'), await wakes('2')];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  expect([...first].sort().join('')).toBe('01234567');
  expect(first).not.toBe('01234567');
});
