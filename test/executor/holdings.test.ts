import { expect, test } from 'vitest';
import { parseFixed } from '../../src/core/money.js';
import { Holdings } from '../../src/executor/holdings.js';
import type { VenueGateway } from '../../src/executor/venue-gateway.js';

/** Holdings over clients that answer with this balance and these positions. */
function holdings(answers: { readonly balance?: unknown; readonly positions?: unknown }): Holdings {
  const client = { fetchBalance: async () => answers.balance, fetchPositions: async () => answers.positions };
  const ask = async (_name: string, send: (given: typeof client) => Promise<unknown>) => ({ kind: 'answer', value: await send(client) });
  const gateway = { read: ask, call: ask } as unknown as VenueGateway;
  return new Holdings({ upbit: gateway, binance: gateway });
}

const NOTHING = { free: {}, used: {}, total: {} };

test.each([
  { name: 'an empty body', info: '' },
  { name: 'a page', info: '<html></html>' },
  { name: 'an object', info: {} },
])('a balance that ccxt made of $name: is no balance, on either venue', async ({ info }) => {
  const read = holdings({ balance: { ...NOTHING, info } });
  expect(await read.spot()).toMatchObject({ ok: false });
  expect(await read.margin()).toMatchObject({ ok: false });
});

test('a balance that lists nothing: is an account that holds nothing', async () => {
  expect(await holdings({ balance: { ...NOTHING, info: [] } }).spot()).toMatchObject({ ok: true, value: { btcTotal: 0n, krwFree: 0n } });
  expect(await holdings({ balance: { ...NOTHING, info: { assets: [] } } }).margin()).toMatchObject({ ok: true, value: { usdtTotal: 0n } });
});

test('a balance of a client that hands on no wire answer: is read from its unified fields', async () => {
  const balance = { BTC: { free: 0.05, used: 0, total: 0.05 }, KRW: { free: 10, used: 0, total: 10 } };
  expect(await holdings({ balance }).spot()).toMatchObject({ ok: true, value: { btcTotal: parseFixed('0.05') } });
});

test('a position without a size: is not flat', async () => {
  const symbol = 'BTC/USDT:USDT';
  expect(await holdings({ positions: [{ symbol, side: 'short', contracts: undefined }] }).perp()).toMatchObject({ ok: false });
  expect(await holdings({ positions: [{ symbol, side: undefined, contracts: 0 }] }).perp()).toMatchObject({ ok: true, value: { position: 0n } });
});
