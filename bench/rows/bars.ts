import { DataFrame } from 'data-forge';
import { backtest } from 'grademark';

import { durationMs, epochMs } from '../../src/core/units.js';
import type { EpochMs } from '../../src/core/units.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';
import { scanFrom } from '../../src/strategy/scan.js';
import type { ScanBars } from '../../src/strategy/scan.js';
import type { StrategyState } from '../../src/strategy/strategy.js';
import { createZScoreStrategy } from '../../src/strategy/z-score-strategy.js';
import { race, ratio, timingOf } from '../support/measure.js';
import type { BenchRow } from '../support/measure.js';
import { syntheticBars } from '../support/synthetic-bars.js';

const FLAT: StrategyState = { openPositions: 0, oldestOpenedAt: undefined, entryPremium: undefined, lastExitAt: undefined };
const held = (openedAt: number, entryPremium: number): StrategyState => ({
  openPositions: 1,
  oldestOpenedAt: openedAt as EpochMs,
  entryPremium,
  lastExitAt: undefined,
});

/** Scans while idle and wakes for signals only, as a backtest does. */
function scanAll(bars: ScanBars): number {
  const strategy = createZScoreStrategy();
  let state = FLAT;
  let trades = 0;
  for (let next = 0; ;) {
    const hit = scanFrom(bars, strategy, next, state);
    if (hit === undefined) return trades;
    next = hit.index + 1;
    state = hit.signal.kind === 'enter' ? held(bars.time[hit.index] ?? 0, bars.premium[hit.index] ?? 0) : FLAT;
    trades += 1;
  }
}

/** The same code as live: sleeps to every bar and asks for one. */
async function awaitAll(bars: ScanBars): Promise<number> {
  const clock = new VirtualClock(epochMs(bars.time[0] ?? 0));
  const strategy = createZScoreStrategy();
  return clock.run(async () => {
    let state = FLAT;
    let trades = 0;
    for (let index = 0; index < bars.length; index += 1) {
      const wait = (bars.time[index] ?? 0) - clock.now();
      if (wait > 0) await clock.sleep(durationMs(wait));
      const hit = scanFrom(bars, strategy, index, state, { until: index + 1 });
      if (hit === undefined) continue;
      state = hit.signal.kind === 'enter' ? held(bars.time[index] ?? 0, bars.premium[index] ?? 0) : FLAT;
      trades += 1;
    }
    return trades;
  });
}

interface Bar {
  readonly time: Date;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly z: number;
}

/** For grademark the z-score is computed beforehand: its own rolling indicators are a hundred times slower. */
function grademarkBars(bars: ScanBars): DataFrame<number, Bar> {
  const strategy = createZScoreStrategy();
  const rows = Array.from({ length: bars.length }, (_, index): Bar => {
    scanFrom(bars, strategy, index, FLAT, { until: index + 1 });
    const close = bars.upbitKrw[index] ?? 0;
    return { time: new Date(bars.time[index] ?? 0), open: close, high: close, low: close, close, volume: 1, z: strategy.z };
  });
  return new DataFrame(rows);
}

/** Bars a second: idle scan, awaiting every bar, and grademark with the same rule. */
export const barsRow: BenchRow = {
  name: 'bars',
  async run(quick) {
    const long = syntheticBars(quick ? 400_000 : 2_000_000);
    const short = syntheticBars(quick ? 50_000 : 200_000);
    const series = grademarkBars(short);
    const timings = await race(
      [
        { name: 'idle scan', units: long.length, run: () => scanAll(long) },
        { name: 'await on every bar', units: short.length, run: () => awaitAll(short) },
        {
          name: 'grademark, z-score precomputed',
          units: short.length,
          run: () =>
            backtest<Bar, Bar, object, number>(
              {
                entryRule: (enter, { bar }) => {
                  if (bar.z <= -2.5) enter();
                },
                exitRule: (exit, { bar }) => {
                  if (bar.z >= 0) exit();
                },
              },
              series,
            ),
        },
      ],
      5,
    );
    const goals: Readonly<Record<string, number>> = { 'idle scan': 5_000_000, 'await on every bar': 1_000_000 };
    const grademark = timingOf(timings, 'grademark, z-score precomputed');
    return [
      ...timings.map(({ name, perSecond }) => ({ row: 'bars', figure: name, value: perSecond, unit: 'bars/s', least: goals[name], timed: true })),
      ratio('bars', 'idle scan / grademark', timingOf(timings, 'idle scan') / grademark, 3),
      { row: 'bars', figure: 'await / grademark', value: timingOf(timings, 'await on every bar') / grademark, unit: 'x', timed: true },
    ];
  },
};
