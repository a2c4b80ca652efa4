import { describe, expect, test } from 'vitest';

import { premiumAt, scanFrom } from '../../src/strategy/scan.js';
import type { ScanBars, ScanHit } from '../../src/strategy/scan.js';
import type { Strategy, StrategyContext, StrategyState } from '../../src/strategy/strategy.js';
import { createZScoreStrategy } from '../../src/strategy/z-score-strategy.js';
import type { ZScoreOptions } from '../../src/strategy/z-score-strategy.js';
import type { EpochMs } from '../../src/core/units.js';
import { barsOf, FLAT, HOUR, MINUTE, swing, withFixing } from './support/bars.js';

const WINDOW = 100;
const OPTIONS: Partial<ZScoreOptions> = { windowMs: WINDOW * MINUTE, entry: 2, exit: 0, stop: undefined, cooldownMs: 0 };
const MINUTES: StrategyContext = { stepMs: MINUTE, fxKind: 'daily' };
/** A dip of 1 % at bar 150, back at 160. */
const DIP = [...swing(150), ...Array.from({ length: 10 }, () => 0), ...swing(40)];

const make = (options: Partial<ZScoreOptions> = {}, context = MINUTES) => createZScoreStrategy({ ...OPTIONS, ...options }, context);
const firstHit = (bars: ScanBars, strategy: Strategy, state: StrategyState = FLAT): ScanHit | undefined => scanFrom(bars, strategy, 0, state);

/** Trades through all bars as a driver without friction would. */
function trade(bars: ScanBars, strategy: Strategy): { at: number; what: string }[] {
  const log: { at: number; what: string }[] = [];
  let state: StrategyState = FLAT;
  for (let next = 0; ;) {
    const hit = scanFrom(bars, strategy, next, state);
    if (hit === undefined) return log;
    next = hit.index + 1;
    const at = bars.time[hit.index] as EpochMs;
    log.push({ at: hit.index, what: hit.signal.kind === 'enter' ? 'enter' : `exit ${hit.signal.reason}` });
    if (hit.signal.kind === 'enter') {
      state = {
        openPositions: state.openPositions + 1,
        oldestOpenedAt: state.oldestOpenedAt ?? at,
        entryPremium: state.entryPremium ?? premiumAt(bars, strategy.premium, hit.index),
        lastExitAt: state.lastExitAt,
      };
    } else state = { ...FLAT, lastExitAt: at };
  }
}

describe('z-score strategy: entry and exit', () => {
  test('a low premium enters on its first bar and exits on the first bar back at the mean', () => {
    const strategy = make();
    expect(trade(barsOf({ premium: DIP }), strategy)).toEqual([
      { at: 150, what: 'enter' },
      { at: 160, what: 'exit target' },
    ]);
  });

  test('a high premium never enters: the hedge is long only', () => {
    const high = DIP.map((premium) => 0.02 - premium);
    expect(firstHit(barsOf({ premium: high }), make())).toBeUndefined();
  });

  test('the expected reversion is the way from here to the exit level, in premium', () => {
    const bars = barsOf({ premium: DIP });
    const hit = firstHit(bars, make({ exit: -0.5, fxInWindow: 'as-published' }));
    const window = DIP.slice(150 - WINDOW + 1, 151);
    const mean = window.reduce((sum, premium) => sum + premium, 0) / WINDOW;
    const sd = Math.sqrt(window.reduce((sum, premium) => sum + (premium - mean) ** 2, 0) / (WINDOW - 1));
    expect(hit?.signal.kind).toBe('enter');
    if (hit?.signal.kind !== 'enter') return;
    expect(hit.signal.z).toBeCloseTo((0 - mean) / sd, 9);
    // Exit at z >= 0.5: half a standard deviation above the mean.
    expect(hit.signal.expectedReversion).toBeCloseTo(mean + 0.5 * sd, 9);
  });

  test('a window restated at the latest rate gives the same z-score as published premiums while no fixing changes', () => {
    const bars = barsOf({ premium: DIP });
    const restated = make();
    const published = make({ fxInWindow: 'as-published' });
    const hits = [restated, published].map((strategy) => firstHit(bars, strategy)?.signal);
    expect(hits[0]?.kind).toBe('enter');
    if (hits[0]?.kind !== 'enter' || hits[1]?.kind !== 'enter') return;
    expect(hits[0].z).toBeCloseTo(hits[1].z, 9);
    // A fraction of the rate paid now rather than of 1: the premium of 0 makes both the same.
    expect(hits[0].expectedReversion).toBeCloseTo(hits[1].expectedReversion, 6);
  });

  test('re-cross waits until the premium has turned: one bar of the way back, not the first low one', () => {
    const slope = [...swing(150), 0, 0, 0, 0.0015, 0.004, 0.0075, 0.0085, ...swing(20)];
    expect(trade(barsOf({ premium: slope }), make({ entry: 3, trigger: 're-cross' }))[0]).toEqual({ at: 154, what: 'enter' });
    expect(trade(barsOf({ premium: slope }), make({ entry: 3 }))[0]).toEqual({ at: 150, what: 'enter' });
  });

  test('re-cross: a jump straight back to the exit level leaves nothing to earn and does not enter', () => {
    const jump = [...swing(150), 0, 0, 0.012, 0.012, ...swing(20)];
    expect(trade(barsOf({ premium: jump }), make({ trigger: 're-cross' }))).toEqual([]);
  });

  test('nothing is signalled before the window is full', () => {
    const early = [...swing(WINDOW - 10), ...Array.from({ length: 5 }, () => 0), ...swing(50)];
    expect(firstHit(barsOf({ premium: early }), make())).toBeUndefined();
  });
});

