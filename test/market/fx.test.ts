import { expect, test } from 'vitest';
import type { BarsSource, PremiumBars } from '../../src/market/bars.js';
import { dailyPublication, followFx, FX_AGE_MS_MAX, fxAgeMs, fxCheck } from '../../src/market/fx.js';
import { gapFlags } from '../../src/market/gaps.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(`${text}Z`);

function barsOf(time: Float64Array, usdKrw: Float64Array, kind: BarsSource['fxKind'], liveRows?: Uint8Array, quotedAt?: Float64Array): PremiumBars {
  const live = liveRows ?? new Uint8Array(time.length).fill(kind === 'live' ? 1 : 0);
  const afterGap = gapFlags(time, (time[1] ?? 0) - (time[0] ?? 0));
  const { since, jump, step } = followFx({ time, usdKrw, afterGap, live, quotedAt });
  const nothing = new Float64Array(time.length).fill(Number.NaN);
  return {
    time,
    upbitKrw: nothing,
    binanceUsdt: nothing,
    usdKrw,
    usdtKrw: nothing,
    premium: nothing,
    afterGap,
    fxStep: step,
    fxSince: since,
    fxJump: jump,
    fxLive: live,
    length: time.length,
    stepMs: HOUR,
    funding: { time: nothing, rate: nothing },
    source: { name: 'made', hash: '', synthetic: true, foreignLeg: 'binance-perp', perpBasis: 0, fxKind: kind, notes: [] },
  };
}

const hoursFrom = (start: number, count: number): Float64Array => Float64Array.from({ length: count }, (_, hour) => start + hour * HOUR);

test.each([
  { now: '2025-09-03T15:00', published: '2025-09-03T15:00', why: 'the hour itself' },
  { now: '2025-09-03T14:59', published: '2025-09-02T15:00', why: 'the day before until then' },
  { now: '2025-09-06T20:00', published: '2025-09-05T15:00', why: 'Friday on a Saturday' },
  { now: '2025-09-08T14:00', published: '2025-09-05T15:00', why: 'Friday on a Monday before the hour' },
  { now: '2025-09-08T15:00', published: '2025-09-08T15:00', why: 'Monday from then on' },
])('daily rate at $now is that of $published: $why', ({ now, published }) => {
  expect(dailyPublication(at(now))).toBe(at(published));
});

test('daily rate: steps where it changes, and ages from there', () => {
  const time = hoursFrom(at('2025-09-03T10:00'), 10);
  const bars = barsOf(
    time,
    Float64Array.from(time, (now) => (now < at('2025-09-03T15:00') ? 1391 : 1395)),
    'daily',
  );
  expect([...bars.fxStep]).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  expect(fxAgeMs(bars, 5)).toBe(0);
  expect(fxAgeMs(bars, 9)).toBe(4 * HOUR);
  expect(fxAgeMs(bars, 0), 'at the start the last publication counts').toBe(19 * HOUR);
  expect(bars.fxJump?.[9]).toBeCloseTo(4 / 1391, 12);
});

test('daily rate over the longest bank holiday: good for 120 h, stale after', () => {
  const thursday = at('2025-04-17T15:00');
  const time = hoursFrom(thursday - HOUR, 130);
  const bars = barsOf(
    time,
    Float64Array.from(time, (now) => (now < thursday ? 1420 : 1424)),
    'daily',
  );
  const rowAt = (now: number): number => time.indexOf(now);
  expect(fxCheck(bars, rowAt(thursday + 120 * HOUR))).toMatchObject({ ok: true, ageMs: FX_AGE_MS_MAX.daily });
  expect(fxCheck(bars, rowAt(thursday + 121 * HOUR))).toMatchObject({ ok: false, why: 'stale', ageMs: 121 * HOUR });
});

test('frozen rate: is stale however long the data go on', () => {
  const bars = barsOf(hoursFrom(at('2025-09-03T16:00'), 300), new Float64Array(300).fill(1200), 'daily');
  expect(fxCheck(bars, 119)).toMatchObject({ ok: true });
  expect(fxCheck(bars, 120)).toMatchObject({ ok: false, why: 'stale' });
  expect(fxCheck(bars, 299)).toMatchObject({ ok: false, why: 'stale' });
});

test.each([
  { to: 1391 * 1.0149, ok: true },
  { to: 1391 * 1.0151, ok: false },
  { to: 1391 * 0.9849, ok: false },
])('rate that goes from 1391 to $to: believed $ok until the next value', ({ to, ok }) => {
  const usdKrw = Float64Array.of(1391, 1391, to, to, to * 1.001);
  const bars = barsOf(hoursFrom(at('2025-09-03T13:00'), 5), usdKrw, 'daily');
  expect([0, 1, 2, 3, 4].map((row) => fxCheck(bars, row).ok)).toEqual([true, true, ok, ok, true]);
});

test('rate behind a hole longer than the age limit: is not a jump, and is as old as its publication', () => {
  const time = Float64Array.of(at('2022-12-31T22:00'), at('2022-12-31T23:00'), at('2024-08-01T20:00'), at('2024-08-01T21:00'));
  const bars = barsOf(time, Float64Array.of(1264, 1264, 1370, 1370), 'daily');
  expect([...bars.afterGap]).toEqual([0, 0, 1, 0]);
  expect(bars.fxStep[2]).toBe(1);
  expect(fxCheck(bars, 2)).toMatchObject({ ok: true, ageMs: 5 * HOUR, jump: 0 });
});

test('live rate: is as old as its quote, good for 10 minutes, and no step for moving', () => {
  const time = Float64Array.from([0, 10, 20, 30], (minute) => at('2026-06-05T03:00') + minute * 60_000);
  const quotedAt = Float64Array.of(time[0] ?? 0, time[0] ?? 0, time[1] ?? 0, (time[1] ?? 0) - 1);
  const bars = barsOf(time, Float64Array.of(1440, 1440, 1441, 1442), 'live', undefined, quotedAt);
  expect([...bars.fxStep]).toEqual([0, 0, 0, 0]);
  expect([0, 1, 2, 3].map((row) => fxCheck(bars, row).ok)).toEqual([true, true, true, false]);
  expect(fxCheck(bars, 3)).toMatchObject({ why: 'stale', limit: FX_AGE_MS_MAX.live });
});

test('daily and live rates in one file: each row has its own limit, and the change of source is a step', () => {
  const time = hoursFrom(at('2026-06-04T10:00'), 4);
  const bars = barsOf(time, Float64Array.of(1440, 1440, 1444, 1446), 'live', Uint8Array.of(0, 0, 1, 1));
  expect([...bars.fxStep]).toEqual([0, 0, 1, 0]);
  expect(fxCheck(bars, 1)).toMatchObject({ ok: true, ageMs: 20 * HOUR });
  expect(fxCheck(bars, 3)).toMatchObject({ ok: true, ageMs: 0 });
});

test('no rate: starts nothing', () => {
  const bars = barsOf(hoursFrom(0, 2), Float64Array.of(Number.NaN, Number.NaN), 'daily');
  expect(fxCheck(bars, 1)).toMatchObject({ ok: false, why: 'missing' });
});

test('limits: daily 120 h, live 10 min', () => {
  expect(FX_AGE_MS_MAX).toEqual({ daily: 5 * DAY, live: 600_000, unknown: 5 * DAY });
});
