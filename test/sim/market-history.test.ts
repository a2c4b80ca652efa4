import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixedFromNumber, toNumber, type Btc, type Fixed } from '../../src/core/money.js';
import { RandomStreams } from '../../src/core/random.js';
import { epochMs } from '../../src/core/units.js';
import type { MarketBar } from '../../src/market/market-view.js';
import { UPBIT_FRAMES, type CandleFrame } from '../../src/sim/candle-frames.js';
import { firstPrintId, MarketHistory, type HistorySource } from '../../src/sim/market-history.js';

const MINUTE = 60_000;
const START = 1_756_860_000_000 - (1_756_860_000_000 % (60 * MINUTE));
const price = (value: number): Fixed<string> => fixedFromNumber(value);
const frame = (name: string): CandleFrame => {
  const found = UPBIT_FRAMES[name];
  if (found === undefined) throw new Error(`no frame ${name}`);
  return found;
};

/** Ten minutes at 100 with bars that reach from 90 to 110; `now` lies at their end. */
function historyWith(change: Partial<HistorySource> = {}): MarketHistory {
  const bars = Array.from({ length: 10 }, (_, index): MarketBar => {
    const from = epochMs(START + index * MINUTE);
    return { from, to: epochMs(from + MINUTE), open: 100, high: 110, low: 90, close: 100, volume: 6 };
  });
  return new MarketHistory({
    key: new RandomStreams('1').key('history'),
    from: epochMs(START),
    volumePerSecond: 1,
    now: () => epochMs(START + 10 * MINUTE),
    mid: () => 100,
    bars: (from, to) => bars.filter((bar) => bar.to > from && bar.to <= to),
    isMoved: () => false,
    onTick: (exact) => exact,
    ...change,
  });
}
const figures = (history: MarketHistory, at: number, name = 'minutes/1') => {
  const candle = history.candle(frame(name), at);
  return candle && [candle.open, candle.high, candle.low, candle.close, candle.volume].map(toNumber);
};

test('a whole bar is told as it is; several of them as one', () => {
  expect(figures(historyWith(), START)).toEqual([100, 110, 90, 100, 6]);
  expect(figures(historyWith(), START, 'minutes/5')).toEqual([100, 110, 90, 100, 30]);
});

test('a bar during which a fault moves the price is not believed: what the price was is looked at', () => {
  const jump = (at: number): number => (at >= START + 2 * MINUTE && at < START + 3 * MINUTE ? 150 : 100);
  const history = historyWith({ mid: jump, isMoved: (at) => jump(at) !== 100 });
  expect(figures(history, START + 2 * MINUTE)?.[1]).toBe(150);
  expect(figures(history, START)).toEqual([100, 110, 90, 100, 6]);
});

test('while trading is stopped, and after the present, there is no candle and no trade', () => {
  const halted = historyWith({ mid: () => undefined, isMoved: () => true });
  expect(halted.candlesBefore(frame('minutes/1'), Infinity, 10)).toEqual([]);
  expect(halted.prints(START, START + MINUTE)).toEqual([]);
  expect(historyWith().candle(frame('minutes/1'), START + 10 * MINUTE)).toBeUndefined();
  expect(
    historyWith()
      .prints(START, START + 60 * MINUTE)
      .every(({ at }) => at <= START + 10 * MINUTE),
  ).toBe(true);
});

test('a trade of ours is among the trades, widens its candle and adds to its volume', () => {
  let now = START + 90_000;
  const history = historyWith({ now: () => epochMs(now) });
  history.traded(price(120), fixedFromNumber<Btc>(2), 'buy');
  history.traded(price(121), fixedFromNumber<Btc>(1), 'buy');
  now = START + 10 * MINUTE;
  expect(figures(history, START + MINUTE)).toEqual([100, 121, 90, 100, 9]);
  const ours = history.prints(START + 90_000, START + 90_000).filter(({ side, price: paid }) => side === 'buy' && paid >= price(120));
  expect(ours.map(({ id }) => id)).toEqual([firstPrintId(START + 90_000) + 1, firstPrintId(START + 90_000) + 2]);
});

test('any page of trades is the same part of the whole, whatever was asked before', () => {
  const whole = historyWith().prints(START, START + 10 * MINUTE);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 * MINUTE }), fc.integer({ min: 1, max: 90 }), (offset, limit) => {
      const history = historyWith();
      const page = history.printsBefore(START + offset, limit, START);
      expect([...page].reverse()).toEqual(whole.filter(({ at }) => at <= START + offset).slice(-limit));
      expect(history.prints(START + offset, START + 10 * MINUTE)).toEqual(whole.filter(({ at }) => at >= START + offset));
    }),
    { numRuns: 60 },
  );
});
