import { afterEach, expect, test, vi } from 'vitest';
import { SystemClock } from '../../src/clock/system-clock.js';
import { durationMs } from '../../src/core/units.js';

test('system clock: an aborted sleep ends at once, before or after it began', async () => {
  const clock = new SystemClock();
  const before = clock.monotonic();
  const controller = new AbortController();
  const sleeping = clock.sleep(durationMs(60_000), controller.signal);
  controller.abort();
  await sleeping;
  await clock.sleep(durationMs(60_000), controller.signal);
  expect(clock.monotonic() - before).toBeLessThan(30_000);
});

test('system clock: a sleep lasts at least its length, and both clocks count whole milliseconds', async () => {
  const clock = new SystemClock();
  const before = clock.monotonic();
  await clock.sleep(durationMs(20));
  // Timers may fire up to a millisecond early against the finer clock.
  expect(clock.monotonic() - before).toBeGreaterThanOrEqual(19);
  expect(Number.isInteger(clock.now())).toBe(true);
});

afterEach(() => {
  vi.useRealTimers();
});

test('system clock: a sleep of forty days, longer than a timer of Node can be set for, lasts forty days', async () => {
  vi.useFakeTimers();
  const dayMs = 86_400_000;
  let isOver = false;
  const sleeping = new SystemClock().sleep(durationMs(40 * dayMs)).then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(40 * dayMs - 1);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await sleeping;
  expect([isOver, vi.getTimerCount()]).toEqual([true, 0]);
});

test('system clock: a sleep of forty days that is given up after thirty leaves no timer', async () => {
  vi.useFakeTimers();
  const controller = new AbortController();
  const sleeping = new SystemClock().sleep(durationMs(40 * 86_400_000), controller.signal);
  await vi.advanceTimersByTimeAsync(30 * 86_400_000);
  controller.abort();
  await sleeping;
  expect(vi.getTimerCount()).toBe(0);
});
