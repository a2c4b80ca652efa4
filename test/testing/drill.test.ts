import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { drill, replay, shippedScenarios, type InlineScenario, type Verdict } from '../../src/testing/index.js';
import { createReferenceExecutor } from '../../src/executor/reference-executor.js';

const LOST_SHORT: InlineScenario = {
  flow: [{ do: 'enter', qty: '0.05' }],
  faults: [{ id: 'short-lost', when: { leg: 'perp', method: 'createOrder', nth: 1 }, inject: { lose: { part: 'response' } } }],
  expect: { outcome: 'hedged', within: '60s', final: { netDelta: '0', openOrders: 0 } },
};

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'hedgedrill-testing-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => {
  vi.useRealTimers();
});

describe('drill of one scenario', () => {
  test('the reference executor under a lost reply: ends hedged in truth, and the verdict tells its figures and its control', async () => {
    const verdict = await drill({ executor: 'reference', scenario: 'lost-reply-after-fill' });
    expect(verdict).toMatchObject({
      scenario: 'lost-reply-after-fill',
      executor: 'reference',
      seed: '1',
      passed: true,
      control: { passed: true, broken: [] },
      broken: [],
      outcomes: ['hedged'],
      spotBtc: '0.05',
      perpBtc: '-0.05',
      netDeltaBtc: '0',
      openOrders: 0,
      orders: 2,
    });
    expect(verdict.faults.every(({ fired }) => fired > 0)).toBe(true);
    expect(verdict.marks).toContain('resolve.found-after-not-found');
    expect(verdict.token).toMatch(/^hd1:/);
    expect(verdict.replay).toBe(`npx hedgedrill drill --token ${verdict.token}`);
  });

  test('the naive executor in the same: is caught, and the invariant that broke first is named with its place', async () => {
    const verdict = await drill({ executor: 'naive', scenario: 'lost-reply-after-fill' });
    expect(verdict).toMatchObject({ passed: false, control: { passed: true }, caughtBy: { key: 'final.spot' }, marks: undefined, alerts: undefined });
    const broken = verdict.invariants.filter((each) => each.verdict === 'broken');
    expect(broken.length).toBeGreaterThan(1);
    expect(verdict.firstBroken?.broken?.afterMs).toBe(Math.min(...broken.map((each) => each.broken?.afterMs ?? Infinity)));
    expect(verdict.notJudged.map(({ key }) => key)).toContain('sometimes');
  });

  test('a scenario that needs a journal, with an executor that declares none: is not judged, and says so, as on the command line', async () => {
    const verdict = await drill({ executor: 'naive', scenario: 'families/p2-torn-record' });
    expect(verdict).toMatchObject({ passed: true, broken: [], caughtBy: undefined, firstBroken: undefined });
    expect(verdict.notJudged[0]).toEqual({ key: 'needs', expected: 'journal', found: 'this executor declares no journal' });
    // What it would have been blamed for stays to be read.
    expect(verdict.notJudged.map(({ key }) => key)).toContain('faults.die-half-written');
    expect((await replay({ token: verdict.token })).verdict).toMatchObject({ passed: true, broken: [] });
    expect((await drill({ executor: 'reference', scenario: 'families/p2-torn-record' })).notJudged).toEqual([]);
  });

  test('a seed of its own: makes another run, and the same one twice the same', async () => {
    const run = (seed: number): Promise<Verdict> => drill({ executor: 'reference', scenario: 'slow-venue', seed });
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(again.tapeHash).toBe(first.tapeHash);
    expect(again.token).toBe(first.token);
    expect(other.tapeHash).not.toBe(first.tapeHash);
    expect(other.seed).toBe('8');
  });

  test('a factory: is the same executor as its name, with a token that says which file is missing', async () => {
    const verdict = await drill({ executor: createReferenceExecutor, scenario: 'lost-request' });
    expect(verdict).toMatchObject({ passed: true, executor: 'createReferenceExecutor' });
    expect(verdict.replay).toMatch(/--token hd1:\S+ --executor <the file that default-exports it>$/);
  });

  test('a scenario written inline: plays in the calm world and says in full how it is replayed', async () => {
    const verdict = await drill({ executor: 'naive', scenario: LOST_SHORT });
    expect(verdict.caughtBy?.key).toBe('outcome');
    expect(verdict.replay).toBe(`await replay({ token: '${verdict.token}', executor, scenario })`);
    expect((await drill({ executor: 'reference', scenario: LOST_SHORT })).passed).toBe(true);
  });

  test('parameters: change the run', async () => {
    const verdict = await drill({ executor: 'reference', scenario: 'lost-request', params: { qty: '0.02' } });
    expect(verdict.spotBtc).toBe('0.02');
  });
});

