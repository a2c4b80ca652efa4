import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { RandomStreams } from '../../../src/core/random.js';
import { epochMs } from '../../../src/core/units.js';
import { StressOutages } from '../../../src/faults/stress/stress-outages.js';
import { StressProcess, type VolatilityAt } from '../../../src/faults/stress/stress-process.js';
import { streamsOf, stressSpec, type StressChanges, type StressPreset } from '../../../src/faults/stress/stress-spec.js';
import { correlationOf } from '../../../src/run/stress-figures.js';

const START = epochMs(Date.UTC(2025, 8, 1));
const HOUR = 3_600_000;
const DAYS = 16;
const QUIET: VolatilityAt = () => undefined;

const processOf = (preset: StressPreset, seed = '1', volatility = QUIET, changes: StressChanges = {}): StressProcess =>
  new StressProcess(stressSpec(preset, changes), new RandomStreams(seed), START, volatility);

/** Both venues' levels every five minutes of sixteen days. */
function pathOf(process: StressProcess): { readonly upbit: number[]; readonly binance: number[]; readonly common: number[] } {
  const steps = Array.from({ length: DAYS * 288 }, (_, index) => process.levels(epochMs(START + index * 300_000)));
  return { upbit: steps.map(({ upbit }) => upbit), binance: steps.map(({ binance }) => binance), common: steps.map(({ common }) => common) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the factor', () => {
  test('is the same whatever was asked before, forwards or backwards', () => {
    const instants = Array.from({ length: 500 }, (_, index) => epochMs(START + index * 77_777));
    const forwards = processOf('crash');
    const backwards = processOf('crash');
    const ahead = instants.map((at) => forwards.levels(at));
    const behind = [...instants].reverse().map((at) => backwards.levels(at));
    expect(behind.reverse()).toEqual(ahead);
  });

  test('differs with the seed', () => {
    expect(pathOf(processOf('crash', '1')).common).not.toEqual(pathOf(processOf('crash', '2')).common);
  });

  test('a spec with a seed of its own is not moved by the run', () => {
    const spec = stressSpec('crash', { seed: '7' });
    const under = (run: string): unknown => pathOf(new StressProcess(spec, streamsOf(spec, new RandomStreams(run)), START, QUIET));
    expect(under('1')).toEqual(under('2'));
  });

  test('both venues are strained together, in every preset that shocks come in', () => {
    for (const preset of ['rough', 'crash'] as const) {
      const { upbit, binance } = pathOf(processOf(preset));
      expect(correlationOf(upbit, binance), preset).toBeGreaterThan(0.6);
    }
  });

  test('calm, rough and crash are in this order for both venues, in the mean and in the tail', () => {
    const ordered = (['none', 'calm', 'rough', 'crash'] as const).map((preset) => pathOf(processOf(preset)));
    const tail = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.999)] ?? 0;
    for (const of of [mean, tail]) {
      for (const venue of ['upbit', 'binance'] as const) {
        const figures = ordered.map((path) => of(path[venue]));
        expect(
          figures.every((figure, index) => index === 0 || figure > (figures[index - 1] ?? 0)),
          `${venue} ${figures.join(' ')}`,
        ).toBe(true);
      }
    }
  });

  test('volatility strains both venues, a premium that runs by itself Upbit alone', () => {
    const still = processOf('crash').levels(START);
    const world = processOf('crash', '1', () => ({ world: 40, premium: 1 })).levels(START);
    const panic = processOf('crash', '1', () => ({ world: 1, premium: 40 })).levels(START);
    expect(world.upbit).toBeGreaterThan(still.upbit);
    expect(world.binance).toBeGreaterThan(still.binance);
    expect(panic.upbit).toBeGreaterThan(still.upbit);
    expect(panic.binance).toBe(still.binance);
  });

  test('a shock that is set strikes at its time and halves with its half-life', () => {
    const changes = { shockAtMs: [HOUR], shocksPerDay: 0, halfLifeMs: 600_000 };
    const process = processOf('calm', '1', QUIET, changes);
    const strain = (after: number): number => -Math.log(1 - process.levels(epochMs(START + after)).common);
    expect(strain(HOUR - 20_000)).toBe(-0);
    expect(strain(HOUR)).toBeCloseTo(0.6);
    expect(strain(HOUR + 600_000)).toBeCloseTo(0.3);
  });

  test('no strength is no stress', () => {
    const { upbit, binance } = pathOf(processOf('crash', '1', () => ({ world: 99, premium: 99 }), { strength: 0 }));
    expect(new Set([...upbit, ...binance])).toEqual(new Set([0]));
  });
});

describe('outages', () => {
  const between = (preset: StressPreset, venue: 'upbit' | 'binance', seed = '1') => {
    const outages = new StressOutages(processOf(preset, seed), new RandomStreams(seed));
    return outages.between(venue, START, epochMs(START + DAYS * 24 * HOUR));
  };

  test('grow more frequent from preset to preset and never outlast half an hour', () => {
    for (const venue of ['upbit', 'binance'] as const) {
      const [none, calm, rough, crash] = (['none', 'calm', 'rough', 'crash'] as const).map((preset) => between(preset, venue).length);
      expect(none).toBe(0);
      expect(calm).toBeLessThan(rough ?? 0);
      expect(rough).toBeLessThan(crash ?? 0);
      for (const { window } of between('crash', venue)) expect(window.until - window.from).toBeLessThanOrEqual(1_800_000);
    }
  });

  test('what is common takes both venues down in the same moment', () => {
    const starts = new Set(between('crash', 'binance').map(({ window }) => window.from));
    const common = between('crash', 'upbit').filter(({ isCommon }) => isCommon);
    expect(common.length).toBeGreaterThan(20);
    expect(common.every(({ window }) => starts.has(window.from))).toBe(true);
  });

  test('those that hold at an instant are those that began before and have not ended', () => {
    const outages = new StressOutages(processOf('crash'), new RandomStreams('1'));
    const [first] = between('crash', 'upbit');
    if (first === undefined) throw new Error('sixteen days of crash have an outage');
    const { from, until } = first.window;
    const holds = (at: number): boolean => outages.at('upbit', epochMs(at)).some(({ window }) => window.from === from && window.until === until);
    expect([holds(from - 1), holds(from), holds(until - 1), holds(until)]).toEqual([false, true, true, false]);
  });
});

test('another process draws the same path', () => {
  const script = `
    const { RandomStreams } = await import('./src/core/random.ts');
    const { StressProcess } = await import('./src/faults/stress/stress-process.ts');
    const { stressSpec } = await import('./src/faults/stress/stress-spec.ts');
    const process_ = new StressProcess(stressSpec('crash'), new RandomStreams('1'), ${START}, () => ({ world: 9, premium: 7 }));
    console.log(JSON.stringify(Array.from({ length: 300 }, (_, i) => process_.levels(${START} + i * 61_000))));`;
  const there = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' });
  const here = processOf('crash', '1', () => ({ world: 9, premium: 7 }));
  expect(JSON.parse(there)).toEqual(Array.from({ length: 300 }, (_, index) => here.levels(epochMs(START + index * 61_000))));
});