describe('z-score strategy: rails', () => {
  const held = (bars: ScanBars, index: number, entryPremium: number): StrategyState => ({
    openPositions: 1,
    oldestOpenedAt: bars.time[index] as EpochMs,
    entryPremium,
    lastExitAt: undefined,
  });

  test('a premium that keeps falling hits the stop, at the premium of the entry less the stop', () => {
    const falling = [...swing(150), ...Array.from({ length: 40 }, (_, index) => -0.001 * index)];
    const log = trade(barsOf({ premium: falling }), make({ stop: 0.02, cooldownMs: 24 * HOUR }));
    expect(log).toEqual([
      { at: 150, what: 'enter' },
      { at: 170, what: 'exit stop' },
    ]);
  });

  test('a new fixing alone hits no stop: the premium since the entry is judged at the rate of the entry', () => {
    const low = barsOf({ premium: [...swing(150), ...Array.from({ length: 40 }, () => 0)] });
    const fixed = withFixing(low, 160, 1_400 * 1.014);
    const state = held(fixed, 150, 0);
    expect(fixed.premium[165]).toBeLessThan(-0.013);
    expect(firstHit(fixed, make({ stop: 0.01 }), state)?.index).not.toBe(160);
    const strategy = make({ stop: 0.01, exit: -9 });
    scanFrom(fixed, strategy, 0, FLAT, { until: 151 });
    expect(scanFrom(fixed, strategy, 151, state)).toBeUndefined();
    // A fall of the prices themselves does.
    const fallen = barsOf({ premium: [...swing(150), ...Array.from({ length: 10 }, () => 0), ...Array.from({ length: 30 }, () => -0.0101)] });
    const other = make({ stop: 0.01, exit: -9 });
    scanFrom(fallen, other, 0, FLAT, { until: 151 });
    expect(scanFrom(fallen, other, 151, state)).toMatchObject({ index: 160, signal: { reason: 'stop' } });
  });

  test('a position is closed at its longest holding time although the premium never came back', () => {
    const stuck = [...swing(150), ...Array.from({ length: 300 }, (_, index) => -0.0001 * index)];
    expect(trade(barsOf({ premium: stuck }), make({ holdMsMax: 45 * MINUTE, cooldownMs: 100 * HOUR }))).toEqual([
      { at: 150, what: 'enter' },
      { at: 195, what: 'exit max-hold' },
    ]);
  });

  test('cooldown: no entry for its length after an exit, and the first bar after it may enter', () => {
    const twoDips = [...swing(150), 0, 0, 0.012, ...Array.from({ length: 30 }, () => 0)];
    const log = trade(barsOf({ premium: twoDips }), make({ cooldownMs: 10 * MINUTE, entry: 1.5 }));
    expect(log.slice(0, 3)).toEqual([
      { at: 150, what: 'enter' },
      { at: 152, what: 'exit target' },
      { at: 162, what: 'enter' },
    ]);
  });

  test('maximum positions: further signals wait, and between two entries lies the cooldown', () => {
    const long = [...swing(150), ...Array.from({ length: 30 }, (_, index) => -0.01 - 0.002 * index)];
    const entries = trade(barsOf({ premium: long }), make({ positionsMax: 3, cooldownMs: 5 * MINUTE, entry: 1.5 })).map(({ at }) => at);
    expect(entries.length).toBe(3);
    expect(entries[0]).toBe(150);
    expect((entries[1] ?? 0) - (entries[0] ?? 0)).toBeGreaterThanOrEqual(5);
    expect((entries[2] ?? 0) - (entries[1] ?? 0)).toBeGreaterThanOrEqual(5);
  });
});

