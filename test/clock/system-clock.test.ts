import { expect, test } from 'vitest';
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
