import { expect, test } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { servedText } from '../../src/run/served-text.js';
import { servedVerdict } from '../../src/run/served-verdict.js';
import { clientsOf, pause, served, SYMBOL, type Clients } from './support/served.js';

const NO_ID = undefined as unknown as string;

async function enter({ upbit, binance }: Clients): Promise<void> {
  await upbit.createOrder(SYMBOL.upbit, 'limit', 'buy', 0.02, 131_000_000, { clientOrderId: 'in-spot', timeInForce: 'IOC' });
  const short = await binance.createOrder(SYMBOL.binance, 'market', 'sell', 0.02, undefined, { clientOrderId: 'in-perp' });
  expect([short.status, short.filled]).toEqual(['closed', 0.02]);
  await pause(100);
  expect(await upbit.fetchOrder(NO_ID, SYMBOL.upbit, { identifier: 'in-spot' })).toMatchObject({ status: 'closed', filled: 0.02 });
}

async function leave({ upbit, binance }: Clients): Promise<void> {
  const close = await binance.createOrder(SYMBOL.binance, 'market', 'buy', 0.02, undefined, { clientOrderId: 'out-perp', reduceOnly: true });
  expect([close.status, close.filled]).toEqual(['closed', 0.02]);
  const sale = await upbit.createOrder(SYMBOL.upbit, 'market', 'sell', 0.02, undefined, { clientOrderId: 'out-spot' });
  await pause(100);
  expect(await upbit.fetchOrder(String(sale.id), SYMBOL.upbit)).toMatchObject({ status: 'closed', filled: 0.02 });
}

test('a whole life of unmodified ccxt clients: from the time to a flat account', async () => {
  await served(async (open) => {
    const clients = await clientsOf(open);
    const { upbit, binance } = clients;
    // Venue time is the machine's own.
    expect(Math.abs(((await binance.fetchTime()) ?? 0) - Date.now())).toBeLessThan(1_000);
    await Promise.all([upbit.loadMarkets(), binance.loadMarkets()]);
    const [spot, perp] = await Promise.all([upbit.fetchOrderBook(SYMBOL.upbit), binance.fetchOrderBook(SYMBOL.binance, 20)]);
    expect(spot.bids[0]?.[0]).toBeLessThan(spot.asks[0]?.[0] ?? 0);
    expect(perp.bids).toHaveLength(20);
    expect((await upbit.fetchTicker(SYMBOL.upbit)).last).toBeCloseTo(130_000_000, -5);
    expect((await upbit.fetchBalance())['KRW']).toMatchObject({ free: 100_000_000 });
    expect((await binance.fetchBalance())['USDT']).toMatchObject({ free: 30_000 });
    await binance.setLeverage(3, SYMBOL.binance);
    await enter(clients);
    expect(await binance.fetchPositions([SYMBOL.binance])).toMatchObject([{ side: 'short', contracts: 0.02 }]);
    // A part of a resting order is cancelled.
    const resting = await binance.createOrder(SYMBOL.binance, 'limit', 'sell', 0.01, 99_000, { clientOrderId: 'rest' });
    expect(await binance.fetchOpenOrders(SYMBOL.binance)).toHaveLength(1);
    expect(await binance.cancelOrder(String(resting.id), SYMBOL.binance)).toMatchObject({ status: 'canceled' });
    await leave(clients);
    expect(await binance.fetchPositions([SYMBOL.binance])).toEqual([]);
    open.run.flows.finish();
    expect(open.run.flows.outcomes).toEqual([
      { flow: 1, kind: 'enter', outcome: 'hedged' },
      { flow: 2, kind: 'exit', outcome: 'flat' },
    ]);
    expect([open.problems, open.run.unlisted()]).toEqual([[], []]);
  });
});

const LOST = `  - { id: spot-reply, when: { venue: upbit, method: createOrder, nth: 1 }, inject: { lose: { part: response, as: timeout } } }
  - { id: perp-reply, when: { venue: binance, method: createOrder, nth: 1 }, inject: { transport: { mode: closed-in-body } } }`;

