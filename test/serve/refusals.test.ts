import { expect, test, vi } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { NEWS } from '../wire/streams/support/subscribed.js';
import { clientsOf, served, SYMBOL } from './support/served.js';

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
  const faults = `  - { id: down, when: { venue: binance, at: 500ms }, inject: { outage: { for: 1500ms, as: refused } } }`;
  await served(
    async (open) => {
      const { binance } = await clientsOf(open);
      // A request in the moment between the fault and the closing of the port would meet the fault itself.
      await vi.waitFor(() => expect(open.run.session.tally()).toMatchObject([{ fault: 'down', fired: 1 }]), NEWS);
      await expect(binance.fetchTime()).rejects.toThrow('ECONNREFUSED');
      await vi.waitFor(async () => expect(await binance.fetchTime()).toBeGreaterThan(0), NEWS);
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
