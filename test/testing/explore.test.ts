import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { drill, explore, type Exploration } from '../../src/testing/index.js';
import '../../src/testing/vitest.js';

describe('explore of a specimen', () => {
  let naive: Exploration;
  beforeAll(async () => {
    naive = await explore({ executor: 'naive', flows: ['enter-parallel'] });
  });

  test('singles of one flow: every point and kind that applies is run, and the failures come in buckets with small examples', () => {
    expect(naive).toMatchObject({ executor: 'naive', flows: ['enter-parallel'], levels: ['singles'], skipped: 0, unsound: [] });
    expect(naive).toCoverAtLeast(1);
    expect(naive.failing).toBeGreaterThan(10);
    expect(naive.buckets.length).toBeGreaterThan(5);
    expect(naive.buckets.reduce((sum, { runs }) => sum + runs, 0)).toBe(naive.failing);
    expect(naive.tokens).toEqual(naive.buckets.map(({ verdict }) => verdict.token));
    for (const { faults, promise, verdict } of naive.buckets) {
      expect(faults).toBe(1);
      expect(verdict.broken[0]?.key).toBe(promise);
    }
  });

  test('a bucket of a lost reply: its scenario text is a file that fails again by itself', async () => {
    const bug = naive.buckets.find(({ key }) => /reply-(lost|reset)/.test(key));
    const dir = mkdtempSync(join(tmpdir(), 'hedgedrill-found-'));
    try {
      const file = join(dir, 'found.yaml');
      writeFileSync(file, bug?.scenarioText ?? '');
      const verdict = await drill({ executor: 'naive', scenario: file });
      expect(verdict).not.toKeepItsPromises();
      expect(verdict.broken[0]).toEqual(bug?.verdict.broken[0]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('the grid: says what the first orders came to', () => {
    const visited = naive.grid.filter(({ flow, visits }) => flow === 'entry' && visits > 0);
    expect(visited.length).toBeGreaterThan(2);
  });

  test('the matcher: lists the buckets, each with its token, and shows the first one as a run', () => {
    const act = (): void => expect(naive).toKeepItsPromises();
    const [first] = naive.buckets;
    expect(act).toThrow(`naive: ${naive.failing} of ${naive.runs} explored runs broke a promise, in ${naive.buckets.length} buckets`);
    expect(act).toThrow(`${first?.runs ?? 0} x ${first?.key ?? ''}`);
    expect(act).toThrow(first?.verdict.token);
    expect(act).toThrow('TRUTH (venues)');
  });
});

describe('how far an exploration goes', () => {
  test('limit: so many runs, spread over the level, and the rest is counted', async () => {
    const some = await explore({ executor: 'reference', flows: ['enter-parallel'], limit: 20 });
    expect(some.runs).toBe(20);
    expect(some.skipped).toBeGreaterThan(20);
    expect(some).toKeepItsPromises();
    expect(() => expect(some).toCoverAtLeast(0.99)).toThrow(new RegExp(`20 of \\d+, with ${some.skipped} planned runs beyond the limit`));
    expect(Object.keys(some.endedAsAsked).length).toBeGreaterThan(5);
  });

  test('the same question: has the same answer', async () => {
    const ask = async (): Promise<readonly string[]> => {
      const { buckets } = await explore({ executor: 'naive', flows: ['enter-spot-first'], limit: 30 });
      return buckets.map(({ key, runs, verdict }) => `${runs} ${key} ${verdict.tapeHash}`);
    };
    expect(await ask()).toEqual(await ask());
  });

  test('a flow of your own: is explored like a shipped one', async () => {
    const own = await explore({
      executor: 'naive',
      flows: [{ id: 'small-entry', flow: [{ do: 'enter', qty: '0.01' }], expect: { outcome: ['hedged', 'rolled-back', 'aborted'], within: '5m' } }],
      limit: 25,
    });
    expect(own.flows).toEqual(['small-entry']);
    expect(own.runs).toBe(25);
    expect(own.buckets[0]?.verdict.replay).toMatch(/^await replay/);
  });

  test('the swarm: runs its random plans over the worlds that are meant for it', async () => {
    const swarm = await explore({ executor: 'reference', flows: ['swarm-calm'], levels: ['swarm'], swarm: { count: 3 } });
    expect(swarm.runs).toBe(3);
    expect(swarm).toKeepItsPromises();
  });

  test('a flow that fails without faults: is unsound, explored no further, and no promise kept', async () => {
    const letter = await explore({ executor: 'letter', flows: ['enter-parallel'] });
    expect(letter.runs).toBe(0);
    expect(letter.unsound.map(({ flow }) => flow)).toEqual(['enter-parallel']);
    expect(() => expect(letter).toKeepItsPromises()).toThrow(/flow enter-parallel fails without any fault/);
  });

  test('a name that is none: is refused', async () => {
    await expect(explore({ executor: 'reference', flows: ['enter-paralel'] })).rejects.toThrow(/did you mean "enter-parallel"/);
    await expect(explore({ executor: 'reference', levels: ['single' as 'singles'] })).rejects.toThrow(/levels: singles, crash/);
  });
});
