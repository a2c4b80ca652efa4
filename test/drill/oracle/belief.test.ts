import { expect, test } from 'vitest';
import { epochMs } from '../../../src/core/units.js';
import { Belief } from '../../../src/drill/oracle/belief.js';
import type { JournalRecord } from '../../../src/journal/journal-event.js';

const MINUTE = 60_000;

/** A journal of alerts: minutes, and what was told. */
const told = (...alerts: readonly (readonly [number, 'UNHEDGED_EXPOSURE' | 'EXPOSURE_CLOSED'])[]): Belief =>
  new Belief(
    alerts.map(([minute, alert], index): JournalRecord => {
      const severity = alert === 'EXPOSURE_CLOSED' ? 'info' : 'critical';
      return { seq: index + 1, event: { t: epochMs(minute * MINUTE), flow: 'enter-1', type: 'alert', alert, severity, message: alert } };
    }),
  );

// The exposure begins at minute 20 by an order that was sent at minute 2; it has to be told of from minute 19 to 21.
test.each([
  { name: 'told in time', belief: told([20, 'UNHEDGED_EXPOSURE']), knows: true },
  { name: 'told while the order was in doubt, and not that it was over', belief: told([5, 'UNHEDGED_EXPOSURE']), knows: true },
  { name: 'told, and that it was over', belief: told([5, 'UNHEDGED_EXPOSURE'], [9, 'EXPOSURE_CLOSED']), knows: false },
  {
    name: 'told again after it was said to be over',
    belief: told([5, 'UNHEDGED_EXPOSURE'], [9, 'EXPOSURE_CLOSED'], [12, 'UNHEDGED_EXPOSURE']),
    knows: true,
  },
  { name: 'told of something before the order was sent', belief: told([1, 'UNHEDGED_EXPOSURE']), knows: false },
  { name: 'told too late', belief: told([22, 'UNHEDGED_EXPOSURE']), knows: false },
  { name: 'never told', belief: told(), knows: false },
])('exposure, $name: people know of it = $knows', ({ belief, knows }) => {
  const exposure = { start: epochMs(20 * MINUTE), sentAt: epochMs(2 * MINUTE) };
  expect(belief.knowsOf(exposure, 19 * MINUTE, 21 * MINUTE)).toBe(knows);
});

test('exposure that no order of ours made: only what was told in time counts', () => {
  const exposure = { start: epochMs(20 * MINUTE), sentAt: undefined };
  expect(told([5, 'UNHEDGED_EXPOSURE']).knowsOf(exposure, 19 * MINUTE, 21 * MINUTE)).toBe(false);
});
