import ccxt from 'ccxt';
import { WebSocket } from 'ws';
import { expect, test, vi } from 'vitest';
import { proClientsOf, type ProClients } from './support/pro-clients.js';
import { subscribed } from '../wire/streams/support/subscribed.js';
import { pause, served, SYMBOL, type Served } from './support/served.js';

async function streaming(open: Served, act: (clients: ProClients) => Promise<void>): Promise<void> {
  const clients = await proClientsOf(open);
  try {
    await act(clients);
  } finally {
    await clients.close();
  }
}

test('orders, balances and positions of a hedge are told to unmodified ccxt.pro clients', async () => {
  await served((open) =>
    streaming(open, async ({ upbit, binance }) => {
      const [spot, perp] = await Promise.all([upbit.watchOrderBook(SYMBOL.upbit), binance.watchOrderBook(SYMBOL.binance)]);
      expect([spot.bids.length, perp.bids.length > 0]).toEqual([15, true]);
      const orders = [upbit.watchOrders(SYMBOL.upbit), binance.watchOrders(SYMBOL.binance)] as const;
      expect(await binance.watchPositions([SYMBOL.binance])).toEqual([]);
      const position = binance.watchPositions([SYMBOL.binance]);
      await Promise.all([subscribed(upbit, 2), subscribed(binance, 2)]);
      const bought = await upbit.createOrder(SYMBOL.upbit, 'limit', 'buy', 0.02, 131_000_000, { clientOrderId: 's-spot', timeInForce: 'IOC' });
      const sold = await binance.createOrder(SYMBOL.binance, 'market', 'sell', 0.02, undefined, { clientOrderId: 's-perp' });
      expect((await orders[0]).at(-1)).toMatchObject({ id: bought.id });
      expect((await orders[1]).at(-1)).toMatchObject({ id: sold.id, clientOrderId: 's-perp' });
      expect((await position)[0]).toMatchObject({ side: 'short', contracts: 0.02 });
      expect([open.problems, open.run.unlisted()]).toEqual([[], []]);
    }),
  );
}, 30_000);

const CUT = '  - { id: cut, when: { venue: binance, at: 2s }, inject: { stream: { action: disconnect, for: 500ms } } }';

test('a fault of the scenario cuts the streams of its venue, and clients come back', async () => {
  await served(
    (open) =>
      streaming(open, async ({ upbit, binance }) => {
        await Promise.all([upbit.watchTicker(SYMBOL.upbit), binance.watchMarkPrice(SYMBOL.binance)]);
        const watched = async (): Promise<string> => {
          for (;;) await binance.watchMarkPrice(SYMBOL.binance);
        };
        await expect(watched()).rejects.toBeInstanceOf(ccxt.NetworkError);
        await pause(700);
        expect((await binance.watchMarkPrice(SYMBOL.binance)).symbol).toBe(SYMBOL.binance);
        expect((await upbit.watchTicker(SYMBOL.upbit)).symbol).toBe(SYMBOL.upbit);
        expect(open.events().some((event) => event.type === 'fault' && event.fault === 'cut')).toBe(true);
      }),
    { faults: CUT },
  );
}, 30_000);

test('streams that are open do not keep the server: they end with it', async () => {
  const ended: string[] = [];
  await served(async (open) => {
    const socket = new WebSocket(`${open.url('upbit').replace('http', 'ws')}/websocket/v1`);
    await new Promise((resolve) => socket.once('open', resolve));
    socket.once('close', () => ended.push('closed'));
  });
  await vi.waitFor(() => expect(ended).toEqual(['closed']));
});
