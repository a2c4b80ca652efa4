import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFixed } from '../../../src/core/money.js';
import { LISTEN_KEY_MS } from '../../../src/sim/listen-keys.js';
import { PERP } from '../../sim/support/simulate.js';
import { movingMarket } from '../../sim/support/moving-market.js';
import { scriptedFaults } from '../../sim/support/scripted-faults.js';
import { worldWith } from '../../sim/support/world.js';
import { streaming, type Ear, type StreamBench } from './support/stream-bench.js';

type Fields = Record<string, string>;
const keysOf = (value: unknown): string =>
  Object.keys(value as object)
    .sort()
    .join(' ');
const listen = (bench: StreamBench): Ear =>
  bench.open('binance', `/private/ws?listenKey=${bench.simulation.streamSources.binance.listenKeys.open()}`);
const sell = ({ binance }: StreamBench, amount: number, params = {}): Promise<unknown> =>
  binance.createOrder(PERP, 'market', 'sell', amount, undefined, params);
const orderOf = (message: Record<string, unknown>): Fields => message['o'] as Fields;
const balanceOf = (message: Record<string, unknown>): Fields => (message['a'] as { B: Fields[] }).B[0] ?? {};
const positionOf = (message: Record<string, unknown>): Fields => (message['a'] as { P: Fields[] }).P[0] ?? {};

test('a market order is told of as new, as traded and with what it did to the account, with the documented keys', async () => {
  await streaming(async (bench) => {
    const ear = listen(bench);
    await sell(bench, 0.05, { clientOrderId: 'mine' });
    await bench.wait(1_000);
    expect(ear.heard.map((each) => each['e'])).toEqual(['ORDER_TRADE_UPDATE', 'TRADE_LITE', 'ACCOUNT_UPDATE', 'ORDER_TRADE_UPDATE']);
    const [opened, lite, account, traded] = ear.heard;
    expect(orderOf(opened ?? {})).toMatchObject({
      c: 'mine',
      x: 'NEW',
      X: 'NEW',
      z: '0.000',
      q: '0.050',
      S: 'SELL',
      o: 'MARKET',
      ps: 'BOTH',
      R: false,
    });
    expect(keysOf(orderOf(traded ?? {}))).toBe('L N R S T V X a ap b c cp er f gtd i l m n o ot p pP pm ps q rp s si sp ss t wt x z');
    expect(keysOf(orderOf(opened ?? {}))).toBe('L R S T V X a ap b c cp er f gtd i l m o ot p pP pm ps q rp s si sp ss t wt x z');
    expect(keysOf(lite)).toBe('E L S T c e i l m p q s t');
    expect([keysOf(account), keysOf(balanceOf(account ?? {})), keysOf(positionOf(account ?? {}))]).toEqual([
      'E T a e',
      'a bc cw wb',
      'bep cr ep iw mt pa ps s up',
    ]);
    expect(orderOf(traded ?? {})).toMatchObject({ x: 'TRADE', X: 'FILLED', l: '0.050', z: '0.050', N: 'USDT', m: false });
    expect(positionOf(account ?? {})).toMatchObject({ pa: '-0.050', mt: 'isolated', ps: 'BOTH' });
  });
});

test('whatever is traded: the news adds up to the account', async () => {
  const orders = fc.array(
    fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      lots: fc.integer({ min: 2, max: 120 }),
      style: fc.constantFrom('market', 'ioc', 'resting'),
      cancels: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(orders, async (plan) => {
      await streaming(async (bench) => {
        const ear = listen(bench);
        for (const { side, lots, style, cancels } of plan) {
          const price = style === 'market' ? undefined : style === 'ioc' ? (side === 'buy' ? 89_600 : 89_400) : side === 'buy' ? 89_000 : 90_000;
          const params = style === 'ioc' ? { timeInForce: 'IOC' } : {};
          const order = await bench.binance
            .createOrder(PERP, price === undefined ? 'market' : 'limit', side, lots / 1_000, price, params)
            .catch(() => undefined);
          if (cancels && order?.id !== undefined) await bench.binance.cancelOrder(order.id, PERP).catch(() => undefined);
        }
        await bench.wait(2_000);
        const trades = ear
          .of('ORDER_TRADE_UPDATE')
          .map(orderOf)
          .filter(({ x }) => x === 'TRADE');
        const signed = trades.reduce((sum, { l = '0', S }) => sum + (S === 'BUY' ? 1n : -1n) * parseFixed(l), 0n);
        expect(signed).toBe(bench.simulation.perp());
        const results = trades.reduce((sum, { rp = '0', n = '0' }) => sum + parseFixed(rp) - parseFixed(n), 0n);
        expect(parseFixed('30000') + results).toBe(bench.simulation.balance('binance', 'USDT'));
        const last = ear.of('ACCOUNT_UPDATE').at(-1);
        if (last === undefined) return expect(trades).toEqual([]);
        expect(parseFixed(balanceOf(last)['wb'] ?? '')).toBe(bench.simulation.balance('binance', 'USDT'));
        expect(parseFixed(positionOf(last)['pa'] ?? '')).toBe(bench.simulation.perp());
        // Each order's steps come in its own order: new first, quantities only grow, at most one end.
        for (const id of new Set(ear.of('ORDER_TRADE_UPDATE').map((each) => orderOf(each)['i']))) {
          const steps = ear
            .of('ORDER_TRADE_UPDATE')
            .map(orderOf)
            .filter(({ i }) => i === id);
          expect(steps[0]?.['x']).toBe('NEW');
          const filled = steps.map(({ z = '0' }) => Number(z));
          expect(filled).toEqual([...filled].sort((a, b) => a - b));
          expect(steps.filter(({ X = '' }) => ['FILLED', 'CANCELED', 'EXPIRED'].includes(X)).length).toBeLessThanOrEqual(1);
        }
        return undefined;
      });
    }),
    { numRuns: 40 },
  );
});