describe('z-score strategy: the bank rate and gaps', () => {
  test('a fixing that alone makes the premium look low is no signal on its bar nor later', () => {
    const calm = barsOf({ premium: swing(260) });
    const fixed = withFixing(calm, 200, 1_400 * 1.008);
    expect(fixed.premium[201]).toBeLessThan(0.005);
    expect(firstHit(fixed, make())).toBeUndefined();
    // The window of published premiums holds back for one bar and is fooled after it.
    expect(firstHit(fixed, make({ fxInWindow: 'as-published' }))).toMatchObject({ index: 201 });
  });

  test('nothing opens on the bar of a fixing even when the prices ask for it; the next bar may', () => {
    const bars = withFixing(barsOf({ premium: DIP }), 150, 1_401);
    expect(firstHit(bars, make())).toMatchObject({ index: 151 });
  });

  test('a live rate moves with every bar and holds nothing back', () => {
    const rates = Array.from({ length: DIP.length }, (_, index) => 1_400 + 0.1 * (index % 7));
    const bars = barsOf({ premium: DIP, usdKrw: rates });
    expect(firstHit(bars, make({}, { stepMs: MINUTE, fxKind: 'live' }))).toMatchObject({ index: 150 });
    // Rows that say so themselves count for more than the file.
    expect(firstHit({ ...bars, fxLive: new Uint8Array(bars.length).fill(1) }, make())).toMatchObject({ index: 150 });
    expect(firstHit(bars, make())).not.toMatchObject({ index: 150 });
  });

  test.each([
    { name: 'older than its limit', since: -121 * HOUR, enters: false },
    { name: 'within its limit', since: -119 * HOUR, enters: true },
  ])('a daily rate $name: an entry is held back or not', ({ since, enters }) => {
    const bars = barsOf({ premium: DIP });
    const fxSince = bars.time.map((time) => time + since);
    expect(firstHit({ ...bars, fxSince }, make()) !== undefined).toBe(enters);
  });

  test('a rate of which no age is known goes stale when it has not changed for its limit', () => {
    const bars = barsOf({ premium: DIP });
    expect(firstHit(bars, make({ fxAgeMsMax: 149 * MINUTE }))).toBeUndefined();
    expect(firstHit(bars, make({ fxAgeMsMax: 151 * MINUTE }))).toMatchObject({ index: 150 });
  });

  test('a rate that jumped opens nothing until its next value confirms it or takes it back', () => {
    const rates = (later: number): number[] => Array.from({ length: DIP.length }, (_, index) => (index < 140 ? 1_400 : index < 155 ? 1_200 : later));
    const hitWith = (later: number): number | undefined =>
      firstHit(barsOf({ premium: DIP.map((p, i) => (1 + p) * (1_400 / (rates(later)[i] ?? 1)) - 1), usdKrw: rates(later) }), make())?.index;
    // Bar 155 is itself the bar of a new value.
    expect(hitWith(1_401)).toBe(156);
    expect(hitWith(1_203)).toBe(156);
    expect(hitWith(1_300)).toBeUndefined();
    expect(hitWith(1_200)).toBeUndefined();
  });

  test('the usdt premium does not ask the bank: neither a fixing nor its age holds an entry back', () => {
    const bars = withFixing(barsOf({ premium: DIP, usdtKrw: 1_400 }), 150, 1_500);
    const hit = firstHit({ ...bars, fxSince: bars.time.map((time) => time - 500 * HOUR) }, make({ premium: 'usdt' }));
    expect(hit).toMatchObject({ index: 150 });
  });

  test('without a USDT rate the usdt premium has no z-score and nothing is signalled', () => {
    const strategy = make({ premium: 'usdt' });
    expect(firstHit(barsOf({ premium: DIP }), strategy)).toBeUndefined();
    expect(strategy.z).toBeNaN();
  });

  test('after a gap the window starts anew: no entry until it has filled again, and no target exit', () => {
    const premium = [...swing(150), ...Array.from({ length: 60 }, () => 0), ...swing(120), ...Array.from({ length: 10 }, () => 0)];
    const bars = barsOf({ premium, gapsAt: [145], pauseMs: 10 * MINUTE });
    expect(firstHit(bars, make())).toMatchObject({ index: 330 });
    const holding: StrategyState = { openPositions: 1, oldestOpenedAt: bars.time[140] as EpochMs, entryPremium: 0.009, lastExitAt: undefined };
    const behindTheGap = (stop: number | undefined): ScanHit | undefined => {
      const strategy = make({ stop });
      scanFrom(bars, strategy, 0, FLAT, { until: 145 });
      return scanFrom(bars, strategy, 145, holding);
    };
    // The first full window behind the gap ends at bar 244, where the premium is back above its mean.
    expect(behindTheGap(undefined)).toMatchObject({ index: 244, signal: { reason: 'target' } });
    expect(behindTheGap(0.005)).toMatchObject({ index: 150, signal: { reason: 'stop' } });
  });
});

