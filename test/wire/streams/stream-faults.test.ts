import { describe, expect, test } from 'vitest';
import { durationMs } from '../../../src/core/units.js';
import type { StreamAction } from '../../../src/faults/fault-action.js';
import { PERP } from '../../sim/support/simulate.js';
import { streaming, type Ear, type StreamBench } from './support/stream-bench.js';

const listen = (bench: StreamBench): Ear =>
  bench.open('binance', `/private/ws?listenKey=${bench.simulation.streamSources.binance.listenKeys.open()}`);
const sell = ({ binance }: StreamBench): Promise<unknown> => binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, {});
const kinds = (ear: Ear): unknown[] => ear.heard.map((each) => each['e']);
const STORY = ['ORDER_TRADE_UPDATE', 'TRADE_LITE', 'ACCOUNT_UPDATE', 'ORDER_TRADE_UPDATE'];

describe('a fault of the stream on a user’s connection', () => {
  test.each<{ title: string; action: Partial<StreamAction> & Pick<StreamAction, 'action'>; told: unknown[] }>([
    { title: 'a gap of two', action: { action: 'gap', count: 2 }, told: STORY.slice(2) },
    { title: 'one doubled', action: { action: 'duplicate', count: 1 }, told: [...STORY, STORY[0]] },
    { title: 'four turned round', action: { action: 'reorder', count: 4 }, told: [...STORY].reverse() },
    { title: 'orders mute', action: { action: 'mute', for: 'forever', channels: ['orders'] }, told: ['ACCOUNT_UPDATE'] },
    {
      title: 'balance mute',
      action: { action: 'mute', for: 'forever', channels: ['balance'] },
      told: STORY.filter((each) => each !== 'ACCOUNT_UPDATE'),
    },
    { title: 'own trades mute', action: { action: 'mute', for: 'forever', channels: ['trades'] }, told: ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE'] },
    { title: 'frozen for ever', action: { action: 'stale', for: 'forever' }, told: [] },
    { title: 'the book alone', action: { action: 'mute', for: 'forever', channels: ['book'] }, told: STORY },
  ])('$title: heard is $told', async ({ action, told }) => {
    await streaming(async (bench) => {
      const ear = listen(bench);
      bench.strike('binance', action);
      await sell(bench);
      await bench.wait(5_000);
      expect(kinds(ear)).toEqual(told);
      expect(ear.closed).toBeUndefined();
      if (told !== STORY) expect(bench.met.length).toBeGreaterThan(0);
    });
  });

  test('frozen for ten seconds: everything comes at its end', async () => {
    await streaming(async (bench) => {
      const ear = listen(bench);
      bench.strike('binance', { action: 'stale', for: durationMs(10_000) });
      await sell(bench);
      await bench.wait(20_000);
      expect([kinds(ear), new Set(ear.times)]).toEqual([STORY, new Set([10_000])]);
    });
  });

  test('nonsense: figures that none are and a status that nobody knows', async () => {
    await streaming(async (bench) => {
      const ear = listen(bench);
      bench.strike('binance', { action: 'bad-snapshot', count: 4 });
      await sell(bench);
      await bench.wait(1_000);
      expect(ear.of('ORDER_TRADE_UPDATE')).toMatchObject([{ o: { X: 'FOO', q: '0' } }, { o: { X: 'FOO', q: '0' } }]);
      expect(ear.of('ACCOUNT_UPDATE')).toMatchObject([{ a: { B: [{ wb: 'NaN' }] } }]);
    });
  });
});

test('a disconnect: cut without a word, nobody connects while it lasts, then all is well', async () => {
  await streaming(async (bench) => {
    const [own, book] = [listen(bench), bench.open('binance', '/public/ws/btcusdt@bookTicker')];
    bench.strike('binance', { action: 'disconnect', for: durationMs(5_000) });
    expect([own.closed, book.closed, bench.streams.binance.connections]).toEqual(['cut', 'cut', 0]);
    expect(() => listen(bench)).toThrow('dead');
    await bench.wait(5_000);
    const again = listen(bench);
    await sell(bench);
    await bench.wait(1_000);
    expect(kinds(again)).toEqual(STORY);
  });
});

test('an expired key: Binance says so and quotations go on; Upbit cuts and refuses what bears it', async () => {
  await streaming(async (bench) => {
    const [own, market] = [listen(bench), bench.open('binance', '/public/ws/btcusdt@trade')];
    bench.strike('binance', { action: 'key-expired', for: durationMs(60_000) });
    await sell(bench);
    await bench.wait(2_000);
    expect(kinds(own)).toEqual(['listenKeyExpired']);
    expect(market.heard.length).toBeGreaterThan(0);
    const upbit = bench.open('upbit', '/websocket/v1/private');
    const quotes = bench.open('upbit', '/websocket/v1');
    bench.strike('upbit', { action: 'key-expired', for: durationMs(60_000) });
    expect([upbit.closed, quotes.closed]).toEqual(['cut', undefined]);
  });
});

test('a book whose changes do not follow on, a crossed one, an empty one', async () => {
  await streaming(async (bench) => {
    const ear = bench.open('binance', '/public/ws/btcusdt@depth@100ms');
    bench.strike('binance', { action: 'bad-snapshot', count: 3, channels: ['book'] });
    await sell(bench);
    await bench.wait(2_000);
    const [first, , third, fourth] = ear.heard;
    expect(Number(first?.['U'])).toBeGreaterThan(Number(first?.['pu']) + 1);
    expect([third?.['b'], third?.['a']]).toEqual([[], []]);
    expect(fourth?.['pu']).toBe(third?.['u']);
  });
});
