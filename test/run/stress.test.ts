import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { RandomStreams } from '../../src/core/random.js';
import { epochMs } from '../../src/core/units.js';
import { resolveConfigText } from '../../src/config/resolve-config.js';
import { printConfig } from '../../src/config/print-config.js';
import { lintScenario, loadScenario } from '../../src/faults/load-scenario.js';
import type { ResolvedScenario } from '../../src/faults/resolved-scenario.js';
import { scenarioJsonSchema } from '../../src/faults/scenario-schema.js';
import { stressSpec, type StressSpec } from '../../src/faults/stress/stress-spec.js';
import { createBarMarket } from '../../src/market/liquidity/bar-market.js';
import { loadBars } from '../../src/market/load-bars.js';
import { drill } from '../../src/run/drill.js';
import { executorNamed, type NamedExecutor } from '../../src/run/executors.js';
import { sampleFile, scenarioPath, scenariosDir } from '../../src/run/package-paths.js';
import { stressOver } from '../../src/run/run-session.js';

let reference: NamedExecutor;
beforeAll(async () => {
  reference = await executorNamed('reference');
});

const load = (name: string): Promise<ResolvedScenario> => loadScenario(scenarioPath(name), { scenariosDir: scenariosDir() });
const withStress = (scenario: ResolvedScenario, stress: StressSpec | undefined): ResolvedScenario => ({
  ...scenario,
  world: { ...scenario.world, stress },
});
async function bytesOf(scenario: ResolvedScenario, seed = '3', withFaults = true): Promise<{ readonly tape: string; readonly journal: string }> {
  const { tape, journal } = await drill({ scenario, executor: reference, seed, withFaults });
  return { tape: tape.hash(), journal: JSON.stringify(journal, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)) };
}

describe('a run under stress', () => {
  test('no stress, the preset none and strength 0 write the same bytes', async () => {
    const scenario = await load('lost-reply-after-fill-perp');
    const plain = await bytesOf(scenario);
    expect(await bytesOf(withStress(scenario, stressSpec('none')))).toEqual(plain);
    expect(await bytesOf(withStress(scenario, stressSpec('crash', { strength: 0, shockAtMs: [0] })))).toEqual(plain);
  });

  test('the same seed writes the same bytes, another one others, and a control knows no stress', async () => {
    const scenario = await load('stress/crash-of-both-venues');
    const first = await bytesOf(scenario);
    expect(await bytesOf(scenario)).toEqual(first);
    expect((await bytesOf(scenario, '4')).tape).not.toBe(first.tape);
    expect(await bytesOf(scenario, '3', false)).toEqual(await bytesOf(withStress(scenario, undefined), '3', false));
  });

  test('the tape tells of levels, 5xx and outages, the card of what was modelled', async () => {
    const scenario = await load('stress/crash-of-both-venues');
    const runs = await Promise.resolve([
      await drill({ scenario, executor: reference, seed: '2', withFaults: true }),
      await drill({ scenario, executor: reference, seed: '7', withFaults: true }),
    ]);
    const kinds = new Set(
      runs.flatMap(({ tape }) => tape.events.flatMap((event) => (event.type === 'fault' ? [`${event.fault} ${event.action}`] : []))),
    );
    expect([...kinds]).toEqual(expect.arrayContaining(['stress stress', 'stress reject', 'stress-outage outage']));
    expect(runs[0]?.card.join('\n')).toContain('Stress "crash"');
  });

  test('bars that close later change no level before them', async () => {
    const { bars } = await loadBars({ data: sampleFile(), to: epochMs(Date.UTC(2025, 2, 6)) });
    const row = 2_000;
    const later = { ...bars, upbitKrw: bars.upbitKrw.map((price, index) => (index > row ? price * (1 + 0.02 * (index % 2)) : price)) };
    const start = epochMs(bars.time[0] ?? 0);
    const levels = (given: typeof bars, until: number, from: number = start): unknown => {
      const seeds = new RandomStreams('1');
      const stress = stressSpec('crash');
      const { process } = stressOver({ faults: [], stress, seeds, start, market: createBarMarket(given, seeds) }, stress);
      return Array.from({ length: 400 }, (_, index) => process.levels(epochMs(from + ((until - from) * index) / 400)));
    };
    const turn = bars.time[row] ?? 0;
    expect(levels(later, turn)).toEqual(levels(bars, turn));
    expect(levels(later, turn + 600_000, turn)).not.toEqual(levels(bars, turn + 600_000, turn));
  });
});

describe('the reference executor', () => {
  test.each(Array.from({ length: 16 }, (_, index) => String(101 + index)))('keeps every promise in a crash of both venues, seed %s', async (seed) => {
    const run = await drill({ scenario: await load('stress/crash-of-both-venues'), executor: reference, seed, withFaults: true });
    expect(run.findings.filter(({ verdict }) => verdict === 'broken')).toEqual([]);
    expect(run.tape.events.filter((event) => event.type === 'fault' && event.fault.startsWith('stress')).length).toBeGreaterThan(3);
  });
});

describe('the words for it', () => {
  const config = (text: string): ReturnType<typeof resolveConfigText> => resolveConfigText(text, 'hedge.yaml');

  test('a config says it as a word or with changes, prints it, and a flag goes before it', () => {
    expect(config('stress: rough').stress).toBe('rough');
    const long = config('stress: { preset: crash, strength: 0.5, seed: 7 }');
    expect(long.stress).toEqual({ preset: 'crash', strength: 0.5, seed: '7' });
    expect(config(printConfig(long)).stress).toEqual(long.stress);
    expect(printConfig(config(''))).not.toContain('stress');
    expect(resolveConfigText('stress: rough', 'h.yaml', { stress: 'calm' }).stress).toBe('calm');
    expect(() => resolveConfigText('', 'h.yaml', { stress: 'crsh' })).toThrow(
      /--stress: expected one of none, calm, rough, crash, found "crsh".*did you mean "crash"/s,
    );
    expect(() => config('stress: rogh')).toThrow(/did you mean "rough"/);
  });

  test('a scenario with a slip in it is told the word that was meant', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hedge-stress-'));
    const issues = async (stress: string): Promise<string> => {
      const file = join(folder, 'slip.yaml');
      const text = `apiVersion: scenario/v1\nkind: Scenario\nid: slip\ntitle: t\ninclude: [lib/venues.yaml#calm]\nworld:\n  stress: ${stress}\nflow: [{ do: enter, qty: "0.05" }]\nexpect: { outcome: hedged, within: 60s }\n`;
      await writeFile(file, text);
      return (await lintScenario(file, { scenariosDir: scenariosDir() })).map(({ message }) => message).join('\n');
    };
    try {
      expect(await issues('crash')).toBe('');
      expect(await issues('crahs')).toContain('did you mean "crash"?');
      expect(await issues('{ preset: crash, shokAt: 0s }')).toContain('did you mean "shockAt"?');
      expect(await issues('{ preset: crash, strength: 9 }')).toContain('at most 4');
      expect(await issues('{ preset: crash, shockAt: soon }')).toContain('a duration such as');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('editors are told of it', () => {
    expect(JSON.stringify(scenarioJsonSchema())).toContain('"shockAt"');
  });
});