test('answers that are lost are found again by client id, and each order stands once', async () => {
  await served(
    async (open) => {
      const { upbit, binance } = await clientsOf(open, { timeoutMs: 400 });
      await Promise.all([upbit.loadMarkets(), binance.loadMarkets()]);
      const buy = upbit.createOrder(SYMBOL.upbit, 'limit', 'buy', 0.02, 131_000_000, { clientOrderId: 'hd-1', timeInForce: 'IOC' });
      await expect(buy).rejects.toThrow('timed out');
      const sell = binance.createOrder(SYMBOL.binance, 'market', 'sell', 0.02, undefined, { clientOrderId: 'hd-2' });
      await expect(sell).rejects.toThrow('other side closed');
      expect(await upbit.fetchOrder(NO_ID, SYMBOL.upbit, { identifier: 'hd-1' })).toMatchObject({ filled: 0.02 });
      expect(await binance.fetchOrder(NO_ID, SYMBOL.binance, { clientOrderId: 'hd-2' })).toMatchObject({ filled: 0.02 });
      expect(open.events().filter(({ type }) => type === 'order.accepted')).toHaveLength(2);
      expect(open.run.session.tally().map(({ fired }) => fired)).toEqual([1, 1]);
    },
    { faults: LOST },
  );
});

test('a leg that stands naked for less than I3 allows is told when the server ends, though no promise is broken yet', async () => {
  await served(async (open) => {
    const { upbit, binance } = await clientsOf(open);
    await Promise.all([upbit.loadMarkets(), binance.loadMarkets()]);
    await binance.createOrder(SYMBOL.binance, 'market', 'sell', 0.02, undefined, { clientOrderId: 'alone' });
    const verdict = servedVerdict(open.run, undefined);
    expect([verdict.isBroken, verdict.flows]).toEqual([false, [{ flow: 1, kind: 'enter', outcome: 'naked' }]]);
    expect(servedText(verdict)).toMatch(/residual -0\.02 BTC, 0 orders open\n {2}NAKED at the end, which is not judged here: I3 .* after 30 s/);
  });
});

test('a hedge that stands when the server ends needs no word about it', async () => {
  await served(async (open) => {
    const clients = await clientsOf(open);
    await Promise.all([clients.upbit.loadMarkets(), clients.binance.loadMarkets()]);
    await enter(clients);
    expect(servedVerdict(open.run, undefined).final.note).toBeUndefined();
  });
});

test("margin that does not suffice is ccxt's InsufficientFunds, since the real URLs stand", async () => {
  await served(async (open) => {
    const { binance } = await clientsOf(open);
    await binance.loadMarkets();
    const order = binance.createOrder(SYMBOL.binance, 'market', 'sell', 50, undefined, { clientOrderId: 'hd-1' });
    await expect(order).rejects.toMatchObject({ name: 'InsufficientFunds' });
  });
});

test.each<{ venue: VenueId; keys: { apiKey: string; secret: string }; name: string }>([
  { venue: 'upbit', keys: { apiKey: 'emulated-account', secret: 'wrong' }, name: 'AuthenticationError' },
  { venue: 'upbit', keys: { apiKey: 'someone', secret: 'wrong' }, name: 'AuthenticationError' },
  { venue: 'binance', keys: { apiKey: 'emulated-account', secret: 'wrong' }, name: 'AuthenticationError' },
  { venue: 'binance', keys: { apiKey: 'someone', secret: 'wrong' }, name: 'AuthenticationError' },
])('$venue refuses $keys and the tape does not hold them', async ({ venue, keys, name }) => {
  await served(async (open) => {
    const client = (await clientsOf(open, { keys }))[venue];
    await expect(client.fetchBalance()).rejects.toMatchObject({ name });
    expect(JSON.stringify(open.events().filter(({ type }) => type === 'request'))).not.toContain(keys.apiKey);
  });
});

test('a venue whose connections are refused comes back on the same port', async () => {
  const faults = `  - { id: down, when: { venue: binance, at: 150ms }, inject: { outage: { for: 400ms, as: refused } } }`;
  await served(
    async (open) => {
      const { binance } = await clientsOf(open);
      await binance.fetchTime();
      await pause(250);
      await expect(binance.fetchTime()).rejects.toThrow('ECONNREFUSED');
      await pause(450);
      expect(await binance.fetchTime()).toBeGreaterThan(0);
      expect(open.run.session.tally()).toMatchObject([{ fault: 'down', fired: 1 }]);
    },
    { faults },
  );
});

test('what would happen inside a client is left out and told', async () => {
  const faults = `  - { id: dies, when: { step: binance.createOrder.sent }, inject: { crash: { restartAfter: 1s } } }
  - { id: name, when: { venue: upbit, method: fetchBalance }, inject: { lose: { part: request, as: dns } } }`;
  await served(
    async ({ run }) => {
      expect(run.faults.map(({ id }) => id)).toEqual(['name']);
      expect(run.remarks).toEqual([
        'fault dies is not applicable: crash happens to a process, and a client keeps its own',
        'fault name is approximated: a name that does not resolve is a reset connection here',
      ]);
    },
    { faults },
  );
});