describe('what else the account is told of', () => {
  test('leverage, margin type', async () => {
    await streaming(async (bench) => {
      const ear = listen(bench);
      await bench.binance.setLeverage(3, PERP);
      await bench.binance.setMarginMode('cross', PERP);
      await bench.wait(100);
      expect(ear.heard).toMatchObject([
        { e: 'ACCOUNT_CONFIG_UPDATE', ac: { s: 'BTCUSDT', l: 3 } },
        { e: 'ACCOUNT_UPDATE', a: { m: 'MARGIN_TYPE_CHANGE' } },
      ]);
    });
  });

  test('a liquidation: somebody else’s order, and a margin call before it comes', async () => {
    const market = movingMarket({ perp: (ms) => (ms < 10_000 ? 89_500 : ms < 60_000 ? 89_500 * 1.1943 : 89_500 * 1.25) });
    const world = worldWith({ binance: { leverage: 5 } });
    await streaming(
      async (bench) => {
        const ear = listen(bench);
        const all = bench.open('binance', '/market/ws/btcusdt@forceOrder');
        await sell(bench, 0.1);
        await bench.wait(30_000);
        expect(ear.of('MARGIN_CALL')).toMatchObject([{ p: [{ s: 'BTCUSDT', pa: '-0.100', ps: 'BOTH', mt: 'ISOLATED' }] }]);
        await bench.wait(60_000);
        const closing = ear
          .of('ORDER_TRADE_UPDATE')
          .map(orderOf)
          .filter(({ c = '' }) => c.startsWith('autoclose-'));
        expect(closing.map(({ x, X }) => `${x} ${X}`)).toEqual(['NEW NEW', 'CALCULATED FILLED']);
        expect(positionOf(ear.of('ACCOUNT_UPDATE').at(-1) ?? {})).toMatchObject({ pa: '0.000' });
        expect(all.heard).toMatchObject([{ e: 'forceOrder', o: { S: 'BUY', q: '0.100' } }]);
      },
      { market, world },
    );
  });

  test('funding: wallet and isolated position; money from outside: the wallet alone', async () => {
    const faults = scriptedFaults({});
    await streaming(
      async (bench) => {
        await sell(bench, 0.1);
        const ear = listen(bench);
        faults.strike({ kind: 'account', fundingRate: 0.0001 }, 'binance');
        faults.strike({ kind: 'account', balance: { USDT: '40000' } }, 'binance');
        await bench.wait(100);
        expect(ear.heard.map((each) => [(each['a'] as Fields)['m'], (each['a'] as { P: unknown[] }).P.length])).toEqual([
          ['FUNDING_FEE', 1],
          ['DEPOSIT', 0],
        ]);
        expect(Number(balanceOf(ear.heard[0] ?? {})['bc'])).toBeCloseTo(0.895, 3);
        expect(balanceOf(ear.heard[1] ?? {})['wb']).toBe('40000.00000000');
      },
      { faults },
    );
  });
});

describe('a listen key', () => {
  test('an hour without being extended: listenKeyExpired, then silence; extended it goes on', async () => {
    await streaming(async (bench) => {
      const { listenKeys } = bench.simulation.streamSources.binance;
      const ear = listen(bench);
      const waitAnswering = async (ms: number): Promise<void> => {
        for (let waited = 0; waited < ms; waited += 1_000) {
          await bench.wait(1_000);
          if (waited % 60_000 === 0) ear.session.heard('pong');
        }
      };
      await waitAnswering(LISTEN_KEY_MS - 1_000);
      const key = listenKeys.extend();
      await waitAnswering(LISTEN_KEY_MS - 1_000);
      expect(ear.heard).toEqual([]);
      await bench.wait(2_000);
      expect(ear.heard).toMatchObject([{ e: 'listenKeyExpired', listenKey: key }]);
      await sell(bench, 0.05);
      await bench.wait(1_000);
      expect([ear.heard.length, ear.closed, listenKeys.active]).toEqual([1, undefined, undefined]);
      const again = listen(bench);
      expect(listenKeys.active).not.toBe(key);
      await sell(bench, 0.05);
      await bench.wait(1_000);
      expect(again.heard.length).toBe(4);
    });
  });

  test('one that is stale or unknown connects, and nothing ever comes; a deleted one ends the connection', async () => {
    await streaming(async (bench) => {
      const { listenKeys } = bench.simulation.streamSources.binance;
      const stale = bench.open('binance', `/private/ws?listenKey=${'x'.repeat(64)}`);
      const good = listen(bench);
      expect(listenKeys.open()).toBe(listenKeys.active);
      await sell(bench, 0.05);
      await bench.wait(1_000);
      expect([stale.heard.length, stale.closed, good.heard.length]).toEqual([0, undefined, 4]);
      listenKeys.end('closed');
      await bench.wait(100);
      expect(good.closed).toMatchObject({ code: 1000 });
    });
  });

  test('only the events that were asked for come; a combined stream names the key', async () => {
    await streaming(async (bench) => {
      const key = bench.simulation.streamSources.binance.listenKeys.open();
      const some = bench.open('binance', `/private/stream?listenKey=${key}&events=ACCOUNT_UPDATE/TRADE_LITE`);
      await sell(bench, 0.05);
      await bench.wait(1_000);
      expect(some.heard.map((each) => [each['stream'], (each['data'] as Fields)['e']])).toEqual([
        [key, 'TRADE_LITE'],
        [key, 'ACCOUNT_UPDATE'],
      ]);
    });
  });
});