describe('drill of several scenarios', () => {
  test('without a seed: each runs with every seed of its own', async () => {
    const verdicts = await drill({ executor: 'reference', scenarios: ['crash-in-flight', 'lost-request'] });
    expect(verdicts.filter(({ scenario }) => scenario === 'crash-in-flight').map(({ seed }) => Number(seed))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(verdicts.at(-1)?.scenario).toBe('lost-request');
    expect(verdicts.every(({ passed }) => passed)).toBe(true);
  });

  test('asked for at once: come out as one after the other', async () => {
    const names = ['lost-request', 'case-a-spot-filled-perp-refused', 'duel-lost-reply'];
    const atOnce = await Promise.all(names.map((scenario) => drill({ executor: 'reference', scenario })));
    const inTurn = await drill({ executor: 'reference', scenarios: names, seed: 1 });
    expect(atOnce.map(({ tapeHash }) => tapeHash)).toEqual(inTurn.map(({ tapeHash }) => tapeHash));
  });
});

describe('what cannot be drilled', () => {
  test('a name that is slightly off: is answered with the one that was meant', async () => {
    await expect(drill({ executor: 'refrence', scenario: 'lost-request' })).rejects.toThrow(/did you mean "reference"/);
    await expect(drill({ executor: 'reference', scenario: 'lost-reqest' })).rejects.toThrow(/lost-request/);
  });

  test('an executor file that is not there: is named', async () => {
    await expect(drill({ executor: './nowhere.ts', scenario: 'lost-request' })).rejects.toThrow(/there is no file/);
    await expect(
      drill({ executor: createReferenceExecutor, executorFile: new URL('./nowhere.ts', import.meta.url), scenario: 'lost-request' }),
    ).rejects.toThrow(/nowhere\.ts/);
  });

  test('an inline scenario with a misspelt key: is refused with its place', async () => {
    const scenario = { ...LOST_SHORT, fualts: [] } as InlineScenario;
    await expect(drill({ executor: 'reference', scenario })).rejects.toThrow(/inline scenario:.*fualts/s);
  });

  test('a file that is broken: takes nothing from the drill after it', async () => {
    const file = join(dir, 'broken.yaml');
    writeFileSync(file, 'kind: [');
    await expect(drill({ executor: 'reference', scenario: file })).rejects.toThrow(/broken\.yaml/);
    expect((await drill({ executor: 'reference', scenario: 'lost-request' })).passed).toBe(true);
  });

  test('fake timers: are refused in words, since they would hide the event loop', async () => {
    vi.useFakeTimers();
    await expect(drill({ executor: 'reference', scenario: 'lost-request' })).rejects.toThrow(/vi\.useRealTimers\(\)/);
  });
});

describe('shippedScenarios', () => {
  test('rows for test.each: names that drill takes, without flows, swarms and scenarios over data', async () => {
    const names = (await shippedScenarios()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['lost-request', 'museum/ccxt-1880', 'bugs/slow-to-show']));
    expect(names.filter((name) => /^flows\/|crash-day-mix|real-outages/.test(name))).toEqual([]);
    expect((await drill({ executor: 'reference', scenario: 'museum/ccxt-1880' })).passed).toBe(true);
  });

  test('by tag, and without some', async () => {
    const rows = await shippedScenarios({ tags: ['monitor'], except: ['monitor-adl'] });
    expect(rows.map(({ name }) => name)).toContain('monitor-liquidation');
    expect(rows.every(({ name, tags }) => name !== 'monitor-adl' && tags.includes('monitor'))).toBe(true);
  });
});
