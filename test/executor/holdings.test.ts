import { expect, test } from 'vitest';
import { parseFixed } from '../../src/core/money.js';
import { Holdings } from '../../src/executor/holdings.js';
import type { CallOptions, VenueGateway } from '../../src/executor/venue-gateway.js';

/** Holdings over clients that answer with this balance and these positions. */
function holdings(answers: { readonly balance?: unknown; readonly positions?: unknown }): Holdings {
  const client = { fetchBalance: async () => answers.balance, fetchPositions: async () => answers.positions };
  const ask = async (_name: string, send: (given: typeof client) => Promise<unknown>, options: CallOptions<unknown> = {}) => {
    const value = await send(client);
    const error = await options.objection?.(value);
    return error === undefined ? { kind: 'answer', value } : { kind: 'error', error };
  };
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
  expect(await holdings({ positions: [{ symbol, side: 'short', contracts: undefined }] }).perp(false)).toMatchObject({ ok: false });
  expect(await holdings({ positions: [{ symbol, side: undefined, contracts: 0 }] }).perp(false)).toMatchObject({ ok: true, value: { position: 0n } });
});

test.each([
  { name: 'lists a short', info: { assets: [], positions: [{ symbol: 'BTCUSDT', positionAmt: '-0.050' }] }, ok: false },
  { name: 'is a page', info: '<html></html>', ok: false },
  { name: 'hands on no wire answer', info: undefined, ok: false },
  { name: 'lists another market only', info: { assets: [], positions: [{ symbol: 'ETHUSDT', positionAmt: '-1.000' }] }, ok: true },
  { name: 'lists none', info: { assets: [], positions: [] }, ok: true },
])('an empty list of positions where one may be held, and the account $name: believed = $ok', async ({ info, ok }) => {
  const read = await holdings({ positions: [], balance: { ...NOTHING, info } }).perp(true);
  expect(read).toMatchObject(ok ? { ok, value: { position: 0n } } : { ok });
});
