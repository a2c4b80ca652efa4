import { expect, test } from 'vitest';
import { RandomStreams } from '../../src/core/random.js';
import { durationMs, epochMs } from '../../src/core/units.js';
import { createBarMarket } from '../../src/market/liquidity/bar-market.js';
import { originAfter, shiftedMarket } from '../../src/market/shifted-market.js';
import { barsOf } from './liquidity/real-bars.js';

const MINUTE = 60_000;
const THEN = Date.UTC(2025, 0, 1);
const NOW = epochMs(Date.UTC(2026, 5, 1) + 12_345);
const rows = Array.from({ length: 121 }, (_, index) => ({
  time: THEN + index * MINUTE,
  upbit: 150_000_000 + 1_000 * index,
  binance: 100_000 + index,
}));
const funding = { time: Float64Array.of(THEN + 30 * MINUTE, THEN + 90 * MINUTE), rate: Float64Array.of(0.0001, -0.0002) };
const market = createBarMarket(barsOf(rows, { funding }), new RandomStreams('1'));

test.each([
  { speed: 1, origin: THEN },
  { speed: 1, origin: THEN + 60 * MINUTE },
  { speed: 60, origin: THEN },
  { speed: 60, origin: THEN + 60 * MINUTE },
  { speed: 0.5, origin: THEN + 60 * MINUTE },
  // Instants that no whole millisecond of the present shows.
  { speed: 7, origin: THEN + 59 * MINUTE + 1 },
])('at speed $speed from $origin on: prices, funding and bars are those of the instant that is shown', ({ speed, origin }) => {
  const shown = shiftedMarket(market, { start: NOW, speed, origin: epochMs(origin) });
  const at = (then: number): number => Math.ceil((then - origin) / speed) + NOW;
  expect([shown.from, shown.to]).toEqual([at(THEN), at(market.to)]);
  expect([shown.mid('upbit', epochMs(NOW)), shown.usdKrw(NOW)]).toEqual([market.mid('upbit', epochMs(origin)), 1_390]);
  const late = epochMs(NOW + Math.floor((50 * MINUTE) / speed));
  expect(shown.book('binance', late)).toEqual(market.book('binance', epochMs(origin + Math.floor((late - NOW) * speed))));
  // Every settlement is told once, whatever the rounding.
  const told: unknown[] = [];
  for (let next = shown.nextFunding(shown.from); next !== undefined && told.length < 9; next = shown.nextFunding(next.at)) told.push(next);
  expect(told).toEqual([
    { at: at(THEN + 30 * MINUTE), rate: 0.0001 },
    { at: at(THEN + 90 * MINUTE), rate: -0.0002 },
  ]);
  const bars = shown.bars?.('upbit', shown.from, shown.to) ?? [];
  expect(bars.map(({ to, close }) => [to, close])).toEqual(rows.slice(1).map(({ time, upbit }) => [at(time), upbit]));
});

test('before the history and after it there is no market', () => {
  const shown = shiftedMarket(market, { start: NOW, speed: 1, origin: epochMs(THEN + 10 * MINUTE) });
  const [before, after] = [epochMs(shown.from - 1), epochMs(shown.to + 1)];
  expect([shown.mid('upbit', before), shown.mid('upbit', after), shown.nextFunding(after)]).toEqual([undefined, undefined, undefined]);
});

test.each([0, 1, MINUTE - 1, MINUTE, 61 * MINUTE + 17])(
  'a past of %d ms lies before the start, and up to a bar more, with bars on whole minutes',
  (pastMs) => {
    const origin = originAfter(market, durationMs(pastMs), NOW, MINUTE);
    expect(origin - market.from - pastMs).toBeGreaterThanOrEqual(0);
    expect(origin - market.from - pastMs).toBeLessThan(MINUTE);
    expect((NOW - origin) % MINUTE).toBe(0);
  },
);