describe('why there was no trade', () => {
  test.each([
    {
      name: 'gaps too close',
      bars: barsOf({ premium: swing(400), gapsAt: [90, 180, 270, 360] }),
      options: {},
      says: /^The window of 1\.67 h never filled: 400 bars with 4 gaps/,
    },
    {
      name: 'bars too coarse',
      bars: barsOf({ premium: swing(400), stepMs: HOUR }),
      options: { windowMs: 10 * HOUR },
      context: { stepMs: HOUR, fxKind: 'daily' as const },
      says: /held at most 10 bars, and a z-score takes at least 30/,
    },
    {
      name: 'a frozen series',
      bars: barsOf({ premium: swing(400, 0.01, 0) }),
      options: { fxInWindow: 'as-published' as const },
      says: /did not move in any window/,
    },
    { name: 'a quiet premium', bars: barsOf({ premium: swing(400) }), options: {}, says: /never fell to -2: its lowest was -1\.\d\d over 301 bars/ },
    {
      name: 'a stale rate',
      bars: barsOf({ premium: DIP }),
      options: { fxAgeMsMax: MINUTE },
      says: /10 bars signalled an entry and 0 were passed on; held back: 10 while USD\/KRW was stale/,
    },
  ])('$name: one sentence names it', ({ bars, options, context, says }) => {
    const strategy = make(options, context);
    expect(trade(bars, strategy)).toEqual([]);
    expect(strategy.explain()).toMatch(says);
  });
});

describe('scan', () => {
  test('scanning in pieces signals as scanning at once, also with signals dropped on the way', () => {
    const bars = barsOf({ premium: [...DIP, ...DIP] });
    const whole = make();
    const all: number[] = [];
    for (let next = 0; ;) {
      const hit = scanFrom(bars, whole, next, FLAT);
      if (hit === undefined) break;
      all.push(hit.index);
      next = hit.index + 1;
    }
    const pieces = make();
    const found: number[] = [];
    for (let next = 0; next < bars.length;) {
      const until = next + 37;
      const hit = scanFrom(bars, pieces, next, FLAT, { until });
      if (hit !== undefined) found.push(hit.index);
      next = hit === undefined ? until : hit.index + 1;
    }
    expect(found).toEqual(all);
    expect(all.length).toBeGreaterThan(10);
    const late = make();
    expect(scanFrom(bars, late, 0, FLAT, { actFrom: 153 })?.index).toBe(153);
  });
});
