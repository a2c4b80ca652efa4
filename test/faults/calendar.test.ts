import fc from 'fast-check';
import { expect, test } from 'vitest';

import { epochMs } from '../../src/core/units.js';
import { CalendarFeed } from '../../src/faults/calendar.js';
import { parseDurationMs, parseInstant } from '../../src/faults/scenario-time.js';

const DAY = 86_400_000;
const instant = (text: string): ReturnType<typeof epochMs> => {
  const at = parseInstant(text);
  if (at === undefined) throw new Error(`no instant: ${text}`);
  return at;
};

const windows = [
  { from: instant('2025-08-29T06:35:00Z'), until: instant('2025-08-29T07:00:00Z') },
  { from: instant('2025-01-02T21:26:00Z'), until: instant('2025-01-02T23:37:00Z') },
];
const START = instant('2025-03-03T01:00:00Z');

test('a calendar that keeps its dates: hands out all windows once, in order', () => {
  const feed = new CalendarFeed(windows, START, undefined);
  expect(feed.due(START)).toEqual([windows[1], windows[0]]);
  expect(feed.due(epochMs(START + 400 * DAY))).toEqual([]);
});

test('a calendar folded into ten days: comes again every ten days, each window at its own hour', () => {
  const feed = new CalendarFeed(windows, START, 10 * DAY);
  expect(feed.due(START)).toEqual([
    { from: instant('2025-03-03T21:26:00Z'), until: instant('2025-03-03T23:37:00Z') },
    { from: instant('2025-03-12T06:35:00Z'), until: instant('2025-03-12T07:00:00Z') },
  ]);
  expect(feed.due(epochMs(START + 10 * DAY - 1))).toEqual([]);
  expect(feed.due(epochMs(START + 25 * DAY)).map(({ from }) => new Date(from).toISOString())).toEqual([
    '2025-03-13T21:26:00.000Z',
    '2025-03-22T06:35:00.000Z',
    '2025-03-23T21:26:00.000Z',
    '2025-04-01T06:35:00.000Z',
  ]);
});

test('any window, folded: begins once in each period, at its own time of day, with its own length', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2e12 }),
      fc.integer({ min: 1, max: DAY }),
      fc.integer({ min: 0, max: 2e12 }),
      fc.integer({ min: 1, max: 60 }),
      (from, length, start, days) => {
        const feed = new CalendarFeed([{ from: epochMs(from), until: epochMs(from + length) }], epochMs(start), days * DAY);
        const folded = feed.due(epochMs(start + 3 * days * DAY - 1));
        expect(folded.map((window) => Math.floor((window.from - start) / (days * DAY)))).toEqual([0, 1, 2]);
        for (const window of folded) {
          expect(window.from % DAY).toBe(from % DAY);
          expect(window.until - window.from).toBe(length);
        }
      },
    ),
  ));

test.each([
  ['250ms', 250],
  ['3s', 3_000],
  ['1h30m', 5_400_000],
  ['0.5d', 43_200_000],
  ['1.5s', 1_500],
  ['-3h', -10_800_000],
  ['+90d', 7_776_000_000],
])('the duration %s is %d ms', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test.each([
  ['2025-01-03T06:26:00+09:00', '2025-01-02T21:26:00.000Z'],
  ['2025-01-03 06:26 KST', '2025-01-02T21:26:00.000Z'],
  ['2025-01-03T06:26KST', '2025-01-02T21:26:00.000Z'],
  ['2025-01-02T21:26:00.250Z', '2025-01-02T21:26:00.250Z'],
  ['2025-01-02 21:26 UTC', '2025-01-02T21:26:00.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2025-02-29T00:00:00Z', undefined],
  ['2025-13-01T00:00:00Z', undefined],
  ['2025-01-02T21:26:00', undefined],
  ['2025-01-02', undefined],
])('the instant %s is %s', (text, utc) => {
  const at = parseInstant(text);
  expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(utc);
});
