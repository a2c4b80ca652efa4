import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summarise } from '../../src/report/build-report.js';
import { oneScreen } from '../../src/report/console-summary.js';
import { csvText } from '../../src/report/csv.js';
import { ordersCsv, rollbacksCsv } from '../../src/report/csv-files.js';
import { analyse } from '../../src/report/analysis.js';
import { thin } from '../../src/report/charts/thin.js';
import { durationText, grouped, plural, toleranceText } from '../../src/report/number-text.js';
import { runId } from '../../src/report/run-id.js';
import { textTimeline } from '../../src/report/text-timeline.js';
import { longRun } from './support/long-run.js';
import { sampleRun } from './support/sample-run.js';
import { TapeBuilder } from './support/tape-builder.js';

const START = Date.UTC(2025, 8, 3, 23, 51);

describe('text timeline of the hand-written rollback', () => {
  const { tape, journal } = sampleRun();
  const lines = textTimeline(tape, journal, { from: START, to: START + 4_000, maxLines: 12 }).split('\n');

  test('keeps to its lines and columns', () => {
    expect(lines).toHaveLength(12);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  test.each([
    { what: 'the fault, in words', text: /FAULT request lost: Binance order/ },
    { what: 'the fill with the naked quantity', text: /\+0\.050 s Upbit bought 0\.5, net \+0\.5, at 100,020,000/ },
    { what: 'the doubt beside it', text: /\+2\.500 s .*\| IN DOUBT: Binance order, RequestTimeout/ },
    { what: 'the repair', text: /\| REPAIR: unwind \+0\.5 BTC/ },
    { what: 'the end on both sides', text: /holds 0 \/ 0: nothing naked .*\| / },
  ])('shows $what', ({ text }) => {
    expect(lines.some((line) => text.test(line))).toBe(true);
  });

  test('an executor without a journal is shown with the answers it was given', () => {
    const told = textTimeline(tape, [], { from: START, to: START + 4_000, maxLines: 12 });
    expect(told).toContain('TOLD (no journal)');
    expect(told).toContain('| Binance createOrder: RequestTimeout');
    expect(told).toContain('| ends: rolled-back');
  });

  test('any window and length: never more lines than asked for, in order of time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 2, max: 30 }), (length, maxLines) => {
        const shown = textTimeline(tape, journal, { from: START, to: START + length, maxLines }).split('\n');
        expect(shown.length).toBeLessThanOrEqual(maxLines);
        const times = shown.slice(1).map((line) => Number(/\+([\d.]+) s/.exec(line)?.[1]));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });
});

test('a sweep through several levels is one line at its average price', () => {
  const tape = new TapeBuilder(START, { upbit: 100_000_000, binance: 72_000, usdKrw: 1_400 });
  const order = { venue: 'upbit', side: 'buy', quantity: '0.3', purpose: 'open', flow: 1 } as const;
  tape.begin(1, 'enter', '0.3');
  const id = tape.accept(tape.request(order), order);
  tape.fill(id, order, '0.1', '100000000');
  tape.fill(id, order, '0.2', '100003000');
  const text = textTimeline(tape.events, [], { from: START, to: START, maxLines: 12 });
  expect(text).toContain('Upbit bought 0.3, net +0.3, at 100,002,000');
});

describe('one screen', () => {
  const summary = summarise(sampleRun());

  test('says what was earned, what fills and rollbacks cost, what was naked, and where the report is', () => {
    const text = oneScreen({ ...summary, directory: 'reports/0123456789ab' });
    expect(text).toMatch(/^Earned +143,074 KRW net; 143,074 KRW beyond no trade$/m);
    expect(text).toMatch(/^Fills cost +101,991 KRW/m);
    expect(text).toMatch(/^Rollbacks cost +119,975 KRW$/m);
    expect(text).toMatch(/^Naked +3\.0 s in 3 episodes, longest 2\.8 s/m);
    expect(text).toMatch(/^Report +reports\/0123456789ab\/report\.html$/m);
    expect(text).toContain('SYNTHETIC');
  });

  test('no trade says why', () => {
    const tape = new TapeBuilder(START, { upbit: 1, binance: 1, usdKrw: 1_400 }).run().deposit('upbit', 'KRW', '5').mark();
    const idle = summarise({ ...sampleRun(), tape: tape.close(), journal: [], whyNoTrade: 'the z-score never fell below -2' });
    expect(oneScreen(idle)).toMatch(/^No trade +the z-score never fell below -2$/m);
  });

  test('any names and findings: at most 24 lines of 100 columns', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.array(fc.string({ maxLength: 200 }), { maxLength: 30 }), (name, findings) => {
        const verdict = { name, verdict: 'failed' as const, findings };
        const text = oneScreen({ ...summary, data: { ...summary.data, name }, verdict, directory: name });
        const lines = text.split('\n');
        expect(lines.length).toBeLessThanOrEqual(24);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('run id', () => {
  const identity = { config: { a: 1, b: { c: [1, 2], d: 'x' } }, dataHash: 'h', seed: '7', version: '0.1.0' };

  test('is 12 hex digits and does not depend on the order of keys', () => {
    expect(runId(identity)).toMatch(/^[0-9a-f]{12}$/);
    expect(runId({ ...identity, config: { b: { d: 'x', c: [1, 2] }, a: 1 } })).toBe(runId(identity));
  });

  test.each([
    { part: 'config', other: { config: { a: 1, b: { c: [2, 1], d: 'x' } } } },
    { part: 'data', other: { dataHash: 'i' } },
    { part: 'seed', other: { seed: '8' } },
    { part: 'version', other: { version: '0.1.1' } },
  ])('another $part gives another id', ({ other }) => {
    expect(runId({ ...identity, ...other })).not.toBe(runId(identity));
  });
});

describe('csv', () => {
  test('quotes separators and quotes, leaves out what is unknown', () => {
    expect(
      csvText(
        ['a', 'b,c'],
        [
          ['say "x"', undefined],
          [1, 'two\nlines'],
        ],
      ),
    ).toBe('a,"b,c"\n"say ""x""",\n1,"two\nlines"\n');
  });

  test.each(['=1+1', '+cmd', '@SUM(A1)', '-cmd'])('%s from a venue is text, not a formula', (text) => {
    expect(csvText(['a'], [[text]])).toBe(`a\n'${text}\n`);
  });

  test('negative numbers stay numbers', () => expect(csvText(['a'], [['-1.5'], [-2]])).toBe('a\n-1.5\n-2\n'));

  test('orders and rollbacks have as many cells in each row as in the head', () => {
    const analysis = analyse(sampleRun());
    for (const text of [ordersCsv(analysis), rollbacksCsv(analysis)]) {
      const [head, ...rows] = text.trimEnd().split('\n');
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row.split(',')).toHaveLength(head?.split(',').length ?? 0);
    }
  });
});

describe('thinning', () => {
  test('any series: keeps ends and extremes, stays in order and within its size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 3, maxLength: 2_000 }), fc.integer({ min: 10, max: 300 }), (values, max) => {
        const points = values.map((value, index) => ({ value, index }));
        const kept = thin(points, (point) => point.value, max);
        expect(kept.length).toBeLessThanOrEqual(Math.max(max, Math.min(values.length, max)));
        expect(kept.map((point) => point.index)).toEqual(kept.map((point) => point.index).sort((a, b) => a - b));
        expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
        const of = (some: readonly { value: number }[]): [number, number] => [
          Math.min(...some.map((point) => point.value)),
          Math.max(...some.map((point) => point.value)),
        ];
        expect(of(kept)).toEqual(of(points));
      }),
    );
  });
});

test.each([
  { ms: 320, text: '320 ms' },
  { ms: 4_240, text: '4.2 s' },
  { ms: 185_000, text: '3 min 5 s' },
  { ms: 7_800_000, text: '2 h 10 min' },
  { ms: 259_200_000, text: '3 d 0 h' },
  { ms: 59_960, text: '1 min 0 s' },
  { ms: 75_979, text: '1 min 16 s' },
  { ms: 3_599_700, text: '1 h 0 min' },
  { ms: 86_280_000, text: '23 h 58 min' },
])('$ms ms reads $text', ({ ms, text }) => expect(durationText(ms)).toBe(text));

test('numbers for people', () => {
  expect([grouped(-1234567.891, 1), grouped(-0.04, 1), grouped(999)]).toEqual(['-1,234,567.9', '0.0', '999']);
  expect([plural(1, 'entry'), plural(2, 'entry'), plural(0, 'order')]).toEqual(['1 entry', '2 entries', '0 orders']);
  expect([toleranceText('0'), toleranceText('0.00099999')]).toEqual(['exactly 0 BTC', 'below 0.001 BTC']);
});

test('a long run is summarised the same twice', () => {
  expect(summarise(longRun(2))).toEqual(summarise(longRun(2)));
});
